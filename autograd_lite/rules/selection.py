"""Elements chosen by indices, conditions and masks."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import applied, indexed, require
from autograd_lite.engine.untaken import Chooses
from autograd_lite.rules.indexing import get_item, put_gradient, set_item
from autograd_lite.rules.registry import Recordable, adapter, row
from autograd_lite.rules.shaping import array_of, values_of

# Places, by value: constants.
row(np.argwhere)
row(np.flatnonzero)
row(np.nonzero)
adapter(np.where)(lambda condition, x=None, y=None: np.nonzero(condition))  # with choices it has a row


# Reading.


def in_mode(indices: Any, n: int, mode: str) -> Any:
    """Indices below `n`: checked where they are used, wrapped around, or moved to the nearest."""
    indices = array_of(indices)
    if indices.dtype.kind not in "iu":  # booleans, or an empty list
        indices = indices.astype(np.intp)
    if mode in ("raise", None):
        return indices
    return {"wrap": lambda: np.mod(indices, n), "clip": lambda: np.clip(indices, 0, n - 1)}[mode]()


def numbered(a: Any, places: Any) -> tuple[Any, ...]:
    """The index of elements that are numbered as if all axes were one."""
    return np.unravel_index(indexed(np.arange(a.size), values_of(places)), a.shape)


def take_gradient(g: Any, a: Any, indices: Any, axis: int | None, mode: str) -> Any:
    """`g`, added to the elements that were taken."""
    if axis is None or a.ndim == 0:
        return put_gradient(g, a, *numbered(a, in_mode(indices, a.size, mode)))
    axis = axis % a.ndim
    return put_gradient(g, a, *(slice(None),) * axis, in_mode(indices, a.shape[axis], mode))


row(
    np.take,
    lambda g, y, a, indices, axis=None, mode="raise": take_gradient(g, a, indices, axis, mode),
    None,
    body=functools.partial(applied, np.take),
    flow=Chooses(),
)


def along_axis(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that goes along `axis` by `indices` and along the others together with them."""
    grids = np.ogrid[tuple(slice(n) for n in shape)]
    return tuple(indices if i == axis else grid for i, grid in enumerate(grids))


def take_along_axis_gradient(g: Any, arr: Any, indices: Any, axis: int | None) -> Any:
    """`g`, added to the elements that were taken."""
    places = numbered(arr, indices) if axis is None else along_axis(arr.shape, indices, axis % arr.ndim)
    return put_gradient(g, arr, *places)


row(
    np.take_along_axis,
    lambda g, y, arr, indices, axis=-1: take_along_axis_gradient(g, arr, indices, axis),
    None,
    flow=Chooses(),
)


@adapter(np.compress, moves=True)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The parts of `a` along `axis` for which the condition holds; elements in a row where it is None."""
    a = array_of(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    return get_item(a, *(slice(None),) * (axis % a.ndim), np.flatnonzero(condition))


@adapter(np.extract, moves=True)
def extract(condition: Any, arr: Any) -> Any:
    """The elements for which the condition holds, in a row."""
    return get_item(np.ravel(arr), np.flatnonzero(condition))


@adapter(np.delete, moves=True)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """`arr` without the parts that `obj` names along `axis`; elements in a row where it is None."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis % arr.ndim
    kept = np.zeros(arr.shape[axis], np.bool_)
    kept[np.delete(np.arange(arr.shape[axis]), values_of(obj) if isinstance(obj, Recordable) else obj)] = True
    return get_item(arr, *(slice(None),) * axis, kept)


@adapter(np.select, "default", moves=True)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """From each place the first choice whose condition holds."""
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


@adapter(np.choose, moves=True)
def choose(a: Any, choices: Sequence[Any], *, mode: str = "raise") -> Any:
    """From each place the choice whose number stands in `a`."""
    numbers = in_mode(a, len(choices), mode)
    if numbers.size:
        values = values_of(numbers)
        require((values.min() >= 0) & (values.max() < len(choices)), ValueError("invalid entry in choice array"))
    result = choices[0]
    for i in range(1, len(choices)):
        result = np.where(numbers == i, choices[i], result)
    return np.where(numbers == 0, choices[0], result) if len(choices) == 1 else result


@adapter(np.piecewise, alone=True)
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


@adapter(np.full_like, moves=True)
def full_like(a: Any, fill_value: Any, *, shape: Any = None) -> Any:
    """One value in the shape and dtype of `a`; the gradient goes to the value."""
    return np.broadcast_to(fill_value, np.shape(a) if shape is None else shape)


def empty_like(prototype: Any, *args: Any, **settings: Any) -> Any:
    """Zeros: unlike memory that nobody has written, they are the same in every run."""
    return np.zeros_like(prototype, *args, **settings)


row(np.empty_like, body=empty_like)
