"""Functions that assign to elements of their first argument.

They change a tensor as ``x[index] = values`` does: the assignment is recorded, and whatever was computed from the old
value keeps it. An array of numbers cannot take a tensor's values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.registry import ASSIGNING, adapter
from autograd_lite.rules.selection import along_axis, in_mode, numbered
from autograd_lite.rules.shaping import values_of


def assigning(function: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An adapter of a function that changes its first argument."""
    ASSIGNING.add(function)
    return adapter(function)


@assigning(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """Assign to the elements that `indices` name along `axis`."""
    if axis is None:
        arr[numbered(arr, indices)] = values
    else:
        arr[along_axis(arr.shape, indices, axis % arr.ndim)] = values


@assigning(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Assign to the main diagonal."""
    if wrap:
        raise NotImplementedError("np.fill_diagonal: wrap=True is not done; assign to x[i, j]")
    places = np.arange(min(a.shape))
    if np.size(val):
        a[(places,) * a.ndim] = val if np.ndim(val) == 0 else np.resize(val, places.size)


@assigning(np.copyto)
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """Assign all elements, or those for which `where` holds."""
    dst[...] = src if where is True else np.where(where, src, dst)


@assigning(np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """Assign to the elements for which `mask` holds."""
    if np.size(values):
        values = values if np.shape(values) in ((), a.shape) else np.resize(values, a.shape)
        a[...] = np.where(np.reshape(mask, a.shape), values, a)


@assigning(np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Assign to the elements that `ind` numbers, all axes taken as one."""
    places = in_mode(ind, a.size, mode)
    if np.size(v):
        target, index = (a, numbered(a, places)) if a.ndim else (np.reshape(a, 1), places)
        target[index] = v if np.ndim(v) == 0 else np.resize(v, np.shape(places))


@assigning(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """Assign to the elements for which `mask` holds, from `vals` one after the other."""
    mask = np.reshape(values_of(mask).astype(bool), arr.shape)
    arr[mask] = np.resize(vals, int(np.count_nonzero(mask)))
