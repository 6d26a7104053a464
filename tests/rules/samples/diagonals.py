"""Samples for `rules/diagonals.py`."""

import numpy as np

from autograd_lite.rules import diagonals
from tests.rules.samples.numbers import real

OFFSETS = (0, 1, -1, 2, -3, 5)

SAMPLES = {
    **{f: [((real(3, 4), k), {}) for k in OFFSETS] for f in (np.diagonal, np.trace, np.tril, np.triu, np.diag)},
    np.diagflat: [((real(*shape),), {"k": k}) for shape in ((3,), (2, 2), (), (0,)) for k in OFFSETS],
    diagonals.masked: [((real(2, 3), np.array([[True, False, True]])), {})],
}
SAMPLES[np.diag] += [((real(3), k), {}) for k in OFFSETS] + [((real(0),), {}), ((real(0), -2), {})]
SAMPLES[diagonals.diagonal_to_write] = list(SAMPLES[np.diagonal])
for f in (np.diagonal, np.trace, diagonals.diagonal_to_write):
    SAMPLES[f] += [((real(2, 3, 4),), {"axis1": -1, "axis2": 0, "offset": 1}), ((real(2, 3, 4, 2), 0, 1, 3), {})]
for f in (np.tril, np.triu):
    SAMPLES[f] += [((real(2, 3, 3),), {"k": -1}), ((real(3),), {}), ((real(0, 2),), {})]
