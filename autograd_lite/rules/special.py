"""SciPy's special functions. This file is imported when the first of them meets a tensor: SciPy is an extra.

A function that has a rule in its last argument but none in its parameters refuses a gradient in those.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.untaken import each
from autograd_lite.rules.complex import refuse_complex
from autograd_lite.rules.limits import finite
from autograd_lite.rules.neural import bell
from autograd_lite.rules.registry import Primitive, adapter, row


def no_rule(function: Any, parameter: str) -> Callable[..., Any]:
    """The rule of a parameter in which the derivative is not known."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(
            f"scipy.special.{function.__name__} has no gradient rule in its parameter {parameter}; detach() it"
        )

    return refuse


def weakly(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` in the precision of its arrays: some of SciPy's compute in double when a number stands beside them."""
    return lambda *args: function(*args).astype(np.result_type(*args))


# Logistic and exponential.
row(special.expit, lambda g, y, x: g * (y * special.expit(-x)))
row(special.log_expit, lambda g, y, x: g * special.expit(-x))
row(special.logit, lambda g, y, x: g / x + g / (1 - x))
row(special.expm1, lambda g, y, x: g * np.exp(x))
row(special.log1p, lambda g, y, x: g / (1 + x))
row(special.exp2, lambda g, y, x: g * y * math.log(2))
row(special.exp10, lambda g, y, x: g * y * math.log(10))
row(special.cbrt, lambda g, y, x: g / 3 / y / y)
row(special.cosm1, lambda g, y, x: -g * np.sin(x))
row(special.exprel, lambda g, y, x: g * exprel_slope(x, y))
row(special.exp1, lambda g, y, x: -g * np.exp(-x) / x)
row(special.expi, lambda g, y, x: g * np.exp(x / 2) / x * np.exp(x / 2))  # eˣ overflows before eˣ / x does


def exprel_slope(x: Any, y: Any) -> Any:
    """The derivative of y = (eˣ - 1) / x, by its series near 0; above, eˣ overflows before y does."""
    near = np.abs(x) < 0.5
    far, small = np.where(near, 1, x), np.where(near, x, 0)
    series = sum((small**k * ((k + 1) / math.factorial(k + 2)) for k in range(1, 14)), small * 0 + 0.5)
    above, below = y * (1 - 1 / far) + 1 / far, (np.exp(np.minimum(far, 0)) - y) / far
    return np.where(near, series, np.where(x > 0, above, below))


# x log y, where 0 log 0 = 0.
row(
    special.xlogy,
    lambda g, y, a, b: g * np.log(np.where((a == 0) & (b <= 0), 1, b)),
    lambda g, y, a, b: g * (a / np.where((a == 0) & (b == 0), 1, b)),
)
row(
    special.xlog1py,
    lambda g, y, a, b: g * np.log1p(np.where((a == 0) & (b <= -1), 0, b)),
    lambda g, y, a, b: g * (a / np.where((a == 0) & (b == -1), 1, 1 + b)),
)
row(special.entr, lambda g, y, x: g * (-np.log(x) - 1))
row(special.rel_entr, lambda g, y, a, b: g * (np.log(a) - np.log(b) + 1), lambda g, y, a, b: -g * (a / b))
row(special.kl_div, lambda g, y, a, b: g * (np.log(a) - np.log(b)), lambda g, y, a, b: g * ((b - a) / b))

# The error function and the normal distribution.
SLOPE = 2 / math.sqrt(math.pi)  # that of erf at 0
row(special.erf, lambda g, y, x: g * SLOPE * bell(x))
row(special.erfc, lambda g, y, x: g * -SLOPE * bell(x))
row(special.erfcx, lambda g, y, x: g * without_cancellation(x >= 8, 2 * x * y - SLOPE, -0.5 * SLOPE, x, -1))
row(special.erfi, lambda g, y, x: g * SLOPE * np.exp(x * x))
row(special.erfinv, lambda g, y, x: g * (math.sqrt(math.pi) / 2) * np.exp(y * y))
row(special.erfcinv, lambda g, y, x: g * (-math.sqrt(math.pi) / 2) * np.exp(y * y))
row(special.dawsn, lambda g, y, x: g * without_cancellation(np.abs(x) >= 8, 1 - 2 * x * y, -0.5, x, 1))
row(special.ndtr, lambda g, y, x: g * (1 / math.sqrt(2 * math.pi)) * bell(x, rate=0.5))
row(special.log_ndtr, lambda g, y, x: g * math.sqrt(2 / math.pi) / special.erfcx(x * -math.sqrt(0.5)))
row(special.ndtri, lambda g, y, x: g * math.sqrt(2 * math.pi) * np.exp(0.5 * y * y))


def without_cancellation(far: Any, slope: Any, factor: float, x: Any, sign: float) -> Any:
    """`slope`, or where `far` its asymptotic series factor / x² · Σ (2k + 1)!! (sign / 2x²)ᵏ."""
    large = np.where(far, x, 8)
    step, series = sign * 0.5 / large / large, np.zeros_like(large)
    for k in range(24, -1, -1):
        series = series * (2 * k + 3) * step + 1.0
    return np.where(far, factor * series / large / large, slope)


# The gamma function and its relatives.
row(special.gamma, lambda g, y, x: g * (y * special.psi(x)))
row(special.gammaln, lambda g, y, x: g * special.psi(x))
row(special.loggamma, lambda g, y, x: g * special.psi(x))


@Primitive
def polygamma(x: Any, order: int = 1) -> Any:
    """The derivative of `psi` of any order: (-1)ⁿ⁺¹ n! ζ(n + 1, x)."""
    y = special.zeta(order + 1.0, x) * ((-1) ** (order + 1) * math.factorial(order))
    return y.astype(array_from(x).dtype)


row(special.psi, lambda g, y, x: g * polygamma(x, order=1))
row(polygamma, lambda g, y, x, order=1: g * polygamma(x, order=order + 1), flow=each)
row(
    special.beta,
    lambda g, y, a, b: g * (y * (special.psi(a) - special.psi(a + b))),
    lambda g, y, a, b: g * (y * (special.psi(b) - special.psi(a + b))),
)
row(
    special.betaln,
    lambda g, y, a, b: g * (special.psi(a) - special.psi(a + b)),
    lambda g, y, a, b: g * (special.psi(b) - special.psi(a + b)),
)
row(
    special.gammainc,
    no_rule(special.gammainc, "a"),
    lambda g, y, a, x: g * np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)),
    body=weakly(special.gammainc),
)
row(
    special.gammaincc,
    no_rule(special.gammaincc, "a"),
    lambda g, y, a, x: -g * np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)),
    body=weakly(special.gammaincc),
)
row(
    special.betainc,
    no_rule(special.betainc, "a"),
    no_rule(special.betainc, "b"),
    lambda g, y, a, b, x: g * np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)),
)

# Bessel functions: the recurrences of Abramowitz and Stegun (1964), 9.1.27 and 9.6.26.
row(special.j0, lambda g, y, x: -g * special.j1(x))
row(special.y0, lambda g, y, x: -g * special.y1(x))
row(special.i0, lambda g, y, x: g * special.i1(x))
row(special.k0, lambda g, y, x: -g * special.k1(x))
row(special.i0e, lambda g, y, x: g * (special.i1e(x) - np.sign(x) * y))
row(special.j1, lambda g, y, x: g * (0.5 * (special.j0(x) - special.jv(2, x))))
row(special.y1, lambda g, y, x: g * (0.5 * (special.y0(x) - special.yv(2, x))))
row(special.i1, lambda g, y, x: g * (0.5 * (special.i0(x) + second_bessel(x))))
row(special.k1, lambda g, y, x: g * (-0.5 * (special.k0(x) + special.kv(2, x))))
row(special.i1e, lambda g, y, x: g * (0.5 * (special.i0e(x) + scaled_second_bessel(x, y)) - np.sign(x) * y))


def second_bessel(x: Any) -> Any:
    """I₂(x); SciPy gives NaN where it is smaller or larger than any number."""
    return special.iv(2, np.where(np.abs(x) < 1e-30, 0, np.clip(x, -1000, 1000)))


def scaled_second_bessel(x: Any, y: Any) -> Any:
    """I₂(x) exp(-|x|), far out by y = I₁(x) exp(-|x|), where SciPy gives NaN."""
    near = np.abs(x) < 1e5
    close, far = np.where(np.abs(x) < 1e-30, 0, np.where(near, x, 0)), np.where(near, 1e5, x)
    return np.where(near, special.ive(2, close), special.i0e(far) - 2 * y / far)


for f, before, after in (
    *((special.jv, 0.5, -0.5), (special.yv, 0.5, -0.5), (special.iv, 0.5, 0.5), (special.kv, -0.5, -0.5)),
):
    row(
        f,
        no_rule(f, "v"),
        lambda g, y, v, x, f=f, before=before, after=after: g * (before * f(v - 1, x) + after * f(v + 1, x)),
    )
row(
    special.ive,
    no_rule(special.ive, "v"),
    lambda g, y, v, x: g * slope_of_ive(y, v, x),
)


def slope_of_ive(y: Any, v: Any, x: Any) -> Any:
    """d ive / dx; of complex numbers it depends on |Re x|."""
    refuse_complex("scipy.special.ive", x)
    return 0.5 * (special.ive(v - 1, x) + special.ive(v + 1, x)) - np.sign(x) * y


# Losses.


@adapter(special.huber)
def huber(delta: Any, r: Any) -> Any:
    """Quadratic up to |r| = δ, linear beyond (Huber 1964)."""
    limited = np.clip(r, -delta, delta)
    return limited * (r - 0.5 * limited)


@adapter(special.pseudo_huber)
def pseudo_huber(delta: Any, r: Any) -> Any:
    """δ² (√(1 + (r / δ)²) - 1), without cancellation."""
    steepness = r / delta
    steepness = finite(steepness, steepness.dtype)
    return delta * r * (steepness / (np.hypot(1.0, steepness) + 1))
