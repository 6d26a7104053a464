"""Samples for `rules/special.py`; none where SciPy is not installed."""

import importlib.util

from tests.rules.samples.numbers import binary, real, unary

SAMPLES = {}
if importlib.util.find_spec("scipy"):
    from scipy import special

    from autograd_lite.rules import special as rules

    LINE = (special.expit, special.log_expit, special.expm1, special.exp2, special.exp10, special.cosm1, special.exprel)
    LINE += (special.erf, special.erfc, special.erfcx, special.erfi, special.dawsn, special.ndtr, special.log_ndtr)
    LINE += (special.j0, special.j1, special.i0, special.i1, special.i0e, special.i1e)
    POSITIVE = (
        special.log1p,
        special.cbrt,
        special.entr,
        special.gamma,
        special.gammaln,
        special.loggamma,
        special.psi,
    )
    POSITIVE += (special.exp1, special.expi, special.y0, special.y1, special.k0, special.k1, rules.polygamma)
    PAIRS = (special.xlogy, special.xlog1py, special.rel_entr, special.kl_div, special.beta, special.betaln)
    PAIRS += (special.pseudo_huber,)
    X = real(2, 3, low=0.5)

    SAMPLES = {
        **{f: unary() for f in LINE},
        **{f: unary(low=0.6, high=2.5) for f in POSITIVE},
        **{f: unary(low=0.1, high=0.9) for f in (special.logit, special.ndtri, special.erfinv, special.erfcinv)},
        **{f: binary(low=0.5) for f in PAIRS},
        **{f: [((2, X), {}), ((1.5, X), {})] for f in (special.jv, special.yv, special.iv, special.kv, special.ive)},
        **{f: [((1.5, X), {}), ((3.0, real(low=0.5)), {})] for f in (special.gammainc, special.gammaincc)},
        special.betainc: [((1.5, 2.5, real(2, 3, low=0.1, high=0.9)), {})],
        special.huber: [*binary(low=0.6)[1:3], ((1.0, real(6)), {})],
    }
