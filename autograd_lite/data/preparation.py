"""What is done to a table before a network sees it: a part is held out, columns are brought to one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.array_like import array_of_any, to_array

__all__ = ["Standardizer", "hold_out"]


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Bring every column to mean 0 and deviation 1, with numbers learned from the training part only.

    A column that does not change in the training part tells nothing: its scale is 0, it always becomes 0. A number
    that is missing, NaN, is taken as the median of its column.

    Attributes
    ----------
    shift, scale : float64 arrays of shape (columns,), or () for a single column
    fill : float64 array of that shape, or None where nothing may be missing
    """

    shift: NDArray[np.float64]
    scale: NDArray[np.float64]
    fill: NDArray[np.float64] | None = None

    @classmethod
    def fit(cls, train: NDArray[Any]) -> Standardizer:
        """Learn shift and scale from an array of shape (rows, columns) or (rows,).

        Examples
        --------
        >>> standardizer = Standardizer.fit(np.array([[1.0, 7.0], [3.0, 7.0]]))
        >>> standardizer(np.array([[5.0, 8.0]]))
        array([[3., 0.]], dtype=float32)
        """
        train = to_array(train)
        gaps = np.isnan(train)
        fill = _medians(train, gaps) if train.ndim == 2 else None
        if fill is not None and gaps.any():
            train = np.where(gaps, fill, train)
        shift = np.asarray(train.mean(axis=0))
        largest = np.abs(train - shift).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)  # so that squares of huge or tiny numbers stay in range
        scale = unit * ((train - shift) / unit).std(axis=0)
        if not (np.isfinite(shift).all() and np.isfinite(scale).all()):
            raise ValueError("some numbers are too large to take their mean in float64")
        return cls(shift, np.asarray(np.where(np.ptp(train, axis=0) > 0, scale, 0.0)), fill)

    def __call__(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return the standardised values, float32; infinite where they lie beyond all float32 numbers."""
        with np.errstate(over="ignore"):
            return self.exactly(values).astype(np.float32)

    def exactly(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the standardised values, float64."""
        values = to_array(values)
        if self.fill is not None and (gaps := np.isnan(values)).any():
            values = np.where(gaps, self.fill, values)
        scale = np.where(self.scale > 0, self.scale, np.inf)
        return np.asarray((values - self.shift) / scale, dtype=np.float64)

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return values on the scale that they had before, float64."""
        return np.asarray(to_array(values) * self.scale + self.shift, dtype=np.float64)


def _medians(columns: NDArray[Any], gaps: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the median of what is there in each column, 0 where nothing is."""
    if not gaps.any():
        return np.asarray(np.median(columns, axis=0), dtype=np.float64)
    there = [column[~gap] for column, gap in zip(columns.T, gaps.T, strict=True)]
    return np.array([np.median(values) if len(values) else 0.0 for values in there])


def hold_out(
    target: NDArray[Any], fraction: float, generator: np.random.Generator, stratify: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw which rows to hold out.

    Parameters
    ----------
    target : array of shape (rows,)
        Class numbers if `stratify`.
    fraction : float
        How much to hold out, between 0 and 1.
    generator : numpy.random.Generator
    stratify : bool
        Hold out the same fraction of every class, to within one row; a class with a single row is kept.

    Returns
    -------
    kept, held : integer arrays
        Row numbers in random order; together they are all rows, once each.

    Examples
    --------
    >>> labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> kept, held = hold_out(labels, 0.25, np.random.default_rng(0), stratify=True)
    >>> len(kept), sorted(labels[held].tolist())
    (6, [0, 1])
    """
    target = array_of_any(target)
    order = generator.permutation(len(target))
    candidates = order
    if stratify:
        labels, counts = np.unique(target, return_counts=True)
        candidates = order[np.isin(target[order], labels[counts > 1])]
        candidates = candidates[np.argsort(target[candidates], kind="stable")]
    wanted = min(round(fraction * len(target)), len(candidates))
    every = np.linspace(0, len(candidates), wanted, endpoint=False).astype(np.intp)  # one of each run of equal length
    held = candidates[every]
    return order[~np.isin(order, held)], generator.permutation(held)
