"""Samples for `rules/selection.py`."""

import numpy as np

from tests.rules.samples.numbers import real

ORDER = np.array([[2, 0, 1], [0, 0, 2]])
MASK = np.array([True, False, True])
SIGNED = np.array([[-1.5, 0.5, 2.5], [1.5, -0.5, 0.25]])

SAMPLES = {
    np.take: [
        ((real(3, 4), [0, 2, 0]), {}),
        ((real(3, 4), 1), {"axis": 0}),
        ((real(3, 4), np.array([[0, -1], [1, 1]]), 1), {}),
        ((real(3, 4), [5, -7]), {"axis": -1, "mode": "wrap"}),
        ((real(3, 4), [5, -7], 0), {"mode": "clip"}),
        ((real(3), np.zeros(0, int)), {}),
    ],
    np.take_along_axis: [
        ((real(2, 3), ORDER, 1), {}),
        ((real(2, 3), np.array([[0, 1, 1]])), {"axis": 0}),
        ((real(2, 3), np.array([[2, 0]]), -1), {}),
        ((real(1, 3), ORDER, 1), {}),
        ((real(2, 3), np.array([5, 0, 5]), None), {}),
    ],
    np.compress: [((MASK, real(3, 2)), {"axis": 0}), (([0, 1], real(3, 2), -1), {}), ((MASK, real(3, 2)), {})],
    np.extract: [((MASK, real(3)), {}), ((np.array([[0, 1], [1, 0]]), real(2, 2)), {})],
    np.delete: [((real(3, 4), *s), {}) for s in ((1,), ([0, -1], 0), (slice(1, 3), 1), (np.array([0, 0]), -1), ([], 0))]
    + [((real(3), MASK), {})],
    np.select: [
        (([MASK, ~MASK], [real(3), real(3)]), {}),
        (([MASK, ~MASK], [real(2, 3), real(3)], 1.0), {}),
        (([MASK], [real()]), {"default": 3}),
    ],
    np.choose: [
        ((np.array([0, 1, 1]), [real(3), real(3)]), {}),
        ((np.array([[0, 1, 2]]), [real(3), real(2, 3), real()]), {}),
        ((np.array([5, -1]), [real(2), real(2)]), {"mode": "wrap"}),
        ((np.array([5, -1]), [real(2), 1.0]), {"mode": "clip"}),
        ((np.array([0, 0]), [real()]), {}),
        ((np.array([0, 1]), real(2, 2)), {}),
    ],
    np.piecewise: [
        ((SIGNED, [SIGNED < 0, SIGNED > 1], [lambda v: v**2, lambda v: v**3, 7.0]), {}),
        ((SIGNED[0], SIGNED[0] > 0, [np.sin, lambda v: v * v]), {}),
        ((SIGNED, [SIGNED > 0], [np.power], 3), {}),
        ((np.float64(1.3), True, [np.exp, np.sin]), {}),
    ],
    np.full_like: [((real(2, 3), real()), {}), ((real(2, 3), real(3)), {}), ((real(2), real()), {"shape": (2, 2)})],
}
