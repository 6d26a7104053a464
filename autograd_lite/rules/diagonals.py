"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.untaken import Chooses
from autograd_lite.rules.indexing import put_item
from autograd_lite.rules.registry import Primitive, adapter, read_only, row


def places(rows: int, columns: int, offset: int) -> slice:
    """Where a diagonal stands among the elements of a matrix in a row: every (columns + 1)-th element."""
    start = offset if offset >= 0 else -offset * columns
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return slice(start, start + length * (columns + 1), columns + 1) if length else slice(0, 0)


def placed(g: Any, y: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros in the shape of `a` with `g` on a diagonal."""
    last = np.moveaxis(a, (axis1, axis2), (-2, -1)).shape
    *batch, rows, columns = last
    flat = put_item(g, ..., places(rows, columns, offset), shape=(*batch, rows * columns))
    return np.moveaxis(np.reshape(flat, last), (-2, -1), (axis1, axis2))


def replaced(view: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """`a` with `view` on a diagonal."""
    there = placed(np.ones(view.shape, np.bool_), None, a, offset, axis1, axis2)
    return np.where(there, placed(view, None, a, offset, axis1, axis2), a)


@Primitive
def diagonal_to_write(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """`np.diagonal` that can be assigned to, which `np.einsum` gives."""
    return np.diagonal(a, offset, axis1, axis2)


row(np.diagonal, placed, put=read_only, flow=Chooses())
row(diagonal_to_write, placed, put=replaced, flow=Chooses())


@adapter(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def matrix_of(v: Any, k: int) -> Any:
    """The square matrix with `v` on its k-th diagonal."""
    n = v.shape[0] + abs(k)
    return np.reshape(put_item(v, places(n, n, k), shape=(n * n,)), (n, n))


@adapter(np.diag, moves=True)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or a matrix with a diagonal."""
    return matrix_of(v, k) if v.ndim == 1 else np.diagonal(v, k)


@adapter(np.diagflat, moves=True)
def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with all elements of `v` on a diagonal."""
    return matrix_of(np.ravel(v), k)


@Primitive
def masked(x: Any, mask: Any) -> Any:
    """`x` where `mask` holds, else 0."""
    return np.where(mask, x, x.dtype.type(0))


row(masked, lambda g, y, x, mask: masked(g, mask), None, flow=Chooses())


def triangle(shape: tuple[int, ...], k: int) -> Any:
    """A mask of the lower triangle; a vector stands for a square matrix with equal rows."""
    return np.tri(shape[-2:][0], shape[-1], k, dtype=bool)


@adapter(np.tril, moves=True)
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle of the last two axes."""
    return masked(m, triangle(m.shape, k))


@adapter(np.triu, moves=True)
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle of the last two axes."""
    return masked(m, ~triangle(m.shape, k - 1))
