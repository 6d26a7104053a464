"""Algebra that is exact: only rules after which every bit of every result is the same, for inf and -0.0 too.

So ``x + 0`` stays (-0.0 becomes 0.0), and ``x - 0`` goes. No sum is reordered. The array that takes a copy's place must
lie in memory in the same way, because sums and products round by how an array lies in memory. Only the sign of a NaN,
which means nothing, may change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable, variables_in
from autograd_lite.compiler.passes.rewriting import same_form, sweep
from autograd_lite.compiler.tracing.traced import astype, get_item, set_item

NEUTRAL: dict[Any, int] = {np.multiply: 1, np.divide: 1, np.power: 1, np.subtract: 0}
SMALL = 1_000_000  # elements: how large a constant may be to be looked at


def simplified(program: Program) -> Program:
    """Leave out calls that change nothing.

    ::

        a = x.T                 y = x / 2 - z
        b = a.T * 1
        y = b / 2 + -z
    """

    def substitute(call: Call) -> Variable | None:
        if isinstance(call.function, np.ufunc) and call.function.signature is None:
            read_unbroadcast(call)
        rule = RULES.get(call.function)
        return rule(call) if rule is not None and not (call.kwargs or call.out.dtype is None) else None

    return sweep(program, substitute)


# What is the same as an operand.


def itself(call: Call) -> Variable | None:
    """A copy, a cast to the own dtype, or a factor of one: the first argument, if it looks the same in memory."""
    x = call.args[0]
    return x if isinstance(x, Variable) and same_form(x, call.out) else None


def neutral(call: Call) -> Variable | None:
    """``x * 1``, ``1 * x``, ``x / 1``, ``x ** 1`` and ``x - 0`` are `x`."""
    a, b = call.args
    number = NEUTRAL[call.function]
    if call.function is np.multiply and is_all(a, number):
        a, b = b, a
    unchanged = real(call) and is_all(b, number) and isinstance(a, Variable) and same_form(a, call.out)
    return a if unchanged else None


def signed(call: Call) -> Variable | None:
    """``a + -b`` is ``a - b``, and ``a - -b`` is ``a + b``."""
    a, b = call.args
    if call.function is np.add and negated(a) is not None:
        a, b = b, a
    if (positive := negated(b)) is not None:
        call.function, call.args = np.subtract if call.function is np.add else np.add, (a, positive)
    return neutral(call) if call.function is np.subtract else None


def opposite(call: Call) -> Variable | None:
    """``--x`` is `x`."""
    x = negated(call.args[0])
    return x if x is not None and same_form(x, call.out) else None


def negated(a: Any) -> Variable | None:
    """The `x` of ``-x``."""
    if not isinstance(a, Variable) or a.call is None or a.call.function is not np.negative or a.call.kwargs:
        return None
    x = a.call.args[0]
    return x if isinstance(x, Variable) and same_form(x, a) else None


def real(call: Call) -> bool:
    """Whether the result is real: complex products mix parts, and inf * 0 is NaN."""
    return call.out.dtype.kind in "fiu"


def is_all(a: Any, number: int) -> bool:
    """Whether `a` is a number, or a constant of which all elements are that number (for 0: not -0.0)."""
    if isinstance(a, Variable):
        if a.kind != "constant" or a.size > SMALL:
            return False
        a = a.value
    elif not isinstance(a, int | float):
        return False
    return bool(np.all(a == number)) and not (number == 0 and np.any(np.signbit(a)))


# Views.


def behind(call: Call) -> Call | None:
    """The call that made the view which this call makes a view of, if both are views by the same function."""
    x = call.args[0]
    if not (call.view and isinstance(x, Variable) and x.call is not None and x.call.view):
        return None
    return x.call if x.call.function is call.function and not x.call.kwargs else None


def transposition(call: Call) -> Variable | None:
    """A transpose of a transpose is one transpose, or none."""
    n = len(call.out.shape or ())
    axes = axes_of(call, n)
    if (first := behind(call)) is not None:
        before = axes_of(first, n)
        axes = tuple([before[i] for i in axes])
        call.args = (first.args[0], axes)
    unchanged: Variable | None = call.args[0] if call.view and axes == tuple(range(n)) else None
    return unchanged


def axes_of(call: Call, n: int) -> tuple[int, ...]:
    """The order that a transpose puts the axes in."""
    given = call.args[1] if len(call.args) > 1 else None
    return tuple(reversed(range(n))) if given is None else tuple([axis % n for axis in given])


def reshaping(call: Call) -> Variable | None:
    """A reshape of a reshape is one reshape, or none."""
    if not call.view:
        return None
    first = behind(call)
    if first is not None and not first.args[0].order and same_form(first.out, first.out):
        call.args = (first.args[0], call.args[1])
    return same_shape(call)


def same_shape(call: Call) -> Variable | None:
    """A view of the same shape is the array itself."""
    x, out = call.args[0], call.out
    return x if call.view and isinstance(x, Variable) and (x.shape, x.order) == (out.shape, out.order) else None


def read_unbroadcast(call: Call) -> None:
    """Let an element-wise function, which broadcasts by itself, read what was broadcast for it."""
    for i, a in enumerate(call.args):
        if isinstance(a, Variable) and a.call is not None and a.call.function is np.broadcast_to and a.call.view:
            args = (*call.args[:i], a.call.args[0], *call.args[i + 1 :])
            shapes = [v.shape or () for v in args if isinstance(v, Variable)]
            if np.broadcast_shapes(*shapes) == call.out.shape:
                call.args = args


# Assignments.


def reading(call: Call) -> Variable | None:
    """``x[...]``, and ``x[0:n]`` of an `x` of length n, are `x`."""
    return same_shape(call) if is_whole(call.args[1], call.args[0]) else None


def assignment(call: Call) -> Variable | None:
    """What is assigned to all of an array is the array."""
    x, index, value = call.args
    if not is_whole(index, x):
        return None
    call.args = (x, ..., value)
    return value if isinstance(value, Variable) and same_form(value, call.out) else None


def is_whole(index: Any, x: Any) -> bool:
    """Whether an index takes all of `x`."""
    if not isinstance(x, Variable) or x.shape is None or any(variables_in(index)):
        return False
    parts = index if isinstance(index, tuple) else (index,)
    if parts == (...,):
        return True
    slices = len(parts) <= len(x.shape) and all(isinstance(part, slice) for part in parts)
    return slices and all(part.indices(n) == (0, n, 1) for part, n in zip(parts, x.shape, strict=False))


RULES: dict[Any, Callable[[Call], Variable | None]] = {
    **dict.fromkeys((np.multiply, np.divide, np.power), neutral),
    **dict.fromkeys((np.add, np.subtract), signed),
    np.negative: opposite,
    **dict.fromkeys((np.positive, np.copy, astype), itself),
    np.transpose: transposition,
    np.reshape: reshaping,
    **dict.fromkeys((np.broadcast_to, np.squeeze), same_shape),
    get_item: reading,
    set_item: assignment,
}
