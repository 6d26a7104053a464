"""Samples for `rules/reductions.py`, `rules/reduction_signatures.py` and `rules/statistics.py`."""

import numpy as np

from autograd_lite.rules import reduction_signatures, reductions
from tests.rules.samples.numbers import real, reduced, spread, unary

MASK = np.array([[True, False, True], [True, True, False]])
MASKED = [{"where": MASK}, {"where": MASK, "axis": 1}, {"where": MASK, "axis": -2, "keepdims": True}]
ZEROS = np.array([[0.0, 2.0, 0.0, 3.0, 1.5], [0.0, 1.0, -2.0, 0.5, 4.0], [1.0, 2.0, 3.0, -4.0, 0.5]])
SPREAD = [((spread(2, 3, 4),), s) for _, s in reduced()]


def without_nan(**settings):
    """Numbers and NaN, at least three numbers in each row and column."""
    x = spread(4, 5)
    x[np.arange(4), np.arange(4)] = np.nan
    choices = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}]
    return [((x,), {**s, **settings}) for s in choices] + [((spread(3),), {})]


SAMPLES = {
    **{f: reduced() + unary()[:1] for f in (np.mean, reductions.logsumexp)},
    np.sum: [
        *(reduced() + unary()),
        *[((real(2, 3),), s) for s in (*MASKED, {"initial": 2.0})],
    ],
    np.prod: [
        *(reduced() + unary()),
        *[((ZEROS,), {"axis": axis}) for axis in (None, 0, 1, (1, 0))],
        *[((real(2, 3),), s) for s in (*MASKED, {"initial": 2.0})],
    ],
    **{
        f: reduced() + reduced(ddof=1) + [((real(2, 3),), s) for s in (*MASKED, {"correction": 1}, {"mean": 0.3})]
        for f in (np.var, np.std)
    },
    **{
        f: [*SPREAD, *[((spread(2, 3),), {**s, "initial": i}) for s in MASKED for i in (-9.0, 0.05, 9.0)]]
        for f in (np.max, np.min, np.amax, np.amin)
    },
    reduction_signatures.root_of_squares: [
        ((real(2, 3), np.float32(4)), {}),
        ((real(2, 3), np.float32([2, 1, 1])), {"axis": 0}),
        ((real(2, 3), np.float32([[2], [1]])), {"axis": -1, "keepdims": True}),
    ],
    np.ptp: SPREAD,
    np.average: [
        ((real(2, 3),), {}),
        ((real(2, 3), 1, real(3, low=0.5)), {}),
        ((real(2, 3), -2, real(2, low=0.5)), {"keepdims": True}),
        ((real(2, 3, 4), (2, 0), real(4, 2, low=0.5)), {}),
        ((real(2, 3), None, real(2, 3, low=0.5)), {"returned": True}),
        ((real(2, 3), 0), {"returned": True}),
    ],
    np.cov: [
        ((real(3, 5),), {}),
        ((real(5, 3),), {"rowvar": False, "bias": True}),
        ((real(4),), {"ddof": 0}),
        ((real(4), real(4)), {}),
        ((real(2, 4), real(1, 4)), {"ddof": 2}),
    ],
    np.corrcoef: [((real(3, 5),), {}), ((real(5, 3),), {"rowvar": False}), ((real(4), real(4)), {}), ((real(4),), {})],
    np.bincount: [((np.array([0, 3, 1, 3, 3]), real(5)), s) for s in ({}, {"minlength": 6})],
    **{f: without_nan() for f in (np.nansum, np.nanprod, np.nanmean, np.nanmax, np.nanmin)},
    **{f: without_nan() + without_nan(ddof=1) for f in (np.nanvar, np.nanstd)},
}
