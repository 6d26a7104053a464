"""Sorted order and what is read from it: sort, partition, medians, quantiles, running extremes, unique elements.

The gradient goes to the element that stands in a place after a stable sort. So a median of an even number of elements
gives half to each of the two in the middle, and a running extreme gives all to the latest element that reaches it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.untaken import passes
from autograd_lite.rules.elementwise import as_constant
from autograd_lite.rules.reductions import Axis, merged, removed_last
from autograd_lite.rules.registry import Primitive, adapter, row
from autograd_lite.rules.shaping import array_of


@Primitive
def arranged(x: Any, order: Any, axis: int = -1) -> Any:
    """`x` in another order, a permutation along an axis."""
    return np.take_along_axis(x, order, axis=axis)


row(
    arranged,
    lambda g, y, x, order, axis=-1: arranged(g, np.argsort(order, axis=axis), axis=axis),
    None,
    flow=passes,
)


@adapter(np.sort)
def sort(a: Any, axis: int | None = -1) -> Any:
    """The elements in ascending order, equal ones in the order in which they stand."""
    if axis is None:
        a, axis = np.ravel(a), 0
    return arranged(a, np.argsort(a, axis=axis, kind="stable"), axis=axis)


@adapter(np.partition, alone=True)
def partition(a: Any, kth: Any = 0, axis: int | None = -1, kind: Any = "introselect") -> Any:
    """The elements with the `kth` in their places, smaller ones before them."""
    if axis is None:
        a, axis = np.ravel(a), 0
    return arranged(a, np.argpartition(a, kth, axis=axis, kind=kind), axis=axis)


for function in (np.argpartition, np.digitize, np.isin):
    row(function)


# Quantiles.


@adapter(np.quantile)
def quantile(a: Any, q: Any = 0.5, axis: Axis = None, *, method: str = "linear", keepdims: Any = False) -> Any:
    """The elements that stand a part `q` of the way through the sorted ones.

    A quantile of any method is a position between two elements that depends on their number alone; NumPy's own
    quantile of 0, 1, …, n - 1 tells it.
    """
    q, a = np.asarray(q), array_of(a)
    x = np.sort(merged(a, axis), axis=-1)
    n = x.shape[-1]
    position: Any = np.quantile(np.arange(n, dtype=float), q, method=method)  # type: ignore[call-overload]
    low, high = np.floor(position), np.ceil(position)
    y = x[..., low.astype(int).tolist()]
    if np.any(low != high):
        share = (position - low).astype(x.dtype)
        y = y * (1 - share) + x[..., high.astype(int).tolist()] * share
    nan = np.isnan(x[..., -1])  # sorted to the end
    y = np.where(np.reshape(nan, nan.shape + (1,) * q.ndim), np.nan, y)
    return placed(y, a, axis, q.ndim, keepdims)


def placed(y: Any, a: Any, axis: Axis, queries: int, keepdims: bool) -> Any:
    """Bring the axes of the queries, the last ones, to the front, and the reduced ones back with length 1."""
    rest = y.ndim - queries
    y = np.transpose(y, (*range(rest, y.ndim), *range(rest))) if queries else y
    if not keepdims:
        return y
    removed = removed_last(axis, a.ndim)[1]
    return np.reshape(y, y.shape[:queries] + tuple(1 if i in removed else n for i, n in enumerate(a.shape)))


@adapter(np.percentile)
def percentile(a: Any, q: Any = 50, axis: Axis = None, *, method: str = "linear", keepdims: Any = False) -> Any:
    """The quantile of ``q / 100``."""
    return quantile(a, np.asarray(q) / 100, axis, method=method, keepdims=keepdims)


@adapter(np.median)
def median(a: Any, axis: Axis = None, *, keepdims: Any = False) -> Any:
    """The element in the middle, or the mean of the two there."""
    return quantile(a, 0.5, axis, keepdims=keepdims)


@adapter(np.nanquantile)
def nanquantile(a: Any, q: Any = 0.5, axis: Axis = None, *, keepdims: Any = False) -> Any:
    """The quantile of the elements that are numbers."""
    q, a = np.asarray(q), array_of(a)
    x = np.sort(merged(a, axis), axis=-1)
    last = np.sum(~np.isnan(x), axis=-1, keepdims=True) - 1
    position = np.maximum(last, 0) * np.ravel(q)
    low, high = np.floor(position), np.ceil(position)
    share = as_constant(position - low, dtype=x.dtype)
    below, above = (np.take_along_axis(x, as_constant(i, dtype=np.dtype(int)), axis=-1) for i in (low, high))
    y = np.reshape(below * (1 - share) + above * share, (*x.shape[:-1], *q.shape))
    return placed(y, a, axis, q.ndim, keepdims)


@adapter(np.nanpercentile)
def nanpercentile(a: Any, q: Any = 50, axis: Axis = None, *, keepdims: Any = False) -> Any:
    """The percentile of the elements that are numbers."""
    return nanquantile(a, np.asarray(q) / 100, axis, keepdims=keepdims)


@adapter(np.nanmedian)
def nanmedian(a: Any, axis: Axis = None, *, keepdims: Any = False) -> Any:
    """The median of the elements that are numbers."""
    return nanquantile(a, 0.5, axis, keepdims=keepdims)


# Elements that are picked.


@Primitive
def latest_extreme(x: Any, axis: int = 0, largest: bool = True) -> Any:
    """For each place the index of the latest element up to it that is the largest (smallest) so far."""
    running: Any = (np.maximum if largest else np.minimum).accumulate(x, axis=axis)
    places = np.reshape(np.arange(x.shape[axis]), tuple(-1 if i == axis % x.ndim else 1 for i in range(x.ndim)))
    reached = (x == running) | np.isnan(x)
    return np.maximum.accumulate(np.where(reached, places, 0), axis=axis)


row(latest_extreme)


def running_extreme(x: Any, axis: int, largest: bool) -> Any:
    """The largest (smallest) element so far."""
    return np.take_along_axis(x, latest_extreme(x, axis=axis, largest=largest), axis=axis)


@Primitive
def first_occurrences(x: Any, equal_nan: bool = True) -> Any:
    """Where each of the distinct elements, in ascending order, stands first."""
    return np.unique(x, return_index=True, equal_nan=equal_nan)[1]


row(first_occurrences)


@adapter(np.unique)
def unique(ar: Any, *, equal_nan: bool = True) -> Any:
    """The distinct elements in ascending order; the gradient goes to the first of equal ones."""
    x = np.ravel(ar)
    return x[first_occurrences(x, equal_nan=equal_nan)]
