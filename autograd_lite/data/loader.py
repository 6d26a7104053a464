"""Batches of rows out of NumPy arrays.

A loader holds arrays that agree in their number of rows and hands them out a batch at a time. In order, a
batch is a view and costs nothing; shuffled, it is one contiguous copy of the rows that were drawn.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd_lite.engine import random
from autograd_lite.engine.array_like import is_array_like, to_array

__all__ = ["DataLoader"]


class DataLoader:
    """Iterate over arrays in batches of rows, a tuple with one array per array given.

    Parameters
    ----------
    *arrays : array_like, each of shape (rows, ...)
        Numbers of any dtypes; the row count must agree. NumPy's are borrowed, not copied (except those that are not
        C-contiguous, which are copied once), so a later change to them is seen by the next batch.
    batch_size : int or None
        Rows per batch; None takes all rows as one batch.
    shuffle : bool
        Draw a new order at the start of every pass.
    generator : numpy.random.Generator, optional
        Where the order is drawn from; the package's own by default, which `ag.manual_seed` seeds.
    drop_last : bool
        Leave out the last batch if it is shorter than the others.

    Raises
    ------
    TypeError
        If an array holds something else than numbers, or is a tuple of arrays; if `batch_size` is no whole number or
        `generator` no Generator.
    ValueError
        If there are no arrays or no rows, the row counts differ, `batch_size` is below 1, or no batch is
        left.

    Examples
    --------
    >>> features, labels = np.arange(10.0).reshape(5, 2), np.arange(5)
    >>> for x, y in DataLoader(features, labels, batch_size=2):
    ...     print(x.shape, y)
    (2, 2) [0 1]
    (2, 2) [2 3]
    (1, 2) [4]
    """

    def __init__(
        self,
        *arrays: ArrayLike,
        batch_size: int | None = 32,
        shuffle: bool = False,
        generator: np.random.Generator | None = None,
        drop_last: bool = False,
    ) -> None:
        self.arrays = tuple(rows_of(array, i) for i, array in enumerate(arrays))
        self.rows = _common_rows(self.arrays)
        self.batch_size = self.rows if batch_size is None else operator.index(batch_size)
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        if generator is not None and not isinstance(generator, np.random.Generator):
            raise TypeError(
                f"generator must be a numpy.random.Generator, not {type(generator).__name__}:"
                " pass np.random.default_rng(seed)"
            )
        self.shuffle = shuffle
        self.generator = generator
        self.drop_last = drop_last
        if not len(self):
            raise ValueError(f"drop_last leaves no batch: {self.rows} rows, batch_size {self.batch_size}")

    def __len__(self) -> int:
        """Return the number of batches in one pass."""
        whole, rest = divmod(self.rows, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[NDArray[Any], ...]]:
        """Start a new pass; passes are independent of each other, so they can be nested."""
        starts = range(0, len(self) * self.batch_size, self.batch_size)
        if not self.shuffle:
            for start in starts:
                yield tuple([array[start : start + self.batch_size] for array in self.arrays])
            return
        order = (self.generator or random.default_generator()).permutation(self.rows)
        for start in starts:
            drawn = order[start : start + self.batch_size]
            yield tuple([array.take(drawn, axis=0) for array in self.arrays])

    def __repr__(self) -> str:
        shapes = ", ".join(f"{array.dtype}{list(array.shape)}" for array in self.arrays)
        return (
            f"DataLoader({shapes}, batch_size={self.batch_size}, shuffle={self.shuffle}, "
            f"drop_last={self.drop_last}): {len(self)} batches"
        )


def rows_of(data: Any, i: int) -> NDArray[Any]:
    """The i-th of the arrays, C-contiguous."""
    if isinstance(data, tuple) and any(np.ndim(part) for part in data if is_array_like(part)):
        raise TypeError(f"array {i} is a tuple of arrays: give them one by one, as in DataLoader(X, y)")
    try:
        return np.asarray(to_array(data), order="C")
    except (TypeError, ValueError) as error:
        error.add_note(f"in array {i} of the data")
        raise


def _common_rows(arrays: tuple[NDArray[Any], ...]) -> int:
    """Return the row count on which all arrays agree."""
    if not arrays:
        raise ValueError("DataLoader needs at least one array")
    for i, array in enumerate(arrays):
        if array.ndim == 0:
            raise ValueError(f"array {i} has no rows to batch: it is a single number")
    if len({len(array) for array in arrays}) > 1:
        each = ", ".join(f"array {i} has {len(a)} (shape {a.shape})" for i, a in enumerate(arrays))
        raise ValueError(f"arrays differ in their number of rows: {each}")
    if not len(arrays[0]):
        raise ValueError("no rows: every array is empty")
    return len(arrays[0])
