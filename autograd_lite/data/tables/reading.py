"""A file becomes a `Table`: its columns as text, or as numbers where every cell is one as a program writes it."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.tables.dialect import SAMPLE_BYTES, Dialect, TableError, detect
from autograd_lite.data.tables.numerals import MISSING
from autograd_lite.data.tables.parsers import Column, blocks, find_shape, records

__all__ = ["Column", "Table", "TableError", "as_text", "listed", "read_table", "read_tables"]


@dataclass(eq=False)
class Table:
    """The columns of a file.

    Attributes
    ----------
    path : Path
    columns : tuple of str
        The names; those that lack one are ``column_3``, and a name that comes twice is ``name.2``.
    cells : list of columns, each a list of str, or a float64 array (NaN where a cell is missing)
    dialect : Dialect
    unnamed : frozenset of str
        The columns that have no name in the file.
    remarks : list of str
        What was done that a user should hear about.
    missing : frozenset of str
        What stands for a missing value, in small letters.
    codes : frozenset of str
        The columns with cells such as ``00501``, which are kept as they are written.
    """

    path: Path
    columns: tuple[str, ...]
    cells: list[Column]
    dialect: Dialect
    unnamed: frozenset[str] = frozenset()
    remarks: list[str] = field(default_factory=list)
    missing: frozenset[str] = MISSING
    codes: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.cells[0])

    def require(self, column: str) -> str:
        """Return the name that is meant; raises TableError if there is no such column."""
        if column in self.columns:
            return column
        alike = [name for name in self.columns if name.casefold() == column.casefold()]
        close = alike or difflib.get_close_matches(column, self.columns, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise TableError(f"{self.path} has no column {column!r}: {hint}it has {listed(self.columns)}")

    def __getitem__(self, column: str) -> Column:
        return self.cells[self.columns.index(self.require(column))]

    def text(self, column: str) -> list[str]:
        """Return the cells of a column as text; numbers as Python writes them, whole ones without a point."""
        return as_text(self[column])

    def take(self, rows: NDArray[np.bool_]) -> Table:
        """Return the table of some of the rows."""
        kept = [
            cells[rows] if isinstance(cells, np.ndarray) else list(itertools.compress(cells, rows))
            for cells in self.cells
        ]
        return replace(self, cells=kept)

    def where(self, column: str, row: int) -> str:
        """Say where a cell stands, with the line of the file on which its row ends."""
        return f"{self.path}, line {_line(self, row)}, column {column!r}"


def read_table(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    missing: Collection[str] | None = None,
    header: bool | None = None,
    text: Collection[str] = (),
    known: Sequence[str] = (),
) -> Table:
    """Read a whole file.

    Parameters
    ----------
    path : str or Path
    encoding, delimiter, decimal, header : optional
        What is not given is decided by a vote of the lines (`detect`).
    missing : collection of str, optional
        What stands for a missing value, in place of `MISSING`; an empty cell always does.
    text : collection of str
        Columns whose cells are wanted as they are written.
    known : sequence of str
        Names of columns: a first row with one of them is a header.

    Raises
    ------
    TableError
        If there is no such file, it has no rows, cannot be decoded, or its rows disagree on how many fields they have.
    """
    asked = {"encoding": encoding, "delimiter": delimiter, "decimal": decimal, "header": header}
    return next(read_tables(path, None, missing=missing, text=text, known=known, **asked))


def read_tables(
    path: str | Path,
    rows: int | None,
    *,
    missing: Collection[str] | None = None,
    text: Collection[str] = (),
    known: Sequence[str] = (),
    **asked: Any,
) -> Iterator[Table]:
    """Read a file as tables of `rows` rows each, one after the other; the rest is as in `read_table`."""
    path = Path(path)
    stands = MISSING if missing is None else frozenset({"", *(each.strip().lower() for each in missing)})
    dialect, remarks = detect(_first_bytes(path), str(path), columns=known, **asked)
    shape = find_shape(path, dialect)
    empty = True
    for cells in blocks(path, dialect, shape, text, stands, rows):
        if not len(cells[0]):
            continue
        said, empty = [*remarks, *shape.remarks], False
        yield Table(path, shape.names, cells, dialect, shape.unnamed, said, stands, shape.codes)
    if empty:
        raise TableError(f"{path} has a header but no rows")


def as_text(column: Column) -> list[str]:
    """Return cells as text: numbers as Python writes them, whole ones without a point, "" for one that is missing."""
    if isinstance(column, list):
        return column
    return ["" if x != x else str(int(x)) if x.is_integer() else repr(x) for x in column.tolist()]


def listed(columns: Sequence[str], most: int = 12) -> str:
    """Write names one after the other, the first dozen of a long list."""
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return ", ".join(columns[:most]) + more


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from None
    if not sample.strip():
        raise TableError(f"{path} is empty: it needs a header line and rows")
    if sample.startswith((b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"%PDF")):
        raise TableError(f"{path} is no text file: save the table as CSV")
    return sample


def _line(table: Table, row: int) -> int:
    """Return the line on which a row of data ends, by reading the file once more."""
    found = itertools.islice(records(table.path, table.dialect), int(table.dialect.header), None)
    whole = ((line, cells) for line, cells in found if len(cells) >= len(table.columns))
    return next((line for i, (line, _) in enumerate(whole) if i == row), 0)
