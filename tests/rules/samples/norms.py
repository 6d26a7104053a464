"""Samples for `rules/norms.py`."""

import numpy as np

from autograd_lite.rules import norms
from tests.rules.samples.linalg import invertible
from tests.rules.samples.numbers import real

ORDERS = (None, np.inf, -np.inf, 1, -1, 2, -2, 3, 0.5, 2.5)
MATRIX_ORDERS = (None, "fro", "nuc", np.inf, -np.inf, 1, -1, 2, -2)

SAMPLES = {
    norms.p_norm: [((real(2, 3),), {"p": p}) for p in (2, 3, -1, 1.5)]
    + [((real(2, 3, 2),), {"p": p, "axis": axis}) for p in (2, 3) for axis in (0, (0, -1))],
    np.linalg.norm: [((real(4), order), {}) for order in ORDERS]
    + [((real(2, 3),), {"ord": order, "axis": -1, "keepdims": True}) for order in ORDERS]
    + [((real(3, 2),), {"ord": order}) for order in MATRIX_ORDERS]
    + [((real(2, 3, 3),), {"ord": order, "axis": (2, 0), "keepdims": True}) for order in MATRIX_ORDERS]
    + [((real(3, 2, 3),), {"ord": order, "axis": (-3, -2)}) for order in MATRIX_ORDERS]
    + [((real(2, 3, 2),), {}), ((real(),), {}), ((real(2, 3),), {"keepdims": True}), ((real(1),), {})],
    np.linalg.vector_norm: [((real(2, 3),), {"ord": order}) for order in (np.inf, -np.inf, 1, 2, 3)]
    + [((real(2, 3, 2),), {"axis": axis, "keepdims": True}) for axis in (None, 1, (0, 2))],
    np.linalg.matrix_norm: [((real(2, 3, 3),), {"ord": order}) for order in MATRIX_ORDERS[1:]]
    + [((real(3, 2),), {"keepdims": True})],
    np.linalg.cond: [((invertible(3, 3), p), {}) for p in MATRIX_ORDERS] + [((real(2, 3, 2),), {})],
}
