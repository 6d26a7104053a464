"""Samples for `rules/indexing.py`."""

import numpy as np

from autograd_lite.rules import indexing
from tests.rules.samples.numbers import real

INDICES = [(1,), (-1, slice(None)), (slice(None, None, -2),), (np.array([0, 2, 0]),), (None, Ellipsis, 1)]
INDICES += [(np.array([True, False, True]),), (np.array([[0], [1]]), np.array([1, 3])), (slice(1, 1),), ()]

SAMPLES = {
    indexing.get_item: [((real(3, 4), *index), {}) for index in INDICES],
    indexing.put_item: [((np.asarray(real(3, 4)[i]), *i), {"shape": (3, 4)}) for i in INDICES],
    indexing.set_item: [((real(3, 4), np.asarray(real(3, 4)[i]), *i), {}) for i in INDICES]
    + [((real(3, 4), real(1, 4), 1), {}), ((real(3, 4), real(), slice(None)), {})]
    + [((real(5), real(3), np.array([1, 1, 2])), {})],
}
