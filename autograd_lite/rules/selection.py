"""Elements chosen by indices, conditions and masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.indexing import get_item, set_item
from autograd_lite.rules.shaping import array_of, values_of
from autograd_lite.rules.table import Recordable, adapter, row
from autograd_lite.symbols import require

# Places, by value: constants.
row(np.argwhere)
row(np.flatnonzero)


@adapter(np.nonzero)
def nonzero(a: Any) -> tuple[Any, ...]:
    """Where `a` is not zero, one array of indices for each axis; no gradient."""
    if np.ndim(a) == 0:
        raise ValueError("Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.")
    places = np.argwhere(a)
    return tuple(places[:, i] for i in range(a.ndim))


@adapter(np.where)
def where(condition: Any, *choices: Any) -> Any:
    """The elements of the first choice where the condition holds, else of the second; without choices `np.nonzero`."""
    if not choices:
        return nonzero(condition)
    tensor = next(a for a in (condition, *choices) if isinstance(a, Recordable))
    return tensor.record_call(np.where, (condition, *choices), {})


# Reading.


def in_mode(indices: Any, n: int, mode: str) -> Any:
    """Indices below `n`: checked where they are used, wrapped around, or moved to the nearest."""
    indices = array_of(indices)
    if indices.dtype == np.bool_:
        indices = indices.astype(np.intp)
    if mode == "raise":
        return indices
    if mode not in ("wrap", "clip"):
        raise ValueError(f"clipmode must be one of 'clip', 'raise', or 'wrap' (got {mode!r})")
    return np.mod(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)


@adapter(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """The elements of `a` at `indices` along `axis`; of all elements in a row where it is None."""
    if out is not None:
        raise NotImplementedError("np.take: out= cannot take a tensor; use what the function gives back")
    a = array_of(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis % a.ndim
    return get_item(a, *(slice(None),) * axis, in_mode(indices, a.shape[axis], mode))


def along_axis(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that goes along `axis` by `indices` and along the others together with them."""
    grids = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(indices if i == axis else grid for i, grid in enumerate(grids))


@adapter(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """The elements of `arr` that `indices` name along `axis`, the other axes going together."""
    if axis is None:
        return get_item(np.ravel(arr), indices)
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    return get_item(arr, *along_axis(arr.shape, indices, axis % arr.ndim))


@adapter(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The parts of `a` along `axis` for which the condition holds; elements in a row where it is None."""
    a = array_of(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    return get_item(a, *(slice(None),) * (axis % a.ndim), np.flatnonzero(condition))


@adapter(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The elements for which the condition holds, in a row."""
    return get_item(np.ravel(arr), np.flatnonzero(condition))


@adapter(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """`arr` without the parts that `obj` names along `axis`; elements in a row where it is None."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis % arr.ndim
    kept = np.zeros(arr.shape[axis], np.bool_)
    kept[np.delete(np.arange(arr.shape[axis]), values_of(obj) if isinstance(obj, Recordable) else obj)] = True
    return get_item(arr, *(slice(None),) * axis, kept)


@adapter(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """From each place the first choice whose condition holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        if array_of(condition).dtype != np.bool_:
            raise TypeError("invalid entry in condlist: should be boolean ndarray")
        result = np.where(condition, choice, result)
    return result


@adapter(np.choose)
def choose(a: Any, choices: Sequence[Any], out: Any = None, mode: str = "raise") -> Any:
    """From each place the choice whose number stands in `a`."""
    if out is not None:
        raise NotImplementedError("np.choose: out= cannot take a tensor; use what the function gives back")
    if array_of(a).dtype.kind not in "biu":
        raise TypeError("np.choose: the numbers of the choices must be integers")
    numbers = in_mode(a, len(choices), mode)
    if numbers.size:
        values = values_of(numbers)
        require((values.min() >= 0) & (values.max() < len(choices)), ValueError("invalid entry in choice array"))
    result = choices[0]
    for i in range(1, len(choices)):
        result = np.where(numbers == i, choices[i], result)
    return np.where(numbers == 0, choices[0], result) if len(choices) == 1 else result


@adapter(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **settings: Any) -> Any:
    """From each place what the function of the last condition that holds there gives; one more is for the rest."""
    single = np.ndim(condlist) == 0 or (x.ndim > 0 and np.ndim(condlist[0]) == 0)
    conditions = [values_of(condition) for condition in ([condlist] if single else condlist)]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ValueError(f"with {len(conditions)} condition(s), as many functions or one more are expected")
    result = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        value = function(get_item(x, condition), *args, **settings) if callable(function) else function
        result = set_item(result, value, condition)
    return result


# Like another array.


@adapter(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None
) -> Any:
    """One value in the shape and dtype of `a`; the gradient goes to the value."""
    zeros = np.zeros_like(a, dtype=dtype, shape=shape)
    if not isinstance(fill_value, Recordable):
        return zeros + np.full(zeros.shape, fill_value, zeros.dtype)
    if zeros.dtype.kind != "f":
        raise TypeError(f"np.full_like: a tensor's values would be rounded to {zeros.dtype}; give dtype=float")
    return astype(np.broadcast_to(fill_value, zeros.shape), dtype=zeros.dtype)  # type: ignore[call-overload]


adapter(np.empty_like)(np.zeros_like)  # unlike memory that nobody has written, zeros are the same in every run
