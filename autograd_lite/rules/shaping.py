"""The same elements in another shape or order, or several arrays in one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.table import Primitive, adapter, row


@Primitive
def reshape(x: Any, shape: int | tuple[int, ...] = ()) -> Any:
    """`x` in another shape of the same size."""
    return x.reshape(shape)


row(reshape, lambda g, y, x, shape=(): reshape(g, shape=x.shape))


@adapter(np.reshape)
def reshape_like_numpy(a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    """`np.reshape`; NumPy 2.0 calls the shape `newshape`."""
    if order != "C":
        raise NotImplementedError(f"np.reshape: order={order!r} has no gradient rule; transpose first")
    return reshape(a, shape=newshape if shape is None else shape)


@adapter(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one axis."""
    return reshape_like_numpy(a, -1, order)


def inverse(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    """The permutation that undoes `axes`."""
    return None if axes is None else tuple(int(i) for i in np.argsort([i % len(axes) for i in axes]))


row(np.transpose, lambda g, y, x, axes=None: np.transpose(g, inverse(axes)))
row(np.swapaxes, lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2))
row(np.moveaxis, lambda g, y, x, source, destination: np.moveaxis(g, destination, source))
row(np.matrix_transpose, lambda g, y, x: np.matrix_transpose(g))
row(np.expand_dims, lambda g, y, x, axis: np.reshape(g, x.shape))
row(np.squeeze, lambda g, y, x, axis=None: np.reshape(g, x.shape))
row(np.broadcast_to, lambda g, y, x, shape: g)  # the walk sums it down


@Primitive
def join(*arrays: Any, axis: int = 0) -> Any:
    """The arrays one after the other along an existing axis."""
    return np.concatenate(arrays, axis=axis)


def part(i: int, g: Any, y: Any, *arrays: Any, axis: int = 0) -> Any:
    """What belongs to the i-th of the joined arrays."""
    axis %= y.ndim
    start = sum(a.shape[axis] for a in arrays[:i])
    return g[(*(slice(None),) * axis, slice(start, start + arrays[i].shape[axis]))]


row(join, each=part)


@adapter(np.concatenate)
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """The arrays one after the other; flattened first where `axis` is None."""
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    return join(*arrays, axis=axis)


@adapter(np.stack)
def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """The arrays side by side along a new axis."""
    return join(*[np.expand_dims(a, axis) for a in arrays], axis=axis)


@adapter(np.tile)
def tile(A: Any, reps: int | Sequence[int]) -> Any:
    """`A` repeated as a whole along each axis."""
    repeats = (reps,) if isinstance(reps, int) else tuple(reps)
    ndim = max(A.ndim, len(repeats))
    shape = (1,) * (ndim - A.ndim) + A.shape
    repeats = (1,) * (ndim - len(repeats)) + repeats
    pairs = tuple(zip(repeats, shape, strict=True))
    wide = np.broadcast_to(np.reshape(A, tuple(n for _, n in pairs for n in (1, n))), sum(pairs, ()))
    return np.reshape(wide, tuple(math.prod(pair) for pair in pairs))
