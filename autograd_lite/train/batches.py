"""What a training runs over: arrays, of which a loader makes batches, or batches of the caller's own.

A tuple holds arrays, the inputs and then the target. A list holds batches, each a tuple or list of the same, or arrays
as the tuple does. What could be meant both ways is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd_lite.data.loader import DataLoader
from autograd_lite.engine.array_like import NUMBERS, is_array_like, named
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten, is_leaf, map_leaves

__all__ = ["EVALUATION_ROWS", "NO_BATCHES", "Batches", "as_batch", "as_batches", "in_order", "rows_of"]

EVALUATION_ROWS = 1024
NO_BATCHES = "the data gives no batches in this pass: an iterator that is used up gives none, a list gives them again"
AMBIGUOUS = "the data may be arrays or batches: write (np.array(X), np.array(y)) for arrays, [(x, y), …] for batches"
CONVERSIONS = {  # of what is often given instead
    Mapping: ": give its arrays, such as (data['X'], data['y'])",
    Iterator: ": it gives its batches only once, so give list(data)",
}


class Batches:
    """Batches of the caller's own, such as the loader of another library gives, with NumPy's arrays in them."""

    def __init__(self, batches: Any) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return map(as_batch, self.batches)


def as_batches(
    data: Any, batch_size: int | None, shuffle: bool = False, generator: np.random.Generator | None = None
) -> Any:
    """Return a sized iterable of batches: those in `data`, or a loader over the arrays in it."""
    if isinstance(data, tuple | list) and not holds_batches(data):
        data = DataLoader(*data, batch_size=batch_size, shuffle=shuffle, generator=generator)
    if isinstance(data, DataLoader):
        if len(data.parts) < 2:
            raise ValueError("the data needs inputs and a target, such as (X, y); there is only one array")
        return data
    sized = hasattr(data, "__len__") and hasattr(data, "__iter__")
    if not sized or isinstance(data, Mapping | str) or is_array_like(data):
        hint = next((words for kind, words in CONVERSIONS.items() if isinstance(data, kind)), "")
        raise TypeError(
            f"data must be a DataLoader or a tuple of arrays such as (X, y), not {type(data).__name__}{hint}"
        )
    return Batches(data)


def holds_batches(data: Any) -> bool:
    """Whether a list holds batches and not arrays; refused where it, or a tuple, could be meant either way."""
    parts = data[:]
    if not parts or not all(isinstance(part, tuple | list) for part in parts):
        return False
    tuples, is_list = all(isinstance(part, tuple) for part in parts), isinstance(data, list)
    if is_list and tuples:
        return True
    if not all(len(part) > 1 and has_rows(part[-1]) for part in parts):
        return False
    arrays = any(is_leaf(a) and not isinstance(a, NUMBERS) for part in parts for a in part)
    if tuples or is_list != arrays:  # tuples in a tuple, numbers in lists in a list, arrays in lists in a tuple
        raise TypeError(AMBIGUOUS)
    return is_list


def has_rows(a: Any) -> bool:
    """Whether `a` can be the target of a batch."""
    return isinstance(a, list | tuple | dict) or (is_leaf(a) and np.ndim(as_array(a)) > 0)


def as_batch(batch: Any) -> tuple[Any, ...]:
    """A batch of the caller's own as a tuple, with NumPy's arrays in the place of those of other libraries."""
    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise TypeError(f"a batch is a tuple of inputs and the target, such as (x, y), not {named(batch)}")
    if not has_rows(batch[-1]):
        raise TypeError(
            f"the last part of a batch is the target, with as many rows as the inputs, not {named(batch[-1])}: of "
            "single examples make arrays, (np.array(X), np.array(y))"
        )
    return tuple([part if type(part) is np.ndarray else map_leaves(as_array, part) for part in batch])


def as_array(leaf: Any) -> Any:
    """An array of another library as NumPy's; numbers and tensors as they are."""
    return leaf if isinstance(leaf, (Tensor, *NUMBERS)) else array_from(leaf)


def rows_of(target: Any) -> int:
    """How many rows a target has; several targets have the same number."""
    return len(flatten(target)[0][0]) if isinstance(target, tuple | dict) else len(target)


def in_order(batches: Any) -> Any:
    """Return the rows of `batches` for measuring: no order is drawn, where that can be known."""
    if isinstance(batches, DataLoader):
        return DataLoader(*batches.parts, batch_size=EVALUATION_ROWS)
    return batches
