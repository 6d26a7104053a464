"""Products that sum over axes: `matmul` in all ranks, and what can be said with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.shaping import array_of
from autograd_lite.rules.table import adapter, row


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


def refuse_out(function: str, out: Any) -> None:
    """A tensor cannot be written into an array."""
    if out is not None:
        raise NotImplementedError(f"np.{function}: out= cannot take a tensor; use what the function gives back")


@adapter(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """`np.dot`: the sum over the last axis of `a` and the last but one of `b`."""
    refuse_out("dot", out)
    a, b = array_of(a), array_of(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return a @ b if b.ndim <= 2 else tensordot(a, b, (-1, -2))


@adapter(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """The product of all elements, the first ones conjugated."""
    a = np.ravel(a)
    return (np.conj(a) if a.dtype.kind == "c" else a) @ np.ravel(b)


@adapter(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """The sum over the last axes of both."""
    a, b = array_of(a), array_of(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else tensordot(a, b, (-1, -1))


@adapter(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """All products of an element of `a` and one of `b`."""
    refuse_out("outer", out)
    return np.expand_dims(np.ravel(a), 1) * np.ravel(b)


@adapter(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over pairs of axes: the last of `a` with the first of `b`, or those that are named."""
    a, b = array_of(a), array_of(b)
    if np.ndim(axes) == 0 and not isinstance(axes, Sequence):
        n = int(axes)
        ours, theirs = list(range(a.ndim - n, a.ndim)), list(range(n))
    else:
        ours, theirs = ([i] if np.ndim(i) == 0 else list(i) for i in axes)
    ours, theirs = [i % a.ndim for i in ours], [i % b.ndim for i in theirs]
    if [a.shape[i] for i in ours] != [b.shape[i] for i in theirs]:
        raise ValueError("shape-mismatch for sum")
    rows, columns = [i for i in range(a.ndim) if i not in ours], [i for i in range(b.ndim) if i not in theirs]
    length = math.prod(a.shape[i] for i in ours)
    left = np.reshape(arranged(a, (*rows, *ours)), (math.prod(a.shape[i] for i in rows), length))
    right = np.reshape(arranged(b, (*theirs, *columns)), (length, math.prod(b.shape[i] for i in columns)))
    return np.reshape(left @ right, (*[a.shape[i] for i in rows], *[b.shape[i] for i in columns]))


def arranged(x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with its axes in a given order."""
    return x if axes == tuple(range(x.ndim)) else np.transpose(x, axes)


def vectors(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An adapter of a ufunc that younger versions of NumPy have: `vecdot` 2.0, `matvec` and `vecmat` 2.2."""
    return adapter(getattr(np, name)) if hasattr(np, name) else lambda function: function


@vectors("vecdot")
def vecdot(x1: Any, x2: Any) -> Any:
    """The products of vectors in the last axes."""
    x1 = array_of(x1)
    return np.sum((np.conj(x1) if x1.dtype.kind == "c" else x1) * array_of(x2), axis=-1)


@vectors("matvec")
def matvec(x1: Any, x2: Any) -> Any:
    """The products of matrices in the last two axes and vectors in the last one."""
    return np.squeeze(array_of(x1) @ np.expand_dims(x2, -1), -1)


@vectors("vecmat")
def vecmat(x1: Any, x2: Any) -> Any:
    """The products of vectors in the last axis and matrices in the last two."""
    x1 = array_of(x1)
    return np.squeeze(np.expand_dims(np.conj(x1) if x1.dtype.kind == "c" else x1, -2) @ array_of(x2), -2)


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
    if a.shape[0] not in (2, 3) or b.shape[0] not in (2, 3):
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    last = a[0] * b[1] - a[1] * b[0]
    if a.shape[0] == b.shape[0] == 2:
        return last
    a2, b2 = a[2] if a.shape[0] == 3 else 0.0, b[2] if b.shape[0] == 3 else 0.0
    parts = np.broadcast_arrays(a[1] * b2 - a2 * b[1], a2 * b[0] - a[0] * b2, last)
    return np.stack(parts, axis=axisc)
