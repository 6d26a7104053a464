"""Functions that choose, element by element: extremes, absolute values and signs, `where`, `clip`.

Conventions at ties: `maximum` and `minimum` split a tie evenly, `fmax` and `fmin` give it to their first argument and
otherwise to the number that was chosen, never to a NaN beside a number; ``abs'(0) = 0``; ``clip'`` at its bounds is 1,
and where the lower bound is above the upper one, which is then the value, the gradient goes to that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.untaken import Chooses
from autograd_lite.rules.elementwise import copy as copied
from autograd_lite.rules.registry import NOT_GIVEN, Primitive, adapter, row

for absolute in (np.absolute, np.fabs):
    row(absolute, lambda g, y, x: g * np.sign(x) if x.dtype.kind != "c" else g * np.conjugate(np.sign(x)))
row(np.copysign, lambda g, y, x, sign: g * (np.sign(x) * np.copysign(1.0, sign)), None)
row(np.heaviside, None, lambda g, y, x, at_zero: g * (x == 0))
row(
    np.maximum,
    lambda g, y, a, b: share(g, a > b, a == b),
    lambda g, y, a, b: share(g, b > a, a == b),
    flow=Chooses(lambda i, y, a, b: b >= a if i else a >= b),
)
row(
    np.minimum,
    lambda g, y, a, b: share(g, a < b, a == b),
    lambda g, y, a, b: share(g, b < a, a == b),
    flow=Chooses(lambda i, y, a, b: b <= a if i else a <= b),
)
row(
    np.fmax,
    lambda g, y, a, b: np.where((a >= b) | np.isnan(b), g, 0),
    lambda g, y, a, b: np.where((a >= b) | np.isnan(b), 0, g),
    flow=Chooses(),
)
row(
    np.fmin,
    lambda g, y, a, b: np.where((a <= b) | np.isnan(b), g, 0),
    lambda g, y, a, b: np.where((a <= b) | np.isnan(b), 0, g),
    flow=Chooses(),
)
row(
    np.where,
    None,
    lambda g, y, condition, a, b: np.where(condition, g, 0),
    lambda g, y, condition, a, b: np.where(condition, 0, g),
    flow=Chooses(lambda i, y, condition, a, b: holds(condition) if i == 1 else ~holds(condition)),
)


def holds(condition: Any) -> Any:
    """A condition as truth values."""
    condition = array_from(condition)
    return condition if condition.dtype == np.bool_ else condition != 0


def share(g: Any, chosen: Any, tied: Any) -> Any:
    """`g` where an argument was chosen, half of it at a tie; 0 elsewhere, though `g` be infinite there."""
    return np.where(chosen, g, np.where(tied, 0.5 * g, 0))


@Primitive
def clip(x: Any, low: Any, high: Any) -> Any:
    """`x` limited to [low, high]; a bound that is None does not limit."""
    return np.clip(x, low, high)


row(
    clip,
    lambda g, y, x, low, high: np.where(within(x, low, high), g, 0),
    lambda g, y, x, low, high: np.where((x < low) & within(low, None, high), g, 0),
    lambda g, y, x, low, high: np.where((x if low is None else np.maximum(x, low)) > high, g, 0),
    flow=Chooses(),
)


@adapter(np.clip, "a_min", "a_max", "min", "max", alone=True)
def clip_like_numpy(
    a: Any, a_min: Any = NOT_GIVEN, a_max: Any = NOT_GIVEN, *, min: Any = NOT_GIVEN, max: Any = NOT_GIVEN
) -> Any:
    """`np.clip`, whose bounds have two names each."""
    if a_min is a_max is NOT_GIVEN:
        return clip(a, *[None if bound is NOT_GIVEN else bound for bound in (min, max)])
    if a_min is not NOT_GIVEN is not a_max and min is max is NOT_GIVEN:
        return clip(a, a_min, a_max)
    raise TypeError("one bound under its old name, another under its new one")


def within(x: Any, low: Any, high: Any) -> Any:
    """Where `x` lies between its bounds, the bounds included; True where there are none."""
    above = True if low is None else x >= low
    return above if high is None else above & (x <= high)


@adapter(np.nan_to_num, "nan", "posinf", "neginf", moves=True)
def nan_to_num(x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`x` with numbers for NaN and ±inf, which get no gradient."""
    if x.dtype.kind != "f":
        return copied(x)
    largest = float(np.finfo(x.dtype).max)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, largest if posinf is None else posinf, x)
    return np.where(x == -np.inf, -largest if neginf is None else neginf, x)
