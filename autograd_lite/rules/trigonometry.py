"""Hyperbolic and trigonometric functions, their inverses, angles, and sin(πx) / πx.

Conventions at edges: `hypot` and `arctan2` have gradient 0 where both arguments are 0; `sinc` is exact at 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.untaken import each
from autograd_lite.rules.limits import not_zero
from autograd_lite.rules.registry import Primitive, row


def is_real(x: Any) -> bool:
    """Whether `x` holds real numbers; the formulas for complex ones lose digits beside 0."""
    return bool(x.dtype.kind != "c")


def cosine(x: Any) -> Any:
    """√(1 - x²), of an angle whose sine is `x`."""
    return np.sqrt(one_minus_square(x)) if is_real(x) else np.sqrt(1 - x) * np.sqrt(1 + x)


@Primitive
def one_minus_square(x: Any) -> Any:
    """1 - x², also of an x near 1, from which x² differs by rounding alone."""
    return (1 - x) * (1 + x)


row(one_minus_square, lambda g, y, x: g * (-2 * x), flow=each)


@Primitive
def bump(x: Any) -> Any:
    """1 / (1 + x²)."""
    return 1 / (1 + x * x)


row(bump, lambda g, y, x: g * (-2 * np.where(y == 0, 0, x) * y * y), flow=each)


row(np.tanh, lambda g, y, x: g * (1 - y * y))
row(np.sinh, lambda g, y, x: g * np.cosh(x))
row(np.cosh, lambda g, y, x: g * np.sinh(x))
row(np.arcsinh, lambda g, y, x: g / (np.hypot(1.0, x) if is_real(x) else cosine(1j * x)))
row(np.arccosh, lambda g, y, x: g / np.sqrt(x - 1) / np.sqrt(x + 1))
row(np.arctanh, lambda g, y, x: g / one_minus_square(x) if is_real(x) else g / (1 - x) / (1 + x))

row(np.sin, lambda g, y, x: g * np.cos(x))
row(np.cos, lambda g, y, x: -g * np.sin(x))
row(np.tan, lambda g, y, x: g * (1 + y * y))
row(np.arcsin, lambda g, y, x: g / cosine(x))
row(np.arccos, lambda g, y, x: -g / cosine(x))
row(np.arctan, lambda g, y, x: g * bump(x) if is_real(x) else g / (1 + 1j * x) / (1 - 1j * x))


for degrees in (np.degrees, np.rad2deg):
    row(degrees, lambda g, y, x: g * (180 / math.pi))
for radians in (np.radians, np.deg2rad):
    row(radians, lambda g, y, x: g * (math.pi / 180))


@Primitive
def ratio(a: Any, b: Any) -> Any:
    """a / √(a² + b²) as the sine of an angle, which needs no square, is never ∞ / ∞, and is 0 at the origin."""
    return np.sin(np.arctan2(a, abs(b)))


def over_square(a: Any, distance: Any) -> Any:
    """a / distance², of which neither may be finite."""
    return np.where(distance == np.inf, 0, a) / distance / distance


row(np.hypot, lambda g, y, a, b: g * ratio(a, b), lambda g, y, a, b: g * ratio(b, a))
row(
    np.arctan2,
    lambda g, y, a, b: g * over_square(b, not_zero(np.hypot(a, b))),
    lambda g, y, a, b: -g * over_square(a, not_zero(np.hypot(a, b))),
)
row(
    ratio,
    lambda g, y, a, b: g * ratio(b, a) * over_square(b, np.hypot(a, b)),
    lambda g, y, a, b: -g * y * over_square(b, np.hypot(a, b)),
    flow=each,
)


@Primitive
def sinc_derivative(x: Any, order: int = 1) -> Any:
    """The derivative of `np.sinc` of any order.

    With z = πx and f = sin(z) / z, differentiating z·f = sin(z) gives z·f⁽ⁿ⁾ = sin⁽ⁿ⁾(z) - n·f⁽ⁿ⁻¹⁾, which loses its
    digits near 0; there the Taylor series of f is used. Whole turns are left out of x, where they are exact.
    """
    dtype, x = x.dtype, array_from(x)
    x = x if dtype.kind == "c" else x.astype(float)
    z, turned = math.pi * x, math.pi * (x - 2 * np.rint((x.real if dtype.kind == "c" else x) / 2))
    near = np.abs(z) < 1 + order
    small, large = np.where(near, z, 0), np.where(near, 1, z)
    sines = np.sin(turned), np.cos(turned)
    value = sines[0] / large
    for n in range(1, order + 1):
        value = (sines[n % 2] * (-1) ** (n // 2) - n * value) / large
    square, series = small * small, np.zeros_like(small)
    for k in reversed(range((order + 1) // 2, 14 + 2 * order)):
        series = series * square + (-1) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1)
    series = series * small if order % 2 else series
    return (np.where(near, series, value) * math.pi**order).astype(dtype)[()]


row(np.sinc, lambda g, y, x: g * sinc_derivative(x, order=1), flow=each)
row(sinc_derivative, lambda g, y, x, order=1: g * sinc_derivative(x, order=order + 1), flow=each)
