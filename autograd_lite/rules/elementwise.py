"""Element by element: arithmetic, powers, exponentials and logarithms, hyperbolic and trigonometric functions, choices.

Conventions at ties and edges: `maximum` and `minimum` split a tie evenly, ``abs'(0) = 0``, ``clip'`` at its bounds
is 1, ``sqrt'(0) = inf``, ``x**0`` has gradient 0 everywhere and ``0**b`` has gradient 0 in b.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.rules.table import PLAIN, Primitive, adapter, row

# Arithmetic. The operators do the same as the ufuncs and cost less on 0-d values.
row(np.add, lambda g, y, a, b: g, lambda g, y, a, b: g, body=operator.add)
row(np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g, body=operator.sub)
row(np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a, body=operator.mul)
row(np.divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b, body=operator.truediv)
row(np.negative, lambda g, y, x: -g, body=operator.neg)
row(np.positive, lambda g, y, x: g, body=operator.pos)
row(np.reciprocal, lambda g, y, x: -g * y * y)

# Powers.
row(
    np.power,
    lambda g, y, a, b: g * (b * a ** np.where(b == 0, 1, b - 1)),
    lambda g, y, a, b: g * np.where(a == 0, 0, y * np.log(np.where(a == 0, 1, a))),
    body=operator.pow,
)


@Primitive
def power_of_constant(x: Any, exponent: float = 1) -> Any:
    """``x ** exponent`` with a Python number for exponent: by far the most frequent power."""
    return x**exponent


row(power_of_constant, lambda g, y, x, exponent=1: g * power_gradient(x, exponent))


def power_gradient(x: Any, exponent: float) -> Any:
    """d x**exponent / dx, without the power where the exponent makes it superfluous."""
    if exponent == 2:
        return 2 * x
    return np.zeros_like(x) if exponent == 0 else exponent * x ** (exponent - 1)


row(np.square, lambda g, y, x: g * (2 * x))
row(np.sqrt, lambda g, y, x: g * 0.5 / y)

# Exponentials and logarithms.
row(np.exp, lambda g, y, x: g * y)
row(np.exp2, lambda g, y, x: g * y * float(np.log(2)))
row(np.expm1, lambda g, y, x: g * (y + 1))
row(np.log, lambda g, y, x: g / x)
row(np.log2, lambda g, y, x: g / x * float(1 / np.log(2)))
row(np.log10, lambda g, y, x: g / x * float(1 / np.log(10)))
row(np.log1p, lambda g, y, x: g / (1 + x))
row(np.logaddexp, lambda g, y, a, b: g * np.exp(a - y), lambda g, y, a, b: g * np.exp(b - y))

# Hyperbolic and trigonometric.
row(np.tanh, lambda g, y, x: g * (1 - y * y))
row(np.sinh, lambda g, y, x: g * np.cosh(x))
row(np.cosh, lambda g, y, x: g * np.sinh(x))
row(np.sin, lambda g, y, x: g * np.cos(x))
row(np.cos, lambda g, y, x: -g * np.sin(x))
row(np.tan, lambda g, y, x: g * (1 + y * y))
row(np.arcsin, lambda g, y, x: g / np.sqrt(1 - x * x))
row(np.arccos, lambda g, y, x: -g / np.sqrt(1 - x * x))
row(np.arctan, lambda g, y, x: g / (1 + x * x))

# Choices.
row(np.absolute, lambda g, y, x: g * np.sign(x))
row(
    np.maximum,
    lambda g, y, a, b: g * ((a > b) + 0.5 * (a == b)),
    lambda g, y, a, b: g * ((b > a) + 0.5 * (a == b)),
)
row(
    np.minimum,
    lambda g, y, a, b: g * ((a < b) + 0.5 * (a == b)),
    lambda g, y, a, b: g * ((b < a) + 0.5 * (a == b)),
)
row(
    np.where,
    None,
    lambda g, y, condition, a, b: np.where(condition, g, 0),
    lambda g, y, condition, a, b: np.where(condition, 0, g),
)


@Primitive
def clip(x: Any, low: Any, high: Any) -> Any:
    """`x` limited to [low, high]; a bound that is None does not limit."""
    return np.clip(x, low, high)


row(
    clip,
    lambda g, y, x, low, high: g * within(x, low, high),
    lambda g, y, x, low, high: g * (x < low),
    lambda g, y, x, low, high: g * (x > high),
)


@adapter(np.clip)
def clip_like_numpy(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """`np.clip`, whose bounds have two names each."""
    return clip(a, min if a_min is None else a_min, max if a_max is None else a_max)


def within(x: Any, low: Any, high: Any) -> Any:
    """Where `x` lies between its bounds, the bounds included; True where there are none."""
    above = True if low is None else x >= low
    return above if high is None else above & (x <= high)


@Primitive
def astype(x: Any, dtype: Any = None) -> Any:
    """`x` in another floating dtype."""
    return x.astype(dtype)


row(astype, lambda g, y, x, dtype=None: g)  # the walk casts it back


@Primitive
def as_constant(x: Any, dtype: Any = None) -> Any:
    """`x` in a dtype that carries no gradient."""
    return x.astype(dtype)


row(as_constant)


@Primitive
def copy(x: Any) -> Any:
    """`x` in memory of its own."""
    return np.array(x)


row(copy, lambda g, y, x: g)

# Derivative zero or undefined everywhere.
for function in (
    *(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.signbit, np.floor_divide),
    *(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    *(
        np.logical_and,
        np.logical_or,
        np.logical_not,
        np.logical_xor,
        np.bitwise_and,
        np.bitwise_or,
        np.bitwise_xor,
    ),
    *(np.invert, np.isnan, np.isinf, np.isfinite, np.argmax, np.argmin, np.argsort, np.any, np.all, np.round),
    *(np.count_nonzero, np.searchsorted, np.isclose, np.zeros_like, np.ones_like),
):
    row(function)

# About the values, and not tensors.
PLAIN.update((np.ndim, np.shape, np.size, np.allclose, np.array_equal, np.array_equiv, np.result_type, np.can_cast))
PLAIN.update((np.shares_memory, np.may_share_memory, np.array_repr, np.array_str, np.array2string, np.iscomplexobj))
