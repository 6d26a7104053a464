"""`custom_vjp`: a function with a gradient that its author gives."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import enable_grad, is_grad_enabled
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import clock
from autograd_lite.engine.tracing_protocol import array_from, known
from autograd_lite.tensor.leaving import LeavingError, differentiating
from autograd_lite.tensor.tensor import Tensor, wrap
from autograd_lite.tensor.trees import align, flatten, map_leaves
from autograd_lite.transforms.graph_rewriting import found_outside
from autograd_lite.transforms.opaque_call import OpaqueCall, frozen, owned, protected
from autograd_lite.transforms.recording import requires_grad


class custom_vjp:
    """A function with a gradient of its own.

    Either give a rule as the engine's own functions have it, ``rule(g, y, *args)``, or as in JAX decorate the
    function and then give a pair to `defvjp`: ``fwd(*args)`` returns the value and what is needed later, and
    ``bwd(residuals, g)`` uses it.

    Parameters
    ----------
    f : callable
        It is called with arrays in the place of tensors, and may do with them what it likes but change them. What it
        computes from must be among its arguments.
    rule : callable, optional
        ``rule(g, y, *args, **kwargs)`` with the gradient `g` in the result `y` returns a tuple with one gradient per
        positional argument (None: zero); for one argument the tuple can be left out. A rule, or `bwd`, with a
        parameter `wanted` is told for each argument whether its gradient is wanted, and gives None for the others.

    Raises
    ------
    RuntimeError
        When a tensor that requires a gradient goes into the result and is no argument. When it is differentiated
        twice and the rule is not made of functions that can be differentiated.

    Notes
    -----
    A rule of NumPy functions is differentiated itself, so higher orders are right. With `defvjp` `fwd` then runs
    again on Tensors, so that what it saves is differentiated too. Integers and booleans among the results are
    constants. The gradient `g` in a complex result is the one for which the loss changes by ``Re(Σ g dy)``.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> softplus = ag.custom_vjp(lambda x: np.logaddexp(0, x), lambda g, y, x: g / (1 + np.exp(-x)))
    >>> float(ag.grad(softplus)(0.0)), float(ag.grad(ag.grad(softplus))(0.0))
    (0.5, 0.25)

    >>> @ag.custom_vjp
    ... def clipped(x):  # the gradient is limited on its way back
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda _, g: (np.clip(g, -1, 1),))
    >>> float(ag.grad(lambda x: 5 * clipped(x))(1.0))
    1.0
    """

    def __init__(self, f: Callable[..., Any], rule: Callable[..., Any] | None = None) -> None:
        functools.update_wrapper(self, f)
        self.f, self.rule = f, rule
        self.pair: tuple[Callable[..., Any], Callable[..., Any]] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the gradient as ``fwd(*args)`` → (value, residuals) and ``bwd(residuals, g)`` → gradients."""
        self.pair = (fwd, bwd)

    def __repr__(self) -> str:
        return f"<custom_vjp {getattr(self.f, '__name__', self.f)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves = flatten(args)[0]
        if any(map(requires_grad, flatten(kwargs)[0])):
            raise TypeError(f"{self!r}: a tensor that requires a gradient must be a positional argument")
        if not any(isinstance(a, Tensor) for a in leaves):
            return self.f(*args, **kwargs)
        if self.rule is None and self.pair is None:
            raise TypeError(f"{self!r} has no gradient yet: give a rule, or call defvjp(fwd, bwd)")
        call = CustomCall(self, args, kwargs)
        call.wanted = [requires_grad(a) for a in leaves]
        return call.applied([a.node for a in leaves if isinstance(a, Tensor)])


class CustomCall(OpaqueCall):
    """One call of a function with a gradient of its own."""

    def __init__(self, custom: custom_vjp, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        super().__init__(custom.f)
        self.custom, self.kwargs = custom, kwargs
        leaves, self.rebuild = flatten(args)
        self.constants = [None if isinstance(a, Tensor) else a for a in leaves]
        self.is_tensor = [isinstance(a, Tensor) for a in leaves]
        self.wanted = [True] * len(leaves)
        self.fixed: list[Any] = []  # for each result None, or a constant
        self.residuals: Any = None

    def arguments(self, values: Sequence[Any]) -> Any:
        """The positional arguments, with `values` in the places of the tensors."""
        given = iter(values)
        pairs = zip(self.constants, self.is_tensor, strict=True)
        return self.rebuild([next(given) if tensor else constant for constant, tensor in pairs])

    def applied(self, nodes: Sequence[Node]) -> Any:
        """Run the function on the values of `nodes`, and record it."""
        constants, kwargs = self.constants, self.kwargs
        if is_grad_enabled() and any(self.wanted):  # on the way back their owner may have changed them
            constants = [frozen(a) for a in constants]
            kwargs = {name: map_leaves(frozen, a) for name, a in kwargs.items()}
        results = self.forward([node.value for node in nodes])
        self.constants, self.kwargs = constants, kwargs
        self.ready = self.pack(results) if results else None
        tensors = iter(self.recorded(nodes) if results else ())
        return self.rebuild_result([next(tensors) if a is None else wrap(Node(a)) for a in self.fixed])

    def forward(self, arrays: Sequence[Any]) -> list[Any]:
        args, start = self.arguments(list(map(protected, arrays))), clock()
        if self.custom.pair is None:
            result = self.custom.f(*args, **self.kwargs)
        else:
            result, residuals = self.run_fwd(args)
            self.residuals = map_leaves(kept, residuals)
        results, self.rebuild_result = flatten(result)
        if not results:
            raise TypeError(f"{self.custom!r} must give arrays, not {describe(result)}")
        self.check_nothing_is_lost([a.node for a in results if isinstance(a, Tensor)], start)
        values = [a.node.value if isinstance(a, Tensor) else array_from(a) for a in results]
        self.fixed = [None if a.dtype.kind in "fc" else owned(a) for a in values]
        return [a for a in values if a.dtype.kind in "fc"]

    def check_nothing_is_lost(self, nodes: Sequence[Node], start: int) -> None:
        """Refuse a result that a tensor has gone into of which the rule knows nothing."""
        if is_grad_enabled() and (outside := found_outside(nodes, start)):
            raise RuntimeError(
                f"{self.custom!r} computes with {describe(outside[0])}, which requires a gradient and is no argument: "
                "its gradient would be lost. Make it an argument, or .detach() it in the function"
            )

    def run_fwd(self, args: Sequence[Any]) -> Any:
        """What the first of the pair gives: the value and the residuals."""
        assert self.custom.pair is not None
        both = self.custom.pair[0](*args, **self.kwargs)
        if not isinstance(both, tuple | list) or len(both) != 2:
            raise TypeError(f"{self.custom!r}: fwd must return a pair (value, residuals), not {describe(both)}")
        return both

    def back(self, cotangents: list[Any], results: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        cotangents, results, values = (list(map(protected, arrays)) for arrays in (cotangents, results, values))
        tensors = [a for a in (*cotangents, *results, *values) if isinstance(a, Tensor)]
        moving = list(filter(requires_grad, tensors))
        args = self.arguments(values)
        try:
            with differentiating(moving):
                found = self.by_rule(cotangents, results, args, bool(tensors))
        except LeavingError as error:
            raise RuntimeError(f"{self.custom!r} cannot be differentiated twice: {error}") from error
        except Exception as error:
            if tensors:
                error.add_note(
                    f"{self.custom!r} is differentiated twice: its gradient must be made of functions that can be"
                )
            raise
        if not isinstance(found, tuple):
            found = (found,)
        if len(found) != len(args):
            raise ValueError(f"{self.custom!r}: one gradient per argument is needed, {len(args)} and not {len(found)}")
        aligned = align(args, found, f"the gradient of {self.custom!r}")
        rows = zip(aligned, self.wanted, self.is_tensor, strict=True)
        chosen = [a if wanted else None for a, wanted, tensor in rows if tensor]
        return [self.checked(a, v, bool(tensors), bool(moving)) for a, v in zip(chosen, values, strict=True)]

    def by_rule(self, cotangents: list[Any], results: list[Any], args: Any, recorded: bool) -> Any:
        """What the rule gives, or the second of the pair."""
        g = self.whole(cotangents, np.zeros_like)
        if self.custom.pair is None:
            assert self.custom.rule is not None
            rule, y = self.custom.rule, self.whole(results, protected)
            return rule(g, y, *args, **self.kwargs, **self.question(rule))
        residuals, bwd = self.residuals, self.custom.pair[1]
        if recorded:
            with enable_grad():
                residuals = self.run_fwd(args)[1]
        return bwd(residuals, g, **self.question(bwd))

    def whole(self, arrays: Sequence[Any], of_constant: Callable[[Any], Any]) -> Any:
        """The tree of the results, with `arrays` in the places of those that are no constants."""
        given = iter(arrays)
        return self.rebuild_result([next(given) if a is None else of_constant(a) for a in self.fixed])

    def question(self, rule: Callable[..., Any]) -> dict[str, Any]:
        """Which gradients are wanted, if `rule` asks."""
        asks = "wanted" not in self.kwargs and "wanted" in parameters_of(rule)
        return {"wanted": self.rebuild(self.wanted)} if asks else {}

    def checked(self, g: Any, value: Any, recorded: bool, moving: bool) -> Any:
        """A gradient that fits its argument; refused where it has lost the history that a second order needs."""
        if g is None:
            g = np.zeros(value.shape)
        if isinstance(g, Tensor) and not recorded:
            g = g.node.value
        if not isinstance(g, Tensor):
            g = array_from(g)
            if moving and (not known(g) or np.any(g)):
                raise RuntimeError(
                    f"{self.custom!r} cannot be differentiated twice: its gradient was an array when it was computed "
                    "on tensors. Write it with NumPy functions, without .detach(), .item() or np.asarray"
                )
            g = Tensor(g) if recorded else owned(g)
        try:
            fits = np.broadcast_shapes(value.shape, g.shape) == g.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"{self.custom!r}: a gradient of shape {g.shape} for an argument of shape {value.shape}")
        return g


def parameters_of(function: Callable[..., Any]) -> Iterable[str]:
    """The names of the parameters; none where Python cannot tell."""
    code = getattr(function, "__code__", None)
    if code is not None and not hasattr(function, "__wrapped__"):  # a hundred times faster
        return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]  # type: ignore[no-any-return]
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return ()


def kept(a: Any) -> Any:
    """What `fwd` keeps, as it is now; read-only are the values of arguments, which stay as they are."""
    return frozen(a) if isinstance(a, np.ndarray) and a.flags.writeable else a
