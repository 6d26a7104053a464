"""Several arrays in one, and one array in several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.untaken import passes
from autograd_lite.rules.elementwise import astype, copy
from autograd_lite.rules.indexing import get_item
from autograd_lite.rules.registry import Primitive, Recordable, adapter, row
from autograd_lite.rules.shaping import array_of, values_of


@Primitive
def join(*arrays: Any, axis: int = 0) -> Any:
    """The arrays one after the other along an existing axis."""
    return np.concatenate(arrays, axis=axis)


def parts(g: Any, y: Any, *arrays: Any, axis: int = 0) -> Iterator[Any]:
    """What belongs to each of the joined arrays."""
    before, start = (slice(None),) * (axis % y.ndim), 0
    for a in arrays:
        stop = start + a.shape[axis]
        yield g[(*before, slice(start, stop))]
        start = stop


row(join, together=parts, flow=passes)


@adapter(np.concatenate, alone=True)
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """The arrays one after the other; flattened first where `axis` is None."""
    arrays = [array_of(a) for a in arrays]
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    return join(*arrays, axis=axis)


@adapter(np.stack, alone=True)
def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """The arrays side by side along a new axis."""
    return concatenate([np.expand_dims(a, axis) for a in map(array_of, arrays)], axis)


@adapter(np.hstack, alone=True)
def hstack(tup: Sequence[Any]) -> Any:
    """The arrays side by side: along the second axis, vectors along the first."""
    arrays = [np.atleast_1d(a) for a in map(array_of, tup)]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1)


@adapter(np.vstack, alone=True)
def vstack(tup: Sequence[Any]) -> Any:
    """The arrays one below the other; a vector is a row."""
    return concatenate([np.atleast_2d(a) for a in map(array_of, tup)], 0)


@adapter(np.dstack, alone=True)
def dstack(tup: Sequence[Any]) -> Any:
    """The arrays one behind the other along the third axis."""
    return concatenate([np.atleast_3d(a) for a in map(array_of, tup)], 2)


@adapter(np.column_stack, alone=True)
def column_stack(tup: Sequence[Any]) -> Any:
    """The arrays side by side; a vector is a column."""
    return concatenate([np.reshape(a, (-1, 1)) if a.ndim < 2 else a for a in map(array_of, tup)], 1)


def depth_of(blocks: Any) -> int:
    """How deeply lists are nested in each other."""
    return 1 + max(map(depth_of, blocks), default=0) if isinstance(blocks, list) else 0


def with_axes(a: Any, ndim: int) -> Any:
    """`a` with axes of length 1 before its own."""
    return np.reshape(a, (1,) * (ndim - a.ndim) + a.shape)


@adapter(np.block, moves=True)
def block(arrays: Any) -> Any:
    """An array from nested lists of blocks: the innermost lists along the last axis, and so on outwards."""
    depth = depth_of(arrays)
    if not depth:
        return copy(array_of(arrays))

    def greatest_ndim(blocks: Any) -> int:
        return max(map(greatest_ndim, blocks)) if isinstance(blocks, list) else int(np.ndim(blocks))

    ndim = max(depth, greatest_ndim(arrays))

    def joined(blocks: Any, level: int) -> Any:
        if not isinstance(blocks, list):
            return with_axes(array_of(blocks), ndim)
        return join(*[joined(b, level - 1) for b in blocks], axis=-level)

    return joined(arrays, depth)


@adapter(np.append, alone=True)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """`values` after `arr`; both flattened where `axis` is None."""
    return concatenate((arr, values), axis)


@adapter(np.insert, moves=True)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """`arr` with `values` before the places that `obj` names along `axis`; flattened where it is None."""
    arr, values, obj = array_of(arr), array_of(values), values_of(obj) if isinstance(obj, Recordable) else obj
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis % arr.ndim
    values = astype(values, dtype=arr.dtype) if values.dtype != arr.dtype else values
    values = with_axes(values, arr.ndim) if values.ndim < arr.ndim else values
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        values = np.moveaxis(values, 0, axis)
    n = arr.shape[axis]
    named = np.arange(n)[obj] if isinstance(obj, slice) else array_from(obj)
    added = int(np.count_nonzero(named)) if named.dtype == bool else named.size
    added = values.shape[axis] if added == 1 else added
    shape = (*arr.shape[:axis], added, *arr.shape[axis + 1 :])
    order = np.insert(np.arange(n), obj, n + np.arange(added))
    return get_item(join(arr, np.broadcast_to(values, shape), axis=axis), *(slice(None),) * axis, order)


@adapter(np.apply_along_axis, alone=True)
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **settings: Any) -> Any:
    """What a function gives for each vector along `axis`, in the place of that axis."""
    axis = range(arr.ndim)[axis]
    others = arr.shape[:axis] + arr.shape[axis + 1 :]
    rows = np.reshape(np.moveaxis(arr, axis, -1), (-1, arr.shape[axis]))
    results = stack([func1d(get_item(rows, i), *args, **settings) for i in range(rows.shape[0])])
    new = range(results.ndim - 1)
    results = np.reshape(results, others + results.shape[1:])
    return np.moveaxis(results, [len(others) + i for i in new], [axis + i for i in new])


# Parts.


@adapter(np.array_split, moves=True)
def array_split(ary: Any, indices_or_sections: Any = 1, axis: int = 0) -> list[Any]:
    """Parts of `ary` along `axis`: so many of about the same length, or parted at given indices."""
    axis = axis % ary.ndim
    n = ary.shape[axis]
    if np.ndim(indices_or_sections) == 0:
        sections = int(indices_or_sections)
        each, extra = divmod(n, sections)
        ends = np.cumsum([each + 1] * extra + [each] * (sections - extra)).tolist()
        starts = [0, *ends[:-1]]
    else:
        cuts = [int(i) for i in indices_or_sections]
        starts, ends = [0, *cuts], [*cuts, n]
    before = (slice(None),) * axis
    return [get_item(ary, *before, slice(i, j)) for i, j in zip(starts, ends, strict=True)]


adapter(np.split, moves=True)(array_split)


def splitting(function: Callable[..., Any], axis: int) -> None:
    """Enter a function that splits along a fixed axis."""

    @adapter(function, moves=True)
    def split_along(ary: Any, indices_or_sections: Any = 1) -> list[Any]:
        return cast(list[Any], array_split(ary, indices_or_sections, axis if ary.ndim > 1 else 0))


splitting(np.hsplit, 1)
splitting(np.vsplit, 0)
splitting(np.dsplit, 2)


def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of length 1 along `axis`, without that axis."""
    before = (slice(None),) * (axis % x.ndim)
    return tuple(get_item(x, *before, i) for i in range(x.shape[axis]))


if hasattr(np, "unstack"):  # NumPy 2.1
    adapter(np.unstack, moves=True)(unstack)
