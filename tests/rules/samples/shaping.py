"""Samples for `rules/shaping.py`."""

import numpy as np

from autograd_lite.rules import shaping
from tests.rules.samples.numbers import real

SAMPLES = {
    shaping.reshape: [((real(2, 3),), {"shape": s}) for s in (6, (3, 2), (1, -1), (2, 1, 3))]
    + [((real(1),), {"shape": ()})],
    np.transpose: [((real(2, 3, 4),), s) for s in ({}, {"axes": (1, 2, 0)}, {"axes": (-1, 0, 1)})],
    np.swapaxes: [((real(2, 3, 4),), {"axis1": 0, "axis2": -1})],
    np.moveaxis: [((real(2, 3, 4),), {"source": 0, "destination": -1})],
    np.matrix_transpose: [((real(2, 3, 4),), {})],
    np.expand_dims: [((real(2, 3),), {"axis": axis}) for axis in (0, -1, (0, 2))],
    np.squeeze: [((real(1, 3, 1),), s) for s in ({}, {"axis": 0}, {"axis": (0, 2)})],
    np.broadcast_to: [((real(3, 1),), {"shape": (2, 3, 4)}), ((real(),), {"shape": (2,)})],
    shaping.join: [((real(2, 3), real(1, 3)), {"axis": 0}), ((real(2, 1), real(2, 2), real(2, 0)), {"axis": -1})],
}
