"""Products with derivatives, without the matrices: J v, uᵀ J, H v and the Gauss–Newton product.

There are no forward rules. ``uᵀ J`` is linear in u, so walking back through its own recording gives J v: the
transpose of a transpose (the "double backward trick", J. Townsend 2017). Where a result is complex, J is, too, and a
weight u gives Re(uᵀ J), the gradient of Re(Σ u y): no conjugate, as in `rules/complex.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.tensor.tensor import variable
from autograd_lite.transforms.gradients import grad
from autograd_lite.transforms.recording import (
    Argnums,
    Recording,
    derivative_dtype,
    fitted,
    requires_grad,
    walk,
)


class Linearization:
    """The derivative of a recorded call as a linear map: one more walk records it, then each product is one walk."""

    def __init__(self, call: Recording) -> None:
        self.call = call
        self.dummies = [variable(np.zeros(y.shape, derivative_dtype(y))) for y in call.outputs]
        self.transposed = call.pull(self.dummies, recorded=True)

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """The change of each output when each input changes by its tangent."""
        return self.call.released(walk(self.transposed, tangents, self.dummies, self.call.recorded(tangents)))

    def push_tree(self, tangent: Any) -> Any:
        """`push` from the trees of the arguments to the tree of the result."""
        seeds = fitted(self.call.chosen, tangent, self.call.inputs, "the tangent")
        changes = self.push(seeds)
        return self.call.rebuild_result([d[()] if np.ndim(d) == 0 and not requires_grad(d) else d for d in changes])


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f` and its pullback, which takes a weight for each result and gives uᵀ J.

    Parameters
    ----------
    f : callable
        It may give an array or a tree of them.
    *args
        Where to differentiate it: floats, arrays, tensors or trees of them.

    Returns
    -------
    value
        What `f` gives.
    pullback : callable
        ``pullback(u)`` with `u` like the value gives a tuple with one gradient per argument: uᵀ J, and for a complex
        value Re(uᵀ J), without a conjugate, as in JAX. It can be called as often as you like: `f` does not run again.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> value, pullback = ag.vjp(np.square, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = Recording(f, args, {}, None)
    return call.lowered(call.result), call.pullback


def linearize(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `f` and its derivative there as a linear function, J v.

    Parameters
    ----------
    f, *args
        As in `vjp`.

    Returns
    -------
    value
        What `f` gives.
    derivative : callable
        ``derivative(*tangents)`` with one tangent per argument gives the change of the value, complex for a complex
        value. It can be called as often as you like: `f` does not run again.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> value, derivative = ag.linearize(np.square, np.array([1.0, 2.0]))
    >>> derivative(np.array([1.0, 0.0])), derivative(np.array([0.0, 1.0]))
    (array([2., 0.]), array([0., 4.]))
    """
    call = Recording(f, args, {}, None)
    linear = Linearization(call)
    return call.lowered(call.result), lambda *tangents: linear.push_tree(tangents)


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` and its change when each argument changes by its tangent, J v.

    Parameters
    ----------
    f : callable
        It may give an array or a tree of them.
    args, tangents : sequence
        Where to differentiate it and in which direction, one tangent per argument.

    Returns
    -------
    tuple
        The value, and the derivative in that direction in the structure of the value, complex where the value is.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.jvp(np.square, (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    (array([1., 4.]), array([ 2., 40.]))
    """
    if not isinstance(args, list | tuple) or not isinstance(tangents, list | tuple) or len(args) != len(tangents):
        raise TypeError("jvp takes a tuple of arguments and a tuple of as many tangents: jvp(f, (x,), (v,))")
    value, derivative = linearize(f, *args)
    return value, derivative(*tangents)


def hvp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns the product of the Hessian of `f` with a vector (Pearlmutter 1994).

    Parameters
    ----------
    f : callable
        It gives one number.
    argnums : int or tuple of int
        Which positional arguments to differentiate.

    Returns
    -------
    callable
        Takes the arguments of `f` and then the vector, in the structure of the differentiated argument (a tuple of
        them for a tuple of argnums); costs two to three gradients, however many inputs there are.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """

    @functools.wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, vector = args
        call = Recording(grad(f, argnums), point, kwargs, argnums)
        return call.pullback(vector)

    return product


def gnvp(f: Callable[..., Any], loss: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns Jᵀ H J v, the Gauss–Newton product of ``loss(f(x))`` (Schraudolph 2002).

    H is the Hessian of `loss` in the results of `f`: for a convex loss the product is never of negative curvature.

    Parameters
    ----------
    f : callable
        The model: it gives what `loss` takes, an array or a tree.
    loss : callable
        It gives one number.
    argnums : int or tuple of int
        Which positional arguments of `f` to differentiate.

    Returns
    -------
    callable
        Takes the arguments of `f` and then the vector, as in `hvp`.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> product = ag.gnvp(lambda x: A @ x, lambda z: np.sum(z**2))
    >>> product(np.zeros(2), np.array([1.0, 0.0]))  # 2 Aᵀ A v
    array([20., 28.])
    """

    @functools.wraps(f)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, vector = args
        call = Recording(f, point, kwargs, argnums)
        if any(y.dtype.kind == "c" for y in call.outputs):
            raise TypeError(f"gnvp needs real results, and {call.name} gives complex ones: let it give both parts")
        change = Linearization(call).push_tree((vector,) if call.single else vector)
        return call.pullback(hvp(loss)(call.lowered(call.result), change))

    return product
