"""Samples for `rules/elementwise.py`, `rules/trigonometry.py` and `rules/where_and_extrema.py`."""

import numpy as np

from autograd_lite.rules import elementwise, trigonometry, where_and_extrema
from tests.rules.samples.numbers import binary, real, unary

NAN = np.array([1.0, np.nan, -2.0, np.inf, -np.inf])

SAMPLES = {
    **{f: binary() for f in (np.add, np.subtract, np.multiply, np.logaddexp, np.logaddexp2, np.hypot, np.arctan2)},
    **{f: binary() for f in (np.maximum, np.minimum, np.fmax, np.fmin, np.copysign)},
    **{f: binary(low=0.5) for f in (np.divide, np.power)},
    **{f: [*binary(low=0.7, high=1.3), ((real(5) * 4, np.array(0.9)), {})] for f in (np.remainder, np.fmod, np.divmod)},
    np.heaviside: [*binary(low=0.1), ((np.float32([0, 1, 0, -1]), real(2, 4)), {})],
    np.ldexp: [((real(2, 3), np.array([1, 0, -3])), {}), ((real(), 2), {})],
    **{f: unary() for f in (np.negative, np.positive, np.exp, np.exp2, np.expm1, np.tanh, np.sinh, np.cosh)},
    elementwise.laid_out: [((real(2, 3, 4),), {"axes": (1, 2, 0)}), ((real(3, 2),), {"axes": (1, 0)})],
    **{f: unary() for f in (np.sin, np.cos, np.arctan, np.arcsinh, np.square, np.absolute, np.fabs, elementwise.copy)},
    **{f: unary() for f in (np.degrees, np.rad2deg, np.radians, np.deg2rad, np.conjugate, np.real, np.modf)},
    **{f: unary(low=0.3) for f in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.cbrt, np.reciprocal)},
    **{f: unary(low=-0.8, high=0.8) for f in (np.arcsin, np.arccos, np.tan, np.arctanh)},
    np.arccosh: unary(low=1.2, high=3.0),
    **{f: unary() for f in (trigonometry.one_minus_square, trigonometry.bump)},
    trigonometry.ratio: binary(),
    np.sinc: [*unary(), ((np.array([0.0, 1e-3, 0.5, -1.0, 7.3]),), {})],
    trigonometry.sinc_derivative: [
        ((np.array([0.0, 1e-4, -0.3, 0.63, 0.64, 0.95, 2.0, 40.5]),), {"order": n}) for n in (1, 2, 3)
    ],
    elementwise.power_of_constant: [((real(2, 3, low=0.5),), {"exponent": e}) for e in (0, 1, 2, 3, -1, 0.5, -2.5)],
    np.where: [((np.array([[True], [False]]), real(2, 3), real(3)), {}), ((True, real(2), real()), {})],
    where_and_extrema.clip: [
        ((real(4), *bounds), {}) for bounds in ((-0.7, 0.9), (None, np.array([0.1])), (0.0, None))
    ],
    np.clip: [((real(4), -0.7), {"a_max": 0.9}), ((real(4),), {"min": 0.1}), ((real(2, 3), real(3) - 2, 1.0), {})],
    np.nan_to_num: [((real(2, 3),), {}), ((real(),), {}), ((real(3),), {"nan": 2.0, "posinf": 1.0, "neginf": -1.0})],
}
