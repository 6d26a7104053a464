"""Functions of one variable: grids, convolutions, interpolation, polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import require
from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.indexing import get_item
from autograd_lite.rules.registry import Primitive, adapter, row
from autograd_lite.rules.shaping import array_of, values_of


@Primitive
def convolved(a: Any, v: Any) -> Any:
    """The full discrete convolution of two vectors."""
    return np.convolve(a, v)


def correlated(g: Any, x: Any) -> Any:
    """The elements of g ⋆ x for which all of `x` lies within `g`: the gradient of a convolution with `x`."""
    n = x.shape[0]
    return convolved(g, np.flip(x))[n - 1 : g.shape[0]]


row(convolved, lambda g, y, a, v: correlated(g, v), lambda g, y, a, v: correlated(g, a))


def part_of(full: Any, long: int, short: int, mode: str, start: int) -> Any:
    """What `mode` keeps of a full convolution; `start` is where the part of length `long` begins."""
    if mode == "full":
        return full
    return full[start : start + long] if mode == "same" else full[short - 1 : long]


@adapter(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The discrete convolution of two vectors."""
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    short, long = sorted((a.shape[0], v.shape[0]))
    return part_of(convolved(a, v), long, short, mode, (short - 1) // 2)


@adapter(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The correlation of two vectors: the convolution with the second one reversed."""
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    v = np.conj(v) if v.dtype.kind == "c" else v
    short, long = sorted((a.shape[0], v.shape[0]))
    start = (short - 1) // 2 if a.shape[0] >= v.shape[0] else short // 2
    return part_of(convolved(a, np.flip(v)), long, short, mode, start)


@adapter(np.interp, "left", "right", "period")
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Any:
    """The piecewise linear function through the points (xp, fp); at a point the slope is that of the right side."""
    x, xp, fp = (a if a.dtype.kind == "c" else astype(a, dtype=np.dtype(float)) for a in map(array_of, (x, xp, fp)))
    if period is not None:
        period, left, right = abs(period), None, None
        x, xp = x - period * np.floor(x / period), xp - period * np.floor(xp / period)
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate((xp[-1:] - period, xp, xp[:1] + period))
        fp = np.concatenate((fp[-1:], fp, fp[:1]))
    n, places = xp.shape[0], values_of(xp)
    require(np.all(places[1:] >= places[:-1]), NotImplementedError("np.interp: the positions xp must be increasing"))
    if n == 1:
        xp, fp = np.concatenate((xp, xp + 1)), np.concatenate((fp, fp))
    at = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(n - 2, 0))
    x0, y0, x1, y1 = get_item(xp, at), get_item(fp, at), get_item(xp, at + 1), get_item(fp, at + 1)
    inside = y0 + (y1 - y0) / (x1 - x0) * (np.clip(x, xp[0], xp[xp.shape[0] - 1]) - x0)  # x may be infinite
    below = np.where(x < xp[0], fp[0] if left is None else left, inside)
    return np.where(x > xp[n - 1], fp[n - 1] if right is None else right, below)


@adapter(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """A polynomial, its coefficients from the highest power down, by Horner's scheme."""
    x = array_of(x)
    y = np.zeros_like(x)
    for coefficient in p:
        y = y * x + coefficient
    return y


@adapter(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of the elements of a vector, a column for each."""
    n = x.shape[0] if N is None else N
    powers = range(n) if increasing else range(n - 1, -1, -1)
    return np.stack([x**k for k in powers], axis=1) if n else np.reshape(x, (-1, 1))[:, :0]


@adapter(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    a1, a2 = np.atleast_1d(a1), np.atleast_1d(a2)
    n = max(a1.shape[0], a2.shape[0])
    return np.pad(a1, (n - a1.shape[0], 0)) + np.pad(a2, (n - a2.shape[0], 0))


@adapter(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    return polyadd(a1, -array_of(a2))


@adapter(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """The coefficients of the m-th derivative of a polynomial."""
    for _ in range(m):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1).astype(p.dtype)
    return p


@adapter(np.polyint, "k")
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The coefficients of the m-th antiderivative of a polynomial, with the constants `k`."""
    constants = np.zeros(m, p.dtype) if k is None else np.broadcast_to(k, m)
    for i in range(m):
        p = np.append(p / np.arange(p.shape[0], 0, -1).astype(p.dtype), constants[i])
    return p


@adapter(np.linspace)
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, *, axis: int = 0
) -> Any:
    """`num` numbers in equal steps from `start` to `stop`."""
    width = array_of(stop) - start
    parts = num - bool(endpoint)
    steps = np.arange(num).astype(width.dtype) / max(parts, 1)
    numbers = np.moveaxis(start + width * np.reshape(steps, (num, *(1,) * width.ndim)), 0, axis)
    return (numbers, width / parts if parts > 0 else np.full(width.shape, np.nan)) if retstep else numbers
