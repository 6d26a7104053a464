"""Products that sum over an axis: `matmul` and `dot` in all ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

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


@adapter(np.dot)
def dot(a: Any, b: Any) -> Any:
    """`np.dot`: the sum over the last axis of `a` and the last but one of `b`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if b.ndim <= 2:
        return a @ b
    rows, columns = a.shape[:-1], b.shape[:-2] + b.shape[-1:]
    flat = np.reshape(np.moveaxis(b, -2, 0), (b.shape[-2], -1))
    return np.reshape(a @ flat, rows + columns)


@adapter(np.outer)
def outer(a: Any, b: Any) -> Any:
    """All products of an element of `a` and one of `b`."""
    return np.expand_dims(np.ravel(a), 1) * np.ravel(b)
