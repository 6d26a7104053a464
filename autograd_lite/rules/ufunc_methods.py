"""The methods of ufuncs, ``np.add.reduce`` and its like, and what else goes beyond calling a ufunc on arrays.

Where a NumPy function does the same it is called; any other ufunc of two arguments is applied one element after the
other, as the methods are defined, so that what has a rule as a function has one as a method.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.graph import TABLE
from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.ordering import running_extreme
from autograd_lite.rules.reduction_settings import as_array
from autograd_lite.rules.reductions import logsumexp, merged, removed_last
from autograd_lite.rules.table import ADAPTERS, refuse

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logaddexp: logsumexp,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
SCANS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.cumsum,
    np.multiply: np.cumprod,
    np.maximum: functools.partial(running_extreme, largest=True),
    np.minimum: functools.partial(running_extreme, largest=False),
}


def find(ufunc: np.ufunc) -> None:
    """See that `ufunc` has a rule, or raise; SciPy's functions are entered when the first of them is met."""
    if "scipy.special" in sys.modules:
        importlib.import_module("autograd_lite.rules.special")  # an extra: SciPy need not be there
    if ufunc not in TABLE and ufunc not in ADAPTERS:
        raise refuse(ufunc)


def call_method(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], settings: Mapping[str, Any]) -> Any:
    """``ufunc.method(*inputs, **settings)``, in terms of functions that have rules."""
    if ufunc not in TABLE and ufunc not in ADAPTERS:
        find(ufunc)
    settings = {key: value for key, value in settings.items() if value is not None or key == "axis"}
    if method == "__call__":
        return call_in_dtype(ufunc, inputs, settings)
    if ufunc.signature is not None or ufunc.nin != 2 or ufunc.nout != 1 or method not in METHODS:
        raise NotImplementedError(f"np.{ufunc.__name__}.{method} has no gradient rule")
    return METHODS[method](ufunc, *inputs, **settings)


def unsupported(ufunc: np.ufunc, method: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that a method does not understand."""
    for name, value in settings.items():
        if not (name == "where" and value is True):
            label = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise NotImplementedError(f"np.{label}: the setting {name}= has no gradient rule; leave it out")


def call_in_dtype(ufunc: np.ufunc, inputs: tuple[Any, ...], settings: Mapping[str, Any]) -> Any:
    """A ufunc computed in another floating dtype, to which its inputs are cast."""
    others = {key: value for key, value in settings.items() if key not in ("dtype", "subok", "order", "casting")}
    unsupported(ufunc, "__call__", others)
    if "dtype" in settings:
        dtype = np.dtype(settings["dtype"])
        if dtype.kind != "f":
            raise NotImplementedError(f"np.{ufunc.__name__}: dtype={dtype} has no gradient rule")
        inputs = tuple([astype(a, dtype=dtype) if hasattr(a, "dtype") else a for a in inputs])
    return ufunc(*inputs)


def reduce(ufunc: np.ufunc, array: Any, axis: Any = 0, keepdims: bool = False, **settings: Any) -> Any:
    """The ufunc between all elements along the axes."""
    if ufunc in REDUCTIONS and (ufunc is not np.logaddexp or not settings):
        return REDUCTIONS[ufunc](array, axis=axis, keepdims=keepdims, **settings)
    unsupported(ufunc, "reduce", settings)
    x = merged(array, axis)
    n = x.shape[-1]
    if n == 0:
        raise ValueError(f"zero-size array to reduction operation {ufunc.__name__}")
    y = functools.reduce(ufunc, [x[..., i] for i in range(n)])
    if not keepdims:
        return y
    removed = removed_last(axis, array.ndim)[1]
    return np.reshape(y, tuple(1 if i in removed else m for i, m in enumerate(array.shape)))


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, **settings: Any) -> Any:
    """The results of reducing more and more elements along an axis."""
    unsupported(ufunc, "accumulate", settings)
    if ufunc in SCANS:
        return SCANS[ufunc](array, axis=axis)
    moved = np.moveaxis(array, axis, 0)
    results = [moved[0]]
    for i in range(1, moved.shape[0]):
        results.append(ufunc(results[-1], moved[i]))
    return np.stack(results, axis=axis)


def outer(ufunc: np.ufunc, a: Any, b: Any, **settings: Any) -> Any:
    """The ufunc between all pairs of elements."""
    a, b = as_array(a), as_array(b)
    a = np.reshape(a, a.shape + (1,) * b.ndim)
    return call_method(ufunc, "__call__", (a, b), settings) if settings else ufunc(a, b)


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, **settings: Any) -> Any:
    """The reductions from each index up to the next; the element itself where the next is not behind it."""
    unsupported(ufunc, "reduceat", settings)
    moved = np.moveaxis(array, axis, 0)
    starts = np.asarray(indices).tolist()
    parts = [
        reduce(ufunc, moved[i:j]) if i < j else moved[i]
        for i, j in zip(starts, [*starts[1:], moved.shape[0]], strict=True)
    ]
    return np.stack(parts, axis=axis)


METHODS: dict[str, Callable[..., Any]] = {
    "reduce": reduce,
    "accumulate": accumulate,
    "outer": outer,
    "reduceat": reduceat,
}
