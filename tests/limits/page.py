"""docs/limits.md, as it is generated."""

import functools
from pathlib import Path

import numpy as np

from tests.limits import grids
from tests.limits.references import EVERY_CURVE, WITHOUT, functions, label, vectors_of
from tests.limits.study import derivatives, largest_error, study, study_vector

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
ERRORS = "## The largest errors seen"
LARGEST, SMALLEST = float(np.finfo(np.float64).max), float(np.finfo(np.float64).tiny)
AT = {"-∞": -np.inf, "-largest": -LARGEST, "0": 0.0, "smallest": SMALLEST, "largest": LARGEST, "∞": np.inf}
PAIRS = {
    "0, 0": (0.0, 0.0),
    "smallest, 0": (SMALLEST, 0.0),
    "largest, 1": (LARGEST, 1.0),
    "largest, largest": (LARGEST, LARGEST),
    "∞, 1": (np.inf, 1.0),
    "1, ∞": (1.0, np.inf),
    "∞, ∞": (np.inf, np.inf),
}
INTRODUCTION = """\
# At the edges of the numbers

Every function that has a gradient, where floating-point numbers end: at 0 and ±∞, at the smallest and the largest
numbers of half, single and double precision, beside 1 and wherever else a function ends. What the engine gives there is
held against fifty digits (mpmath) by `tests/limits`, which also writes this page: `python -m tests.limits`. A larger
grid: `python -m tests.limits --large`.

What is promised, and tested for every function in the tables below:

- **A gradient that is a number of its dtype is that number**, but for a few roundings: 8 unless the last table shows
  more, and one for each factor e by which the result differs from 1, because exponentials multiply the errors of their
  exponents. An intermediate result that is too large or too small for the dtype does not show.
- **It is infinite where the derivative is**, or is too large for the dtype; a pole at 0 has the sign of the zero, so
  that at -0 it may be that of the other side. Below the smallest normal number digits are lost, down to 0.
- **It is NaN only where there is no derivative**, or where a convention says otherwise: it stands under *note*, and
  [ties and edges](ties.md) has the others. Where a function has no value (NaN) its gradient says nothing.
- **Values are NumPy's**, also where it overflows: `np.linalg.norm` of [1e200, 1e200] is inf, and its gradient is right.
  Only means and spreads of half precision with `where=` or without NaN are more exact: they are summed in single.
- **Second derivatives** are tested where squares of the numbers and of their inverses are numbers. There is none where
  the first one is a convention: `np.linalg.norm(x) ** 2` has NaN for a Hessian at 0 (write `np.sum(x * x)`).

Activations that are computed from their own value (tanh, sigmoid, elu, gelu, silu) have gradients that are exact to a
rounding of 1, and so may be 0 where the derivative is smaller than that.
"""


def number(x):
    return "NaN" if np.isnan(x) else f"{x + 0.0:.3g}".replace("inf", "∞")


def domain(function, curve):
    """Where on the line of doubles a function has values."""
    line = grids.line(np.float64, curve.points)
    with np.errstate(all="ignore"):
        inside = ~np.isnan(derivatives(function, [line])[0])
    if inside.all():
        return "all"
    ends = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]])))
    parts = [(line[a], line[b - 1]) for a, b in zip(ends[::2], ends[1::2], strict=True)]
    slope = {x: slopes(function, (x,)) for part in parts for x in part if np.isfinite(x)}
    return ", ".join(" … ".join(f"{number(x)} ({slope[x]})" if x in slope else number(x) for x in p) for p in parts)


def slopes(function, point):
    """The first derivatives at one point, a dash where there is no value."""
    with np.errstate(all="ignore"):
        values, first, _ = derivatives(function, [np.array([x]) for x in point])
    return "–" if np.isnan(values[0]) else ", ".join(number(g[0]) for g in first)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_numbers(arguments, places):
    return [
        [f"`{label(f)}`", *more, *(slopes(f, np.atleast_1d(x)) for x in places.values()), curve.note]
        for f, curve in EVERY_CURVE.items()
        if len(curve.first) == arguments
        for more in [[domain(f, curve)] if arguments == 1 else []]
    ]


def of_arrays():
    """Functions of arrays, with the kinds of numbers at which they were studied."""
    for f in functions():
        if vectors := vectors_of(f):
            kinds = dict.fromkeys(name for vector in vectors for name in vector.variants)
            notes = "; ".join(dict.fromkeys(vector.note for vector in vectors if vector.note))
            yield [f"`{label(f)}`", ", ".join(kinds), notes]


@functools.cache
def errors_of(function):
    """For each dtype the largest errors of first and second derivatives, or of gradients of arrays."""
    found = []
    for dtype in grids.DTYPES:
        points = study(function, EVERY_CURVE[function], dtype) if function in EVERY_CURVE else []
        for vector in vectors_of(function):
            if dtype in vector.dtypes:
                points += [p for name in vector.variants for p in study_vector(vector, name, dtype)]
        orders = ("slope", "second") if function in EVERY_CURVE else ("slope",)
        found.append(", ".join(rounding(largest_error(points, order)) for order in orders) if points else "–")
    return found


def rounding(error):
    return f"{error:.1f}" if error < 10 else f"{error:.0f}"


def head_of_page():
    """What does not depend on the machine."""
    columns = ["function", "domain", *AT, "note"]
    without = [f"- `{label(f)}`: {why}" for f, why in WITHOUT.items() if f in functions()]
    return "\n".join(
        [
            INTRODUCTION,
            "## Functions of a number\n",
            "The gradient in double precision, in brackets that at the ends of the domain.\n",
            table(columns, of_numbers(1, AT)),
            "\n## Functions of two numbers\n",
            "Both gradients in double precision.\n",
            table(["function", *PAIRS, "note"], of_numbers(2, PAIRS)),
            "\n## Functions of arrays\n",
            "Studied with usual numbers; *small* and *large* ones, whose cubes are numbers of the dtype; *tiny*",
            "and *huge* ones, whose squares are not; the *largest*; usual ones at a large *offset*; *zeros* but for",
            "one; and with one infinite element. Gradients are measured against their largest element.\n",
            table(["function", "with", "note"], of_arrays()),
            "\n## Without a reference\n",
            *without,
            "\n",
        ]
    )


def page():
    rows = [[f"`{label(f)}`", *errors_of(f)] for f in functions() if f not in WITHOUT]
    tail = [
        ERRORS,
        "",
        "In units of the dtype's rounding (eps): of the gradient and, for functions of numbers, of the second",
        "derivative; on the machine that wrote this page.",
        "",
        table(["function", "half", "single", "double"], rows),
        "",
    ]
    return head_of_page() + "\n".join(tail)
