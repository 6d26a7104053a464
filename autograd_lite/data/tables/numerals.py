"""How people write numbers: with thousands, a decimal comma, money, percent or a unit."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MISSING", "Numbers", "decimal_vote", "is_plain_number", "parse_number", "read_numbers"]

MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "<na>", "?", "-", "--", "."})
LARGEST = 1e100  # squares and sums of such numbers stay finite
SHARE = 0.95  # of the cells that are there: so many have to be numbers
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "Rs")
MONEY = "$€£¥₹₽₩"
DIGITS = {
    ".": r"(?:\d{1,3}(?:[,\u00a0' ]\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)",
    ",": r"(?:\d{1,3}(?:[.\u00a0' ]\d{3})+(?:,\d*)?|\d+,?\d*|,\d+)",
}
NUMBER = {
    mark: re.compile(
        rf"(?P<sign>[-+−]?|\()\s*(?P<before>R\$|US\$|[{MONEY}]|(?:{'|'.join(CURRENCIES)})\.?)?\s*(?P<sign2>[-+−]?)"
        rf"(?P<digits>{digits}(?:[eE][-+]?\d+)?)(?P<scale>[KMB]?)"
        rf"\s*(?P<after>%|[{MONEY}°]|[A-Za-z][A-Za-z/²³]*\.?)?(?P<close>\)?)"
    )
    for mark, digits in DIGITS.items()
}
SCALES = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9}
GROUPS = {".": re.compile(r"[,\u00a0' ]"), ",": re.compile(r"[.\u00a0' ]")}
VOTES = {
    ",": re.compile(r"[-+]?(?:\d+,\d{1,2}|0,\d+|\d+,\d{4,}|\d{1,3}(?:\.\d{3})+,\d*)(?:[eE][-+]?\d+)?"),
    ".": re.compile(r"[-+]?(?:\d*\.\d{1,2}|0?\.\d+|\d+\.\d{4,}|\d{1,3}(?:,\d{3})+\.\d*)(?:[eE][-+]?\d+)?"),
}


class Numbers(NamedTuple):
    """The numbers of a column, NaN where there is none, and how they are written."""

    values: NDArray[np.float64]
    written: str  # "plain", or the money, the percent sign or the unit that stands with them
    mark: str
    refused: Counter[str]  # cells that are there but are no numbers
    present: int

    @property
    def share(self) -> float:
        """How many of the cells that are there are numbers."""
        return 1 - sum(self.refused.values()) / max(self.present, 1)


def parse_number(cell: str) -> float | None:
    """Return the finite number that a cell shows as Python writes it, or None; ``1_000`` is none here."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def is_plain_number(cell: str) -> bool:
    """Whether a cell is a number in one of the ways above, without a word beside it."""
    return parse_number(cell) is not None or any(
        (found := pattern.fullmatch(cell)) is not None and not (found["after"] or "").isalpha()
        for pattern in NUMBER.values()
    )


def decimal_vote(cell: str) -> str | None:
    """Return the decimal mark of a cell, or None where it has none or may have either (``1,234``).

    Examples
    --------
    >>> [decimal_vote(cell) for cell in ("1,3", "1.25", "1.234,5", "1,234", "7")]
    [',', '.', ',', None, None]
    """
    cell = cell.strip(f"{MONEY}% ")
    return next((mark for mark, pattern in VOTES.items() if pattern.fullmatch(cell)), None)


def read_numbers(cells: Sequence[str], mark: str | None = None, missing: Collection[str] = MISSING) -> Numbers:
    """Read a column of cells as numbers.

    Parameters
    ----------
    cells : sequence of str
    mark : {".", ","}, optional
        The decimal mark of the file. Where cells of this column can only be read with the other one, and more of them
        than with this one, that is taken.
    missing : collection of str
        What stands for a missing value, in small letters.

    Examples
    --------
    >>> read_numbers(["$6.88", "$1,200", "?"]).values.tolist()
    [6.88, 1200.0, nan]
    """
    different = Counter(cells)
    there = {cell: count for cell, count in different.items() if cell.lower() not in missing}
    best = max((_parsed(there, each) for each in _marks(there, mark)), key=lambda read: read[0])
    _, parsed, written, used = best
    refused = Counter({cell: count for cell, count in there.items() if cell not in parsed})
    values = np.array([parsed.get(cell, np.nan) for cell in cells], dtype=np.float64)
    return Numbers(values, written, used, refused, sum(there.values()))


def _marks(cells: Collection[str], mark: str | None) -> tuple[str, str]:
    """Order the decimal marks: what the cells themselves vote for, then the mark of the file."""
    votes = Counter(vote for cell in cells if (vote := decimal_vote(cell)))
    first = max(votes, key=lambda each: votes[each]) if votes else mark or "."
    return (first, "," if first == "." else ".")


def _parsed(cells: dict[str, int], mark: str) -> tuple[int, dict[str, float], str, str]:
    """Return how many cells are numbers with this decimal mark, these numbers, and what stands beside them."""
    plain: dict[str, float] = {}
    beside: dict[str, dict[str, float]] = {}
    for cell in cells:
        value = parse_number(cell) if mark == "." or "." not in cell else None
        if value is not None:
            if abs(value) <= LARGEST:
                plain[cell] = value
            continue
        found = NUMBER[mark].fullmatch(cell)
        if found is None or (found["sign"] == "(") != bool(found["close"]):
            continue
        if found["scale"] and not found["before"]:
            found_unit = (found["scale"] + (found["after"] or "")).rstrip(".")
            scale = 1.0
        else:
            found_unit, scale = (found["before"] or found["after"] or "").rstrip("."), SCALES[found["scale"]]
        negative = found["sign"] in ("-", "−", "(") or found["sign2"] in ("-", "−")
        digits = GROUPS[mark].sub("", found["digits"]).replace(",", ".")
        beside.setdefault(found_unit, {})[cell] = (-1 if negative else 1) * scale * float(digits)
    unit = max(beside, key=lambda each: sum(cells[cell] for cell in beside[each]), default="")
    with_unit = beside.get(unit, {})
    if (
        unit.isalpha() and unit not in CURRENCIES and (plain or len(with_unit) < len(cells))
    ):  # "5more" among plain numbers
        unit, with_unit = "", {}
    parsed = plain | beside.get("", {}) | with_unit
    return sum(cells[cell] for cell in parsed), parsed, unit or "plain", mark
