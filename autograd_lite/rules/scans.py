"""Running sums and products along an axis, differences, and what integrates or differentiates samples.

The gradient of a running product is exact with zeros, to any order: it divides nowhere.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.tracing_protocol import array_to_fill
from autograd_lite.engine.untaken import passes
from autograd_lite.rules.reduction_signatures import given
from autograd_lite.rules.registry import NOT_GIVEN, Primitive, adapter, row
from autograd_lite.rules.shaping import array_of


def along(axis: int, ndim: int, part: slice | int) -> tuple[slice | int, ...]:
    """The index that takes `part` of one axis and the whole of all others."""
    return (*(slice(None),) * range(ndim)[axis], part)


def part(x: Any, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Any:
    """``x[start:stop:step]`` along an axis."""
    return x[along(axis, x.ndim, slice(start, stop, step))]


def backwards(x: Any, axis: int) -> Any:
    """`x` with an axis reversed."""
    return part(x, axis, None, None, -1)


def delayed(x: Any, axis: int, first: float) -> Any:
    """`x` moved on by one place along an axis, with `first` at the start."""
    start = np.zeros_like(part(x, axis, 0, 1)) + first
    return np.concatenate([start, part(x, axis, 0, -1)], axis=axis)


row(
    np.cumsum,
    lambda g, y, x, axis=None: np.reshape(
        backwards(np.cumsum(backwards(wide(g), axis or 0), axis=axis or 0), axis or 0), x.shape
    ),
    flow=passes,
)


@Primitive
def recurrence(a: Any, b: Any, axis: int = -1) -> Any:
    """The s with s[i] = a[i] s[i - 1] + b[i] along `axis`, starting from 0; `a` and `b` are of one shape."""
    s = array_to_fill(b)
    places = [along(axis, s.ndim, i) for i in range(s.shape[axis])]
    for before, place in pairwise(places):
        s[place] += a[place] * s[before]
    return s


def recurrence_gradient(g: Any, a: Any, axis: int) -> Any:
    """The gradient in `b`: the same recurrence, backwards."""
    return backwards(recurrence(delayed(backwards(a, axis), axis, 0), backwards(wide(g), axis), axis=axis), axis)


row(
    recurrence,
    lambda g, y, a, b, axis=-1: recurrence_gradient(g, a, axis) * delayed(y, axis, 0),
    lambda g, y, a, b, axis=-1: recurrence_gradient(g, a, axis),
)


def running_product_gradient(g: Any, y: Any, x: Any, axis: int) -> Any:
    """The product of what stands before an element, times the gradients behind it with the factors in between."""
    return delayed(y, axis, 1) * recurrence_gradient(g, x, axis)


row(
    np.cumprod,
    lambda g, y, x, axis=None: (
        np.reshape(running_product_gradient(g, y, np.ravel(x), 0), x.shape)
        if axis is None or x.ndim == 0
        else running_product_gradient(g, y, x, axis)
    ),
)


@adapter(np.nancumsum)
def nancumsum(a: Any, axis: int | None = None) -> Any:
    """The running sum in which NaN counts as 0."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis)


@adapter(np.nancumprod)
def nancumprod(a: Any, axis: int | None = None) -> Any:
    """The running product in which NaN counts as 1."""
    return np.cumprod(np.where(np.isnan(a), 1, a), axis=axis)


def cumulative(function: Any, start: float) -> Any:
    """A running reduction as the array API names it, which can begin with its start."""

    def running(x: Any, *, axis: int | None = None, include_initial: bool = False) -> Any:
        axis = axis or 0
        y = function(x, axis=axis)
        if not include_initial:
            return y
        shape = tuple(1 if i == range(x.ndim)[axis] else n for i, n in enumerate(x.shape))
        return np.concatenate([np.full(shape, start, y.dtype), y], axis=axis)

    return running


if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    adapter(np.cumulative_sum)(cumulative(np.cumsum, 0))
    adapter(np.cumulative_prod)(cumulative(np.cumprod, 1))


# Differences.


@adapter(np.diff, "prepend", "append")
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NOT_GIVEN, append: Any = NOT_GIVEN) -> Any:
    """The differences of neighbours, taken `n` times."""
    a = array_of(a)
    if n == 0:
        return a
    ends = []
    for end in (prepend, append):
        if given(end):
            end = array_of(end)
            if end.ndim == 0:
                end = np.broadcast_to(end, tuple(1 if i == range(a.ndim)[axis] else m for i, m in enumerate(a.shape)))
        ends.append([end] if given(end) else [])
    if any(ends):
        a = np.concatenate([*ends[0], a, *ends[1]], axis=axis)
    for _ in range(n):
        a = part(a, axis, 1, None) - part(a, axis, 0, -1)
    return a


@Primitive
def whole_turns(p: Any, discont: float | None = None, axis: int = -1, period: float = 2 * np.pi) -> Any:
    """What `np.unwrap` adds."""
    return np.unwrap(p, discont=discont, axis=axis, period=period) - p


row(whole_turns)


@adapter(np.unwrap)
def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """Angles without jumps: whole turns are added, which are constant."""
    return p + whole_turns(p, discont=discont, axis=axis, period=period)


@adapter(np.ediff1d, "to_end", "to_begin")
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of all neighbours in a row, with something before and behind."""
    differences = np.diff(np.ravel(ary))
    ends = [[] if end is None else [np.ravel(end)] for end in (to_begin, to_end)]
    return np.concatenate([*ends[0], differences, *ends[1]]) if any(ends) else differences


@adapter(np.trapezoid, "x", "dx")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The integral of samples by the trapezoidal rule, over positions `x` or steps `dx`."""
    y = array_of(y)
    if x is not None:
        x = array_of(x)
        dx = np.diff(x, axis=axis if x.ndim > 1 else -1)
        if x.ndim == 1:
            dx = np.reshape(dx, tuple(-1 if i == range(y.ndim)[axis] else 1 for i in range(y.ndim)))
    return np.sum(dx * (part(y, axis, 1, None) + part(y, axis, 0, -1)) / 2.0, axis=axis)


@adapter(np.gradient)
def gradient(f: Any, *varargs: Any, axis: int | tuple[int, ...] | None = None, edge_order: int = 1) -> Any:
    """Central differences inside, one-sided ones of `edge_order` at the ends, along each axis."""
    f = array_of(f)
    axes = range(f.ndim) if axis is None else [range(f.ndim)[i] for i in (axis if isinstance(axis, tuple) else (axis,))]
    spacings = [array_of(s) for s in varargs] or [np.asarray(1.0)]
    if len(spacings) == 1 and spacings[0].ndim == 0:
        spacings = spacings * len(axes)
    slopes = tuple(slope(f, i, s, edge_order) for i, s in zip(axes, spacings, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """The derivative of samples along one axis, whose spacing is a step or the positions."""
    n = f.shape[axis]
    at = [part(f, axis, i, i + 1) for i in (0, 1, 2, n - 3, n - 2, n - 1)]
    left, middle, right = part(f, axis, 0, n - 2), part(f, axis, 1, n - 1), part(f, axis, 2, n)
    if spacing.ndim == 0:
        first = second = before = last = spacing
        inside = (right - left) / (2.0 * spacing)
    else:
        steps = np.diff(spacing)
        first, last = steps[0], steps[n - 2]
        second, before = (steps[1], steps[n - 3]) if n > 2 else (first, last)
        shape = tuple(n - 2 if i == axis else 1 for i in range(f.ndim))
        h, k = np.reshape(steps[: n - 2], shape), np.reshape(steps[1:], shape)
        inside = (k - h) / (h * k) * middle - k / (h * (h + k)) * left + h / (k * (h + k)) * right
    if edge_order == 1:
        ends = (at[1] - at[0]) / first, (at[5] - at[4]) / last
    else:
        ends = end_slope(at[0], at[1], at[2], first, second), end_slope(at[5], at[4], at[3], -last, -before)
    return np.concatenate([ends[0], inside, ends[1]], axis=axis)


def end_slope(a: Any, b: Any, c: Any, h: Any, k: Any) -> Any:
    """The slope at `a` of the parabola through three samples with steps `h` and `k` between them."""
    return (h + k) / (h * k) * b - (2.0 * h + k) / (h * (h + k)) * a - h / (k * (h + k)) * c
