"""The kinds of columns: each is recognised by its cells, makes numbers of them, and says in words what it does.

A kind is a frozen dataclass whose fields are what a model file keeps of it. `KINDS` is their order: the first that
recognises a column has it. Only numbers that the cells alone give are decided here; what is learned from the training
part (the median that stands in for a missing number, the scale) is the `Standardizer`'s.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.tables.dates import FORMATS, calendar, date_format, read_dates
from autograd_lite.data.tables.numerals import MISSING, SHARE, Numbers, read_numbers
from autograd_lite.data.tables.reading import as_text

__all__ = ["KINDS", "Cells", "Kind", "recognise"]

MOST_VALUES = 50  # columns that a text may become
FEWEST_REPEATS = 4  # rows that a value of a text has on average, unless there are a few values only
FEW_VALUES = 10
YES = {"yes": "no", "true": "false", "y": "n", "t": "f", "on": "off", "ja": "nein", "oui": "non", "是": "否"}
IDENTITY = re.compile(
    r"(?:.*[_ .-])?(?:id|uuid|guid|index|idx|rownum|rownames|row_?number)|.*[a-z]I[Dd]|ID[^a-z].*|unnamed.*"
)
COUNTER = re.compile(
    r"#|no\.?|nr\.?|num|.*number|s\.?\s?no\.?|serial.*|obs|observation|case|instant|instance|entry|rank|row|sample"
)


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of a table, before it has a kind.

    Attributes
    ----------
    name : str
    cells : list of str, or float64 array
    decimal : {".", ","} or None
        The decimal mark of the file, where it shows one.
    missing : frozenset of str
    unnamed : bool
        Whether the file gives it no name.
    codes : bool
        Whether they are digits that stand for something, as ``00501``.
    """

    name: str
    cells: Any
    decimal: str | None = None
    missing: frozenset[str] = MISSING
    unnamed: bool = False
    codes: bool = False

    def __len__(self) -> int:
        return len(self.cells)

    def numbers(self, mark: str = ".") -> Numbers:
        """The cells as numbers; `mark` is the decimal mark where the file does not show one."""
        if isinstance(self.cells, np.ndarray):
            return Numbers(self.cells, "plain", ".", Counter(), int((~np.isnan(self.cells)).sum()))
        return read_numbers(self.cells, self.decimal or mark, self.missing)

    def words(self) -> list[str]:
        """The cells as text, "" where one is missing; numbers as Python writes them, whole ones without a point."""
        if isinstance(self.cells, np.ndarray):
            return as_text(self.cells)
        stands = {cell: "" if cell.lower() in self.missing else cell for cell in set(self.cells)}
        return [stands[cell] for cell in self.cells]

    def counts(self) -> Counter[str]:
        """How often each value is there."""
        counts = Counter(self.words())
        del counts[""]
        return counts


@dataclass(frozen=True)
class Kind:
    """A kind of column; as it stands, one that becomes nothing."""

    title: ClassVar[str] = "left out"
    name: str

    @classmethod
    def recognise(cls, cells: Cells) -> Kind | None:
        """Return the column if it is of this kind."""
        raise NotImplementedError

    def names(self) -> tuple[str, ...]:
        """Return the names of the columns of numbers that it becomes."""
        return ()

    def encode(self, cells: Cells, tell: Callable[[str], None]) -> NDArray[np.float64]:
        """Return an array of shape (rows, len(names())); what is out of the ordinary is told."""
        return np.empty((len(cells), 0))

    def says(self) -> str:
        """Say what becomes of it."""
        raise NotImplementedError


@dataclass(frozen=True)
class LeftOut(Kind):
    """A column that tells nothing about a row that it has not seen."""

    why: str
    identity: bool = False  # whether it says which row it is

    @classmethod
    def recognise(cls, cells: Cells) -> LeftOut | None:
        counts = cells.counts()
        if not counts:
            return cls(cells.name, "every cell is missing")
        if len(counts) == 1 and counts.total() == len(cells):
            return cls(cells.name, f"every cell is {shortened(next(iter(counts)))}")
        if len(counts) == counts.total() == len(cells) and (
            cells.unnamed or IDENTITY.fullmatch(cells.name) or IDENTITY.fullmatch(cells.name.lower())
        ):
            return cls(cells.name, "an index" if cells.unnamed else "an id: every cell is another", True)
        if COUNTER.fullmatch(cells.name.lower()) and _goes_up(cells):
            return cls(cells.name, "a number that goes up from row to row", True)
        return None

    def says(self) -> str:
        return self.why


@dataclass(frozen=True)
class Number(Kind):
    """Numbers, in whatever way people write them, and whether they were missing."""

    title = "number"
    written: str = "plain"
    mark: str = "."
    gaps: bool = False
    note: str = ""

    @classmethod
    def recognise(cls, cells: Cells) -> Number | None:
        read = cells.numbers()
        if not read.present or read.share < SHARE or cells.codes:
            return None
        notes = [] if read.written == "plain" else [f"written with {read.written}"]
        notes += ["decimal comma"] if read.mark == "," else []
        if read.refused:
            some = shortened(next(iter(read.refused)))
            notes.append(f"{read.refused.total()} that are no numbers ({some} …) taken as missing")
        gaps = bool(np.isnan(read.values).any())
        return cls(cells.name, read.written, read.mark, gaps, ", ".join(notes))

    def names(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} was missing") if self.gaps else (self.name,)

    def encode(self, cells: Cells, tell: Callable[[str], None]) -> NDArray[np.float64]:
        read = cells.numbers(self.mark)
        gaps = np.isnan(read.values)
        if read.refused:
            some = shortened(next(iter(read.refused)))
            tell(f"column {self.name!r}: {read.refused.total()} cells are no numbers ({some}), taken as missing")
        elif gaps.any() and not self.gaps:
            tell(f"column {self.name!r}: {gaps.sum()} cells are missing, as none was in training")
        if read.present and read.written != self.written and "plain" not in (read.written, self.written):
            tell(f"column {self.name!r}: written with {read.written}, and with {self.written} in training")
        return np.column_stack([read.values, gaps] if self.gaps else [read.values])

    def says(self) -> str:
        missing = "; the median where missing, and whether it was" if self.gaps else ""
        return (self.note or "as it is") + missing


@dataclass(frozen=True)
class YesNo(Kind):
    """Two words of which one means yes."""

    title = "yes/no"
    yes: str
    no: str
    gaps: bool = False

    @classmethod
    def recognise(cls, cells: Cells) -> YesNo | None:
        counts = cells.counts()
        words = {word.lower() for word in counts}
        found = [yes for yes, no in YES.items() if words == {yes, no}]
        return cls(cells.name, found[0], YES[found[0]], counts.total() < len(cells)) if found else None

    def names(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} was missing") if self.gaps else (self.name,)

    def encode(self, cells: Cells, tell: Callable[[str], None]) -> NDArray[np.float64]:
        words = [word.lower() for word in cells.words()]
        means = {self.yes: 1.0, self.no: 0.0, "": np.nan}
        strange = Counter(word for word in words if word not in means)
        if strange:
            neither = f"neither {self.yes} nor {self.no}"
            tell(f"column {self.name!r}: {strange.total()} cells are {neither}, taken as missing")
        values = np.array([means.get(word, np.nan) for word in words])
        return np.column_stack([values, np.isnan(values)] if self.gaps else [values])

    def says(self) -> str:
        return f"1 for {self.yes}, 0 for {self.no}" + ("; and whether it was missing" if self.gaps else "")


@dataclass(frozen=True)
class Date(Kind):
    """Days, as what people know about a day."""

    title = "date"
    form: str
    clock: bool = False
    gaps: bool = False

    @classmethod
    def recognise(cls, cells: Cells) -> Date | None:
        if isinstance(cells.cells, np.ndarray):
            return None
        words = cells.words()
        form = date_format([word for word in words if word])
        if form is None:
            return None
        days = read_dates(words, form)
        clock = bool((np.nan_to_num(days) % 1 > 0).any())
        return cls(cells.name, form, clock, bool(np.isnan(days).any()))

    def names(self) -> tuple[str, ...]:
        parts = ["year", "month", "weekday", "days", *["hour"] * self.clock, *["was missing"] * self.gaps]
        return tuple(f"{self.name} {part}" for part in parts)

    def encode(self, cells: Cells, tell: Callable[[str], None]) -> NDArray[np.float64]:
        words = cells.words()
        days = read_dates(words, self.form)
        gaps = np.isnan(days)
        strange = int(gaps.sum()) - words.count("")
        if strange:
            tell(f"column {self.name!r}: {strange} cells are no dates as in training, taken as missing")
        columns = calendar(days)
        return np.column_stack([*columns[:4], *columns[4:] * self.clock, *[gaps] * self.gaps])

    def says(self) -> str:
        return f"year, month, weekday, days since 1970{', hour' * self.clock} ({FORMATS[self.form]})"


@dataclass(frozen=True)
class Category(Kind):
    """Text with few values: a column for each, 1 where it is the value."""

    title = "category"
    values: tuple[str, ...]
    gaps: bool = False
    rest: int = 0

    @classmethod
    def recognise(cls, cells: Cells) -> Category | None:
        counts = cells.counts()
        few = len(counts) <= FEW_VALUES and 2 * len(counts) <= counts.total()
        if not few and counts.total() < FEWEST_REPEATS * len(counts):
            return None
        often = [value for value, count in counts.most_common(MOST_VALUES) if count > 1 or few]
        return cls(cells.name, tuple(sorted(often)), counts.total() < len(cells), len(counts) - len(often))

    def names(self) -> tuple[str, ...]:
        missing = (f"{self.name} was missing",) if self.gaps else ()
        return tuple(f"{self.name} = {value}" for value in self.values) + missing

    def encode(self, cells: Cells, tell: Callable[[str], None]) -> NDArray[np.float64]:
        at = {value: i for i, value in enumerate((*self.values, ""))}
        words = cells.words()
        places = np.array([at.get(word, -1) for word in words], dtype=np.int64)
        unknown = Counter(word for word in words if word not in at)
        if unknown and not self.rest:
            some = shortened(unknown.most_common(1)[0][0])
            what = f"{unknown.total()} cells hold values unknown in training ({some})"
            tell(f"column {self.name!r}: {what}, taken as none of them")
        gaps = int((places == len(self.values)).sum())
        if gaps and not self.gaps:
            tell(f"column {self.name!r}: {gaps} cells are missing, as none was in training")
        hot: NDArray[np.float64] = (places[:, None] == np.arange(len(self.names()))).astype(np.float64)
        return hot

    def says(self) -> str:
        values = ", ".join(self.values[:4]) + " …" * (len(self.values) > 4)
        rest = f"; {self.rest} rarer ones share none" if self.rest else ""
        return f"{len(self.values)} values: {values}{rest}{'; one for missing' if self.gaps else ''}"


@dataclass(frozen=True)
class FreeText(Kind):
    """What is left: text that nearly every row has another one of."""

    different: int
    rows: int

    @classmethod
    def recognise(cls, cells: Cells) -> FreeText:
        return cls(cells.name, len(cells.counts()), len(cells))

    def says(self) -> str:
        return f"free text: {self.different} different values in {self.rows} rows"


KINDS: tuple[type[Any], ...] = (LeftOut, Number, YesNo, Date, Category, FreeText)


def recognise(cells: Cells) -> Kind:
    """Return the column as the first kind that it is."""
    found: Kind = next(kind for each in KINDS if (kind := each.recognise(cells)) is not None)
    return found


def shortened(text: str, most: int = 20) -> str:
    """Quote a cell, and not the novel that stands in it."""
    return repr(text if len(text) <= most else f"{text[: most - 1]}…")


def _goes_up(cells: Cells) -> bool:
    """Whether every row has a larger whole number than the one before."""
    values = cells.numbers().values
    return len(values) > 2 and bool(np.all(np.diff(values) >= 1)) and bool(np.all(values == np.floor(values)))
