"""How arrays look in a drawing: numbers where there are few, a heat map and statistics where there are many.

A label is what graphviz calls HTML-like: a table whose cells have colours, so that a picture of an array needs no
image file. Orange with a minus is negative, white is zero, blue is positive; the deepest colour is the largest
magnitude. Of an array that is too large a cell shows what is largest in its block, of either sign if there are both.
"""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from autograd_lite.support.colours import NOT_FINITE, ink, of_number

FEW = 6  # as many numbers are written out
ROWS, COLUMNS = 6, 12  # of a heat map; a larger array is shown in blocks
SIDE = 8  # of a cell, in points
NOT_COMPUTED, NOT_ASKED = "not computed", "not asked for"


def printable(words: str) -> str:
    """Words without breaks of lines, signs that steer, and halves of characters, which no file takes."""
    return words if words.isprintable() else "".join(c if c.isprintable() else "�" for c in words)


def text(words: Any, longest: int = 60) -> str:
    """Words as graphviz takes them in a label: shortened, printable, nothing read as markup or as an escape."""
    shown = printable(str(words))
    shown = html.escape(shown if len(shown) <= longest else f"{shown[: longest - 1]}…")
    return shown.replace("\\", "&#92;")


def number(value: Any, digits: int = 4) -> str:
    """A number with a few digits, as a reader wants it: whole numbers whole, no "-0"."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if isinstance(value, int):
        return str(int(value))  # True is 1
    whole = not isinstance(value, complex) and abs(value) < 1e6 and value == round(value)
    shown = f"{value:.0f}" if whole else f"{value:.{digits}g}"
    return "0" if shown == "-0" else shown


def argument(value: Any, longest: int = 30) -> str:
    """An argument or a setting of a call in a few characters."""
    if isinstance(value, slice):
        ends = ["" if part is None else str(part) for part in (value.start, value.stop)]
        return ":".join(ends) + (f":{value.step}" if value.step is not None else "")
    if value is ...:
        return "…"
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim):
        value = value.item()
    if isinstance(value, np.dtype):
        return str(value)
    words = number(value) if isinstance(value, float | complex) else repr(value)
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def real(values: Any) -> Any:
    """The values as float64, complex ones by their magnitude."""
    values = np.asarray(values)
    return np.abs(values) if values.dtype.kind == "c" else values.astype(np.float64)


def statistics(values: Any) -> list[str]:
    """Minimum, mean, maximum and norm of the finite ones among many numbers, and how many are not finite."""
    finite = values if np.isfinite(values.sum()) else values[np.isfinite(values)]
    bad = values.size - finite.size
    lines = [f"{bad} of {values.size} not finite"] if bad else []
    if finite.size:
        low, mean, high, norm = finite.min(), finite.mean(), finite.max(), rms(finite) * finite.size**0.5
        if low == high:
            return [*lines, f"all {number(low)}", f"norm {number(norm, 3)}"]
        lines += [f"{number(low, 3)} … {number(high, 3)}", f"mean {number(mean, 3)}, norm {number(norm, 3)}"]
    return lines


def in_words(values: Any, missing: str = NOT_COMPUTED) -> str:
    """An array in one line of plain text."""
    if values is None:
        return missing
    values = np.asarray(values)
    if values.size == 0:
        return "empty"
    if values.size <= FEW:
        return " ".join(map(number, values.ravel().tolist()))
    return ", ".join(statistics(real(values)))


def rms(values: Any) -> float:
    """The root of the mean square, the magnitude of a typical element; 0 where there is none."""
    values = real(values)
    if not values.size:
        return 0.0
    flat = values.ravel()
    squares = float(flat @ flat)
    if 1e-200 < squares < 1e200:
        return float((squares / flat.size) ** 0.5)
    largest = float(np.abs(flat).max())  # squares would overflow or vanish
    return largest * float(np.sqrt(np.mean((flat / largest) ** 2))) if 0 < largest < np.inf else largest


def blocks(values: Any, rows: int = ROWS, columns: int = COLUMNS) -> tuple[Any, Any]:
    """The smallest and the largest number in each block of an array whose last axis is along the rows: two matrices of
    at most `rows` by `columns`; a block that holds a NaN is NaN.
    """
    matrix = values.reshape(-1, values.shape[-1])
    low = high = matrix
    for axis, limit in enumerate((rows, columns)):
        size = matrix.shape[axis]
        if size > limit:
            starts = np.arange(limit) * size // limit
            low, high = np.minimum.reduceat(low, starts, axis), np.maximum.reduceat(high, starts, axis)
    return low, high


def largest(values: Any) -> float:
    """The largest finite magnitude, which has the deepest colour."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0


def shares(low: float, high: float, scale: float) -> tuple[float, ...]:
    """What a block shows, as shares of `scale`: what is largest in it, of both signs if there are both."""
    if not np.isfinite(low) or not np.isfinite(high):
        return (np.nan,)
    ends = (high, low) if low < 0 < high else (max(low, high, key=abs),)
    return tuple([end / scale if scale else 0.0 for end in ends])


def shown_shape(values: Any, rows: int = ROWS, columns: int = COLUMNS) -> str:
    """What part of an array a heat map shows, if not all: ``24 × 3, shown 6 × 3``."""
    matrix = values.reshape(-1, values.shape[-1]).shape
    shown = min(matrix[0], rows), min(matrix[1], columns)
    if shown == matrix:
        return ""
    words = [f"{n[1]:,}" if values.ndim == 1 else f"{n[0]:,} × {n[1]:,}" for n in (matrix, shown)]
    return f"{words[0]}, shown {words[1]}"


def written(values: Any) -> str:
    """A table of the numbers of an array, each on its colour."""
    matrix = values.reshape(-1, values.shape[-1])
    numbers, scale, rows = real(matrix), largest(real(matrix)), ""
    for colours, row in zip(numbers.tolist(), matrix.tolist(), strict=True):
        cells = zip(((shares(v, v, scale)[0]) for v in colours), row, strict=True)
        rows += f"<TR>{''.join(numbered(colour(share), number(v)) for share, v in cells)}</TR>"
    return f'<TABLE BORDER="1" COLOR="#bbbbbb" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>'


def numbered(colour: str, words: str) -> str:
    """A cell with a number."""
    return f'<TD BGCOLOR="{colour}"><FONT COLOR="{ink(colour)}">{words}</FONT></TD>'


def colour(share: float) -> str:
    """The colour of a number."""
    return of_number(share) if np.isfinite(share) else NOT_FINITE


def heat_map(values: Any) -> str:
    """A table of coloured cells; one that holds both signs is two halves."""
    low, high = blocks(real(values))
    scale = largest(real(values))
    rows = ""
    for ends in zip(low.tolist(), high.tolist(), strict=True):
        found = [shares(a, b, scale) for a, b in zip(*ends, strict=True)]
        rows += f"<TR>{''.join(half_cells(parts) for parts in found)}</TR>"
    height, width = (SIDE * n + 2 for n in low.shape)
    whole = f'CELLPADDING="0" WIDTH="{width}" HEIGHT="{height}" FIXEDSIZE="TRUE"'  # else its cells are spread out
    return f'<TABLE BORDER="1" COLOR="#bbbbbb" CELLBORDER="0" CELLSPACING="0" {whole}>{rows}</TABLE>'


def half_cells(parts: tuple[float, ...]) -> str:
    """One block of a heat map."""
    size = f'WIDTH="{SIDE // len(parts)}" HEIGHT="{SIDE}" FIXEDSIZE="TRUE"'
    span = "" if len(parts) == 2 else ' COLSPAN="2"'
    return "".join(f'<TD BGCOLOR="{colour(v)}" {size}{span}>{minus(v)}</TD>' for v in parts)


def minus(share: float) -> str:
    """The sign of what is negative, for who does not see the colour."""
    return f'<FONT POINT-SIZE="5" COLOR="{ink(of_number(share))}">–</FONT>' if share < 0 else ""


def small(words: str, colour: str = "#555555") -> str:
    """Words in small print."""
    return f'<FONT POINT-SIZE="9" COLOR="{colour}">{words}</FONT>'


def cell(heading: str, values: Any, detailed: bool, missing: str = NOT_COMPUTED) -> str:
    """What a table cell shows: an array under its heading; without detail there is no heat map."""
    words = small(heading)
    if values is None:
        return f"{words}&nbsp;{small(f'<I>{missing}</I>', '#767676')}"
    values = np.asarray(values)
    if values.size <= 1:
        return f"{words}&nbsp;{in_words(values)}"
    many = values.size > FEW
    rows = f"<TR><TD>{words}</TD></TR>"
    if detailed:
        rows += f"<TR><TD>{heat_map(values) if many else written(values)}</TD></TR>"
    if many:
        part = [shown_shape(values)] if detailed and shown_shape(values) else []
        rows += "".join(f"<TR><TD>{small(line, '#000000')}</TD></TR>" for line in [*part, *statistics(real(values))])
    elif not detailed:
        rows += f"<TR><TD>{small(in_words(values), '#000000')}</TD></TR>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'
