"""A function as SciPy wants it: of one vector, with value, gradient and Hessian apart."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler import Compiled, CompileWarning, TraceError
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.warnings import warn
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten, leaves_and_places
from autograd_lite.transforms.gradients import grad, value_and_grad
from autograd_lite.transforms.jacobians import hessian, jacobian
from autograd_lite.transforms.recording import Recording


class Form:
    """How the numbers of `x0` are arranged: a vector on SciPy's side, an array or a tree on that of the function."""

    def __init__(self, x0: Any) -> None:
        if isinstance(x0, list | tuple) and not hasattr(x0, "_fields") and is_all_numbers(x0):
            x0 = np.array(x0, float)
        leaves, self.rebuild = flatten(x0)
        arrays = [array_from(a.node.value if isinstance(a, Tensor) else a) for a in leaves]
        for array, (leaf, place) in zip(arrays, leaves_and_places(x0, "x0"), strict=True):
            if array.dtype.kind not in "fiu" and not isinstance(leaf, bool):
                raise TypeError(f"{place} is {describe(getattr(leaf, 'node', leaf))}, and minimize takes real numbers")
        if not sum(a.size for a in arrays):
            raise TypeError(
                f"x0 holds no numbers: {describe(x0)} (what trains the parameters of a model is ag.optim.LBFGS)"
            )
        self.shapes = [a.shape for a in arrays]
        self.dtypes = [a.dtype if a.dtype.kind == "f" else np.dtype(float) for a in arrays]
        self.offsets = np.cumsum([0, *(a.size for a in arrays)]).tolist()
        self.start = np.concatenate([a.reshape(-1).astype(float) for a in arrays])

    def arranged(self, vector: Any) -> Any:
        """The parts of a vector in their places, still recorded where the vector is."""
        if self.shapes == [vector.shape]:
            return self.rebuild([vector])
        spans = zip(self.offsets, self.offsets[1:], self.shapes, strict=False)
        return self.rebuild([np.reshape(vector[i:j], shape) if shape else vector[i] for i, j, shape in spans])

    def given_back(self, vector: Any) -> Any:
        """The same as arrays of their own, in the dtypes of `x0`."""
        spans = zip(self.offsets, self.offsets[1:], self.shapes, self.dtypes, strict=False)
        return self.rebuild([np.array(vector[i:j], dtype).reshape(shape)[()] for i, j, shape, dtype in spans])

    def on_vector(self, f: Callable[..., Any], args: Sequence[Any] = ()) -> Callable[[Any], Any]:
        """`f` as a function of the vector, named as before."""
        named = functools.wraps(f) if hasattr(f, "__name__") else lambda same: same
        return named(lambda vector: f(self.arranged(vector), *args))

    def told(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """A callback that gets the point in the form of `x0`, with the signature by which SciPy tells the two kinds."""
        try:
            names = list(inspect.signature(callback).parameters)
        except (ValueError, TypeError):  # written in C
            names = []
        if names != ["intermediate_result"]:
            return lambda x, *others: callback(self.given_back(x), *others)

        def tell(intermediate_result: Any) -> Any:
            kind = type(intermediate_result)
            return callback(
                intermediate_result=kind({**intermediate_result, "x": self.given_back(intermediate_result.x)})
            )

        return tell

    def constrained(self, constraints: Any) -> Any:
        """Constraints on the vector, with exact derivatives where none are given."""
        if isinstance(constraints, Mapping):
            return self.constraint(constraints)
        if not isinstance(constraints, Sequence):
            return constraints
        return [self.constraint(c) if isinstance(c, Mapping) else c for c in constraints]

    def constraint(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """One constraint of the form ``{"type": "ineq", "fun": …}``."""
        if "fun" not in given:
            raise ValueError("a constraint needs a function: {'type': 'ineq', 'fun': lambda x: …}, for fun(x) >= 0")
        fun, args = given["fun"], given.get("args", ())
        flat = lambda vector: np.ravel(fun(self.arranged(vector), *args))
        jac = given.get("jac")
        exact = jacobian(flat) if jac is None else (lambda vector: jac(self.arranged(vector), *args))
        return {"type": given.get("type"), "fun": flat, "jac": exact}


class Objective:
    """A function on SciPy's side: value, gradient, Hessian and products with it at a vector, each computed once."""

    def __init__(self, f: Callable[..., Any], form: Form, args: Sequence[Any], compiled: bool) -> None:
        self.form, self.f = form, form.on_vector(f, args)
        self.pair = Perhaps(value_and_grad(self.f), compiled)
        self.times: Callable[..., Any] | None = Perhaps(hessian_product(self.f), True) if compiled else None
        self.asked: Any = None  # the latest point, and value and gradient there
        self.found: tuple[float, Any] = (np.nan, None)
        self.recorded: tuple[Any, Any] = (None, None)  # the latest point of a product, and the gradient's record there

    def value(self, x: Any) -> float:
        """The value; the gradient comes with it, because minimizers ask for it next."""
        return self.evaluated(x)[0]

    def value_alone(self, x: Any) -> float:
        """The value for those who seldom or never want a gradient."""
        with no_grad():
            return float(self.f(Tensor(x)))

    def gradient(self, x: Any) -> Any:
        """The gradient."""
        return self.evaluated(x)[1].copy()

    def evaluated(self, x: Any) -> tuple[float, Any]:
        """Value and gradient at x."""
        if self.asked is None or not np.array_equal(x, self.asked):
            with no_grad():
                value, gradient = self.pair(x)
            self.asked, self.found = np.array(x), (float(value), gradient)
        return self.found

    def product(self, x: Any, v: Any) -> Any:
        """The Hessian at x times v; further products at the same point take one walk each."""
        if self.times is not None:
            with no_grad():
                return self.times(x, v)
        with no_grad():
            if self.recorded[0] is None or not np.array_equal(x, self.recorded[0]):
                self.recorded = np.array(x), Recording(grad(self.f), (np.array(x),), {}, 0)
            return self.recorded[1].pullback(v)

    def hessian(self, x: Any) -> Any:
        """The Hessian at x."""
        with no_grad():
            return hessian(self.f)(x)


def hessian_product(f: Callable[..., Any]) -> Callable[..., Any]:
    """(x, v) → H v."""

    def product(x: Any, v: Any) -> Any:
        return Recording(grad(f), (x,), {}, 0).pullback(v)

    return product


class Perhaps:
    """A function that runs as a program where that is wanted and can be."""

    def __init__(self, f: Callable[..., Any], compiled: bool) -> None:
        self.f, self.compiled = f, Compiled(f) if compiled else None

    def __call__(self, *args: Any) -> Any:
        if self.compiled is not None:
            try:
                return self.compiled(*args)
            except TraceError as error:
                self.compiled = None
                warn(f"minimize goes on without compiling: {error}", CompileWarning)
        return self.f(*args)


def is_all_numbers(tree: Any) -> bool:
    """Whether a list or tuple holds Python numbers alone, in lists or tuples of any depth."""
    if isinstance(tree, list | tuple) and not hasattr(tree, "_fields"):
        return all(map(is_all_numbers, tree))
    return isinstance(tree, int | float | np.number)
