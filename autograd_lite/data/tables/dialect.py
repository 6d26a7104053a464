"""How a file is written: its encoding, delimiter, decimal mark and header, each decided by a vote of its first lines.

What a user says outvotes all lines.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.data.tables.numerals import decimal_vote, is_plain_number

__all__ = ["Dialect", "TableError", "detect"]

SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 200
DELIMITERS = ",;\t|"
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
MARKS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
HIGH_RUN = re.compile(rb"[\x80-\xff]+")


class TableError(ValueError):
    """A file that cannot be used, and what about it cannot be."""


@dataclass(frozen=True)
class Dialect:
    """How a file is written.

    Attributes
    ----------
    encoding : str
    delimiter : str
        One character; a space stands for any run of blanks.
    decimal : {".", ","} or None
        None where no cell tells.
    header : bool
    skipped : int
        Lines above the table, titles and such.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str | None = None
    header: bool = True
    skipped: int = 0

    def rows(self, lines: Iterable[str]) -> Any:
        """Split lines into cells; `line_num` of what is returned counts them."""
        if self.delimiter == " ":
            lines = (f"{line.strip()}\n" if line.strip() else line for line in lines)
        return csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.delimiter == " ")


def detect(
    sample: bytes,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    columns: Sequence[str] = (),
) -> tuple[Dialect, list[str]]:
    """Return the dialect of a file that begins with `sample`, and what a user should hear about the choice.

    Parameters
    ----------
    sample : bytes
    name : str
        Of the file, for messages.
    encoding, delimiter, decimal, header : optional
        What the user has said.
    columns : sequence of str
        Names that are known: a first row that holds one of them is a header.

    Examples
    --------
    >>> dialect, _ = detect(b"price, EUR;size, m2;y\\n1,3;2,5;4\\n2,7;3,1;5\\n", "flats.csv")
    >>> dialect.delimiter, dialect.decimal, dialect.header
    (';', ',', True)
    """
    remarks: list[str] = []
    encoding = encoding or _encoding(sample, remarks)
    try:
        text = sample.decode(encoding, "ignore" if len(sample) >= SAMPLE_BYTES else "strict")
    except UnicodeDecodeError as error:
        raise TableError(f"{name} is not {encoding} text ({error.reason} at byte {error.start})") from None
    except LookupError:
        raise TableError(f"--encoding: Python knows no encoding {encoding!r}") from None
    lines = text.splitlines(keepends=True)
    if len(sample) >= SAMPLE_BYTES:
        lines = lines[:-1]
    skipped = 0
    if lines and (told := re.fullmatch(r"sep=(.)\s*", lines[0].lstrip("\ufeff"))):  # written by Excel
        delimiter, skipped = delimiter or told[1], 1
    delimiter = delimiter or _delimiter(lines[skipped:])
    dialect = Dialect(encoding, delimiter, skipped=skipped)
    records = _records(dialect, lines[skipped:])
    titles = _titles(records)
    if titles:
        remarks.append(f"{titles} line{'s' * (titles > 1)} above the table {'are' if titles > 1 else 'is'} left out")
        records, skipped = records[titles:], skipped + titles
    if decimal is None:
        votes = Counter(vote for row in records for cell in row if (vote := decimal_vote(cell)))
        decimal = max(votes, key=lambda mark: votes[mark]) if votes else None
        if decimal == ",":
            remarks.append("numbers are written with a decimal comma (--decimal says otherwise)")
    if header is None:
        header = bool(set(columns) & set(records[0] if records else ())) or _has_header(records)
        if not header:
            remarks.append("no header: the first row looks like the others; columns are named column_1, column_2 …")
    return Dialect(encoding, delimiter, decimal, header, skipped), remarks


def _encoding(sample: bytes, remarks: list[str]) -> str:
    """Choose the encoding: by a mark at the beginning, by zeros between the letters, else by what the bytes allow."""
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding
    zeros = (sample[0:400:2].count(0), sample[1:400:2].count(0))
    if max(zeros) > 0.3 * len(sample[:400]) / 2:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        encoding, title = _eight_bits(sample)
        remarks.append(f"not UTF-8: read as {title} (--encoding says otherwise)")
        return encoding
    return "utf-8"


def _eight_bits(sample: bytes) -> tuple[str, str]:
    """Tell Chinese, whose bytes come in pairs, from the accents of the West."""
    runs = [len(run) for run in HIGH_RUN.findall(sample)]
    if all(run % 2 == 0 for run in runs[:-1]) and (runs[-1] % 2 == 0 or len(sample) >= SAMPLE_BYTES):
        try:
            codecs.getincrementaldecoder("gb18030")().decode(sample, final=len(sample) < SAMPLE_BYTES)
        except UnicodeDecodeError:
            pass
        else:
            return "gb18030", "GB 18030"
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", "Latin-1"
    return "cp1252", "Windows-1252"


def _records(dialect: Dialect, lines: list[str], most: int = SAMPLE_ROWS) -> list[list[str]]:
    """Split the first lines into rows of cells; what cannot be split is left to the reader to complain about."""
    found: list[list[str]] = []
    try:
        for row in dialect.rows(lines):
            if any(cell.strip() for cell in row):
                found.append([cell.strip() for cell in row])
            if len(found) == most:
                break
    except csv.Error:
        pass
    return found


def _delimiter(lines: list[str]) -> str:
    """Choose what splits most rows into the same number of fields, and leaves the least of the others inside them."""

    def support(candidate: str) -> tuple[float, int]:
        records = _records(Dialect(delimiter=candidate), lines)
        if not records:
            return 0.0, 0
        width, agreeing = Counter(map(len, records)).most_common(1)[0]
        if width < 2:
            return 0.0, 0
        others = [other for other in DELIMITERS if other not in (candidate, ",")]
        cells = [cell for row in records for cell in row]
        inside = sum(any(other in cell for other in others) for cell in cells) / len(cells)
        return round(agreeing / len(records) - inside, 2), width

    best = max(DELIMITERS, key=support)
    if support(best)[0] >= 0.5:
        return best
    blanks = support(" ")
    return " " if blanks[0] > 0.95 else best if support(best)[0] > 0 else ","


def _titles(records: list[list[str]]) -> int:
    """Count the first rows that have one cell only, where the table below has more."""
    width = Counter(map(len, records)).most_common(1)[0][0] if records else 0
    filled = [sum(bool(cell) for cell in row) for row in records[:10]]
    count = 0
    while width > 2 and count < len(filled) and filled[count] == 1 and len(records[count]) != width:
        count += 1
    return count


def _has_header(records: list[list[str]]) -> bool:
    """Let every column vote: a name differs from the cells below it, a first row of data does not."""
    first, below = (records[0], records[1:]) if records else ([], [])
    if not below:
        return True
    numerals = [cell for cell in first if is_plain_number(cell)]
    if len(numerals) > 1 and _counts_up(numerals):
        return True
    votes = 0
    for at, cell in enumerate(first):
        column = [row[at] for row in below if at < len(row) and row[at]]
        numeric = sum(map(is_plain_number, column)) > 0.5 * len(column) and bool(column)
        if not cell or not column:
            continue
        if is_plain_number(cell):
            votes -= 1
        elif numeric:
            votes += 1 if cell not in ("?", "NA") else 0
        elif cell in column:
            votes -= 1 if column.count(cell) * 200 > len(column) else 0
        else:
            votes += len(set(column)) * 2 <= len(column) or len(first) == 1
    return votes >= 0


def _counts_up(cells: list[str]) -> bool:
    """Whether cells are whole numbers one after the other, as a program numbers columns."""
    if not all(cell.isdecimal() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return all(later - earlier == 1 for earlier, later in itertools.pairwise(numbers))
