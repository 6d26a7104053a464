"""From a file to a `Dataset`: what `autograd-lite train FILE.csv` does before it trains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.data.datasets import Dataset, Task
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.data.tables.labels import choose_target, likely_task, read_labels
from autograd_lite.data.tables.reading import Table, TableError, read_table, read_tables
from autograd_lite.data.tables.sampling import LARGE, sampled_table

__all__ = ["PreparedTable", "TableError", "dataset_from_csv", "prepare_table"]

FEWEST_ROWS = 10
FIRST_ROWS = 20_000  # of a large file, by which the target is chosen


@dataclass(frozen=True, eq=False)
class PreparedTable:
    """A data set, what became of each column of its file, and what a user should hear.

    Attributes
    ----------
    dataset : Dataset
        Numbers that are missing are NaN.
    encoder : TableEncoder or None
        Makes the same numbers of another file with these columns; None where there is no file.
    remarks : list of str
    chosen : str
        Why this target, where none was asked for; else "".
    """

    dataset: Dataset
    encoder: TableEncoder | None
    remarks: list[str]
    chosen: str = ""


def prepare_table(
    path: str | Path,
    target: str | None = None,
    task: Task | None = None,
    ignore: Collection[str] = (),
    numeric_only: bool = False,
    **dialect: Any,
) -> PreparedTable:
    """Read a CSV file, find what its columns are, and make a Dataset of it.

    Parameters
    ----------
    path, target, task, ignore : see `dataset_from_csv`
    numeric_only : bool
        Refuse columns that are not plain numbers, and missing cells, in one message.
    **dialect
        `encoding`, `delimiter`, `decimal`, `header`, `missing`, as in `read_table`.

    Raises
    ------
    TableError
        If the file cannot be read or learned from. The message is one line that names the place.
    """
    large = Path(path).is_file() and Path(path).stat().st_size > LARGE
    beginning = next(read_tables(path, FIRST_ROWS, **dialect)) if large else None
    table = beginning or read_table(path, text=[target] if target else (), **dialect)
    why = ""
    if target is None:
        target, why = choose_target(table)
    target = column_meant(table, target)
    if beginning:
        table = sampled_table(path, text=[target], **dialect)
    elif isinstance(table[target], np.ndarray) and (task or likely_task(table, target)) == "classification":
        table = read_table(path, text=[target], **dialect)  # classes are text, as they are written
    ignored = {column_meant(table, column) for column in ignore}
    if target in ignored:
        raise TableError(f"{table.path}: column {target!r} cannot be the target and ignored")
    _require_rows(table, len(table))
    labels = read_labels(table, target, task)
    rows = int(labels.rows.sum())
    _require_rows(table, rows)
    if rows < len(table):
        table = table.take(labels.rows)
    encoder = TableEncoder.fit(table, {target, *ignored})
    if not encoder.feature_names and (number := encoder.counting(table)):
        encoder = number
        labels.remarks.append("nothing is left but what counts the rows: it is taken as a number")
    if numeric_only:
        encoder.numeric_only(table)
    if not encoder.feature_names:
        left = "; ".join(f"{name}: {words}" for name, _, _, words in encoder.says())
        raise TableError(f"{table.path}: no column is left to predict {target!r} from{f' ({left})' if left else ''}")
    names = encoder.feature_names
    dataset = Dataset(table.path.stem, encoder.encode(table), labels.values, names, labels.classes, target)
    return PreparedTable(dataset, encoder, [*table.remarks, *labels.remarks], why)


def _require_rows(table: Table, rows: int) -> None:
    if rows < FEWEST_ROWS:
        raise TableError(f"{table.path}: {rows} rows are too few, at least {FEWEST_ROWS} are needed")


def column_meant(table: Table, name: str) -> str:
    """Return the column of that name, or of that number where the file has no header."""
    place = name.lstrip("-")
    if name not in table.columns and not table.dialect.header and place.isdecimal():
        at = int(name) - (not name.startswith("-"))
        if -len(table.columns) <= at < len(table.columns):
            return table.columns[at]
    return table.require(name)


def dataset_from_csv(
    path: str | Path, target: str | None = None, task: Task | None = None, ignore: Collection[str] = (), **dialect: Any
) -> Dataset:
    """Read a CSV file into a Dataset of float64 features.

    Text with few values becomes a column for each value, dates become year, month, weekday and days, yes and no
    become 1 and 0; a missing number is NaN, with a column that says whether it was missing. Ids, constants and free
    text are left out.

    Parameters
    ----------
    path : str or Path
    target : str, optional
        The column to predict: one with a usual name (``target``, ``class``, ``species``, …), or the last, if not given.
    task : {"classification", "regression"}, optional
        Chosen by the target if not given: text means classification, and so do whole numbers with at most 20
        different values that occur twice each on average; any other numbers mean regression.
    ignore : collection of str
        Columns to leave out.
    **dialect
        `encoding`, `delimiter`, `decimal`, `header` and `missing` (a collection of str) where a vote of the lines
        is not to decide.

    Raises
    ------
    TableError
        If the file or a column is missing, rows are ragged, there are fewer than 10, or the target has one value
        only. The message is one line that names the place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,kind\\n" + "4.1,cat\\n9.5,dog\\n" * 5)
    ...     dataset_from_csv(path, target="kind")
    Dataset(pets: 10 rows, 1 features, 2 classes)
    """
    return prepare_table(path, target, task, ignore, **dialect).dataset
