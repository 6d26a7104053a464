"""How far to go: a step along a given direction that satisfies the strong Wolfe conditions.

With φ(t) = f(x + t d) a step t is good enough if it lowers the value and flattens the slope (Nocedal and Wright 2006,
section 3.1)::

    φ(t) ≤ φ(0) + c₁ t φ'(0)        |φ'(t)| ≤ c₂ |φ'(0)|

First t grows until a good step must lie between two trials, then the interval between them shrinks (algorithms 3.5
and 3.6). New trials come from a cubic through two values and two slopes (equation 3.59), with the safeguards of
M. Schmidt's minFunc (2005), which PyTorch has too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Trial(NamedTuple):
    """One evaluation: the step, and value, gradient and slope there."""

    t: float
    f: float
    g: Any
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], tuple[float, Any]],
    direction: Any,
    start: Trial,
    t: float,
    *,
    max_evaluations: int = 25,
    smallest: float = 1e-9,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> tuple[Trial, int]:
    """A step that satisfies the strong Wolfe conditions, or the lowest one that was found.

    Parameters
    ----------
    evaluate : callable
        Value and gradient for a step t. A value that is not finite counts as too high.
    direction : ndarray
        The direction d, in which the value falls.
    start : Trial
        What is known at t = 0.
    t : float
        The first step to try.
    max_evaluations : int
        After the first one.
    smallest : float
        When no parameter would move by more than this, the search ends.
    c1, c2 : float
        c₁ and c₂.

    Returns
    -------
    (Trial, int)
        The step, and how often `evaluate` was called.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda t: ((t - 3.0) ** 2, np.array([2 * (t - 3.0)]))
    >>> trial, evaluations = strong_wolfe(f, np.ones(1), Trial(0.0, *f(0.0), -6.0), 1.0)
    >>> trial.f <= 9.0 and abs(trial.slope) <= 0.9 * 6.0
    True
    """

    def attempt(t: float) -> Trial:
        f, g = evaluate(t)
        return Trial(t, f, g, float(g @ direction))

    def too_high(trial: Trial) -> bool:
        return not trial.f <= start.f + c1 * trial.t * start.slope  # "not" so that nan is too high as well

    def flat_enough(trial: Trial) -> bool:
        return abs(trial.slope) <= -c2 * start.slope

    before, trial, count = start, attempt(t), 0
    while count < max_evaluations:
        if too_high(trial) or (count > 1 and trial.f >= before.f):
            break
        if flat_enough(trial):
            return trial, count + 1
        if trial.slope >= 0:
            break
        t = minimum_of_cubic(before, trial, trial.t + 0.01 * (trial.t - before.t), 10 * trial.t)
        before, trial, count = trial, attempt(t), count + 1
    else:
        before = start

    low, high = ordered(before, trial)
    width, stuck = float(np.max(np.abs(direction))), False
    while count < max_evaluations and high.t != low.t and abs(high.t - low.t) * width >= smallest:
        left, right = sorted((low.t, high.t))
        t, stuck = guarded(minimum_of_cubic(low, high, left, right), left, right, stuck)
        trial, count = attempt(t), count + 1
        if too_high(trial) or trial.f >= low.f:
            low, high = ordered(low, trial)
            continue
        if flat_enough(trial):
            return trial, count + 1
        low, high = trial, low if trial.slope * (high.t - low.t) >= 0 else high
    return low, count + 1


def ordered(a: Trial, b: Trial) -> tuple[Trial, Trial]:
    """The lower of two trials, and the other one; nan is never the lower one."""
    return (b, a) if b.f < a.f else (a, b)


def guarded(t: float, left: float, right: float, stuck: bool) -> tuple[float, bool]:
    """Keep away from the ends of the interval, if the last trial was too near to one already."""
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not stuck and left < t < right:
        return t, True
    return (right - margin if right - t < t - left else left + margin), False


def minimum_of_cubic(a: Trial, b: Trial, least: float, most: float) -> float:
    """Where the cubic through two trials is lowest between two bounds; their middle, where it has no minimum."""
    a, b = (a, b) if a.t <= b.t else (b, a)
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not 0 <= square < np.inf:
        return (least + most) / 2
    d2 = float(np.sqrt(square))
    if (scale := b.slope - a.slope + 2 * d2) == 0:
        return (least + most) / 2
    return min(max(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / scale), least), most)
