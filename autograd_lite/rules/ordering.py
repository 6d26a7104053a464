"""Sorted order and what is read from it: sort, partition, medians, quantiles, running extremes, unique elements.

The gradient goes to the element that stands in a place after a stable sort. So a median of an even number of elements
gives half to each of the two in the middle, and a running extreme gives all to the latest element that reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.elementwise import as_constant
from autograd_lite.rules.reduction_settings import as_array, flag, refuse_out
from autograd_lite.rules.reductions import Axis, merged, removed_last
from autograd_lite.rules.table import Primitive, adapter, name_of, row
from autograd_lite.untaken import passes


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
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The elements in ascending order, equal ones in the order in which they stand."""
    if order is not None:
        raise NotImplementedError("np.sort: order= is for arrays with fields")
    if axis is None:
        a, axis = np.ravel(a), 0
    return arranged(a, np.argsort(a, axis=axis, kind="stable"), axis=axis)


@adapter(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The elements with the `kth` in their places, smaller ones before them."""
    if order is not None:
        raise NotImplementedError("np.partition: order= is for arrays with fields")
    if axis is None:
        a, axis = np.ravel(a), 0
    return arranged(a, np.argpartition(a, kth, axis=axis, kind=kind), axis=axis)


for function in (np.argpartition, np.digitize, np.isin):
    row(function)


# Quantiles.


def levels(function: Callable[..., Any], q: Any) -> Any:
    """What was asked for, as an array."""
    if getattr(q, "requires_grad", False):
        raise NotImplementedError(f"{name_of(function)} has no gradient rule in q; detach() it")
    return np.asarray(q, dtype=float)


@adapter(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
    interpolation: Any = None,
) -> Any:
    """The elements that stand a part `q` of the way through the sorted ones; no gradient goes into `q`.

    A quantile of any method is a position between two elements that depends on their number alone; NumPy's own
    quantile of 0, 1, …, n - 1 tells it.
    """
    refuse_out(np.quantile, out)
    if weights is not None or interpolation is not None:
        raise NotImplementedError("np.quantile: weights= and interpolation= have no gradient rule")
    q, a = levels(np.quantile, q), as_array(a)
    x = np.sort(merged(a, axis), axis=-1)
    n = x.shape[-1]
    if n == 0:
        nothing = np.reshape(np.sum(x, axis=-1), x.shape[:-1] + (1,) * q.ndim)
        return placed(nothing + np.full(q.shape, np.nan), a, axis, q.ndim, flag(keepdims))
    position: Any = np.quantile(np.arange(n, dtype=float), q, method=method)  # type: ignore[call-overload]
    low, high = np.floor(position), np.ceil(position)
    y = x[..., low.astype(int).tolist()]
    if np.any(low != high):
        share = (position - low).astype(x.dtype)
        y = y * (1 - share) + x[..., high.astype(int).tolist()] * share
    nan = np.isnan(x[..., -1])  # sorted to the end
    y = np.where(np.reshape(nan, nan.shape + (1,) * q.ndim), np.nan, y)
    return placed(y, a, axis, q.ndim, flag(keepdims))


def placed(y: Any, a: Any, axis: Axis, queries: int, keepdims: bool) -> Any:
    """Bring the axes of the queries, the last ones, to the front, and the reduced ones back with length 1."""
    rest = y.ndim - queries
    y = np.transpose(y, (*range(rest, y.ndim), *range(rest))) if queries else y
    if not keepdims:
        return y
    removed = removed_last(axis, a.ndim)[1]
    return np.reshape(y, y.shape[:queries] + tuple(1 if i in removed else n for i, n in enumerate(a.shape)))


@adapter(np.percentile)
def percentile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
    interpolation: Any = None,
) -> Any:
    """The quantile of ``q / 100``."""
    q = levels(np.percentile, q) / 100
    return quantile(a, q, axis, out, False, method, keepdims, weights=weights, interpolation=interpolation)


@adapter(np.median)
def median(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """The element in the middle, or the mean of the two there."""
    return quantile(a, 0.5, axis, out, keepdims=keepdims)


@adapter(np.nanquantile)
def nanquantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
    interpolation: Any = None,
) -> Any:
    """The quantile of the elements that are numbers."""
    refuse_out(np.nanquantile, out)
    if weights is not None or interpolation is not None or method != "linear":
        raise NotImplementedError("np.nanquantile: only method='linear' without weights has a gradient rule")
    q, a = levels(np.nanquantile, q), as_array(a)
    x = np.sort(merged(a, axis), axis=-1)
    last = np.sum(~np.isnan(x), axis=-1, keepdims=True) - 1
    position = np.maximum(last, 0) * np.ravel(q)
    low, high = np.floor(position), np.ceil(position)
    share = as_constant(position - low, dtype=x.dtype)
    below, above = (np.take_along_axis(x, as_constant(i, dtype=np.dtype(int)), axis=-1) for i in (low, high))
    y = np.reshape(below * (1 - share) + above * share, (*x.shape[:-1], *q.shape))
    return placed(y, a, axis, q.ndim, flag(keepdims))


@adapter(np.nanpercentile)
def nanpercentile(a: Any, q: Any, *args: Any, **settings: Any) -> Any:
    """The percentile of the elements that are numbers."""
    return nanquantile(a, levels(np.nanpercentile, q) / 100, *args, **settings)


@adapter(np.nanmedian)
def nanmedian(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """The median of the elements that are numbers."""
    return nanquantile(a, 0.5, axis, out, keepdims=keepdims)


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
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The distinct elements in ascending order; the gradient goes to the first of equal ones."""
    if axis is not None or return_index or return_inverse or return_counts:
        raise NotImplementedError("np.unique: axis= and return_…= have no gradient rule; use .detach().numpy()")
    x = np.ravel(ar)
    return x[first_occurrences(x, equal_nan=equal_nan)]
