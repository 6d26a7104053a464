"""Samples for `rules/padding.py`."""

import numpy as np

from tests.rules.samples.numbers import real, spread

SAMPLES = {
    np.pad: [
        *[((real(2, 3), width), {}) for width in (1, (1, 2), ((1, 2),), ((0, 1), (2, 0)), [[1, 1], [0, 0]], 0)],
        ((real(2, 3), 1), {"constant_values": 2.5}),
        ((real(2, 3), 1, "constant"), {"constant_values": ((1, 2), (3, 4))}),
        ((real(0), 2), {}),
        *[((real(3, 4), ((1, 2), (0, 5))), {"mode": m}) for m in ("edge", "reflect", "symmetric", "wrap")],
        *[((spread(3, 4), ((1, 2), (0, 3))), {"mode": m}) for m in ("mean", "maximum", "minimum", "linear_ramp")],
        ((spread(5), 2), {"mode": "mean", "stat_length": 2}),
        ((spread(5, 2), 1), {"mode": "maximum", "stat_length": ((2, 3), (1, 1))}),
        ((real(5), (3, 2)), {"mode": "linear_ramp", "end_values": (1.0, -2.0)}),
    ],
}
