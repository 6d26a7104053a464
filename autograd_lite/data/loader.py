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

from autograd_lite.data.tensor_dataset import TensorDataset, common_rows, rows_of
from autograd_lite.engine import random
from autograd_lite.engine.array_like import is_array_like, named

__all__ = ["DataLoader"]


class DataLoader:
    """Iterate over arrays in batches of rows, a tuple with one array per array given.

    Parameters
    ----------
    *arrays : array_like of shape (rows, ...), tuples and dicts of such; or one tuple of all, or a TensorDataset
        Numbers of any dtypes; the row count must agree. NumPy's are borrowed, not copied (except those that are not
        C-contiguous, which are copied once), so a later change to them is seen by the next batch. Several targets go
        together in a tuple or a dict, ``DataLoader(X, (y1, y2))``, and come so in the batches.
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
        If an array holds something else than numbers, or there is a dict of arrays alone; if `batch_size` is no whole
        number, `generator` no Generator, or a switch neither True nor False.
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
        *arrays: ArrayLike | TensorDataset | tuple[ArrayLike, ...],
        batch_size: int | None = 32,
        shuffle: bool = False,
        generator: np.random.Generator | None = None,
        drop_last: bool = False,
    ) -> None:
        given = unpacked(arrays)
        self.parts = tuple([part_of(array, i, len(given) > 1) for i, array in enumerate(given)])
        self.arrays = tuple([array for part in self.parts for array in arrays_in(part)])
        self.rows = common_rows(self.arrays)
        check_settings(batch_size, shuffle, generator, drop_last)
        self.batch_size = self.rows if batch_size is None else operator.index(batch_size)
        self.shuffle = shuffle
        self.generator = generator
        self.drop_last = drop_last
        if not len(self):
            raise ValueError(f"drop_last leaves no batch: {self.rows} rows, batch_size {self.batch_size}")

    def __len__(self) -> int:
        """Return the number of batches in one pass."""
        whole, rest = divmod(self.rows, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Start a new pass; passes are independent of each other, so they can be nested."""
        starts = range(0, len(self) * self.batch_size, self.batch_size)
        if not self.shuffle:
            for start in starts:
                yield self.batch([array[start : start + self.batch_size] for array in self.arrays])
            return
        order = (self.generator or random.default_generator()).permutation(self.rows)
        for start in starts:
            drawn = order[start : start + self.batch_size]
            yield self.batch([array.take(drawn, axis=0) for array in self.arrays])

    def batch(self, arrays: list[NDArray[Any]]) -> tuple[Any, ...]:
        """Rows of all arrays, as tuples and dicts where they were given in such."""
        if len(self.parts) == len(self.arrays):
            return tuple(arrays)
        rest = iter(arrays)
        return tuple([filled(part, rest) for part in self.parts])

    def __repr__(self) -> str:
        shapes = ", ".join(f"{array.dtype}{list(array.shape)}" for array in self.arrays)
        return (
            f"DataLoader({shapes}, batch_size={self.batch_size}, shuffle={self.shuffle}, "
            f"drop_last={self.drop_last}): {len(self)} batches"
        )


def unpacked(arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arrays that were given, one by one or together."""
    if len(arrays) != 1:
        return arrays
    (alone,) = arrays
    return alone.arrays if isinstance(alone, TensorDataset) else alone if is_tuple_of_arrays(alone) else arrays


def is_tuple_of_arrays(data: Any) -> bool:
    """Whether what was given is a tuple of arrays with rows, such as (X, y), and not one array of numbers."""
    return isinstance(data, tuple) and any(np.ndim(part) for part in data if is_array_like(part))


def part_of(data: Any, i: int, several: bool) -> Any:
    """What was given in one place: an array, or a tuple or dict of arrays."""
    if isinstance(data, TensorDataset) or (isinstance(data, dict) and not several):
        kind = "TensorDataset" if isinstance(data, TensorDataset) else "dict of arrays"
        raise TypeError(f"array {i} is a {kind}: give its arrays one by one, as in DataLoader(X, y)")
    if isinstance(data, dict) or is_tuple_of_arrays(data):
        parts = data.items() if isinstance(data, dict) else enumerate(data)
        made = {name: part_of(part, i, several) for name, part in parts}
        return made if isinstance(data, dict) else tuple(made.values())
    return rows_of(data, i)


def arrays_in(part: Any) -> list[NDArray[Any]]:
    """The arrays in a tuple or dict, in order."""
    if not isinstance(part, tuple | dict):
        return [part]
    return [array for a in (part.values() if isinstance(part, dict) else part) for array in arrays_in(a)]


def filled(part: Any, arrays: Iterator[NDArray[Any]]) -> Any:
    """The tuple or dict with other arrays in their places."""
    if isinstance(part, dict):
        return {name: filled(a, arrays) for name, a in part.items()}
    return tuple([filled(a, arrays) for a in part]) if isinstance(part, tuple) else next(arrays)


def check_settings(batch_size: Any, shuffle: Any, generator: Any, drop_last: Any) -> None:
    """Refuse settings of other kinds, by name."""
    if batch_size is not None and (isinstance(batch_size, bool) or not hasattr(batch_size, "__index__")):
        whole = isinstance(batch_size, float) and batch_size.is_integer()
        hint = f": write {int(batch_size)}" if whole else ""
        raise TypeError(f"batch_size must be a whole number or None, not {named(batch_size)}{hint}")
    if batch_size is not None and operator.index(batch_size) < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if generator is not None and not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"generator must be a numpy.random.Generator, not {type(generator).__name__}:"
            " pass np.random.default_rng(seed)"
        )
    for name, switch in (("shuffle", shuffle), ("drop_last", drop_last)):
        if not isinstance(switch, bool | np.bool_):
            raise TypeError(f"{name} must be True or False, not {named(switch)}")
