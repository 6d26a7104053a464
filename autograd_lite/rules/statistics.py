"""What describes a sample: weighted means, ranges, covariances, and the reductions that leave NaN out.

A NaN that is left out gets gradient 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.complex import conjugated, refuse_complex
from autograd_lite.rules.indexing import put_item
from autograd_lite.rules.reduction_settings import NOT_GIVEN, as_array, counted, flag, given, refuse_out, root
from autograd_lite.rules.reductions import Axis
from autograd_lite.rules.table import REFUSALS, Primitive, adapter, row


@adapter(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """The weighted mean, and with `returned` the sum of the weights too."""
    a, keepdims = as_array(a), flag(keepdims)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        if not returned:
            return mean
        return mean, np.zeros_like(mean) + a.size / mean.size
    weights = as_array(weights)
    if weights.shape != a.shape:
        axes = (axis,) if isinstance(axis, int) else axis
        if axes is None or weights.shape != tuple(a.shape[i] for i in axes):
            raise ValueError(f"weights of shape {weights.shape} do not fit an array of shape {a.shape} along {axis}")
        places = [range(a.ndim)[i] for i in axes]
        weights = np.transpose(weights, tuple(int(i) for i in np.argsort(places)))
        weights = np.reshape(weights, tuple(n if i in places else 1 for i, n in enumerate(a.shape)))
    total = np.sum(np.broadcast_to(weights, a.shape), axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@adapter(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False) -> Any:
    """The range from the smallest to the largest element."""
    refuse_out(np.ptp, out)
    return np.max(a, axis=axis, keepdims=flag(keepdims)) - np.min(a, axis=axis, keepdims=flag(keepdims))


@adapter(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """The covariance matrix of variables that stand in rows."""
    if fweights is not None or aweights is not None or dtype is not None:
        raise NotImplementedError("np.cov: fweights=, aweights= and dtype= have no gradient rule")
    x = in_rows(m, rowvar)
    if y is not None:
        x = np.concatenate([x, in_rows(y, rowvar)], axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    centred = x - np.mean(x, axis=1, keepdims=True)
    n = x.shape[1] - ddof
    return np.squeeze(np.matmul(centred, np.transpose(conjugated(centred))) * (1 / n if n > 0 else np.inf))


def in_rows(m: Any, rowvar: bool) -> Any:
    """Observations as a matrix with a variable in each row."""
    m = as_array(m)
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    if m.ndim < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar or m.shape[0] == 1 else np.transpose(m)


@adapter(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Pearson's correlation coefficients of variables that stand in rows."""
    if dtype is not None:
        raise NotImplementedError("np.corrcoef: dtype= has no gradient rule")
    refuse_complex("np.corrcoef", x)
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviations = np.sqrt(np.diagonal(c))
    return np.clip(c / np.expand_dims(deviations, 1) / np.expand_dims(deviations, 0), -1, 1)


@Primitive
def counts(x: Any, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, … occurs in `x`."""
    return np.bincount(x, minlength=minlength)


row(counts)


@adapter(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """The number of occurrences of 0, 1, 2, …, or the sums of their weights."""
    if weights is None:
        return counts(x, minlength=minlength)
    length = max(minlength, int(np.max(x)) + 1 if np.size(x) else 0)
    return put_item(as_array(weights), as_array(x), shape=(length,))


for function in (np.histogram, np.histogram2d, np.histogramdd):
    REFUSALS[function] = "counts do not change continuously; for the counts alone pass .detach().numpy()"


# Without NaN.


def without_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` over the elements that are numbers."""

    def reduced(a: Any, *args: Any, where: Any = True, **settings: Any) -> Any:
        number = ~np.isnan(a)
        return function(a, *args, where=number & where if given(where) and where is not True else number, **settings)

    return reduced


adapter(np.nansum)(without_nan(np.sum))
adapter(np.nanprod)(without_nan(np.prod))
adapter(np.nanmean)(without_nan(np.mean))


@adapter(np.nanvar)
def nanvar(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """The variance of the elements that are numbers; NaN where there are no more than `ddof`."""
    ddof, keepdims = correction if given(correction) else ddof, flag(keepdims)
    number = ~np.isnan(a)
    where = number & where if given(where) and where is not True else number
    y = np.var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean)
    return np.where(counted(a, where, axis, keepdims) > ddof, y, np.nan)


@adapter(np.nanstd)
def nanstd(a: Any, *args: Any, **settings: Any) -> Any:
    """The standard deviation of the elements that are numbers."""
    return root(np.nanvar(a, *args, **settings))


def extreme_without_nan(function: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """The extreme of the elements that are numbers; NaN where none is."""

    def reduced(
        a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = True
    ) -> Any:
        refuse_out(function, out)
        nan = np.isnan(a)
        y = function(np.where(nan, neutral, a), axis, None, flag(keepdims), initial, where)
        return np.where(np.all(nan, axis=axis, keepdims=flag(keepdims)), np.nan, y) if not given(initial) else y

    return reduced


adapter(np.nanmax)(extreme_without_nan(np.max, -np.inf))
adapter(np.nanmin)(extreme_without_nan(np.min, np.inf))
