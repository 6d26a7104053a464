"""Hyperbolic and trigonometric functions, their inverses, angles, and sin(πx) / πx.

Conventions at edges: `hypot` and `arctan2` have gradient 0 where both arguments are 0; `sinc` is exact at 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.rules.table import Primitive, row
from autograd_lite.symbols import array_from

row(np.tanh, lambda g, y, x: g * (1 - y * y))
row(np.sinh, lambda g, y, x: g * np.cosh(x))
row(np.cosh, lambda g, y, x: g * np.sinh(x))
row(np.arcsinh, lambda g, y, x: g / np.sqrt(1 + x * x))
row(np.arccosh, lambda g, y, x: g / np.sqrt((x - 1) * (x + 1)))
row(np.arctanh, lambda g, y, x: g / ((1 - x) * (1 + x)))

row(np.sin, lambda g, y, x: g * np.cos(x))
row(np.cos, lambda g, y, x: -g * np.sin(x))
row(np.tan, lambda g, y, x: g * (1 + y * y))
row(np.arcsin, lambda g, y, x: g / np.sqrt(1 - x * x))
row(np.arccos, lambda g, y, x: -g / np.sqrt(1 - x * x))
row(np.arctan, lambda g, y, x: g / (1 + x * x))

for degrees in (np.degrees, np.rad2deg):
    row(degrees, lambda g, y, x: g * (180 / math.pi))
for radians in (np.radians, np.deg2rad):
    row(radians, lambda g, y, x: g * (math.pi / 180))


def not_zero(x: Any) -> Any:
    """`x` with 1 for 0, to divide by."""
    return np.where(x == 0, 1, x)


row(np.hypot, lambda g, y, a, b: g * (a / not_zero(y)), lambda g, y, a, b: g * (b / not_zero(y)))
row(
    np.arctan2,
    lambda g, y, a, b: g * (b / not_zero(a * a + b * b)),
    lambda g, y, a, b: -g * (a / not_zero(a * a + b * b)),
)


@Primitive
def sinc_derivative(x: Any, order: int = 1) -> Any:
    """The derivative of `np.sinc` of any order.

    With z = πx and f = sin(z) / z, differentiating z·f = sin(z) gives z·f⁽ⁿ⁾ = sin⁽ⁿ⁾(z) - n·f⁽ⁿ⁻¹⁾, which loses its
    digits near 0; there the Taylor series of f is used.
    """
    z = array_from(math.pi * x)
    near = np.abs(z) < 1 + order
    small, large = np.where(near, z, 0), np.where(near, 1, z)
    value = np.sin(large) / large
    for n in range(1, order + 1):
        value = (np.sin(large + n * math.pi / 2) - n * value) / large
    square, series = small * small, np.zeros_like(small)
    for k in reversed(range((order + 1) // 2, 14 + 2 * order)):
        series = series * square + (-1) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1)
    series = series * small if order % 2 else series
    return (np.where(near, series, value) * math.pi**order).astype(z.dtype)[()]


row(np.sinc, lambda g, y, x: g * sinc_derivative(x, order=1))
row(sinc_derivative, lambda g, y, x, order=1: g * sinc_derivative(x, order=order + 1))
