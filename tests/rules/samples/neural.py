"""Samples for `rules/neural.py`."""

import numpy as np

from autograd_lite.rules import neural
from tests.rules.samples.numbers import real, spread, unary

SAMPLES = {
    **{f: unary() for f in (neural.sigmoid, neural.softplus, neural.erf)},
    **{f: [((spread(2, 4),), {})] for f in (neural.relu,)},
    neural.bell: [*unary(), ((real(3),), {"rate": 0.5})],
    neural.leaky_relu: [((spread(2, 4),), {"slope": 0.2}), ((spread(2, 4), real(4)), {}), ((spread(2, 4), real()), {})],
    neural.elu: [((spread(2, 4),), {"alpha": 1.5}), ((spread(2, 4), real(4)), {}), ((spread(2, 4), real()), {})],
    **{
        f: [((real(*shape),), {"axis": axis}) for shape, axis in (((2, 3), -1), ((5, 6), 1), ((2, 3, 4), 1), ((3,), 0))]
        for f in (neural.softmax, neural.log_softmax)
    },
    neural.linear: [((real(4, 3), real(2, 3), real(2)), {}), ((real(0, 3), real(2, 3), real(2)), {})],
    neural.lookup: [((np.cos(np.arange(8)).reshape(4, 2), np.array([[2, 0, 2], [1, 1, 2]])), {})],
    neural.binary_cross_entropy: [((real(4, 2, low=0.1, high=0.9), real(4, 2, low=0.1, high=0.9)), {})],
    neural.mean_squared_error: [((real(4, 2), real(4, 2)), {}), ((real(3), real(3)), {})],
}
