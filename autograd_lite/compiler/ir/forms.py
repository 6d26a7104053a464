"""What the passes, the lowering and the printer need to know of a function: one row per function that is special."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Variable
from autograd_lite.compiler.tracing.traced import add_at, astype, get_item, set_item
from autograd_lite.compiler.tracing.tracer import draw
from autograd_lite.engine.untaken import zero_untaken

VIEWS = {np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.broadcast_to, np.ravel}
VIEWS |= {get_item, np.real, np.imag, np.matrix_transpose, np.diagonal}
WITH_OUT = {np.dot, np.matmul, np.concatenate, np.einsum, np.cumsum, np.cumprod, np.stack, np.clip}
LOWERED = {astype, set_item, add_at, zero_untaken, draw, np.where, np.copy, np.reshape, np.zeros_like, np.ones_like}
CHANGING = (set_item, add_at, zero_untaken)  # what gives its first argument, changed
# What does not make NumPy warn unless numbers overflow: around anything else, the walk back switches warnings off.
QUIET = VIEWS | WITH_OUT | LOWERED | {np.add, np.subtract, np.multiply, np.negative, np.maximum, np.minimum}
QUIET |= {np.add.reduce}
QUIET |= {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.exp, np.positive, np.sign}


def is_ufunc_method(function: Any) -> bool:
    """Whether a function is a ufunc's `reduce`, `accumulate` or the like."""
    return isinstance(getattr(function, "__self__", None), np.ufunc)


def makes_numbers(function: Any) -> bool:
    """Whether a result without axes is a number for sure, and no array."""
    return isinstance(function, np.ufunc) or is_ufunc_method(function)


def elementwise(call: Call) -> bool:
    """Whether each element of the result needs the elements in the same place only."""
    f = call.function
    return (isinstance(f, np.ufunc) and f.signature is None) or f in (np.copy, astype)


def gathers(call: Call) -> bool:
    """Whether a call reads whole elements, or rows, by an array of integers."""
    if call.function is not get_item or call.view or not isinstance(call.args[0], Variable):
        return False
    x, index = call.args
    return bool(x.shape) and isinstance(index, Variable) and bool(index.shape) and index.dtype.kind in "iu"


def takes_out(call: Call) -> bool:
    """Whether the result can be written into given memory."""
    f: Any = call.function
    if isinstance(f, np.ufunc):
        return f.nout == 1 and not call.out.dtype.hasobject
    if is_ufunc_method(f):
        return f.__name__ in ("reduce", "accumulate") and bool(f.__self__.nout == 1)
    return f in WITH_OUT or f in LOWERED or gathers(call)


def view_of(call: Call) -> Variable | None:
    """The variable that the result is a view of; None where it has memory of its own."""
    return call.args[0] if call.view and isinstance(call.args[0], Variable) else None


def memory_owner(v: Variable) -> Variable:
    """The variable in whose memory `v` lies, through whatever views; itself if it is no view."""
    while v.call is not None and (base := view_of(v.call)) is not None:
        v = base
    return v


@dataclass(eq=False, repr=False)
class Kernel:
    """A program that changes stretches of arrays in place; a program that calls it shows its text above its own.

    It is called with what its first input reads, with the arrays that it changes, with the start and the stop of the
    stretch, and with numbers.

    Attributes
    ----------
    plan : Plan
        The program, laid out in blocks.
    source : str
        Its text.
    run : callable
        ``run(g, p, *state, t, *numbers)`` changes `p` and `state`.
    asked : list of bool
        On which of the numbers a branch depends.
    """

    plan: Any
    source: str
    run: Callable[..., None]
    asked: list[bool]
    __name__ = property(lambda self: self.plan.program.name.lower())


def changed(array: Any, _: Any) -> Any:
    """An array after a function has changed it in place."""
    return array
