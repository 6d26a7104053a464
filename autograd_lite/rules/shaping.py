"""The same elements in another shape, or in another order of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.untaken import passes
from autograd_lite.rules.elementwise import copy
from autograd_lite.rules.registry import PLAIN, Primitive, Recordable, adapter, holds_tensors, read_only, row


def array_of(a: Any) -> Any:
    """A list or a number as an array, a list of tensors as a tensor; arrays and tensors as they are."""
    if type(a) is np.ndarray or isinstance(a, (Recordable, np.generic)):
        return a
    return np.stack([array_of(part) for part in a]) if holds_tensors(a) else array_from(a)


def values_of(constant: Any) -> Any:
    """The values of what carries no gradient, as an array."""
    return array_from(constant.detach().data if isinstance(constant, Recordable) else constant)  # type: ignore[attr-defined]


@Primitive
def reshape(x: Any, shape: int | tuple[int, ...] = ()) -> Any:
    """`x` in another shape of the same size."""
    return x.reshape(shape)


row(reshape, lambda g, y, x, shape=(): reshape(g, shape=x.shape), rearranges=True)


@adapter(np.reshape, alone=True)
def reshape_like_numpy(a: Any, shape: Any = (), order: str = "C") -> Any:
    """`np.reshape`, in the order of the indices."""
    if order in ("C", None) or (order == "F" and np.ndim(a) == 0):
        return reshape(a, shape=shape)
    if order != "F":
        raise NotImplementedError(f"np.reshape: order={order!r} depends on the memory; give order='C' or 'F'")
    lengths = tuple(shape) if isinstance(shape, Sequence) else (shape,)
    return np.transpose(reshape(np.transpose(a), shape=lengths[::-1]))


@Primitive
def raveled(x: Any) -> Any:
    """All elements in one axis: unlike with `reshape`, a copy unless they lie side by side."""
    return np.ravel(x)


row(raveled, lambda g, y, x: reshape(g, shape=x.shape), rearranges=True)


@adapter(np.ravel, alone=True)
def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one axis."""
    if order not in ("C", "F"):
        raise NotImplementedError(f"np.ravel: order={order!r} depends on the memory; give order='C' or 'F'")
    return raveled(a if order == "C" else np.transpose(a))


# The order of axes.


def inverse(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    """The permutation that undoes `axes`."""
    if axes is None:
        return None
    axes = np.ravel(axes).tolist()
    return tuple(int(i) for i in np.argsort([i % len(axes) for i in axes]))


row(np.transpose, lambda g, y, a, axes=None: np.transpose(g, inverse(axes)), rearranges=True)
row(np.swapaxes, lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2), rearranges=True)
row(
    np.moveaxis,
    lambda g, y, x, source, destination: np.moveaxis(g, destination, source),
    rearranges=True,
)
row(np.matrix_transpose, lambda g, y, x: np.matrix_transpose(g), rearranges=True)


@adapter(np.rollaxis, moves=True)
def rollaxis(a: Any, axis: int = 0, start: int = 0) -> Any:
    """`axis` moved before `start`."""
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


# Axes of length 1, and axes along which everything is the same.
row(np.expand_dims, lambda g, y, a, axis: np.reshape(g, a.shape), rearranges=True)
row(np.squeeze, lambda g, y, a, axis=None: np.reshape(g, a.shape), rearranges=True)
row(np.broadcast_to, lambda g, y, array, shape: g, put=read_only, flow=passes)  # the walk sums it down


@adapter(np.broadcast_arrays, moves=True)
def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    """All arrays in the shape that they have together."""
    arrays = [array_of(a) for a in args]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple(a if a.shape == shape else np.broadcast_to(a, shape) for a in arrays)


def at_least(ndim: int, arys: Sequence[Any]) -> Any:
    """Each array with `ndim` axes or more: the one axis of a vector becomes the last but one of three."""
    results = []
    for a in map(array_of, arys):
        shape = a.shape if a.ndim >= ndim else (*(1,) * min(ndim - a.ndim, 1 if a.ndim else 3), *a.shape)
        if a.ndim == 2 < ndim:
            shape = (*a.shape, 1)
        results.append(np.reshape(a, shape + (1,) * (ndim - len(shape))))
    return results[0] if len(results) == 1 else tuple(results)


@adapter(np.atleast_1d, moves=True)
def atleast_1d(*arys: Any) -> Any:
    """Numbers as vectors of length 1."""
    return at_least(1, arys)


@adapter(np.atleast_2d, moves=True)
def atleast_2d(*arys: Any) -> Any:
    """Vectors as matrices of one row."""
    return at_least(2, arys)


@adapter(np.atleast_3d, moves=True)
def atleast_3d(*arys: Any) -> Any:
    """Matrices with a third axis of length 1."""
    return at_least(3, arys)


@adapter(np.meshgrid, moves=True)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """The coordinates of a grid, one array for each of its axes."""
    axes = list(range(len(xi)))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    lengths = [tuple(np.size(x) if i == axis else 1 for i in axes) for axis, x in enumerate(xi)]
    grids = [np.reshape(x, shape) for x, shape in zip(xi, lengths, strict=True)]
    full = grids if sparse else broadcast_arrays(*grids)
    return tuple(own_memory(a) for a in full) if copy else tuple(full)


@adapter(np.ix_, alone=True)
def open_mesh(*args: Any) -> tuple[Any, ...]:
    """Each sequence along an axis of its own: indices, or numbers that broadcast against each other."""
    arrays = np.ix_(*map(values_of, args))
    return tuple(
        np.reshape(a, array.shape) if getattr(a, "requires_grad", False) else array
        for a, array in zip(args, arrays, strict=True)
    )


def own_memory(a: Any) -> Any:
    """A copy: NumPy's `meshgrid` gives arrays that may be assigned to."""
    return copy(a)


adapter(np.copy, alone=True)(lambda a: copy(a))

# About the shape, and not tensors.
PLAIN.update((np.diag_indices_from, np.tril_indices_from, np.triu_indices_from))
PLAIN.update((np.unravel_index, np.ravel_multi_index, np.einsum_path))
