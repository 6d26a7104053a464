"""Norms of vectors and matrices, and the condition number.

``norm'(0) = 0``; elements that share an extreme share its gradient evenly. Matrix norms made of singular values have
those values' gradients, which at a zero matrix are PyTorch's: one of several that would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.directions import direction, in_parts
from autograd_lite.rules.reductions import along_axis, restore
from autograd_lite.rules.registry import Primitive, adapter, row

Axis = int | tuple[int, ...] | None


@Primitive
def p_norm(x: Any, p: float = 2, axis: Axis = None, keepdims: bool = False) -> Any:
    """(Σ |x|^p)^(1/p) over `axis`, over all of `x` if it is None."""
    if p == 2:
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    return np.sum(np.absolute(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


row(
    p_norm,
    lambda g, y, x, p=2, axis=None, keepdims=False: (
        restore(g, x.ndim, axis, keepdims) * direction(x, restore(y, x.ndim, axis, keepdims), p=p, axis=axis)
    ),
    flow=along_axis,
)


def euclidean(x: Any, axis: Axis, keepdims: bool) -> Any:
    """√Σ |x|²; of complex numbers by their parts, which unlike absolute values are smooth at 0."""
    if x.dtype.kind != "c":
        return p_norm(x, p=2, axis=axis, keepdims=keepdims)
    parts, axes = in_parts(x, axis)
    y = p_norm(parts, p=2, axis=axes, keepdims=keepdims)
    return np.squeeze(y, 0) if keepdims else y


def of_vectors(x: Any, p: Any, axis: Axis, keepdims: bool) -> Any:
    """The norm of order `p` (None: 2) of the elements along `axis`."""
    if p is None or p == 2:
        return euclidean(x, axis, keepdims)
    x = np.absolute(x) if x.dtype.kind == "c" else x
    if p == np.inf:
        return np.max(np.absolute(x), axis=axis, keepdims=keepdims)
    if p == -np.inf:
        return np.min(np.absolute(x), axis=axis, keepdims=keepdims)
    if p == 0:
        return np.sum((x != 0).astype(x.dtype), axis=axis, keepdims=keepdims)
    if p == 1:
        return np.sum(np.absolute(x), axis=axis, keepdims=keepdims)
    return p_norm(x, p=p, axis=axis, keepdims=keepdims)


def of_matrices(x: Any, p: Any, axis: Sequence[int], keepdims: bool) -> Any:
    """The norm of order `p` (None: Frobenius) of the matrices whose rows and columns are the two axes."""
    i, j = (a % x.ndim for a in axis)
    if p is None or p == "fro":
        return euclidean(x, (i, j), keepdims)
    x = np.absolute(x) if x.dtype.kind == "c" and p not in ("nuc", 2, -2) else x
    if p in ("nuc", 2, -2):
        s = np.linalg.svdvals(np.moveaxis(x, (i, j), (-2, -1)))
        y = np.sum(s, axis=-1) if p == "nuc" else np.max(s, axis=-1) if p == 2 else np.min(s, axis=-1)
    else:
        added = i if abs(p) == 1 else j
        sums = np.sum(np.absolute(x), axis=added, keepdims=True)
        y = np.squeeze((np.max if p > 0 else np.min)(sums, axis=i + j - added, keepdims=True), (i, j))
    return np.expand_dims(y, (i, j)) if keepdims else y


@adapter(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors (one axis) or matrices (two axes)."""
    if axis is None and (ord is None or x.ndim == 1):
        return of_vectors(x, ord, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    if len(axes) == 1:
        return of_vectors(x, ord, axes[0], keepdims)
    return of_matrices(x, ord, axes, keepdims)


@adapter(np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of the elements along one or several axes."""
    return of_vectors(x, ord, axis, keepdims)


@adapter(np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of the matrices in the last two axes."""
    return of_matrices(x, ord, (-2, -1), keepdims)


@adapter(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the norm of order `p` of the matrix times that of its inverse."""
    if p is None or p in (2, -2):
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return of_matrices(x, p, (-2, -1), False) * of_matrices(np.linalg.inv(x), p, (-2, -1), False)
