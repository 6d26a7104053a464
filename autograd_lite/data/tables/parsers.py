"""Rows of a file as blocks of columns: by pandas where it is installed, by the standard library elsewhere.

pandas' parser is compiled. It gets the same dialect, and where it refuses a file, or would pass over what has to be
looked at row by row, the standard library's `csv` takes over, whose messages name the line. So what a table holds
does not depend on what is installed.
"""

from __future__ import annotations

import csv
import itertools
import math
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.tables.dialect import Dialect, TableError
from autograd_lite.data.tables.numerals import LARGEST

__all__ = ["Column", "Shape", "blocks", "find_shape", "records"]

ROWS_AT_ONCE = 20_000
MOST_RAGGED = 0.01  # of the rows: so many may have too many or too few fields, and are left out with a word
CODE = re.compile(r"0\d+")

Column = list[str] | NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """The columns of a file: their names, and which of its fields they are."""

    names: tuple[str, ...]
    width: int  # fields in a row
    unnamed: frozenset[str]
    codes: frozenset[str]  # columns of digits with leading zeros, kept as they are written
    remarks: list[str] = field(default_factory=list)


def records(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
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


def find_shape(path: Path, dialect: Dialect) -> Shape:
    """Find the names of the columns, by the header and the rows below it."""
    first = [[cell.strip() for cell in row] for _, row in itertools.islice(records(path, dialect), 200)]
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


def blocks(
    path: Path,
    dialect: Dialect,
    shape: Shape,
    text: Collection[str],
    missing: frozenset[str],
    rows: int | None = None,
) -> Iterator[list[Column]]:
    """Give the columns of the file, `rows` rows at a time or all at once; numbers where a whole block of cells is.

    Parameters
    ----------
    text : collection of str
        Columns whose cells are wanted as they are written.
    """
    done = 0
    for block in _by_pandas(path, dialect, shape, {*text, *shape.codes}, missing, rows):
        if block is None:
            yield from _by_csv(path, dialect, shape, {*text, *shape.codes}, missing, rows, done)
            return
        done += len(block[0])
        yield block


def _by_csv(
    path: Path,
    dialect: Dialect,
    shape: Shape,
    text: Collection[str],
    missing: frozenset[str],
    rows: int | None,
    done: int = 0,
) -> Iterator[list[Column]]:
    """Read by the standard library, after the rows that are done."""
    as_text = {at for at, name in enumerate(shape.names) if name in text}
    if rows is not None:
        for block in itertools.islice(_whole_rows(path, dialect, shape, rows), done // rows, None):
            yield _columns(block, as_text, missing)
        return
    while True:  # a column that turns out to be text is read as such from the beginning
        parts: list[list[Column]] = []
        for block in _whole_rows(path, dialect, shape, ROWS_AT_ONCE):
            parts.append(_columns(block, as_text, missing))
        found = {at for part in parts for at, cells in enumerate(part) if isinstance(cells, list)}
        if all(isinstance(part[at], list) for part in parts for at in found):
            break
        as_text |= found
    if parts:
        yield [
            list(itertools.chain.from_iterable(column)) if at in found else np.concatenate(column)
            for at, column in enumerate(zip(*parts, strict=True))
        ]


def _columns(block: list[list[str]], as_text: set[int], missing: frozenset[str]) -> list[Column]:
    columns: list[Column] = []
    for at, cells in enumerate(zip(*block, strict=True)):
        numbers = None if at in as_text else _plain_numbers(cells, missing)
        columns.append([cell.strip() for cell in cells] if numbers is None else numbers)
    return columns


def _whole_rows(path: Path, dialect: Dialect, shape: Shape, at_once: int) -> Iterator[list[list[str]]]:
    """Give the rows of data as blocks of equally long ones; a few others are left out with a word."""
    found = itertools.islice(records(path, dialect), int(dialect.header), None)
    width, rows, ragged, first = len(shape.names), 0, 0, ""
    while some := list(itertools.islice(found, at_once)):
        block = []
        for line, row in some:
            if len(row) < width or any(map(str.strip, row[width:])):
                ragged += 1
                first = first or f"line {line}: {len(row)} fields where the header has {width}"
            else:
                block.append(row[:width])
        rows += len(some)
        if ragged > MOST_RAGGED * rows:
            raise TableError(f"{path}, {first}")
        if block:
            yield block
    if ragged:
        shape.remarks.append(f"{ragged} row{'s' * (ragged > 1)} left out ({first})")


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


def _is_missing(cell: str, missing: frozenset[str]) -> bool:
    return not cell or cell.strip().lower() in missing


def _by_pandas(
    path: Path,
    dialect: Dialect,
    shape: Shape,
    text: Collection[str],
    missing: frozenset[str],
    rows: int | None,
) -> Iterator[list[Column] | None]:
    """Read by pandas; give None where it is not there, or where rows have to be looked at one by one."""
    try:
        import pandas
    except ImportError:
        yield None
        return
    if dialect.delimiter == " " or dialect.skipped or dialect.encoding.startswith(("utf-16", "utf-32")):
        yield None
        return
    exact = {"float_precision": "round_trip"} if int(pandas.__version__.split(".")[0]) < 4 else {}  # later: always
    spelled = {way(each) for each in missing for way in (str, str.upper, str.title)} | {"NaN"}
    how: dict[str, Any] = {
        "sep": dialect.delimiter,
        "header": 0 if dialect.header else None,
        "names": range(shape.width),
        "index_col": False,
        "encoding": dialect.encoding,
        "keep_default_na": False,
        "low_memory": False,
        "chunksize": rows,
    }
    wanted = {at for at, name in enumerate(shape.names) if name in text} | {shape.width - 1}
    try:
        with warnings.catch_warnings(), ExitStack() as opened:
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            guessed = pandas.read_csv(path, na_values=sorted(spelled), **exact, **how)
            written: Any = None
            for block in [guessed] if rows is None else opened.enter_context(guessed):
                numbers = {at: _usable(block[at], missing) for at in range(len(shape.names)) if at not in wanted}
                if written is None:
                    wanted |= {at for at in range(shape.width) if numbers.get(at) is None}
                    again = pandas.read_csv(path, dtype=str, na_filter=False, usecols=sorted(wanted), **how)
                    written = iter([again] if rows is None else opened.enter_context(again))
                yield _joined(numbers, next(written), shape, lambda: _all_as_wide(path, dialect, shape.width))
    except (ValueError, OverflowError, Warning):
        yield None


def _joined(
    numbers: dict[int, Any], written: Any, shape: Shape, all_as_wide: Callable[[], bool]
) -> list[Column] | None:
    """Put the columns of numbers and of text together; None if one lacks, or a row is not as wide as the others."""
    width = len(shape.names)
    ends = written[shape.width - 1]
    padded = (ends.isna() | ends.eq("")).any() and not all_as_wide()  # pandas fills short rows up with ""
    beyond = any(written[at].str.strip().ne("").any() for at in range(width, shape.width))
    blank = width == 1 and 0 in written and written[0].eq("").any()  # a blank line, or a cell that is missing?
    lacking = any(numbers.get(at) is None and at not in written for at in range(width))
    if padded or beyond or blank or lacking:
        return None
    return [
        [str(cell).strip() for cell in written[at].tolist()] if numbers.get(at) is None else numbers[at]
        for at in range(width)
    ]


def _all_as_wide(path: Path, dialect: Dialect, width: int) -> bool:
    """Whether a file without quotes has as many delimiters on every line as there are between its columns."""
    delimiter, blank = dialect.delimiter.encode(), (b"\n", b"\r\n")
    with path.open("rb") as file:
        return all(b'"' not in line and (line.count(delimiter) == width - 1 or line in blank) for line in file)


def _usable(column: Any, missing: frozenset[str]) -> NDArray[np.float64] | None:
    """Return numbers if none is infinite or huge, some are there, and those that are not may be missing; else None."""
    if column.dtype.kind not in "iuf":
        return None
    values = np.asarray(column, dtype=np.float64)
    there = values[~np.isnan(values)]
    nan_is_missing = len(there) == len(values) or "nan" in missing
    return values if nan_is_missing and len(there) and bool((np.abs(there) <= LARGEST).all()) else None
