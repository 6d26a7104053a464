"""SciPy's special functions, with their derivatives of first and second order; empty where SciPy is not installed."""

import functools
import importlib.util

import numpy as np

from tests.limits.curves import CURVES, bell, curve, exp, logistic, surface
from tests.limits.exact import mp
from tests.limits.vectors import Vector

SCIPY = "as exact as SciPy's own functions"
SPECIAL = {}  # functions of numbers
SPECIAL_VECTORS = {}  # those with parameters


def between(low, high):
    return lambda *x: low <= x[-1] <= high


def phi(x):
    return bell(x / mp.sqrt(2)) / mp.sqrt(2 * mp.pi)


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2 if x > -1e20 else mp.zero


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erfcx_slope(x):
    with mp.workdps(50 + max(0, int(4 * mp.log10(1 + abs(x))))):
        return 2 * x * erfcx(x) - 2 / mp.sqrt(mp.pi)


def dawson(x):
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


def dawson_slope(x):
    with mp.workdps(50 + max(0, int(4 * mp.log10(1 + abs(x))))):
        return 1 - 2 * x * dawson(x)


def mills(x):
    """φ / Φ, the slope of log Φ."""
    return mp.sqrt(2 / mp.pi) / erfcx(-x / mp.sqrt(2))


def exprel(order):
    """The derivative of (eˣ - 1) / x, with digits to spare for what cancels near 0."""

    def f(x):
        if x == 0:
            return mp.one / (order + 1)
        with mp.workdps(60 + max(0, int(-3 * mp.log10(abs(x))))):
            e = mp.exp(x)
            return (
                (e - 1) / x,
                (e * (x - 1) + 1) / x**2,
                (e * (x * x - 2 * x + 2) - 2) / x**3,
            )[order]

    return f


def bessel(f, before, after, order, scale=0):
    """A Bessel function of whole order, whose slope is one of its neighbours'; scaled by e^(-scale |x|)."""

    f = functools.cache(f)

    def slope(v, x, n):
        if v < 0:
            return (before * after) ** v * slope(-v, x, n)
        if n == 0:
            return f(v, x)
        return (before * slope(v - 1, x, n - 1) + after * slope(v + 1, x, n - 1)) / 2

    def scaled(v, x):
        return mp.exp(-scale * abs(x)) * slope(v, x, 0)

    def first(v, x):
        return mp.exp(-scale * abs(x)) * (slope(v, x, 1) - scale * mp.sign(x) * slope(v, x, 0))

    def second(v, x):
        twice = 2 * scale * mp.sign(x) * slope(v, x, 1)
        return mp.exp(-scale * abs(x)) * (slope(v, x, 2) - twice + scale * slope(v, x, 0))

    more = {"tolerance": 1024, "against": 1e-3, "note": SCIPY, "kept": between(-300, 300)}
    return curve(*(lambda x, g=g: g(order, x) for g in (scaled, first, second)), **more)


def log1p(x):
    return mp.log1p(x) if x > -1 else mp.log(1 + x)


def digamma(n):
    return lambda x: mp.psi(n, x)


def gamma(x):
    return mp.gamma(x) * mp.psi(0, x)


if importlib.util.find_spec("scipy"):
    from scipy import special

    from autograd_lite.rules import neural
    from autograd_lite.rules import special as rules

    ROOT = mp.sqrt(mp.pi) / 2
    LN10 = mp.ln10
    SPECIAL = {
        **{getattr(special, f.__name__): CURVES[f] for f in (np.expm1, np.log1p, np.exp2, np.cbrt)},
        special.expit: CURVES[neural.sigmoid]._replace(against=0, note=""),
        special.log_expit: curve(
            lambda x: -mp.log1p(exp(-x)), lambda x: logistic(-x), lambda x: -logistic(x) * logistic(-x)
        ),
        special.logit: curve(
            lambda x: mp.log(x / (1 - x)), lambda x: 1 / (x * (1 - x)), lambda x: (2 * x - 1) / (x * (1 - x)) ** 2
        ),
        special.exp10: curve(*(lambda x, n=n: exp(x * LN10) * LN10**n for n in range(3))),
        special.cosm1: curve(lambda x: mp.cos(x) - 1, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
        special.exprel: curve(*map(exprel, range(3)), kept=between(-1e9, 1e9)),
        special.exp1: curve(
            mp.e1, lambda x: -mp.exp(-x) / x, lambda x: mp.exp(-x) * (x + 1) / x**2, kept=between(1e-320, 1e3)
        ),
        special.expi: curve(
            mp.ei, lambda x: mp.exp(x) / x, lambda x: mp.exp(x) * (x - 1) / x**2, kept=between(-1e3, 700)
        ),
        special.entr: curve(
            lambda x: -x * mp.log(x), lambda x: -mp.log(x) - 1, lambda x: -1 / x, kept=between(0, np.inf)
        ),
        special.erf: CURVES[neural.erf],
        special.erfc: curve(
            mp.erfc,
            *(lambda x, f=f: -f(x) for f in (CURVES[neural.erf].first[0], CURVES[neural.erf].second[0])),
            kept=between(-1e9, 1e9),
        ),
        special.erfcx: curve(
            erfcx, erfcx_slope, lambda x: 2 * erfcx(x) + 2 * x * erfcx_slope(x), tolerance=1024, kept=between(-20, 1e6)
        ),
        special.erfi: curve(
            mp.erfi, lambda x: mp.exp(x * x) / ROOT, lambda x: 2 * x * mp.exp(x * x) / ROOT, kept=between(-26, 26)
        ),
        special.erfinv: curve(
            mp.erfinv,
            lambda x: ROOT * mp.exp(mp.erfinv(x) ** 2),
            lambda x: 2 * mp.erfinv(x) * (ROOT * mp.exp(mp.erfinv(x) ** 2)) ** 2,
            tolerance=64,
            note=SCIPY,
            kept=between(-0.999, 0.999),
        ),
        special.erfcinv: curve(
            lambda x: mp.erfinv(1 - x),
            lambda x: -ROOT * mp.exp(mp.erfinv(1 - x) ** 2),
            lambda x: 2 * mp.erfinv(1 - x) * (ROOT * mp.exp(mp.erfinv(1 - x) ** 2)) ** 2,
            tolerance=64,
            note=SCIPY,
            kept=between(1e-3, 1.999),
        ),
        special.dawsn: curve(
            dawson,
            dawson_slope,
            lambda x: -2 * dawson(x) - 2 * x * dawson_slope(x),
            tolerance=1024,
            kept=between(-1e3, 1e3),
        ),
        special.ndtr: curve(normal, phi, lambda x: -x * phi(x)),
        special.log_ndtr: curve(
            lambda x: mp.log(normal(x)),
            mills,
            lambda x: -mills(x) * (x + mills(x)),
            tolerance=64,
            kept=between(-1e4, 9),
        ),
        special.ndtri: curve(
            lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
            lambda p: 1 / phi(mp.sqrt(2) * mp.erfinv(2 * p - 1)),
            lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1) / phi(mp.sqrt(2) * mp.erfinv(2 * p - 1)) ** 2,
            tolerance=64,
            note=SCIPY,
            kept=between(1e-3, 0.999),
        ),
        special.gamma: curve(
            mp.gamma,
            gamma,
            lambda x: mp.gamma(x) * (mp.psi(0, x) ** 2 + mp.psi(1, x)),
            tolerance=64,
            note=SCIPY,
            kept=between(1e-320, 1e4),
        ),
        **{
            f: curve(
                lambda x: mp.loggamma(x), digamma(0), digamma(1), tolerance=64, note=SCIPY, kept=between(1e-320, 1e4)
            )
            for f in (special.gammaln, special.loggamma)
        },
        special.psi: curve(*map(digamma, range(3)), tolerance=64, note=SCIPY, kept=between(1e-320, 1e4)),
        rules.polygamma: curve(*map(digamma, range(1, 4)), tolerance=64, note=SCIPY, kept=between(1e-90, 1e4)),
        **{
            f: bessel(g, *signs, order=n)
            for g, signs, functions in (
                (mp.besselj, (1, -1), (special.j0, special.j1)),
                (mp.besseli, (1, 1), (special.i0, special.i1)),
            )
            for n, f in enumerate(functions)
        },
        **{
            f: bessel(g, *signs, order=n)._replace(kept=between(0.5, 9))
            for g, signs, functions in (
                (mp.bessely, (1, -1), (special.y0, special.y1)),
                (mp.besselk, (-1, -1), (special.k0, special.k1)),
            )
            for n, f in enumerate(functions)
        },
        special.i0e: bessel(mp.besseli, 1, 1, order=0, scale=1)._replace(kept=lambda x: 0 < abs(x) < 300),
        special.i1e: bessel(mp.besseli, 1, 1, order=1, scale=1),
        special.xlogy: surface(
            lambda a, b: a * mp.log(b),
            lambda a, b: mp.log(b) if a or b else 0,
            lambda a, b: a / b,
            lambda a, b: 0,
            lambda a, b: 1 / b,
            lambda a, b: -a / b**2,
            note="0 where both are 0",
        ),
        special.xlog1py: surface(
            lambda a, b: a * log1p(b),
            lambda a, b: log1p(b) if a or b != -1 else 0,
            lambda a, b: a / (1 + b),
            lambda a, b: 0,
            lambda a, b: 1 / (1 + b),
            lambda a, b: -a / (1 + b) ** 2,
            note="0 where a is 0 and b is -1",
        ),
        special.rel_entr: surface(
            lambda a, b: a * mp.log(a / b),
            lambda a, b: mp.log(a / b) + 1,
            lambda a, b: -a / b,
            lambda a, b: 1 / a,
            lambda a, b: -1 / b,
            lambda a, b: a / b**2,
            kept=lambda a, b: 0 < a < np.inf and 0 < b < np.inf,
            tolerance=64,
        ),
        special.kl_div: surface(
            lambda a, b: a * mp.log(a / b) - a + b,
            lambda a, b: mp.log(a / b),
            lambda a, b: (b - a) / b,
            lambda a, b: 1 / a,
            lambda a, b: -1 / b,
            lambda a, b: a / b**2,
            kept=lambda a, b: 0 < a < np.inf and 0 < b < np.inf,
            tolerance=64,
        ),
    }

    POSITIVE = np.array([0.5, 1.25, 3.0])

    def with_parameter(function, formula, *parameters, x=POSITIVE, variants=("usual",), **more):
        def exact(x):
            return np.array([formula(*map(mp.mpf, parameters), y) for y in x])

        return [Vector(lambda x: function(*parameters, x), exact, (x,), variants, **{"tolerance": 256, **more})]

    def exact_huber(delta, r):
        limited = min(max(r, -delta), delta)
        return limited * (r - limited / 2)

    def exact_pseudo_huber(delta, r):
        return delta**2 * (mp.sqrt(1 + (r / delta) ** 2) - 1)

    AT = {"variants": ("usual", "tiny", "huge"), "x": np.array([0.5, -3.0, 1.25])}
    SPECIAL_VECTORS = {
        special.beta: [Vector(special.beta, np.frompyfunc(mp.beta, 2, 1), (POSITIVE, POSITIVE[::-1]), ("usual",), 256)],
        special.betaln: [
            Vector(
                special.betaln,
                np.frompyfunc(lambda a, b: mp.log(mp.beta(a, b)), 2, 1),
                (POSITIVE, POSITIVE[::-1]),
                ("usual",),
                256,
            )
        ],
        special.gammainc: with_parameter(special.gammainc, lambda a, x: mp.gammainc(a, 0, x, regularized=True), 1.5),
        special.gammaincc: with_parameter(special.gammaincc, lambda a, x: mp.gammainc(a, x, regularized=True), 1.5),
        special.betainc: with_parameter(
            special.betainc, lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True), 1.5, 2.5, x=POSITIVE / 4
        ),
        **{
            f: with_parameter(f, g, 1.5)
            for f, g in (
                (special.jv, mp.besselj),
                (special.yv, mp.bessely),
                (special.iv, mp.besseli),
                (special.kv, mp.besselk),
                (special.ive, lambda v, x: mp.besseli(v, x) * mp.exp(-abs(x))),
            )
        },
        special.huber: with_parameter(special.huber, exact_huber, 2.0, **AT),
        special.pseudo_huber: with_parameter(special.pseudo_huber, exact_pseudo_huber, 2.0, **AT),
    }
