"""What the engine gives at the edges, beside what is right there."""

import functools
from typing import Any, NamedTuple

import numpy as np

import autograd_lite as ag
from tests.limits import exact, grids
from tests.limits.curves import Curve
from tests.limits.exact import mp
from tests.limits.vectors import variant


class Point(NamedTuple):
    """A number that was found, beside the right one (None: there is none)."""

    what: str  # "value", "slope" or "second"
    where: tuple
    found: float
    right: Any
    error: float  # in roundings
    wrong: bool


def largest_error(points, what):
    return max((p.error for p in points if p.what == what and not p.wrong), default=0.0)


def rounded(number, dtype):
    with np.errstate(over="ignore"):
        return float(np.dtype(dtype).type(float(number)))


def judged(what, curve, dtype, point, found, right, scale=0.0, factor=1):
    """A number beside the right one: infinite where that is, lost where it has no digits, else close to it."""
    f, near = np.finfo(dtype), rounded(right, dtype)
    if np.isnan(found) or np.isinf(found) or np.isinf(near):
        pole = abs(found) == abs(near) and 0 in point  # of which -0 may be the other side
        almost = found * near > 0 and min(abs(found), abs(near)) > float(f.max) / 4
        return Point(what, point, found, near, 0.0, not (found == near or pole or almost))
    error = float(abs(mp.mpf(found) - right))
    if error <= 4 * float(f.tiny):
        return Point(what, point, found, near, 0.0, False)
    size = max(float(abs(right)), float(scale), float(f.tiny))
    error /= size * float(f.eps)
    return Point(what, point, found, near, error, error > curve.tolerance * factor + abs(np.log(size)))


# Functions of numbers.


def arguments_of(curve, dtype):
    """The grid of a function in one dtype: a row for each argument."""
    return grids.plane(dtype) if len(curve.first) == 2 else grids.line(dtype, curve.points)[None]


def study(function, curve, dtype, arguments=None, ours=False):
    """All points of a function in one dtype, by default those of its grid; its values too if the function is ours."""
    arguments = arguments_of(curve, dtype) if arguments is None else arguments
    if curve.kept:
        arguments = arguments[:, [bool(curve.kept(*map(float, point))) for point in arguments.T]]
    with np.errstate(all="ignore"):
        values, slopes, seconds = derivatives(function, list(arguments))
    points = [(i, tuple(map(float, p))) for i, p in enumerate(arguments.T) if not np.isnan(values[i])]
    found = [value(curve, dtype, p, float(values[i])) for i, p in points] if ours else []
    found += [slope(curve, dtype, p, k, float(g[i])) for k, g in enumerate(slopes) for i, p in points]
    near = [(i, p) for i, p in points if within(p, dtype)]
    return found + [second(curve, dtype, p, k, float(g[i])) for k, g in enumerate(seconds) for i, p in near]


def derivatives(function, arguments):
    """The values and derivatives of a function of numbers, for arrays of them."""
    tensors = [ag.tensor(a, requires_grad=True) for a in arguments]
    y = function(*tensors)
    slopes = gradients(y, tensors, create_graph=True)
    seconds = [gradients(g, tensors) for g in slopes]
    n = range(len(tensors))
    return y.data, [plain(g) for g in slopes], [plain(seconds[i][j]) for i in n for j in n if i <= j]


def gradients(y, tensors, weights=None, **settings):
    """The gradients of a result, zeros where there are none."""
    zeros = [np.zeros(t.shape, t.dtype) for t in tensors]
    if not getattr(y, "requires_grad", False):
        return zeros
    weights = np.ones(y.shape, y.dtype) if weights is None else weights
    found = ag.autograd.grad(y, tensors, weights, allow_unused=True, **settings)
    return [z if g is None else g for g, z in zip(found, zeros, strict=True)]


def plain(g):
    return g.data if isinstance(g, ag.Tensor) else g


def within(point, dtype):
    """Whether squares of all numbers and of their inverses are numbers of the dtype."""
    f = np.finfo(dtype)
    return all(x == 0 or np.isinf(x) or float(f.tiny) ** 0.5 <= abs(x) <= float(f.max) ** 0.5 for x in point)


@functools.cache
def limit(f, point, inside):
    return exact.limit(f, point, inside)


def value(curve, dtype, point, found):
    right = limit(curve.value, point, curve.value)
    return judged("value", curve, dtype, point, found, found if right is None else right, curve.against)


def slope(curve, dtype, point, k, found):
    right = limit(curve.first[k], point, curve.value)
    if right is None:
        return Point("slope", point, found, None, 0.0, not np.isnan(found) and not curve.note)
    return judged("slope", curve, dtype, point, found, right, curve.against)


def second(curve, dtype, point, k, found):
    """A second derivative, of which less is asked where it is small beside the first, and nothing at a pole."""
    right = limit(curve.second[k], point, curve.value)
    slopes = [limit(f, point, curve.value) for f in curve.first]
    if right is None or None in slopes or any(np.isinf(rounded(y, dtype)) for y in slopes):
        return Point("second", point, found, right, 0.0, False)
    lengths = [((len(point) == 1) + abs(x)) or 1 for x in point if np.isfinite(x)]
    scale = max((abs(y) / length for y in slopes for length in lengths), default=0)
    return judged("second", curve, dtype, point, found, right, max(scale, curve.against), 8)


# Functions of arrays.

SCALES = ("usual", "small", "large", "tiny", "huge")  # the kinds of numbers at which second derivatives are studied


def study_vector(vector, name, dtype):
    """The gradients of a function of arrays at numbers of one kind; none where it has no values."""
    arrays = [variant(a, name, dtype) for a in vector.arrays]
    tensors = [ag.tensor(a, requires_grad=True) for a in arrays]
    with np.errstate(all="ignore"):
        y = vector.call(*tensors)
        ys = list(y) if isinstance(y, tuple | list) else [y]
        if any(np.isnan(part.data).any() for part in ys):
            return []
        weights = np.resize([1.0, -0.5, 0.25, 2.0], sum(part.size for part in ys))
        cuts = np.cumsum([part.size for part in ys])[:-1]
        seeds = [w.reshape(p.shape).astype(p.dtype) for w, p in zip(np.split(weights, cuts), ys, strict=True)]
        found = ag.autograd.grad(ys, tensors, seeds, allow_unused=True)
        points = beside("slope", vector, name, arrays, found, exact.gradients(vector.formula, arrays, weights))
        if name in SCALES and dtype == np.float64:
            points += changes(vector, name, arrays, weights, tensors, ys, seeds)
    return points


def changes(vector, name, arrays, weights, tensors, ys, seeds):
    """How the gradients change along one direction, beside what is right: as `second`, less is asked of small ones."""
    slopes = ag.autograd.grad(ys, tensors, seeds, create_graph=True, allow_unused=True)
    along = [np.resize([1.0, -0.75, 0.25], a.shape) for a in arrays]
    roots = [(g, d) for g, d in zip(slopes, along, strict=True) if getattr(g, "requires_grad", False)]
    if not roots:
        return []
    found = ag.autograd.grad([g for g, _ in roots], tensors, [d for _, d in roots], allow_unused=True)
    largest = max(np.max(np.abs(g.data), initial=0.0) for g, _ in roots)
    smallest = min(np.min(np.abs(a), initial=np.inf, where=a != 0) for a in arrays)
    return beside(
        "second", vector, name, arrays, found, exact.changes(vector.formula, arrays, weights, along), largest / smallest
    )


def beside(what, vector, name, arrays, found, right, scale=0.0):
    """The elements of gradients beside the right ones; they are measured against the largest of their array."""
    curve, factor = Curve(None, (), (), vector.tolerance), 8 if what == "second" else 1
    points = []
    for a, g, exact_g in zip(arrays, found, right, strict=True):
        size = max([abs(e) for e in exact_g.flat if e is not None and mp.isfinite(e)], default=0)
        for i in (i for i in np.ndindex(a.shape) if not np.isnan(a[i])):
            x, e = 0.0 if g is None else float(g[i]), exact_g[i]
            if e is None:
                points.append(Point(what, (name, *i), x, None, 0.0, not np.isnan(x) and not vector.note))
            elif what == "slope" or np.isfinite(float(e)):
                points.append(judged(what, curve, a.dtype, (name, *i), x, e, max(size, scale), factor))
    return points
