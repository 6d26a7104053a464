"""How arrays look in a drawing: numbers where there are few, a heat map and statistics where there are many.

A label is what graphviz calls HTML-like: a table whose cells have colours, so that a picture of an array needs no
image file. Blue is negative, white is zero, red is positive; the deepest colour is the largest magnitude.
"""

from __future__ import annotations

import html
from typing import Any

import numpy as np

FEW = 6  # as many numbers are written out
ROWS, COLUMNS = 6, 12  # of a heat map; a larger array is averaged in blocks
SIDE = 7  # of a cell, in points
NEGATIVE, ZERO, POSITIVE, NOT_FINITE = (33, 102, 172), (255, 255, 255), (178, 24, 43), "#ff00ff"
NOT_COMPUTED = "not computed"


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


def blend(start: tuple[int, ...], end: tuple[int, ...], t: float) -> str:
    """The colour at `t` in [0, 1] of the way from one to another."""
    return "#" + "".join(f"{round(a + (b - a) * t):02x}" for a, b in zip(start, end, strict=True))


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


def in_words(values: Any) -> str:
    """An array in one line of plain text."""
    if values is None:
        return NOT_COMPUTED
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


def blocks(values: Any) -> Any:
    """A matrix of at most ROWS by COLUMNS: the averages of blocks of the array, whose last axis is along the rows."""
    matrix = values.reshape(-1, values.shape[-1])
    for axis, limit in enumerate((ROWS, COLUMNS)):
        size = matrix.shape[axis]
        if size > limit:
            starts = np.arange(limit) * size // limit
            counts = np.diff(np.append(starts, size))
            matrix = np.add.reduceat(matrix, starts, axis) / np.expand_dims(counts, 1 - axis)
    return matrix


def colours(matrix: Any) -> list[list[str]]:
    """The colour of each number."""
    finite = np.abs(matrix[np.isfinite(matrix)])
    largest = float(finite.max()) if finite.size else 0.0

    def colour(v: float) -> str:
        if not np.isfinite(v):
            return NOT_FINITE
        return blend(ZERO, POSITIVE if v > 0 else NEGATIVE, 0.85 * abs(v) / largest) if largest else "#ffffff"

    return [[colour(v) for v in row] for row in matrix.tolist()]


def grid(values: Any, write: bool) -> str:
    """A table of coloured cells, with the numbers in them or, smaller, without."""
    matrix = blocks(real(values))
    shown = np.asarray(values).reshape(matrix.shape).tolist() if write else None
    size, whole = "", 'CELLPADDING="2"'
    if not write:
        size = f' WIDTH="{SIDE}" HEIGHT="{SIDE}" FIXEDSIZE="TRUE"'
        height, width = (SIDE * n + 2 for n in matrix.shape)
        whole = f'CELLPADDING="0" WIDTH="{width}" HEIGHT="{height}" FIXEDSIZE="TRUE"'  # else its cells are spread out
    rows = ""
    for i, row in enumerate(colours(matrix)):
        rows += "<TR>"
        for j, colour in enumerate(row):
            inner = f'<FONT COLOR="{ink(colour)}">{number(shown[i][j])}</FONT>' if shown else ""
            rows += f'<TD BGCOLOR="{colour}"{size}>{inner}</TD>'
        rows += "</TR>"
    return f'<TABLE BORDER="1" COLOR="#bbbbbb" CELLBORDER="0" CELLSPACING="0" {whole}>{rows}</TABLE>'


def ink(colour: str) -> str:
    """The colour of text that can be read on another."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#ffffff" if 0.3 * red + 0.6 * green + 0.1 * blue < 140 else "#000000"


def small(words: str, colour: str = "#555555") -> str:
    """Words in small print."""
    return f'<FONT POINT-SIZE="9" COLOR="{colour}">{words}</FONT>'


def cell(heading: str, values: Any, detailed: bool) -> str:
    """What a table cell shows: an array under its heading; without detail there is no heat map."""
    words = small(heading)
    if values is None:
        return f"{words}&nbsp;{small(f'<I>{NOT_COMPUTED}</I>', '#767676')}"
    values = np.asarray(values)
    if values.size <= 1:
        return f"{words}&nbsp;{in_words(values)}"
    many = values.size > FEW
    rows = f"<TR><TD>{words}</TD></TR>"
    if detailed:
        rows += f"<TR><TD>{grid(values, write=not many)}</TD></TR>"
    if many:
        rows += "".join(f"<TR><TD>{small(line, '#000000')}</TD></TR>" for line in statistics(real(values)))
    elif not detailed:
        rows += f"<TR><TD>{small(in_words(values), '#000000')}</TD></TR>"
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'
