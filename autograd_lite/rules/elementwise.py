"""Element by element: arithmetic, powers, exponentials and logarithms, and casts.

Conventions at edges: ``sqrt'(0) = inf``, ``x**0`` has gradient 0 everywhere and ``0**b`` has gradient 0 in b;
`logaddexp` of two -inf has gradient 0, of two inf 0.5 in each; `remainder` and `fmod` count as smooth where they jump.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.engine.graph import TABLE
from autograd_lite.engine.tracing_protocol import array_to_fill
from autograd_lite.engine.untaken import each, passes, scaled
from autograd_lite.rules.limits import finite
from autograd_lite.rules.neural import sigmoid
from autograd_lite.rules.registry import PLAIN, Primitive, adapter, row

LOG2, LOG10 = math.log(2), math.log(10)

# Arithmetic. The operators do the same as the ufuncs and cost less on 0-d values.
row(np.add, lambda g, y, a, b: g, lambda g, y, a, b: g, body=operator.add, flow=passes)
row(np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g, body=operator.sub, flow=passes)
row(np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a, body=operator.mul, flow=scaled)
row(np.divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b, body=operator.truediv)
row(np.negative, lambda g, y, x: -g, body=operator.neg, flow=passes)
row(np.positive, lambda g, y, x: g, body=operator.pos, flow=passes)
row(np.reciprocal, lambda g, y, x: -g * y * y)

# Remainders: the slope in b is the whole number of times that it is taken off.
row(np.remainder, lambda g, y, a, b: g, lambda g, y, a, b: -g * np.floor_divide(a, b))
row(np.fmod, lambda g, y, a, b: g, lambda g, y, a, b: -g * np.rint((a - y) / b))


@adapter(np.divmod)
def divide_with_remainder(a: Any, b: Any) -> Any:
    """Quotient and remainder."""
    return np.floor_divide(a, b), np.remainder(a, b)


@adapter(np.modf)
def fraction_and_whole(x: Any) -> Any:
    """The fractional and the integral part."""
    whole = np.trunc(x)
    return np.where(np.isinf(x), 0, x - whole), whole


# Powers.
row(
    np.power,
    lambda g, y, a, b: g * times(b, a ** np.where((a == 0) & (b == 0), 1, b - 1)),
    lambda g, y, a, b: g * (y * np.log(np.where((y == 0) | ((a == 0) & (b == 0)), 1, a))),
    body=operator.pow,
)


def times(b: Any, power: Any) -> Any:
    """b · power, which is 0 where the power is 0, however large `b`."""
    return np.where(power == 0, 0, b) * power


@Primitive
def power_of_constant(x: Any, exponent: float = 1) -> Any:
    """``x ** exponent`` with a Python number for exponent: by far the most frequent power."""
    return x**exponent


row(power_of_constant, lambda g, y, x, exponent=1: g * power_gradient(x, exponent), flow=each)


def power_gradient(x: Any, exponent: float) -> Any:
    """d x**exponent / dx, without the power where the exponent makes it superfluous."""
    if exponent == 2:
        return 2 * x
    return np.zeros_like(x) if exponent == 0 else exponent * x ** (exponent - 1)


row(np.square, lambda g, y, x: g * (2 * x))
row(np.sqrt, lambda g, y, x: g * 0.5 / y)
row(np.cbrt, lambda g, y, x: g / 3 / y / y)
row(np.ldexp, lambda g, y, x, exponent: np.ldexp(g, exponent), None)

# Exponentials and logarithms.
row(np.exp, lambda g, y, x: g * y)
row(np.exp2, lambda g, y, x: g * y * LOG2)
row(np.expm1, lambda g, y, x: g * np.exp(x))
row(np.log, lambda g, y, x: g / x)
row(np.log2, lambda g, y, x: g / x * (1 / LOG2))
row(np.log10, lambda g, y, x: g / x * (1 / LOG10))
row(np.log1p, lambda g, y, x: g / (1 + x))
row(np.logaddexp, lambda g, y, a, b: g * share(y, a, b, 1), lambda g, y, a, b: g * share(y, b, a, 1))
row(np.logaddexp2, lambda g, y, a, b: g * share(y, a, b, LOG2), lambda g, y, a, b: g * share(y, b, a, LOG2))


def share(y: Any, a: Any, b: Any, scale: float) -> Any:
    """e^a / (e^a + e^b), of `a` and `b` times `scale`; 0 where both are -inf."""
    return np.where(y == -np.inf, 0, sigmoid((finite(a, y.dtype) - finite(b, y.dtype)) * scale))


# Casts and copies.


@Primitive
def astype(x: Any, dtype: Any = None) -> Any:
    """`x` in another floating dtype."""
    return x.astype(dtype)


row(astype, lambda g, y, x, dtype=None: g, flow=passes)  # the walk casts it back


@Primitive
def as_constant(x: Any, dtype: Any = None) -> Any:
    """`x` in a dtype that carries no gradient."""
    return x.astype(dtype)


row(as_constant)


if hasattr(np, "astype"):  # new in NumPy 2.1

    @adapter(np.astype, moves=True)
    def astype_like_numpy(x: Any, dtype: Any = None, *, copy: bool = True) -> Any:
        """`x` in another dtype."""
        return x.astype(dtype, copy=copy)


@Primitive
def copy(x: Any) -> Any:
    """`x` in memory of its own."""
    return array_to_fill(x)


row(copy, lambda g, y, x: g, flow=passes)


@Primitive
def laid_out(x: Any, axes: tuple[int, ...] = ()) -> Any:
    """`x` in memory of its own, its axes from the longest stride to the shortest being `axes`."""
    back = tuple(axes.index(i) for i in range(len(axes)))
    return np.transpose(np.copy(np.transpose(x, axes), order="C"), back)


row(laid_out, lambda g, y, x, axes=(): g, flow=passes)
row(np.conjugate, lambda g, y, x: np.conjugate(g))


row(np.float_power, *TABLE[np.power].rules)  # in double precision, whatever that of its arguments


# Derivative zero or undefined everywhere.
for function in (
    *(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.signbit, np.floor_divide, np.spacing),
    *(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    *(
        np.logical_and,
        np.logical_or,
        np.logical_not,
        np.logical_xor,
        np.bitwise_and,
        np.bitwise_or,
        np.bitwise_xor,
        np.left_shift,
        np.right_shift,
    ),
    *(np.invert, np.isnan, np.isinf, np.isfinite, np.argmax, np.argmin, np.argsort, np.any, np.all, np.round),
    *(np.count_nonzero, np.searchsorted, np.isclose, np.zeros_like, np.ones_like, np.around, np.fix),
    *(np.isposinf, np.isneginf, np.isreal, np.iscomplex, np.nanargmax, np.nanargmin),
):
    row(function)

# About the values, and not tensors.
PLAIN.update((np.ndim, np.shape, np.size, np.allclose, np.array_equal, np.array_equiv, np.result_type, np.can_cast))
PLAIN.update((np.shares_memory, np.may_share_memory, np.array_repr, np.array_str, np.array2string, np.iscomplexobj))
PLAIN.update((np.isrealobj, np.common_type, np.min_scalar_type))
