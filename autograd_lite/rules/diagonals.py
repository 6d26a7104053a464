"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.rules.indexing import get_item, put_item
from autograd_lite.rules.table import Primitive, adapter, row


def places(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal stands among the elements of a matrix in a row: every (columns + 1)-th element."""
    start = offset if offset >= 0 else -offset * columns
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return slice(start, start + length * (columns + 1), columns + 1) if length else slice(0, 0)


@adapter(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements i, i + offset of two axes, in a last axis of their own."""
    if a.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    if (axis1 % a.ndim, axis2 % a.ndim) != (a.ndim - 2, a.ndim - 1):
        a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    *batch, rows, columns = a.shape
    return get_item(np.reshape(a, (*batch, rows * columns)), ..., places(rows, columns, offset))


@adapter(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal."""
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1)


def matrix_of(v: Any, k: int) -> Any:
    """The square matrix with `v` on its k-th diagonal."""
    n = v.shape[0] + abs(k)
    return np.reshape(put_item(v, places(n, n, k), shape=(n * n,)), (n, n))


@adapter(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or a matrix with a diagonal."""
    if v.ndim not in (1, 2):
        raise ValueError("Input must be 1- or 2-d.")
    return matrix_of(v, k) if v.ndim == 1 else diagonal(v, k)


@adapter(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with all elements of `v` on a diagonal."""
    return matrix_of(np.ravel(v), k)


@Primitive
def masked(x: Any, mask: Any) -> Any:
    """`x` where `mask` holds, else 0."""
    return np.where(mask, x, x.dtype.type(0))


row(masked, lambda g, y, x, mask: masked(g, mask))


def triangle(shape: tuple[int, ...], k: int) -> Any:
    """A mask of the lower triangle; a vector stands for a square matrix with equal rows."""
    return np.tri(shape[-2:][0], shape[-1], k, dtype=bool)


@adapter(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle of the last two axes."""
    return masked(m, triangle(m.shape, k))


@adapter(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle of the last two axes."""
    return masked(m, ~triangle(m.shape, k - 1))
