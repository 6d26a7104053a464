"""Samples for `rules/scans.py`."""

import numpy as np

from autograd_lite.rules import scans
from tests.rules.samples.numbers import real

ZEROS = np.array([[0.0, 2.0, 0.0, 3.0], [1.0, 0.0, -2.0, 0.5], [1.0, 2.0, 3.0, -4.0]])
AXES = [((real(2, 3, 4),), {"axis": axis}) for axis in (0, 1, -1)] + [((real(2, 3),), {}), ((real(1),), {})]
EMPTY = [((real(0),), {}), ((real(2, 0),), {"axis": 1})]
POSITIONS = np.float32([0.0, 0.5, 0.75, 1.5, 2.0])
WITH_NAN = np.where(np.eye(3, 4) > 0, np.nan, ZEROS + 0.5)

SAMPLES = {
    np.cumsum: AXES + EMPTY,
    np.cumprod: AXES + EMPTY + [((ZEROS,), {"axis": axis}) for axis in (None, 0, 1)],
    np.nancumsum: [((WITH_NAN,), {"axis": axis}) for axis in (None, 0, -1)],
    np.nancumprod: [((WITH_NAN,), {"axis": axis}) for axis in (None, 0, -1)],
    scans.recurrence: [
        ((real(*s), real(*s)), {"axis": a}) for s, a in (((4,), 0), ((3, 4), -1), ((3, 4), 0), ((0,), 0))
    ],
    np.diff: [
        *[((real(3, 4),), s) for s in ({}, {"n": 2}, {"axis": 0}, {"n": 0}, {"n": 3, "axis": -1})],
        ((real(2, 3), 1, -1, real(2, 1), real(2, 2)), {}),
        ((real(2, 3),), {"prepend": 0.0, "append": 1, "axis": 0}),
        ((real(1),), {}),
    ],
    np.ediff1d: [((real(2, 3),), {}), ((real(4), np.array([5.0, 6.0])), {"to_begin": 1.0})],
    np.trapezoid: [
        *[((real(3, 5),), s) for s in ({}, {"dx": 0.5}, {"axis": 0}, {"x": POSITIONS})],
        ((real(5), np.cumsum(real(5, low=0.5))), {}),
        ((real(5, 3), np.cumsum(real(5, low=0.5)), 1.0, 0), {}),
        ((real(2, 3), real(2, 3)), {}),
    ],
    np.unwrap: [((np.array([[0.0, 3.0, 6.5, 0.5], [1.0, -3.0, 2.0, -5.0]]),), {"axis": a}) for a in (-1, 0)],
    np.gradient: [
        *[((real(5),), {"edge_order": e}) for e in (1, 2)],
        *[((real(3, 5),), s) for s in ({}, {"axis": 0}, {"axis": (1, 0)}, {"axis": -1, "edge_order": 2})],
        ((real(2),), {}),
        ((real(3, 4), np.array(0.5)), {}),
        ((real(3, 4), 0.5, 2.0), {}),
        ((real(3, 5), np.float32([0.0, 0.5, 2.0]), POSITIONS), {"edge_order": 2}),
        ((real(5), POSITIONS), {}),
    ],
}
if hasattr(np, "cumulative_sum"):
    for function in (np.cumulative_sum, np.cumulative_prod):
        SAMPLES[function] = [((real(3),), {}), ((real(2, 3),), {"axis": -1, "include_initial": True})]
