"""Samples for `rules/directions.py`, whose second arguments are about what `direction` and `terms` find themselves."""

import numpy as np

from autograd_lite.rules import directions
from tests.rules.samples.numbers import real

NEAR = np.float32([[[2.0]]])

SAMPLES = {
    directions.direction: [
        ((real(2, 3, 2), NEAR), {"p": p, "axis": axis}) for p in (2, 3, 1.5, -1) for axis in (None, 0, (0, -1))
    ],
    directions.terms: [((real(2, 3), NEAR[0]), {}), ((real(2, 3), np.float32([[2.5], [3.0]])), {})],
}
