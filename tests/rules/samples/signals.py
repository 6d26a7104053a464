"""Samples for `rules/signals.py`."""

import numpy as np

from autograd_lite.rules import signals
from tests.rules.samples.numbers import real

LENGTHS = ((5, 3), (3, 5), (5, 2), (2, 5), (4, 4), (1, 3), (6, 4), (4, 6), (1, 1))
XP = np.array([-1.5, -0.5, 0.75, 1.25])

SAMPLES = {
    signals.convolved: [((real(m), real(n)), {}) for m, n in LENGTHS],
    **{
        f: [((real(m), real(n), mode), {}) for m, n in LENGTHS for mode in ("full", "same", "valid")]
        for f in (np.convolve, np.correlate)
    },
    np.interp: [
        ((real(6), XP, real(4)), {}),
        ((real(2, 3), np.array([-1.0, 0.0, 1.0]), real(3)), {}),
        ((real(), XP, real(4)), {"left": -1.0, "right": 7.0}),
        ((np.array([-0.3, 0.1, 4.9, 2.4]), np.array([0.0, 0.5, 1.5]), real(3)), {"period": 2}),
        ((real(0), XP, real(4)), {}),
        ((np.array([0.0, 2.0]), np.array([1.0]), real(1)), {}),
    ],
    np.polyval: [((real(3), real(2, 2)), {}), (([1.0, -2.0, 0.5], real()), {}), ((real(4), 1.5), {})],
    **{
        f: [((real(3), real(2)), {}), ((real(2), real(2)), {}), ((real(1), real(3)), {})]
        for f in (np.polyadd, np.polysub)
    },
    np.polyder: [((real(4),), {}), ((real(4), 2), {})],
    np.polyint: [((real(3),), {}), ((real(3),), {"m": 2, "k": [1.0, -2.0]})],
    np.linspace: [
        ((real(), real()), {"num": 4}),
        ((0.0, real(), 3), {"endpoint": False}),
        ((real(2, 1), real(3), 5), {"axis": -1}),
        ((real(2), 1, 1), {}),
    ],
    np.vander: [((real(3),), {}), ((real(3), 2), {}), ((real(2),), {"N": 4, "increasing": True}), ((real(2), 0), {})],
}
