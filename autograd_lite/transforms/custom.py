"""`custom_vjp`: a function with a gradient that its author gives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.arrays import by_value
from autograd_lite.describe import describe
from autograd_lite.modes import enable_grad
from autograd_lite.symbols import array_from, known
from autograd_lite.tensor import Tensor
from autograd_lite.transforms.calls import Call
from autograd_lite.transforms.trees import align, flatten


class custom_vjp:
    """A function with a gradient of its own.

    Either give a rule as the engine's own functions have it, ``rule(g, y, *args)``, or as in JAX decorate the
    function and then give a pair to `defvjp`: ``fwd(*args)`` returns the value and what is needed later, and
    ``bwd(residuals, g)`` uses it.

    Parameters
    ----------
    f : callable
        It is called with arrays in the place of tensors, and may do with them what it likes but change them.
    rule : callable, optional
        ``rule(g, y, *args, **kwargs)`` with the gradient `g` in the result `y` returns a tuple with one gradient per
        positional argument (None: zero); for one argument the tuple can be left out.

    Raises
    ------
    RuntimeError
        When it is differentiated twice and the rule is not made of functions that can be differentiated.

    Notes
    -----
    A rule of NumPy functions is differentiated itself, so higher orders are right. With `defvjp` `fwd` then runs
    again on Tensors, so that what it saves is differentiated too.

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
        if any(isinstance(a, Tensor) and a.requires_grad for a in flatten(kwargs)[0]):
            raise TypeError(f"{self!r}: a tensor that requires a gradient must be a positional argument")
        if not any(isinstance(a, Tensor) for a in leaves):
            return self.f(*args, **kwargs)
        if self.rule is None and self.pair is None:
            raise TypeError(f"{self!r} has no gradient yet: give a rule, or call defvjp(fwd, bwd)")
        call = CustomCall(self, args, kwargs)
        nodes = [a.node for a in leaves if isinstance(a, Tensor)]
        call.ready = call.pack(call.forward([node.value for node in nodes]))
        return call.rebuild_result(call.recorded(nodes))


class CustomCall(Call):
    """One call of a function with a gradient of its own."""

    def __init__(self, custom: custom_vjp, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        super().__init__(custom.f)
        self.custom, self.kwargs = custom, kwargs
        leaves, self.rebuild = flatten(args)
        self.constants = [None if isinstance(a, Tensor) else by_value(a) for a in leaves]
        self.is_tensor = [isinstance(a, Tensor) for a in leaves]
        self.residuals: Any = None

    def arguments(self, values: Sequence[Any]) -> Any:
        """The positional arguments, with `values` in the places of the tensors."""
        given = iter(values)
        pairs = zip(self.constants, self.is_tensor, strict=True)
        return self.rebuild([next(given) if tensor else constant for constant, tensor in pairs])

    def forward(self, arrays: Sequence[Any]) -> list[Any]:
        args = self.arguments([protected(a) for a in arrays])
        if self.custom.pair is None:
            result = self.custom.f(*args, **self.kwargs)
        else:
            result, residuals = self.run_fwd(args)
            self.residuals = by_value(residuals)
        results, self.rebuild_result = flatten(result)
        if not results:
            raise TypeError(f"{self.custom!r} must give arrays, not {describe(result)}")
        return [a.node.value if isinstance(a, Tensor) else a for a in results]

    def run_fwd(self, args: Sequence[Any]) -> Any:
        """What the first of the pair gives: the value and the residuals."""
        assert self.custom.pair is not None
        both = self.custom.pair[0](*args, **self.kwargs)
        if not isinstance(both, tuple | list) or len(both) != 2:
            raise TypeError(f"{self.custom!r}: fwd must return a pair (value, residuals), not {describe(both)}")
        return both

    def back(self, cotangents: list[Any], results: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        recorded = any(isinstance(a, Tensor) for a in (*cotangents, *values))
        args, g = self.arguments(values), self.rebuild_result(cotangents)
        try:
            if self.custom.rule is not None and self.custom.pair is None:
                found = self.custom.rule(g, self.rebuild_result(results), *args, **self.kwargs)
            else:
                assert self.custom.pair is not None
                residuals = self.residuals
                if recorded:
                    with enable_grad():
                        residuals = self.run_fwd(args)[1]
                found = self.custom.pair[1](residuals, g)
        except Exception as error:
            if recorded:
                error.add_note(
                    f"{self.custom!r} is differentiated twice: its gradient must be made of functions that can be"
                )
            raise
        if not isinstance(found, tuple):
            found = (found,)
        if len(found) != len(args):
            raise ValueError(f"{self.custom!r}: one gradient per argument is needed, {len(args)} and not {len(found)}")
        aligned = align(args, found, f"the gradient of {self.custom!r}")
        chosen = [a for a, tensor in zip(aligned, self.is_tensor, strict=True) if tensor]
        moving = any(isinstance(a, Tensor) and a.requires_grad for a in (*cotangents, *values))
        return [self.checked(a, v, recorded, moving) for a, v in zip(chosen, values, strict=True)]

    def checked(self, g: Any, value: Any, recorded: bool, moving: bool) -> Any:
        """A gradient that fits its argument; refused where it has lost the history that a second order needs."""
        if g is None:
            g = np.zeros(value.shape)
        if not isinstance(g, Tensor):
            g = array_from(g)
            if moving and (not known(g) or np.any(g)):
                raise RuntimeError(
                    f"{self.custom!r} cannot be differentiated twice: its gradient was an array when it was computed "
                    "on tensors. Write it with NumPy functions, without .detach(), .item() or np.asarray"
                )
            g = Tensor(g) if recorded else g
        try:
            fits = np.broadcast_shapes(value.shape, g.shape) == g.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"{self.custom!r}: a gradient of shape {g.shape} for an argument of shape {value.shape}")
        return g


def protected(value: Any) -> Any:
    """A view of an array through which it cannot be changed."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value
