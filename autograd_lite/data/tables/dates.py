"""How people write dates, and what a network can make of a day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMATS", "calendar", "date_format", "read_dates"]

EPOCH = datetime(1970, 1, 1)
LOOKED_AT = 300
CLOCKS = {"": "", " %H:%M": " with time", " %H:%M:%S": " with time", " %I:%M %p": " with time"}
DAYS = {
    "%m/%d/%Y": "month/day/year",
    "%d/%m/%Y": "day/month/year",
    "%d.%m.%Y": "day.month.year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%Y/%m/%d": "year/month/day",
    "%Y.%m.%d": "year.month.day",
    "%m/%d/%y": "month/day/year",
    "%d/%m/%y": "day/month/year",
    "%d.%m.%y": "day.month.year",
    "%b %d, %Y": "Jan 31, 2001",
    "%B %d, %Y": "January 31, 2001",
    "%d %b %Y": "31 Jan 2001",
    "%d %B %Y": "31 January 2001",
    "%d-%b-%Y": "31-Jan-2001",
    "%d-%b-%y": "31-Jan-01",
    "%b-%d-%Y": "Jan-31-2001",
    "%b-%y": "Jan-01",
    "%b %Y": "Jan 2001",
    "%Y-%m": "year-month",
}
FORMATS = {"iso": "year-month-day"} | {
    day + clock: words + with_time
    for (day, words), (clock, with_time) in itertools.product(DAYS.items(), CLOCKS.items())
}


def date_format(cells: Sequence[str]) -> str | None:
    """Return the key of `FORMATS` in which nearly all cells are dates, or None.

    Examples
    --------
    >>> date_format(["31/1/2001", "1/2/2001"])
    '%d/%m/%Y'
    """
    different = list(dict.fromkeys(cells))
    few = different[:: len(different) // LOOKED_AT + 1]
    if not few or not all(len(cell) <= 40 and any(map(str.isdigit, cell)) for cell in few[:20]):
        return None
    plausible = [form for form in FORMATS if _day(few[len(few) // 2], form) is not None]
    plausible = [form for form in plausible if sum(_day(cell, form) is not None for cell in few) > 0.95 * len(few)]
    return max(plausible, key=lambda form: sum(_day(cell, form) is not None for cell in different), default=None)


def read_dates(cells: Sequence[str], form: str) -> NDArray[np.float64]:
    """Return days since 1970, with the time as a fraction; NaN where a cell is no date."""
    days = {cell: _day(cell, form) for cell in set(cells)}
    return np.array([np.nan if (day := days[cell]) is None else day for cell in cells], dtype=np.float64)


def calendar(days: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return year, month, weekday (0 is Monday), day since 1970 and hour; NaN where a day is."""
    gaps = np.isnan(days)
    whole = np.floor(np.where(gaps, 0, days)).astype("datetime64[D]")
    months = whole.astype("datetime64[M]").astype(np.int64)
    parts = [1970 + months // 12, months % 12 + 1, (whole.astype(np.int64) + 3) % 7, np.floor(days), days % 1 * 24]
    return [np.where(gaps, np.nan, part) for part in parts]


def _day(cell: str, form: str) -> float | None:
    try:
        if form == "iso":
            if "-" not in cell or len(cell) < 8:
                return None
            when = datetime.fromisoformat(cell)
        else:
            when = datetime.strptime(cell, form)
    except ValueError:
        return None
    if when.tzinfo is not None:
        when = when.astimezone(UTC).replace(tzinfo=None)
    return (when - EPOCH).total_seconds() / 86400
