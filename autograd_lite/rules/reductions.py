"""Fewer elements out than in: sums, means, spreads, extremes, products.

At a tie `max` and `min` split the gradient evenly; the standard deviation of a constant has gradient 0; the gradient
of a product is exact with zeros, to any order. The settings that NumPy adds to all of them (`where`, `initial`,
`dtype`) stand in `reduction_signatures.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.untaken import Chooses, passes
from autograd_lite.rules.complex import conjugated
from autograd_lite.rules.directions import complex_direction, direction, share_gradient
from autograd_lite.rules.limits import in_single
from autograd_lite.rules.registry import Primitive, row

Axis = int | tuple[int, ...] | None


def restore(g: Any, ndim: int, axis: Axis, keepdims: bool) -> Any:
    """Give a reduced array its reduced axes back, with length 1."""
    if keepdims or ndim == 0:
        return g
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    removed = {i % ndim for i in axes}
    kept = iter(g.shape)
    return np.reshape(g, tuple(1 if i in removed else next(kept) for i in range(ndim)))


def spread(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """Repeat a reduced gradient over the axes that were reduced."""
    return np.broadcast_to(restore(g, x.ndim, axis, keepdims), x.shape)


def along_axis(taken: Any, i: int, x: Any, axis: Axis = None, keepdims: bool = False, **_: Any) -> Any:
    """The flow of a reduction: a result hangs on the elements that were reduced into it."""
    return restore(taken, x.ndim, axis, keepdims)


def removed_last(axis: Axis, ndim: int) -> tuple[list[int], list[int]]:
    """The axes that stay, and those that are reduced, in ascending order."""
    axes = range(ndim) if axis is None or ndim == 0 else axis if isinstance(axis, tuple) else (axis,)
    removed = sorted(range(ndim)[i] for i in axes)
    return [i for i in range(ndim) if i not in removed], removed


def merged(x: Any, axis: Axis) -> Any:
    """`x` with the axes to reduce as one axis, the last."""
    kept, removed = removed_last(axis, x.ndim)
    shape = tuple(x.shape[i] for i in kept)
    return np.reshape(np.transpose(x, (*kept, *removed)), (*shape, math.prod(x.shape[i] for i in removed)))


def split(m: Any, x: Any, axis: Axis) -> Any:
    """The inverse of `merged`: `m` with the axes of `x`."""
    kept, removed = removed_last(axis, x.ndim)
    order = kept + removed
    return np.transpose(np.reshape(m, tuple(x.shape[i] for i in order)), tuple(order.index(i) for i in range(x.ndim)))


def others(x: Any) -> Any:
    """For each element the product of all others along the last axis, without dividing.

    The others of one of a pair are its partner and the pairs that are not theirs.
    """
    n = x.shape[-1]
    if n < 2:
        return np.ones_like(x)
    even, odd = x[..., 0 : n - 1 : 2], x[..., 1::2]
    pairs = even * odd
    if n % 2:
        pairs = np.concatenate([pairs, x[..., -1:]], axis=-1)
    rest = others(pairs)
    within = rest[..., : n // 2]
    both = np.reshape(np.stack([odd * within, even * within], axis=-1), (*x.shape[:-1], n - n % 2))
    return np.concatenate([both, rest[..., -1:]], axis=-1) if n % 2 else both


def count(x: Any, axis: Axis) -> int:
    """How many elements of `x` are reduced into one."""
    if axis is None:
        return int(x.size)
    return math.prod(x.shape[i] for i in (axis if isinstance(axis, tuple) else (axis,)))


def reducing(ufunc: Any) -> Callable[..., Any]:
    """The reduction of a ufunc, without what NumPy's Python function for it does first."""
    reduce = ufunc.reduce
    return lambda x, axis=None, keepdims=False: reduce(x, axis, None, None, keepdims)


def mean_of(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean, without what `np.mean` does for integers and float16."""
    if x.dtype.kind != "f" or x.size == 0 or x.ndim == 0 or x.dtype.itemsize < 4:
        return np.mean(x, axis=axis, keepdims=keepdims)
    total: Any = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return total / x.dtype.type(count(x, axis))


def variance_of(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance, without what `np.var` does for integers, complex numbers and float16."""
    if x.dtype.kind != "f" or x.size == 0 or x.ndim == 0 or x.dtype.itemsize < 4:
        return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    centred = x - mean_of(x, axis, True)
    if count(x, axis) <= ddof:
        return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    total: Any = np.add.reduce(centred * centred, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return total / x.dtype.type(count(x, axis) - ddof)


def freedom(x: Any, axis: Axis, ddof: float) -> float:
    """The degrees of freedom; NaN where there are none, and then so is the gradient."""
    n = count(x, axis) - ddof
    return n if n > 0 else math.nan


def centred(x: Any, axis: Axis) -> Any:
    """`x` without its mean, which is taken off again: rounded, it is all that is left of equal numbers."""
    deviations = x - np.mean(x, axis=axis, keepdims=True)
    return deviations - np.mean(deviations, axis=axis, keepdims=True)


def variance_gradient(g: Any, x: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """g · 2 (x - mean) / (n - ddof)."""
    g = wide(restore(g, x.ndim, axis, keepdims))
    return g * (2 / freedom(x, axis, ddof)) * conjugated(centred(wide(x), axis))


def deviation_gradient(g: Any, y: Any, x: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """g · (x - mean) / ((n - ddof) y), and 0 where all elements are equal."""
    if count(x, axis) == 1 and ddof == 0:
        return np.zeros_like(x)  # one number does not deviate, whatever it is
    g, y = restore(g, x.ndim, axis, keepdims), restore(y, x.ndim, axis, keepdims)
    g = g / math.sqrt(freedom(x, axis, ddof))
    deviations = centred(wide(x), axis)
    if x.dtype.kind == "c":
        return g * complex_direction(deviations, y, axis)
    return g * direction(deviations, y, axis=axis)


def extreme_gradient(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """g, divided evenly among the elements that equal the extreme."""
    chosen = x == restore(y, x.ndim, axis, keepdims)
    return restore(g, x.ndim, axis, keepdims) * (chosen / np.sum(chosen, axis=axis, keepdims=True))


row(
    np.sum,
    lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),
    body=reducing(np.add),
    flow=passes,
)
row(
    np.mean,
    lambda g, y, x, axis=None, keepdims=False: spread(wide(g) / count(x, axis), x, axis, keepdims),
    body=mean_of,
    flow=passes,
)
row(
    np.var,
    lambda g, y, x, axis=None, ddof=0, keepdims=False: variance_gradient(g, x, axis, ddof, keepdims),
    body=variance_of,
    flow=along_axis,
)
row(
    np.std,
    lambda g, y, x, axis=None, ddof=0, keepdims=False: deviation_gradient(g, y, x, axis, ddof, keepdims),
    flow=along_axis,
)
row(
    np.max,
    lambda g, y, x, axis=None, keepdims=False: extreme_gradient(g, y, x, axis, keepdims),
    body=reducing(np.maximum),
    flow=Chooses(),
)
row(
    np.min,
    lambda g, y, x, axis=None, keepdims=False: extreme_gradient(g, y, x, axis, keepdims),
    body=reducing(np.minimum),
    flow=Chooses(),
)

row(
    np.prod,
    lambda g, y, x, axis=None, keepdims=False: (
        restore(g, x.ndim, axis, keepdims) * split(others(merged(x, axis)), x, axis)
    ),
    body=reducing(np.multiply),
    flow=along_axis,
)


@Primitive
@in_single
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


row(
    logsumexp,
    lambda g, y, x, axis=None, keepdims=False: share_gradient(
        restore(g, x.ndim, axis, keepdims), restore(y, x.ndim, axis, keepdims), x, axis
    ),
    flow=along_axis,
)
