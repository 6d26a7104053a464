"""A file becomes a `Table`: its columns as text, or as numbers where every cell is one as a program writes it.

pandas reads where it is installed, since its parser is compiled; the standard library's `csv` does elsewhere. Both
get the same dialect, and what either refuses or does not agree about is read by the second, whose messages name the
line. So what a table holds does not depend on what is installed.
"""

from __future__ import annotations

import csv
import difflib
import itertools
import math
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.tables.dialect import SAMPLE_BYTES, Dialect, TableError, detect
from autograd_lite.data.tables.numerals import LARGEST, MISSING

__all__ = ["Column", "Table", "TableError", "read_table"]

ROWS_AT_ONCE = 20_000
MOST_RAGGED = 0.01  # of the rows: so many may have too many or too few fields, and are left out with a word
CODE = re.compile(r"0\d+")

Column = list[str] | NDArray[np.float64]


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
    path = Path(path)
    stands = MISSING if missing is None else frozenset({"", *(each.strip().lower() for each in missing)})
    dialect, remarks = detect(
        _first_bytes(path),
        str(path),
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        header=header,
        columns=known,
    )
    shape = _shape(path, dialect)
    remarks += shape.remarks
    text = {*text, *shape.codes}
    cells = _by_pandas(path, dialect, shape, text, stands)
    if cells is None:
        cells = _by_csv(path, dialect, shape, text, stands, remarks)
    table = Table(path, shape.names, cells, dialect, shape.unnamed, remarks, stands, shape.codes)
    if not len(table):
        raise TableError(f"{path} has a header but no rows")
    return table


def listed(columns: Sequence[str], most: int = 12) -> str:
    """Write names one after the other, the first dozen of a long list."""
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return ", ".join(columns[:most]) + more


@dataclass(frozen=True)
class Shape:
    """The columns of a file: their names, and which of its fields they are."""

    names: tuple[str, ...]
    width: int  # fields in a row
    unnamed: frozenset[str]
    codes: frozenset[str]
    remarks: list[str]


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


def _records(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank, each with the line on which it ends."""
    line = dialect.skipped
    try:
        with path.open(newline="", encoding=dialect.encoding) as file:
            for _ in range(dialect.skipped):
                next(file, None)
            reader: Any = dialect.rows(file)
            for row in reader:
                line = reader.line_num + dialect.skipped
                if row and (len(row) > 1 or row[0].strip()):
                    yield line, row
    except UnicodeDecodeError as error:
        problem = f"{path} is not {dialect.encoding} text ({error.reason})"
        raise TableError(f"{problem}: --encoding says which it is") from None
    except csv.Error as error:
        raise TableError(f"{path}, in the row that begins on line {line + 1}: {error}") from None


def _shape(path: Path, dialect: Dialect) -> Shape:
    """Find the names of the columns, by the header and the rows below it."""
    first = [[cell.strip() for cell in row] for _, row in itertools.islice(_records(path, dialect), 200)]
    if not first:
        raise TableError(f"{path} is empty: it needs a header line and rows")
    rows = first[1:] if dialect.header else first
    width = max(set(map(len, rows)), key=[len(row) for row in rows].count) if rows else len(first[0])
    names = first[0] if dialect.header else [""] * width
    remarks = []
    if len(names) == width - 1:  # R writes no name for the names of the rows; some programs end rows with a delimiter
        names = [*names, ""] if all(not row[-1] for row in rows if len(row) == width) else ["", *names]
    empty = len(names)
    while empty > 1 and not names[empty - 1] and all(not any(row[empty - 1 :]) for row in rows):
        empty -= 1
    if empty < len(names) and dialect.header:
        remarks.append("the empty column after the last delimiter is left out")
    taken: list[str] = []
    for number, name in enumerate(names[:empty], 1):
        base = name or f"column_{number}"
        unique = next(each for i in itertools.count(1) if (each := base if i == 1 else f"{base}.{i}") not in taken)
        if unique != base:
            remarks.append(f"the header names {name!r} twice: the second is called {unique!r}")
        taken.append(unique)
    unnamed = {taken[i] for i in range(empty) if not names[i] or names[i].lower().startswith("unnamed:")}
    codes = {taken[i] for i in range(empty) if any(i < len(row) and CODE.fullmatch(row[i]) for row in rows)}
    shown = frozenset(unnamed if dialect.header else ())
    return Shape(tuple(taken), max(width, empty), shown, frozenset(codes), remarks)


def _by_csv(
    path: Path,
    dialect: Dialect,
    shape: Shape,
    text: Collection[str],
    missing: frozenset[str],
    remarks: list[str],
) -> list[Column]:
    """Read by the standard library, a block of rows at a time; a column is numbers while all its blocks are."""
    names = shape.names
    as_text = {at for at, name in enumerate(names) if name in text}
    while True:
        parts: list[list[Any]] = [[] for _ in names]
        ragged: list[tuple[int, int]] = []
        surprised: set[int] = set()
        for block in _blocks(path, dialect, shape, ragged):
            for at, cells in enumerate(zip(*block, strict=True)):
                column: Any = None if at in as_text else _plain_numbers(cells, missing)
                if column is None and at not in as_text:
                    if parts[at]:
                        surprised.add(at)
                    as_text.add(at)
                parts[at].append([cell.strip() for cell in cells] if column is None else column)
        if not surprised:
            break
    rows = sum(map(len, parts[0]))
    _judge_ragged(path, shape, ragged, rows, remarks)
    return [
        list(itertools.chain.from_iterable(part)) if at in as_text else np.concatenate([*part, np.empty(0)])
        for at, part in enumerate(parts)
    ]


def _blocks(path: Path, dialect: Dialect, shape: Shape, ragged: list[tuple[int, int]]) -> Iterator[list[list[str]]]:
    """Give the rows of data as blocks of equally long ones; note the lines of the others."""
    records = itertools.islice(_records(path, dialect), int(dialect.header), None)
    width = len(shape.names)
    while some := list(itertools.islice(records, ROWS_AT_ONCE)):
        block = []
        for line, row in some:
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                ragged.append((line, len(row)))
            else:
                block.append(row[:width])
        if block:
            yield block


def _judge_ragged(path: Path, shape: Shape, ragged: list[tuple[int, int]], rows: int, remarks: list[str]) -> None:
    if not ragged:
        return
    line, fields = ragged[0]
    what = f"line {line}: {fields} fields where the header has {len(shape.names)}"
    if len(ragged) > MOST_RAGGED * (rows + len(ragged)):
        raise TableError(f"{path}, {what}")
    remarks.append(f"{len(ragged)} row{'s' * (len(ragged) > 1)} left out ({what})")


def _plain_numbers(cells: Sequence[str], missing: frozenset[str]) -> NDArray[np.float64] | None:
    """Return cells as float64 if all are finite numbers or missing and not all are missing, else None."""
    try:
        values = np.array([*map(float, cells)])
    except ValueError:
        try:
            values = np.array([math.nan if _is_missing(cell, missing) else float(cell) for cell in cells])
        except ValueError:
            return None
    return None if "_" in "".join(cells) else _usable(values, missing)


def _usable(values: NDArray[np.float64], missing: frozenset[str]) -> NDArray[np.float64] | None:
    """Return numbers if none is infinite or huge, some are there, and those that are not may be."""
    there = values[~np.isnan(values)]
    nan_is_missing = len(there) == len(values) or "nan" in missing
    return values if nan_is_missing and len(there) and (np.abs(there) <= LARGEST).all() else None


def _is_missing(cell: str, missing: frozenset[str]) -> bool:
    return not cell or cell.strip().lower() in missing


def _by_pandas(
    path: Path, dialect: Dialect, shape: Shape, text: Collection[str], missing: frozenset[str]
) -> list[Column] | None:
    """Read by pandas; None where it is not there, or where rows have to be looked at one by one."""
    try:
        import pandas
    except ImportError:
        return None
    if dialect.delimiter == " " or dialect.skipped or "utf-16" in dialect.encoding or "utf-32" in dialect.encoding:
        return None
    how: dict[str, Any] = {
        "sep": dialect.delimiter,
        "header": 0 if dialect.header else None,
        "names": range(shape.width),
        "index_col": False,
        "encoding": dialect.encoding,
        "keep_default_na": False,
        "engine": "c",
        "low_memory": False,
        "quoting": csv.QUOTE_MINIMAL,
        "on_bad_lines": "error",
    }
    exact = {"float_precision": "round_trip"} if int(pandas.__version__.split(".")[0]) < 4 else {}  # later: always
    spelled = {way(each) for each in missing for way in (str, str.upper, str.title)} | (
        {"NaN"} if "nan" in missing else set()
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            found = pandas.read_csv(path, na_values=sorted(spelled), **exact, **how)
            numeric = {
                at: values
                for at, name in enumerate(shape.names)
                if name not in text
                and found[at].dtype.kind in "iuf"
                and (values := _usable(found[at].to_numpy(dtype=np.float64), missing)) is not None
            }
            del found
            last = shape.width - 1
            rest = sorted({*range(shape.width)} - set(numeric) | {last})
            written = pandas.read_csv(path, dtype=str, na_filter=False, usecols=rest, **how)
    except (ValueError, OverflowError, Warning):
        return None
    if written[last].isna().any() or any(written[at].ne("").any() for at in range(len(shape.names), shape.width)):
        return None
    blank = [at for at in rest if at < len(shape.names)]
    if len(shape.names) == 1 and blank and written[0].eq("").any():
        return None
    return [
        numeric[at] if at in numeric else [str(cell).strip() for cell in written[at].tolist()]
        for at in range(len(shape.names))
    ]


def _line(table: Table, row: int) -> int:
    """Return the line on which a row of data ends, by reading the file once more."""
    records = itertools.islice(_records(table.path, table.dialect), int(table.dialect.header), None)
    whole = ((line, cells) for line, cells in records if len(cells) >= len(table.columns))
    return next((line for i, (line, _) in enumerate(whole) if i == row), 0)
