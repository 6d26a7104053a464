"""Samples for `rules/reductions.py`."""

import numpy as np

from autograd_lite.rules import reductions
from tests.rules.samples.numbers import reduced, spread, unary

SAMPLES = {
    **{f: reduced() + unary()[:1] for f in (np.sum, np.mean, reductions.logsumexp)},
    **{f: reduced() + reduced(ddof=1) for f in (np.var, np.std)},
    **{f: [((spread(2, 3, 4),), s) for _, s in reduced()] for f in (np.max, np.min)},
}
