"""Points of the page from a person's table: two columns of numbers, and two classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograd_lite.data.tabular import TableError, dataset_from_csv
from autograd_lite.playground.data import EXTENT
from autograd_lite.playground.setup import LIMITS

__all__ = ["points_from_csv"]

REACH = EXTENT - 1  # the outermost points


def points_from_csv(path: str | Path) -> list[list[float]]:
    """Read a CSV file: its first two columns of numbers, moved and stretched into the square, and the class.

    Of more rows than the page shows some are drawn, always the same.

    Raises
    ------
    TableError
        If the file cannot be read, has fewer than two columns of numbers, or its target has not two classes.
    """
    dataset = dataset_from_csv(path)
    classes = dataset.class_names or ()
    if len(classes) != 2:
        found = f"{len(classes)} classes" if classes else "numbers"
        raise TableError(f"{path}: the playground tells two classes apart, and {dataset.target_name} has {found}")
    many = [np.unique(column).size > 2 for column in dataset.features.T]
    columns = dataset.features[:, many][:, :2]
    if columns.shape[1] < 2:
        raise TableError(f"{path}: the playground shows two columns of numbers, and there are {columns.shape[1]}")
    whole = np.flatnonzero(np.isfinite(columns).all(axis=1))
    most = int(LIMITS["rows"][1])
    if len(whole) > most:
        whole = np.sort(np.random.default_rng(0).choice(whole, most, replace=False))
    low, high = columns[whole].min(axis=0), columns[whole].max(axis=0)
    places = REACH * (2 * (columns[whole] - low) / np.where(high > low, high - low, 1) - 1)
    return [
        [float(x), float(y), int(label)] for (x, y), label in zip(places.round(3), dataset.target[whole], strict=True)
    ]
