"""Samples for `rules/ordering.py`."""

import numpy as np

from autograd_lite.rules import ordering
from tests.rules.samples.numbers import reduced, spread

X = spread(2, 3, 4)
NAN = np.where(np.eye(4, 5) > 0, np.nan, spread(4, 5))
AXES = [((spread(2, 3, 4),), s) for _, s in reduced()] + [((spread(5),), {}), ((spread(2, 3),), {}), ((spread(1),), {})]
METHODS = (
    "inverted_cdf",
    "averaged_inverted_cdf",
    "hazen",
    "weibull",
    "median_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
)


def quantiles(scale):
    """Calls of a quantile, whose levels are in units of 1 / scale."""
    levels = (0.5 * scale, 0, scale, 0.31 * scale, [0.1 * scale, 0.5 * scale, 0.9 * scale], [[0.2 * scale], [scale]])
    return [
        *[((spread(2, 3, 4), q), s) for q in levels for s in ({}, {"axis": 0}, {"axis": (0, -1), "keepdims": True})],
        ((spread(5), 0.3 * scale), {}),
    ]


SAMPLES = {
    ordering.arranged: [((spread(2, 3), np.argsort(spread(2, 3), axis=a)), {"axis": a}) for a in (0, -1)],
    np.sort: [((X,), s) for s in ({}, {"axis": 0}, {"axis": -2}, {"axis": None}, {"kind": "stable"})]
    + [((spread(0),), {}), ((spread(1),), {})],
    np.partition: [((X, 2), {}), ((X, (0, 1)), {"axis": 1}), ((X, 5), {"axis": None})],
    np.median: AXES,
    np.quantile: quantiles(1) + [((spread(3, 4), 0.37), {"axis": 1, "method": m}) for m in METHODS],
    np.percentile: quantiles(100),
    np.nanmedian: [((NAN,), s) for s in ({}, {"axis": 0}, {"axis": 1, "keepdims": True})] + AXES[:2],
    np.nanquantile: quantiles(1)[:-4] + [((NAN, [0.25, 0.6]), {"axis": a}) for a in (0, 1, None)],
    np.nanpercentile: [((NAN, 30), {"axis": 0}), ((NAN, [30, 80]), {})],
    np.unique: [((np.array([3.0, 1.0, 2.0]),), {}), ((spread(2, 3),), {})],
    # Without derivative.
    np.digitize: [((np.array([0.3, 1.5, 9.0]), np.array([0.0, 1.0, 2.0])), {})],
    np.argpartition: [((spread(5), 2), {})],
    np.isin: [((np.array([0.3, 1.5]), [1.5]), {})],
    ordering.latest_extreme: [((np.array([1.0, 3.0, 3.0, 2.0, np.nan, 7.0]),), {})],
    ordering.first_occurrences: [((np.array([2.0, 1.0, 2.0]),), {})],
}
