"""Elementwise functions: each with its derivatives of first and second order, as formulas of exact numbers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_lite.rules import elementwise, neural, trigonometry
from tests.limits.exact import mp

LN2, LN10 = mp.ln2, mp.ln10


class Curve(NamedTuple):
    """A function of one or two numbers: what it gives, and its derivatives."""

    value: Callable
    first: tuple  # one for each argument
    second: tuple  # (∂²/∂x²,), or (∂²/∂a², ∂²/∂a∂b, ∂²/∂b²)
    tolerance: float = 8  # in roundings (eps), beside one for each factor e in the result: exponentials multiply errors
    against: float = 0  # errors are measured against the derivative, or this if it is more
    note: str = ""  # what is so where there is no derivative, or why errors are measured otherwise
    points: tuple = ()  # more numbers to look at
    kept: Callable | None = None  # the numbers at which both the function and its reference are of use


def curve(value, first, second, **more):
    return Curve(value, (first,), (second,), **more)


def surface(value, a, b, aa, ab, bb, **more):
    return Curve(value, (a, b), (aa, ab, bb), **more)


def flat(value, slope, **more):
    """A function that is straight, at least in pieces."""
    return curve(value, slope, lambda x: 0, **more)


def straight(value, a, b, **more):
    return surface(value, a, b, *(lambda a, b: 0,) * 3, **more)


def exp(x):
    """Also where the exponent has more digits than numbers of any use."""
    return mp.exp(x) if abs(x) < mp.mpf(10) ** 30 else mp.inf if x > 0 else mp.zero


def logistic(x):
    return 1 / (1 + exp(-x))


def bell(x):
    return exp(-x * x)


def power(a, b):
    """a**b of real numbers, of which there is none for a < 0 unless b is whole."""
    if a == 0 or b == 0:
        return mp.one if b == 0 else mp.zero if b > 0 else mp.inf
    size = exp(b * mp.log(abs(a)))
    return size if a > 0 else mp.nan if not mp.isint(b) else -size if abs(b) < 1e40 and int(b) % 2 else size


def power_in_b(a, b):
    if a == 0:
        return mp.zero if b >= 0 else -mp.inf
    return power(a, b) * mp.log(a)


def sinc(order):
    """The derivative of sin(πx) / πx, with digits to spare for what cancels near 0."""

    def f(x):
        if x == 0:
            return (mp.one, mp.zero, -(mp.pi**2) / 3)[order]
        with mp.workdps(60 + max(0, int(-3 * mp.log10(abs(x))))):
            s, c = mp.sinpi(x), mp.cospi(x)
            y = s / (mp.pi * x)
            return (y, (c - y) / x, (-mp.pi * s * x - 2 * c + 2 * y) / x**2)[order]

    return f


def root(n, d):
    """n(x) / √((1 - x) (1 + x))^d."""
    return lambda x: n(x) / mp.sqrt((1 - x) * (1 + x)) ** d


def with_logistic(scale):
    """The logarithm of a sum of powers of e^scale."""

    def p(a, b):
        return logistic((a - b) * scale)

    def second(a, b):
        return scale * p(a, b) * p(b, a)

    def value(a, b):
        return max(a, b) + mp.log1p(exp(-abs(a - b) * scale)) / scale

    return surface(
        value,
        p,
        lambda a, b: p(b, a),
        second,
        lambda a, b: -second(a, b),
        second,
        note="two -inf give 0, two inf 0.5 each",
        kept=lambda a, b: not (max(abs(a), abs(b)) == np.inf and a * b > 6e4),
    )


def quotient(a, b):
    """How often b goes into a, downwards."""
    with mp.workdps(800):
        return mp.floor(a / b)


def towards_zero(a, b):
    return mp.sign(a) * mp.sign(b) * quotient(abs(a), abs(b))


def remainder(times):
    def value(a, b):
        with mp.workdps(800):
            return a - b * times(a, b)

    return straight(value, lambda a, b: 1, lambda a, b: -times(a, b), note="jumps count as smooth")


def chosen(better):
    """The slope of an extreme in a: 1 where it is chosen, 1/2 at a tie."""
    return lambda a, b: mp.mpf(better(a, b)) + mp.mpf(a == b) / 2


SMOOTH = "computed from the value: exact to a rounding of 1, not of itself"
ABS = flat(abs, mp.sign, note="0 at 0")
DEGREES, RADIANS = flat(lambda x: x * 180 / mp.pi, lambda x: 180 / mp.pi), flat(mp.radians, lambda x: mp.pi / 180)
TIE = "a tie is split evenly"
FIRST = "a tie goes to the first"
LEAKY = mp.mpf(0.01)

CURVES = {
    np.negative: flat(lambda x: -x, lambda x: -1),
    np.positive: flat(lambda x: x, lambda x: 1),
    elementwise.copy: flat(lambda x: x, lambda x: 1),
    np.conjugate: flat(lambda x: x, lambda x: 1),
    np.reciprocal: curve(lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    np.square: curve(lambda x: x * x, lambda x: 2 * x, lambda x: 2),
    np.sqrt: curve(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * mp.sqrt(x) ** 3)),
    np.cbrt: curve(
        lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2),
        lambda x: -mp.sign(x) * 2 / (9 * mp.cbrt(abs(x)) ** 5),
    ),
    np.exp: curve(exp, exp, exp),
    np.exp2: curve(lambda x: exp(x * LN2), lambda x: exp(x * LN2) * LN2, lambda x: exp(x * LN2) * LN2**2),
    np.expm1: curve(mp.expm1, exp, exp),
    np.log: curve(mp.log, lambda x: 1 / x, lambda x: -1 / x**2),
    np.log2: curve(lambda x: mp.log(x) / LN2, lambda x: 1 / x / LN2, lambda x: -1 / x**2 / LN2),
    np.log10: curve(mp.log10, lambda x: 1 / x / LN10, lambda x: -1 / x**2 / LN10),
    np.log1p: curve(lambda x: mp.log(1 + x), lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2, points=(1 - 2**-9,)),
    np.absolute: ABS,
    np.fabs: ABS,
    np.degrees: DEGREES,
    np.rad2deg: DEGREES,
    np.radians: RADIANS,
    np.deg2rad: RADIANS,
    np.sinh: curve(mp.sinh, mp.cosh, mp.sinh),
    np.cosh: curve(mp.cosh, mp.sinh, mp.cosh),
    np.tanh: curve(
        mp.tanh,
        lambda x: mp.sech(x) ** 2,
        lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2,
        against=1,
        note=SMOOTH,
    ),
    np.arcsinh: curve(mp.asinh, lambda x: 1 / mp.sqrt(1 + x * x), lambda x: -x / mp.sqrt(1 + x * x) ** 3),
    np.arccosh: curve(
        mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1)), lambda x: -x / mp.sqrt((x - 1) * (x + 1)) ** 3
    ),
    np.arctanh: curve(mp.atanh, lambda x: 1 / ((1 - x) * (1 + x)), lambda x: 2 * x / ((1 - x) * (1 + x)) ** 2),
    np.sin: curve(mp.sin, mp.cos, lambda x: -mp.sin(x)),
    np.cos: curve(mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
    np.tan: curve(mp.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.tan(x) * mp.sec(x) ** 2),
    np.arcsin: curve(mp.asin, root(lambda x: 1, 1), root(lambda x: x, 3)),
    np.arccos: curve(mp.acos, root(lambda x: -1, 1), root(lambda x: -x, 3)),
    np.arctan: curve(mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    np.sinc: curve(sinc(0), sinc(1), sinc(2)),
    trigonometry.one_minus_square: curve(lambda x: (1 - x) * (1 + x), lambda x: -2 * x, lambda x: -2),
    trigonometry.bump: curve(
        lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2, lambda x: (6 * x * x - 2) / (1 + x * x) ** 3
    ),
    neural.relu: flat(lambda x: max(x, mp.zero), lambda x: x > 0, note="0 at 0"),
    neural.leaky_relu: flat(lambda x: x if x > 0 else x * LEAKY, lambda x: 1 if x > 0 else LEAKY, note="0.01 at 0"),
    neural.elu: curve(
        lambda x: x if x > 0 else mp.expm1(x),
        lambda x: 1 if x > 0 else exp(x),
        lambda x: 0 if x > 0 else exp(x),
        against=1,
        note=SMOOTH,
    ),
    neural.sigmoid: curve(
        logistic,
        lambda x: logistic(x) * logistic(-x),
        lambda x: logistic(x) * logistic(-x) * (logistic(-x) - logistic(x)),
        against=1,
        note=SMOOTH,
    ),
    neural.softplus: curve(
        lambda x: max(x, mp.zero) + mp.log1p(exp(-abs(x))), logistic, lambda x: logistic(x) * logistic(-x)
    ),
    neural.bell: curve(bell, lambda x: -2 * x * bell(x), lambda x: (4 * x * x - 2) * bell(x)),
    neural.erf: curve(mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * bell(x), lambda x: -4 * x / mp.sqrt(mp.pi) * bell(x)),
    # Of two numbers.
    np.add: straight(lambda a, b: a + b, lambda a, b: 1, lambda a, b: 1),
    np.subtract: straight(lambda a, b: a - b, lambda a, b: 1, lambda a, b: -1),
    np.multiply: surface(
        lambda a, b: a * b, lambda a, b: b, lambda a, b: a, lambda a, b: 0, lambda a, b: 1, lambda a, b: 0
    ),
    np.divide: surface(
        lambda a, b: a / b,
        lambda a, b: 1 / b,
        lambda a, b: -a / b**2,
        lambda a, b: 0,
        lambda a, b: -1 / b**2,
        lambda a, b: 2 * a / b**3,
    ),
    np.power: surface(
        power,
        lambda a, b: b * power(a, b - 1),
        power_in_b,
        lambda a, b: b * (b - 1) * power(a, b - 2),
        lambda a, b: power(a, b - 1) * (1 + b * mp.log(a)),
        lambda a, b: power(a, b) * mp.log(a) ** 2,
        note="0 at 0**0",
        kept=lambda a, b: (a > 0 or abs(b) < 100) and not (np.isinf(a) and 0 < abs(b) < 0.01),
    ),
    np.remainder: remainder(quotient),
    np.fmod: remainder(towards_zero),
    np.logaddexp: with_logistic(mp.one),
    np.logaddexp2: with_logistic(LN2),
    np.hypot: surface(
        mp.hypot,
        lambda a, b: a / mp.hypot(a, b),
        lambda a, b: b / mp.hypot(a, b),
        lambda a, b: b * b / mp.hypot(a, b) ** 3,
        lambda a, b: -a * b / mp.hypot(a, b) ** 3,
        lambda a, b: a * a / mp.hypot(a, b) ** 3,
        note="0 at the origin, √½ where both are infinite",
    ),
    np.arctan2: surface(
        mp.atan2,
        lambda a, b: b / (a * a + b * b),
        lambda a, b: -a / (a * a + b * b),
        lambda a, b: -2 * a * b / (a * a + b * b) ** 2,
        lambda a, b: (a * a - b * b) / (a * a + b * b) ** 2,
        lambda a, b: 2 * a * b / (a * a + b * b) ** 2,
        note="0 at the origin",
    ),
    trigonometry.ratio: surface(
        lambda a, b: a / mp.hypot(a, b),
        lambda a, b: b * b / mp.hypot(a, b) ** 3,
        lambda a, b: -a * b / mp.hypot(a, b) ** 3,
        lambda a, b: -3 * a * b * b / mp.hypot(a, b) ** 5,
        lambda a, b: b * (2 * a * a - b * b) / mp.hypot(a, b) ** 5,
        lambda a, b: a * (2 * b * b - a * a) / mp.hypot(a, b) ** 5,
    ),
    np.maximum: straight(max, chosen(mp.mpf.__gt__), lambda a, b: chosen(mp.mpf.__gt__)(b, a), note=TIE),
    np.minimum: straight(min, chosen(mp.mpf.__lt__), lambda a, b: chosen(mp.mpf.__lt__)(b, a), note=TIE),
    np.fmax: straight(max, lambda a, b: a >= b, lambda a, b: b > a, note=FIRST),
    np.fmin: straight(min, lambda a, b: a <= b, lambda a, b: b < a, note=FIRST),
    np.copysign: straight(
        lambda a, b: abs(a) * mp.sign(b), lambda a, b: mp.sign(a) * mp.sign(b), lambda a, b: 0, kept=lambda a, b: b != 0
    ),
}
