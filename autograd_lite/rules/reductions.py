"""Fewer elements out than in: sums, means, spreads, extremes.

At a tie `max` and `min` split the gradient evenly; the standard deviation of a constant has gradient 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.table import Primitive, adapter, row

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
    if x.dtype.kind != "f" or x.size == 0 or x.dtype.itemsize < 4:
        return np.mean(x, axis=axis, keepdims=keepdims)
    total: Any = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return total / x.dtype.type(count(x, axis))


def variance_of(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance, without what `np.var` does for integers, complex numbers and float16."""
    if x.dtype.kind != "f" or x.size == 0 or x.dtype.itemsize < 4 or count(x, axis) <= ddof:
        return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    centred = x - mean_of(x, axis, True)
    total: Any = np.add.reduce(centred * centred, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return total / x.dtype.type(count(x, axis) - ddof)


def variance_gradient(g: Any, x: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """g · 2 (x - mean) / (n - ddof)."""
    g = restore(g, x.ndim, axis, keepdims)
    return g * (2 / (count(x, axis) - ddof)) * (x - np.mean(x, axis=axis, keepdims=True))


def deviation_gradient(g: Any, y: Any, x: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """g · (x - mean) / ((n - ddof) y), and 0 where all elements are equal."""
    g, y = restore(g, x.ndim, axis, keepdims), restore(y, x.ndim, axis, keepdims)
    share = g / (np.where(y == 0, 1, y) * (count(x, axis) - ddof))
    return np.where(y == 0, 0, share) * (x - np.mean(x, axis=axis, keepdims=True))


def extreme_gradient(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """g, divided evenly among the elements that equal the extreme."""
    chosen = x == restore(y, x.ndim, axis, keepdims)
    return restore(g, x.ndim, axis, keepdims) * (chosen / np.sum(chosen, axis=axis, keepdims=True))


row(np.sum, lambda g, y, x, axis=None, keepdims=False: spread(g, x, axis, keepdims), body=reducing(np.add))
row(
    np.mean,
    lambda g, y, x, axis=None, keepdims=False: spread(g / count(x, axis), x, axis, keepdims),
    body=mean_of,
)
row(
    np.var,
    lambda g, y, x, axis=None, ddof=0, keepdims=False: variance_gradient(g, x, axis, ddof, keepdims),
    body=variance_of,
)
row(
    np.std,
    lambda g, y, x, axis=None, ddof=0, keepdims=False: deviation_gradient(g, y, x, axis, ddof, keepdims),
)
row(
    np.max,
    lambda g, y, x, axis=None, keepdims=False: extreme_gradient(g, y, x, axis, keepdims),
    body=reducing(np.maximum),
)
row(
    np.min,
    lambda g, y, x, axis=None, keepdims=False: extreme_gradient(g, y, x, axis, keepdims),
    body=reducing(np.minimum),
)

adapter(np.amax)(np.max)
adapter(np.amin)(np.min)


@Primitive
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


row(
    logsumexp,
    lambda g, y, x, axis=None, keepdims=False: (
        restore(g, x.ndim, axis, keepdims) * np.exp(x - restore(y, x.ndim, axis, keepdims))
    ),
)


@adapter(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, keepdims: bool = False) -> Any:
    """The weighted mean."""
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    if np.ndim(weights) == 1 and np.ndim(a) > 1 and isinstance(axis, int):
        weights = np.reshape(weights, tuple(-1 if i == axis % a.ndim else 1 for i in range(a.ndim)))
    return np.sum(a * weights, axis=axis, keepdims=keepdims) / np.sum(
        np.broadcast_to(weights, a.shape), axis=axis, keepdims=keepdims
    )
