"""What describes a sample: weighted means, ranges, covariances, and the reductions that leave NaN out.

A NaN that is left out gets gradient 0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.complex import conjugated, refuse_complex
from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.indexing import put_item
from autograd_lite.rules.reduction_signatures import given
from autograd_lite.rules.reductions import Axis
from autograd_lite.rules.registry import ADAPTERS, NOT_GIVEN, adapter
from autograd_lite.rules.shaping import array_of


@adapter(np.average, "weights")
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """The weighted mean, and with `returned` the sum of the weights too."""
    a, keepdims = array_of(a), bool(keepdims)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.zeros_like(mean) + a.size / mean.size) if returned else mean
    weights = array_of(weights)
    if weights.shape != a.shape:
        axes: Any = axis if isinstance(axis, tuple) else (axis,)
        places = [range(a.ndim)[i] for i in axes]
        weights = np.transpose(weights, tuple(int(i) for i in np.argsort(places)))
        weights = np.reshape(weights, tuple(n if i in places else 1 for i, n in enumerate(a.shape)))
    total = np.sum(np.broadcast_to(weights, a.shape), axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@adapter(np.ptp)
def ptp(a: Any, axis: Axis = None, *, keepdims: Any = False) -> Any:
    """The range from the smallest to the largest element."""
    return np.max(a, axis=axis, keepdims=bool(keepdims)) - np.min(a, axis=axis, keepdims=bool(keepdims))


@adapter(np.cov, "y")
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    """The covariance matrix of variables that stand in rows."""
    x = in_rows(m, rowvar)
    if y is not None:
        x = np.concatenate([x, in_rows(y, rowvar)], axis=0)
    ddof = int(bias == 0) if ddof is None else ddof
    centred = x - np.mean(x, axis=1, keepdims=True)
    n = x.shape[1] - ddof
    return np.squeeze(np.matmul(centred, np.transpose(conjugated(centred))) * (1 / n if n > 0 else np.inf))


def in_rows(m: Any, rowvar: bool) -> Any:
    """Observations as a matrix with a variable in each row."""
    m = array_of(m)
    if m.ndim < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar or m.shape[0] == 1 else np.transpose(m)


@adapter(np.corrcoef, "y")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Pearson's correlation coefficients of variables that stand in rows."""
    refuse_complex("np.corrcoef", x)
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviations = np.sqrt(np.diagonal(c))
    return np.clip(c / np.expand_dims(deviations, 1) / np.expand_dims(deviations, 0), -1, 1)


@adapter(np.bincount, "weights", moves=True)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """The sums of the weights of 0, 1, 2, …"""
    length = max(minlength, int(np.max(x)) + 1 if np.size(x) else 0)
    return put_item(astype(array_of(weights), dtype=np.dtype(float)), array_of(x), shape=(length,))


# Without NaN.


def without_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction over the elements that are numbers."""

    @functools.wraps(function, assigned=())
    def reduced(a: Any, axis: Axis = None, *, where: Any = True, **settings: Any) -> Any:
        number = ~np.isnan(a)
        return function(a, axis, where=number if where is True else number & where, **settings)

    return reduced


for function, plain in (
    (np.nansum, np.sum),
    (np.nanprod, np.prod),
    (np.nanmean, np.mean),
    (np.nanvar, np.var),
    (np.nanstd, np.std),
):
    adapter(function, *ADAPTERS[plain].learned)(without_nan(ADAPTERS[plain].compute))


def extreme_without_nan(function: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """The extreme of the elements that are numbers; NaN where none is."""

    @functools.wraps(function, assigned=())
    def reduced(a: Any, axis: Axis = None, *, keepdims: Any = False, initial: Any = NOT_GIVEN, **settings: Any) -> Any:
        nan = np.isnan(a)
        y = function(np.where(nan, neutral, a), axis, keepdims=keepdims, initial=initial, **settings)
        return y if given(initial) else np.where(np.all(nan, axis=axis, keepdims=bool(keepdims)), np.nan, y)

    return reduced


adapter(np.nanmax, "initial")(extreme_without_nan(ADAPTERS[np.max].compute, -np.inf))
adapter(np.nanmin, "initial")(extreme_without_nan(ADAPTERS[np.min].compute, np.inf))
