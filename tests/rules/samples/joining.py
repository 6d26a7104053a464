"""Samples for `rules/joining.py`."""

import numpy as np

from autograd_lite.rules import joining
from tests.rules.samples.numbers import real

PAIR = [real(2, 3), real(2, 3)]

SAMPLES = {
    joining.join: [((real(2, 3), real(1, 3)), {"axis": 0}), ((real(2, 1), real(2, 2), real(2, 0)), {"axis": -1})],
    np.concatenate: [
        ((PAIR,), {}),
        ((PAIR, 1), {}),
        (([real(2, 3), real(1, 3)],), {"axis": -2}),
        (([real(2, 3), real(2), real()],), {"axis": None}),
        ((PAIR,), {"axis": 0, "dtype": None}),
    ],
    np.stack: [((PAIR,), {"axis": axis}) for axis in (0, 1, -1)] + [(([real(), real(), 2.0],), {}), (([real(0)],), {})],
    np.hstack: [((PAIR,), {}), (([real(2), real(), 1.0],), {}), (([real(2, 1, 2), real(2, 2, 2)],), {})],
    np.vstack: [((PAIR,), {}), (([real(3), real(2, 3)],), {}), (([real(), real()],), {})],
    np.dstack: [((PAIR,), {}), (([real(3), real(3)],), {}), (([real(2, 3, 2), real(2, 3)],), {})],
    np.column_stack: [((PAIR,), {}), (([real(2), real(2, 2), np.ones(2)],), {})],
    np.block: [
        (([real(2), real(3)],), {}),
        (([real(2, 2), np.zeros((2, 1))],), {}),
        ((real(2),), {}),
    ],
    np.append: [
        ((real(2, 3), real(2)), {}),
        ((real(2, 3), real(1, 3)), {"axis": 0}),
        ((real(3), 1.0), {}),
        ((real(2), real(3), -1), {}),
    ],
    np.apply_along_axis: [
        ((np.sum, 0, real(2, 3)), {}),
        ((np.outer, 1, real(2, 3, 2), np.ones(2)), {}),
        ((lambda v: v * v[0], -1, real(2, 3)), {}),
    ],
    np.insert: [
        ((real(4), 1, real()), {}),
        ((real(4), -1, 2.5), {}),
        ((real(4), 2, real(3)), {}),
        ((real(4), [1, 3], real(2)), {}),
        ((real(4), [3, 1], real()), {}),
        ((real(4), [1], real(3)), {}),
        ((real(2, 3), 1, real()), {}),
        ((real(2, 3), 1, real(2)), {"axis": 1}),
        ((real(2, 3), 1, real(3)), {"axis": 0}),
        ((real(2, 3), [0, 3], real(2, 1)), {"axis": 1}),
        ((real(2, 3), [1], real(2, 2)), {"axis": -1}),
        ((real(2, 3), slice(0, 2), real(2, 2)), {"axis": 1}),
        ((real(3), np.array([True, False, True]), real(2)), {}),
    ],
    np.split: [((real(4, 2), 2), {}), ((real(2, 4), [1, 3]), {"axis": -1}), ((real(3), [5]), {})],
    np.array_split: [((real(5), 3), {}), ((real(2, 5), 2, 1), {}), ((real(2), 3), {}), ((real(4), [1, -1]), {})],
    np.hsplit: [((real(4), 2), {}), ((real(2, 4), [1]), {})],
    np.vsplit: [((real(4, 2), 2), {})],
    np.dsplit: [((real(1, 2, 4), (1, 2)), {})],
}
if hasattr(np, "unstack"):
    SAMPLES[np.unstack] = [((real(3, 2),), {}), ((real(3, 2),), {"axis": -1})]
