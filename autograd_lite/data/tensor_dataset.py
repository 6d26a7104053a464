"""Arrays whose rows belong together, and splitting them at random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd_lite.engine import random
from autograd_lite.engine.array_like import to_array

__all__ = ["TensorDataset", "common_rows", "random_split", "rows_of"]


class TensorDataset:
    """Arrays that agree in their number of rows; its i-th element is the tuple of their i-th rows.

    Parameters
    ----------
    *arrays : array_like, each of shape (rows, ...)
        Numbers of any dtypes. NumPy's are borrowed, not copied (except those that are not C-contiguous).

    Raises
    ------
    TypeError
        If an array holds something else than numbers.
    ValueError
        If there are no arrays or no rows, or the row counts differ.

    Examples
    --------
    >>> data = TensorDataset(np.arange(6.0).reshape(3, 2), np.arange(3))
    >>> len(data), data[1]
    (3, (array([2., 3.]), np.int64(1)))
    """

    def __init__(self, *arrays: ArrayLike) -> None:
        self.arrays = tuple(rows_of(array, i) for i, array in enumerate(arrays))
        self.rows = common_rows(self.arrays)

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(array[index] for array in self.arrays)

    def __repr__(self) -> str:
        return f"TensorDataset({', '.join(f'{array.dtype}{list(array.shape)}' for array in self.arrays)})"


def random_split(
    dataset: TensorDataset, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[TensorDataset]:
    """Cut a data set into parts whose rows are drawn at random, each row for one part.

    Parameters
    ----------
    dataset : TensorDataset
    lengths : sequence of int, or of float
        The number of rows of each part; or its share, rounded down, where what is left over goes to the first parts.
    generator : numpy.random.Generator, optional
        The package's own by default, which `manual_seed` restarts.

    Raises
    ------
    ValueError
        If the lengths do not add up to the number of rows, or the shares to 1.

    Examples
    --------
    >>> parts = random_split(TensorDataset(np.arange(10)), [0.7, 0.3])
    >>> [len(part) for part in parts]
    [7, 3]
    """
    rows = len(dataset)
    if math.isclose(sum(lengths), 1) and rows != 1:
        counts = [math.floor(rows * share + 1e-9) for share in lengths]
        counts = [n + (i < rows - sum(counts)) for i, n in enumerate(counts)]
    else:
        counts = [int(n) for n in lengths]
    if sum(counts) != rows or min(counts) < 0 or (counts != list(lengths) and not math.isclose(sum(lengths), 1)):
        raise ValueError(f"the lengths {list(lengths)} do not add up to the {rows} rows, nor to 1")
    order = (generator or random.default_generator()).permutation(rows)
    drawn = np.split(order, np.cumsum(counts)[:-1])
    return [TensorDataset(*[array.take(part, axis=0) for array in dataset.arrays]) for part in drawn]


def rows_of(data: Any, i: int) -> NDArray[Any]:
    """The i-th of the arrays, C-contiguous."""
    try:
        return np.asarray(to_array(data), order="C")
    except (TypeError, ValueError) as error:
        error.add_note(f"in array {i} of the data")
        raise


def common_rows(arrays: tuple[NDArray[Any], ...]) -> int:
    """The row count on which all arrays agree."""
    if not arrays:
        raise ValueError("there must be at least one array")
    for i, array in enumerate(arrays):
        if array.ndim == 0:
            raise ValueError(f"array {i} has no rows to batch: it is a single number")
    if len({len(array) for array in arrays}) > 1:
        each = ", ".join(f"array {i} has {len(a)} (shape {a.shape})" for i, a in enumerate(arrays))
        raise ValueError(f"arrays differ in their number of rows: {each}")
    if not len(arrays[0]):
        raise ValueError("no rows: every array is empty")
    return len(arrays[0])
