"""CSV files with a header, read into numbers with nothing guessed in silence.

Every way in which a file can be wrong raises one TableError of one line that names the place in the file.
"""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.datasets import Dataset, Task

__all__ = ["Table", "TableError", "dataset_from_csv"]

FEWEST_ROWS = 10
MOST_CLASSES = 20
LARGEST = 1e100  # squares and sums of such numbers stay finite
MISSING = frozenset({"", "nan", "na", "n/a", "null", "?"})


class TableError(ValueError):
    """A file that cannot be used, and what about it cannot be."""


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of a CSV file as text, each row with the line of the file on which it ends."""

    path: Path
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    @classmethod
    def read(cls, path: str | Path) -> Table:
        """Read a file: UTF-8, with or without a byte order mark, split by ``,`` ``;`` tab or ``|``."""
        path = Path(path)
        records: list[tuple[int, list[str]]] = []
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                first = next((line for line in file if line.strip()), "")
                file.seek(0)
                reader = csv.reader(file, delimiter=_delimiter(first), strict=True)
                records.extend((reader.line_num, [cell.strip() for cell in row]) for row in reader)
        except OSError as error:
            raise TableError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise TableError(f"{path} is not UTF-8 text: save it as CSV UTF-8") from None
        except csv.Error as error:
            begins = records[-1][0] + 1 if records else 1
            raise TableError(f"{path}, in the row that begins on line {begins}: {error}") from None
        numbered = [(line, row) for line, row in records if row]
        if not numbered:
            raise TableError(f"{path} is empty: it needs a header line and rows")
        lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
        table = cls(path, tuple(rows[0]), rows[1:], lines[1:])
        table._check_shape()
        return table

    def _check_shape(self) -> None:
        for number, column in enumerate(self.columns, 1):
            if not column:
                raise TableError(f"{self.path}: column {number} has no name in the header (an index column?)")
            if self.columns.index(column) != number - 1:
                raise TableError(f"{self.path}: the header names {column!r} twice")
        if not self.rows:
            raise TableError(f"{self.path} has a header but no rows")
        for line, row in zip(self.lines, self.rows, strict=True):
            if len(row) != len(self.columns):
                raise TableError(
                    f"{self.path}, line {line}: {len(row)} fields where the header has {len(self.columns)}"
                )

    def require(self, column: str) -> None:
        """Raise TableError if there is no such column."""
        if column not in self.columns:
            close = difflib.get_close_matches(column, self.columns, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise TableError(f"{self.path} has no column {column!r}: {hint}it has {_listed(self.columns)}")

    def text(self, column: str) -> list[str]:
        """Return a column's cells; raises TableError if there is no such column or a cell is missing."""
        self.require(column)
        at = self.columns.index(column)
        cells = [row[at] for row in self.rows]
        for row, cell in enumerate(cells):
            if cell.lower() in MISSING:
                what = f"{cell!r} stands for a missing value" if cell else "empty cell"
                raise self.error(row, column, f"{what}: fill it in or remove the row")
        return cells

    def numbers(self, column: str, hint: str = "") -> NDArray[np.float64]:
        """Return a column as float64; raises TableError, ending in `hint`, at the first cell that is no number."""
        cells = self.text(column)
        values = [parse_number(cell) for cell in cells]
        for row, value in enumerate(values):
            if value is None:
                point = " (write decimals with a point)" if "," in cells[row] else hint
                raise self.error(row, column, f"{cells[row]!r} is not a finite number{point}")
            if abs(value) > LARGEST:
                raise self.error(row, column, f"{cells[row]} is too large to compute with (at most {LARGEST:g})")
        return np.array(values, dtype=np.float64)

    def matrix(self, columns: Sequence[str], hint: str = "") -> NDArray[np.float64]:
        """Return columns, by name and in the order asked for, as float64 of shape (rows, columns)."""
        lacking = [column for column in columns if column not in self.columns]
        if lacking:
            raise TableError(f"{self.path} lacks the column{'s' * (len(lacking) > 1)} {_listed(lacking)}")
        return np.stack([self.numbers(column, hint) for column in columns], axis=1)

    def error(self, row: int, column: str, problem: str) -> TableError:
        return TableError(f"{self.path}, line {self.lines[row]}, column {column!r}: {problem}")


def dataset_from_csv(path: str | Path, target: str, task: Task | None = None, ignore: Collection[str] = ()) -> Dataset:
    """Read a CSV file with a header into a Dataset of float64 features.

    Parameters
    ----------
    path : str or Path
    target : str
        The column to predict. All others, except those in `ignore`, are features and must be numbers.
    task : {"classification", "regression"}, optional
        Chosen by the target if not given: text means classification, and so do whole numbers with at most 20
        different values that occur twice each on average; any other numbers mean regression.
    ignore : collection of str
        Columns to leave out.

    Raises
    ------
    TableError
        If the file or a column is missing, a row is ragged, a cell is empty or no number, there are fewer
        than 10 rows, or the target has one value only. The message is one line that names the place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text("weight,kind\\n" + "4.1,cat\\n9.5,dog\\n" * 5)
    ...     dataset_from_csv(path, target="kind")
    Dataset(pets: 10 rows, 1 features, 2 classes)
    """
    table = Table.read(path)
    cells = table.text(target)
    for column in ignore:
        table.require(column)
    features = [column for column in table.columns if column != target and column not in ignore]
    if not features:
        raise TableError(f"{table.path}: no column is left to predict {target!r} from")
    if len(cells) < FEWEST_ROWS:
        raise TableError(f"{table.path}: {len(cells)} rows are too few, at least {FEWEST_ROWS} are needed")
    labels: NDArray[Any]
    if (task or _likely_task(table, target, cells)) == "regression":
        labels, classes = table.numbers(target), None
        if np.ptp(labels) == 0:
            raise TableError(f"{table.path}: column {target!r} is {cells[0]} in every row: nothing to learn")
    else:
        labels, classes = _class_numbers(table, target, cells)
    matrix = table.matrix(features, hint=": correct it, or leave the column out with --ignore")
    return Dataset(table.path.stem, matrix, labels, tuple(features), classes, target)


def parse_number(cell: str) -> float | None:
    """Return the finite number that a cell shows, or None; ``1_000``, which Python reads, is none here."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _delimiter(header: str) -> str:
    """Choose the delimiter that splits the header into the most fields."""
    return max(",;\t|", key=lambda candidate: len(next(csv.reader([header], delimiter=candidate), ())))


def _likely_task(table: Table, target: str, cells: list[str]) -> Task:
    """Choose the task by the target, as `dataset_from_csv` documents."""
    values = [parse_number(cell) for cell in cells]
    text = [row for row, value in enumerate(values) if value is None]
    if text:
        if 2 * len(text) < len(cells):
            raise table.error(
                text[0],
                target,
                f"{cells[text[0]]!r} among numbers (--task classification takes them all as labels)",
            )
        return "classification"
    different = {value for value in values if value is not None}
    few = len(different) <= min(MOST_CLASSES, len(cells) / 2)
    return "classification" if few and all(value.is_integer() for value in different) else "regression"


def _class_numbers(table: Table, target: str, cells: list[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number the classes, sorted as numbers where all are numbers, else as text."""
    values = [parse_number(cell) for cell in cells]
    numbers = [value for value in values if value is not None]
    if len(numbers) == len(cells):
        order = sorted(set(numbers))
        position = {value: i for i, value in enumerate(order)}
        labels = [position[value] for value in numbers]
        classes = tuple(str(int(value)) if value.is_integer() else repr(value) for value in order)
    else:
        classes = tuple(sorted(set(cells)))
        named = {name: i for i, name in enumerate(classes)}
        labels = [named[cell] for cell in cells]
    if len(classes) == 1:
        raise TableError(f"{table.path}: column {target!r} has one class only ({classes[0]!r}): nothing to tell apart")
    if 2 * len(classes) > len(cells):
        raise TableError(
            f"{table.path}: column {target!r} has {len(classes)} different values in {len(cells)} rows:"
            " too many to be classes"
        )
    return np.array(labels, dtype=np.int64), classes


def _listed(columns: Sequence[str], most: int = 12) -> str:
    """Write names one after the other, the first dozen of a long list."""
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return ", ".join(columns[:most]) + more
