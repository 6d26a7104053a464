"""What a training runs over: a loader, or batches of the caller's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.data.loader import DataLoader

__all__ = ["EVALUATION_ROWS", "NO_BATCHES", "as_batches", "in_order"]

EVALUATION_ROWS = 1024
NO_BATCHES = "the data gives no batches in this pass: an iterator that is used up gives none, a list gives them again"


def as_batches(
    data: Any, batch_size: int | None, shuffle: bool = False, generator: np.random.Generator | None = None
) -> Any:
    """Return a sized iterable of batches: `data` itself, or a loader over the arrays in it."""
    if isinstance(data, (tuple, list)) and not (data and isinstance(data[0], tuple)):
        data = DataLoader(*data, batch_size=batch_size, shuffle=shuffle, generator=generator)
    if isinstance(data, DataLoader) and len(data.arrays) < 2:
        raise ValueError("the data needs inputs and a target, such as (X, y); there is only one array")
    if not (hasattr(data, "__len__") and hasattr(data, "__iter__")) or hasattr(data, "dtype"):
        raise TypeError(f"data must be a DataLoader or a tuple of arrays such as (X, y), not {type(data).__name__}")
    return data


def in_order(batches: Any) -> Any:
    """Return the rows of `batches` for measuring: no order is drawn, where that can be known."""
    if isinstance(batches, DataLoader):
        return DataLoader(*batches.arrays, batch_size=EVALUATION_ROWS)
    return batches
