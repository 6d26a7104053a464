"""Samples for `rules/elementwise.py`."""

import numpy as np

from autograd_lite.rules import elementwise
from tests.rules.samples.numbers import binary, real, unary

SAMPLES = {
    **{f: binary() for f in (np.add, np.subtract, np.multiply, np.logaddexp)},
    **{f: binary() for f in (np.maximum, np.minimum)},
    np.divide: binary(low=0.5),
    np.power: binary(low=0.5),
    **{f: unary() for f in (np.negative, np.positive, np.exp, np.exp2, np.expm1, np.tanh, np.sinh, np.cosh)},
    **{f: unary() for f in (np.sin, np.cos, np.arctan, np.square, np.absolute, elementwise.copy)},
    **{f: unary(low=0.3) for f in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.reciprocal)},
    **{f: unary(low=-0.8, high=0.8) for f in (np.arcsin, np.arccos, np.tan)},
    elementwise.power_of_constant: [((real(2, 3, low=0.5),), {"exponent": e}) for e in (0, 1, 2, 3, -1, 0.5, -2.5)],
    np.where: [((np.array([[True], [False]]), real(2, 3), real(3)), {}), ((True, real(2), real()), {})],
    elementwise.clip: [((real(4), *bounds), {}) for bounds in ((-0.7, 0.9), (None, np.array([0.1])), (0.0, None))],
}
