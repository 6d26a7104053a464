"""Products that sum over axes: `matmul` in all ranks, and what can be said with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.complex import conjugated
from autograd_lite.rules.registry import Function, adapter, row
from autograd_lite.rules.shaping import array_of


def left_gradient(g: Any, y: Any, a: Any, b: Any) -> Any:
    """g bᵀ, for vectors too; the walk sums over broadcast axes."""
    if b.ndim == 1:
        return np.expand_dims(g, -1) * b
    if a.ndim == 1:
        return np.squeeze(b @ np.expand_dims(g, -1), -1)
    return g @ np.swapaxes(b, -1, -2)


def right_gradient(g: Any, y: Any, a: Any, b: Any) -> Any:
    """aᵀ g, for vectors too; the walk sums over broadcast axes."""
    if a.ndim == 1:
        return a * g if b.ndim == 1 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if b.ndim == 1:
        return np.squeeze(np.swapaxes(a, -1, -2) @ np.expand_dims(g, -1), -1)
    return np.swapaxes(a, -1, -2) @ g


row(np.matmul, left_gradient, right_gradient)


def all_axes(x: Any) -> tuple[int, ...]:
    """The numbers of the axes of `x`."""
    return tuple(range(x.ndim))


def dot_left_gradient(g: Any, y: Any, a: Any, b: Any) -> Any:
    """The sum over the axes of `y` that are `b`'s."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return g * b
    if b.ndim <= 2:
        return left_gradient(g, y, a, b)
    b = np.moveaxis(b, -2, -1)
    return tensordot(g, b, (all_axes(g)[a.ndim - 1 :], all_axes(b)[:-1]))


def dot_right_gradient(g: Any, y: Any, a: Any, b: Any) -> Any:
    """The sum over the axes of `y` that are `a`'s."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return g * a
    if b.ndim <= 2:
        return right_gradient(g, y, a, b)
    axes = all_axes(a)[:-1]
    return np.moveaxis(tensordot(a, g, (axes, axes)), 0, -2)


def inner_gradient(g: Any, a: Any, b: Any, axes: tuple[int, ...]) -> Any:
    """The gradient in `a` of the sum over the last axes of `a` and `b`; `axes` of `y` are those of `b`."""
    return g * b if np.ndim(a) == 0 or np.ndim(b) == 0 else tensordot(g, b, (axes, all_axes(b)[:-1]))


def weak(a: Any, b: Any) -> Any:
    """A number of Python's before an array: it does not change the dtype."""
    return np.asarray(a, np.result_type(a, b.dtype)) if type(a) in (bool, int, float, complex) else a


def scaling(product: Function) -> Function:
    """`product` of arrays, of which one may be a number."""
    return lambda a, b: product(weak(a, b), weak(b, a))


row(np.dot, dot_left_gradient, dot_right_gradient, body=scaling(np.dot))
row(
    np.inner,
    lambda g, y, a, b: inner_gradient(g, a, b, all_axes(g)[np.ndim(a) - 1 :]),
    lambda g, y, a, b: inner_gradient(g, b, a, all_axes(g)[: np.ndim(a) - 1]),
    body=scaling(np.inner),
)
row(
    np.vdot,
    lambda g, y, a, b: np.reshape(conjugated(g * b), a.shape),
    lambda g, y, a, b: np.reshape(g * conjugated(a), b.shape),
)


@adapter(np.outer, alone=True)
def outer(a: Any, b: Any) -> Any:
    """All products of an element of `a` and one of `b`."""
    return np.expand_dims(np.ravel(a), 1) * np.ravel(b)


@adapter(np.tensordot, alone=True)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over pairs of axes: the last of `a` with the first of `b`, or those that are named."""
    a, b = array_of(a), array_of(b)
    if np.ndim(axes) == 0 and not isinstance(axes, Sequence):
        n = int(axes)
        ours, theirs = list(range(a.ndim - n, a.ndim)), list(range(n))
    else:
        ours, theirs = ([i] if np.ndim(i) == 0 else list(i) for i in axes)
    ours, theirs = [range(a.ndim)[i] for i in ours], [range(b.ndim)[i] for i in theirs]
    if [a.shape[i] for i in ours] != [b.shape[i] for i in theirs]:
        raise ValueError("shape-mismatch for sum")
    rows, columns = [i for i in range(a.ndim) if i not in ours], [i for i in range(b.ndim) if i not in theirs]
    length = math.prod(a.shape[i] for i in ours)
    left = np.reshape(arranged(a, (*rows, *ours)), (math.prod(a.shape[i] for i in rows), length))
    right = np.reshape(arranged(b, (*theirs, *columns)), (length, math.prod(b.shape[i] for i in columns)))
    return np.reshape(np.dot(left, right), (*[a.shape[i] for i in rows], *[b.shape[i] for i in columns]))


def arranged(x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with its axes in a given order."""
    return x if axes == tuple(range(x.ndim)) else np.transpose(x, axes)


# Products of vectors in the last axes and matrices in the last two; the walk sums over broadcast axes.
row(
    np.vecdot,
    lambda g, y, a, b: conjugated(np.expand_dims(g, -1) * b),
    lambda g, y, a, b: np.expand_dims(g, -1) * conjugated(a),
)
if hasattr(np, "matvec"):  # NumPy 2.2
    row(
        np.matvec,
        lambda g, y, a, b: np.expand_dims(g, -1) * np.expand_dims(b, -2),
        lambda g, y, a, b: np.squeeze(np.swapaxes(a, -1, -2) @ np.expand_dims(g, -1), -1),
    )
    row(
        np.vecmat,
        lambda g, y, a, b: conjugated(np.squeeze(b @ np.expand_dims(g, -1), -1)),
        lambda g, y, a, b: np.expand_dims(conjugated(a), -1) * np.expand_dims(g, -2),
    )


@adapter(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: every element of `a` times all of `b`."""
    a, b = array_of(a), array_of(b)
    ndim = max(a.ndim, b.ndim)
    long, short = (1,) * (ndim - a.ndim) + a.shape, (1,) * (ndim - b.ndim) + b.shape
    left = np.reshape(a, tuple(n for m in long for n in (m, 1)))
    right = np.reshape(b, tuple(n for m in short for n in (1, m)))
    return np.reshape(left * right, tuple(m * n for m, n in zip(long, short, strict=True)))


@adapter(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product in three dimensions, its last component in two."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(array_of(a), axisa, 0), np.moveaxis(array_of(b), axisb, 0)
    last = a[0] * b[1] - a[1] * b[0]
    if a.shape[0] == b.shape[0] == 2:
        return last
    a2, b2 = a[2] if a.shape[0] == 3 else 0.0, b[2] if b.shape[0] == 3 else 0.0
    parts = np.broadcast_arrays(a[1] * b2 - a2 * b[1], a2 * b[0] - a[0] * b2, last)
    return np.stack(parts, axis=axisc)
