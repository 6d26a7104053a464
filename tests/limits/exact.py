"""Fifty digits and no bounds: what derivatives are, where the numbers of a dtype end.

At a point where a formula has no value, or that is not a number but an infinity, counts what it tends to.
"""

import functools
import itertools
import math

import mpmath
import numpy as np

mp = mpmath.MPContext()
mp.dps = 50
FAR = 330  # 10^330 is beyond the largest double, 10^-330 below the smallest
UNDEFINED = (ZeroDivisionError, ValueError, OverflowError, mpmath.libmp.ComplexResult)


def attempt(f, arguments):
    """``f(*arguments)``, or None where there is no real number."""
    try:
        y = mp.convert(f(*arguments))
    except UNDEFINED:
        return None
    y = y if isinstance(y, mp.mpf) or y.imag else y.real
    return None if isinstance(y, mp.mpc) or mp.isnan(y) else y


def limit(f, point, inside):
    """What `f` gives at a point or tends to there; None if there is no such thing.

    Infinities are come to with the other arguments as they are, if that leads somewhere. A zero is come to from the
    side that its sign names if the function `inside` has values there, else from the other one; other numbers from
    both. All ways have to agree.
    """
    if all(map(math.isfinite, point)) and (y := attempt(f, map(mp.mpf, point))) is not None:
        return y
    far = any(map(math.isinf, point))
    groups = [[(0,) * len(point)]] if far else []
    groups += [list(itertools.product(*sides)) for sides in (map(own_side, point), map(other_side, point))]
    with mp.workdps(50 if far or not any(point) else 3 * FAR):
        for sides in groups:
            found = [tendency(f, point, s) for s in sides if attempt(inside, near(point, s, 1, (1, 1))) is not None]
            if found and None not in found:
                return agreed(found)
    return None


def own_side(x):
    """From where a number is come to."""
    return (0,) if math.isinf(x) else (int(math.copysign(1, x)),) if x == 0 else (1, -1)


def other_side(x):
    return tuple(-side for side in own_side(x))


def near(point, sides, time, speeds):
    """A point close to another: the closer, the later; `sides` are 0 where it is the same number."""
    moved = []
    for x, side, speed in zip(point, sides, speeds, strict=False):
        if math.isinf(x):
            moved.append(math.copysign(1, x) / step(time, speed))
        else:
            x = mp.mpf(x)
            moved.append(x + side * step(time, speed) * (abs(x) or 1) if side else x)
    return moved


@functools.cache
def step(time, speed):
    return mp.mpf(10) ** (-FAR * time * speed) * (3 if speed == 2 else 1)


def tendency(f, point, sides):
    """What `f` tends to, coming from `sides`, on every way."""
    ways = ((1, 1),) if len(point) == 1 else ((1, 1), (1, 2), (2, 1))
    return agreed([at_the_end(*(attempt(f, near(point, sides, time, way)) for time in (1, 2))) for way in ways])


def same(x, y):
    """Whether two numbers are the same, as far as a double tells."""
    return float(x) == float(y) or abs(x - y) < mp.mpf(10) ** -20 * abs(y)


def at_the_end(first, second):
    """What a number and a later one tend to."""
    if first is None or second is None or same(first, second):
        return second if first is not None else None
    if first * second > 0 and abs(second) > abs(first):
        return mp.inf * mp.sign(second)
    return mp.zero if abs(second) < 0.9 * abs(first) else None


def agreed(found):
    """What all of `found` are, or None."""
    return found[0] if None not in found and all(same(y, found[0]) for y in found) else None


def difference(f, point, i):
    """The derivative in the i-th argument at an ordinary point, by differences."""
    with mp.workdps(100):
        step = mp.mpf(10) ** -30
        ends = [attempt(f, [x + s * step * (j == i) for j, x in enumerate(point)]) for s in (1, -1)]
        return None if None in ends else (ends[0] - ends[1]) / (2 * step)


# Functions of arrays, by differences.


def exactly(a, far=FAR):
    """An array as exact numbers, 10^`far` for infinity."""
    found = np.empty(np.shape(a), object)
    for i, x in np.ndenumerate(a):
        found[i] = math.copysign(1, x) * mp.mpf(10) ** far if np.isinf(x) else mp.mpf(float(x))
    return found


def digits(arrays):
    """How many are needed to see all elements, and what differs when one of them is changed in its 30th digit."""
    sizes = np.abs(np.concatenate([np.ravel(a).astype(float) for a in arrays] + [[1.0]]))
    sizes = np.clip(np.log10(sizes[sizes > 0]), -FAR, FAR + 40)
    return 100 + 2 * math.ceil(np.ptp(sizes))


def gradients(f, arrays, weights):
    """The gradients of the weighted sum of what `f` gives, for every array."""
    with mp.workdps(digits(arrays)):
        found = differences(f, [exactly(a) for a in arrays], weights)
        if not any(np.isinf(a).any() for a in arrays):
            return found
        later = differences(f, [exactly(a, FAR + 40) for a in arrays], weights)
        return [np.asarray(np.frompyfunc(at_the_end, 2, 1)(a, b)) for a, b in zip(found, later, strict=True)]


def changes(f, arrays, weights, directions):
    """How the gradients change along directions, one for each array."""
    with mp.workdps(digits(arrays) + 60):
        arrays = [exactly(a) for a in arrays]
        step = max(abs(x) for a in arrays for x in a.flat if x == x) * mp.mpf(10) ** -25
        ends = [
            differences(
                f, [np.asarray(a + s * step * exactly(d)) for a, d in zip(arrays, directions, strict=True)], weights
            )
            for s in (1, -1)
        ]
        return [np.asarray((after - before) / (2 * step)) for after, before in zip(*ends, strict=True)]


def differences(f, arrays, weights):
    """Central differences in every element, in its 30th digit."""
    smallest = min((abs(x) for a in arrays for x in a.flat if x and x == x), default=mp.one)
    found = []
    for a in arrays:
        g = np.empty(a.shape, object)
        for i in np.ndindex(a.shape):
            x, ends = a[i], []
            step = (abs(x) or smallest) * mp.mpf(10) ** -30
            for a[i] in (x + step, x - step):
                ends.append(weighted(f, arrays, weights))
            a[i], g[i] = x, (ends[0] - ends[1]) / (2 * step)
        found.append(g)
    return found


def weighted(f, arrays, weights):
    return sum((y * float(w) for y, w in zip(flat(f(*arrays)), weights, strict=True)), mp.zero)


def flat(result):
    """All numbers that a function gave."""
    parts = result if isinstance(result, tuple | list) else [result]
    return [y for part in parts for y in np.ravel(np.asarray(part, object))]
