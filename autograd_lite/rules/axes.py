"""Elements moved or repeated along axes: flips, rolls, rotations, repeats, windows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.engine.accumulation import zeros_like
from autograd_lite.engine.untaken import passes
from autograd_lite.rules.elementwise import copy
from autograd_lite.rules.indexing import get_item
from autograd_lite.rules.registry import Primitive, adapter, read_only, row
from autograd_lite.rules.shaping import array_of

row(np.flip, lambda g, y, m, axis=None: np.flip(g, axis), rearranges=True)
row(np.rot90, lambda g, y, m, k=1, axes=(0, 1): np.rot90(g, -quarters(k), axes), rearranges=True)
row(np.roll, lambda g, y, a, shift, axis=None: np.roll(g, np.multiply(shift, -1), axis), flow=passes)


def quarters(k: Any) -> int:
    """How often `np.rot90` turns: three times for what is neither none, once nor twice."""
    return {0: 0, 1: 1, 2: 2}.get(k % 4, 3)


@adapter(np.flipud, moves=True)
def flipud(m: Any) -> Any:
    """The first axis reversed."""
    return np.flip(m, 0)


@adapter(np.fliplr, moves=True)
def fliplr(m: Any) -> Any:
    """The second axis reversed."""
    return np.flip(m, 1)


@adapter(np.tile, moves=True)
def tile(A: Any, reps: Any = 1) -> Any:
    """`A` repeated as a whole along each axis."""
    A = array_of(A)
    repeats = tuple(np.ravel(reps).tolist())
    ndim = max(A.ndim, len(repeats))
    shape = (1,) * (ndim - A.ndim) + A.shape
    repeats = (1,) * (ndim - len(repeats)) + repeats
    if set(repeats) == {1}:
        return copy(np.reshape(A, shape))
    pairs = tuple(zip(repeats, shape, strict=True))
    wide = np.broadcast_to(np.reshape(A, tuple(n for _, n in pairs for n in (1, n))), sum(pairs, ()))
    return np.reshape(wide, tuple(math.prod(pair) for pair in pairs))


@adapter(np.repeat, moves=True)
def repeat(a: Any, repeats: Any = 1, axis: int | None = None) -> Any:
    """Each element of `a` repeated, all as often or each as often as `repeats` says."""
    a = array_of(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis % a.ndim
    counts = np.asarray(repeats)
    if counts.size != 1:
        return get_item(a, *(slice(None),) * axis, np.repeat(np.arange(a.shape[axis]), counts))
    n = int(counts.item())
    if n == 1:
        return copy(a)
    before, length, after = a.shape[:axis], a.shape[axis], a.shape[axis + 1 :]
    wide = np.broadcast_to(np.reshape(a, (*before, length, 1, *after)), (*before, length, n, *after))
    return np.reshape(wide, (*before, length * n, *after))


@adapter(np.resize, moves=True)
def resize(a: Any, new_shape: Any = ()) -> Any:
    """The elements of `a` in another shape, from the start again where they do not suffice."""
    shape = tuple(np.ravel(new_shape).tolist())
    size = math.prod(shape)
    return np.reshape(get_item(np.ravel(a), np.arange(size) % a.size), shape)


# Windows.


@Primitive
def add_windows(g: Any, shape: tuple[int, ...] = (), window: tuple[int, ...] = (), axes: tuple[int, ...] = ()) -> Any:
    """The transpose of `sliding_window_view`: every window added to where it was seen."""
    total = zeros_like(g, shape)
    for offsets in itertools.product(*map(range, window)):
        place = [slice(None)] * len(shape)
        for axis, offset in zip(axes, offsets, strict=True):
            start = place[axis].start or 0  # an axis may be windowed twice
            place[axis] = slice(start + offset, None)
        part = g[(..., *offsets)]
        place = [slice(s.start or 0, (s.start or 0) + n) for s, n in zip(place, part.shape, strict=True)]
        total[tuple(place)] += part
    return total


def window_axes(ndim: int, window_shape: Any, axis: Any) -> dict[str, tuple[int, ...]]:
    """The windows' lengths, and the axes along which they slide."""
    window = tuple(window_shape) if isinstance(window_shape, Sequence) else (window_shape,)
    axes = range(ndim) if axis is None else axis if isinstance(axis, Sequence) else (axis,)
    return {"window": window, "axes": tuple(i % ndim for i in axes)}


row(
    sliding_window_view,
    lambda g, y, x, window_shape, axis=None: add_windows(g, shape=x.shape, **window_axes(x.ndim, window_shape, axis)),
    put=read_only,
    flow=passes,
)
row(
    add_windows,
    lambda g, y, x, shape=(), window=(), axes=(): sliding_window_view(g, window, axes),
    flow=passes,
)
