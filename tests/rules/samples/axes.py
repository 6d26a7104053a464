"""Samples for `rules/axes.py`."""

import numpy as np

from autograd_lite.rules import axes
from tests.rules.samples.numbers import real

SAMPLES = {
    np.flip: [((real(2, 3, 2),), {"axis": axis}) for axis in (None, 0, -1, (0, 2))] + [((real(),), {})],
    **{f: [((real(2, 3),), {}), ((real(2, 3, 2),), {})] for f in (np.fliplr, np.flipud)},
    np.rot90: [((real(2, 3, 2),), s) for s in ({}, {"k": 2}, {"k": -1, "axes": (1, 2)}, {"k": 3}, {"k": 0})],
    np.roll: [
        ((real(3, 4), *s), {})
        for s in ((1,), (-5,), (2, 0), (1, -1), ((1, -1), (0, 1)), (1, (0, 1)), ([2, 3], [1, 1]), (0, 1))
    ]
    + [((real(4),), {"shift": -1, "axis": 0}), ((real(0), 1), {})],
    np.tile: [((real(2, 3), reps), {}) for reps in (2, (2, 1), (2, 1, 3), (0, 2), np.array([1, 2]), [3], np.int64(2))]
    + [((real(), 3), {}), ((real(3),), {"reps": (2, 2)})],
    np.repeat: [((real(2, 3), *s), {}) for s in ((2,), (2, 0), (3, -1), ([1, 0, 2], 1), (np.array([2]), 0), (0, 0))]
    + [((real(3), [1, 2, 0]), {}), ((real(), 2), {}), ((real(2, 2),), {"repeats": 2, "axis": 1})],
    np.resize: [((real(2, 3), shape), {}) for shape in (4, (2, 2), (3, 3), (0, 2))] + [((real(), 2), {})],
    np.lib.stride_tricks.sliding_window_view: [
        ((real(5),), {"window_shape": 3}),
        ((real(3, 4),), {"window_shape": (2, 3)}),
        ((real(3, 4), 2), {"axis": -1}),
        ((real(5), (2, 2), (0, 0)), {}),
        ((real(2, 3, 4), (2, 2)), {"axis": (-1, 1)}),
    ],
    axes.add_windows: [((real(2, 3, 2, 2),), {"shape": (3, 4), "window": (2, 2), "axes": (0, 1)})],
}
