"""Samples for `rules/decompositions.py`; of symmetric matrices NumPy reads half, see test_decompositions.py."""

import numpy as np

from tests.rules.samples.linalg import TALL_AND_WIDE
from tests.rules.samples.numbers import real


def definite(*shape):
    """Symmetric positive definite matrices."""
    a = real(*shape)
    return a @ a.mT + np.eye(shape[-1])


SAMPLES = {
    np.linalg.qr: [
        *TALL_AND_WIDE,
        ((real(4, 3),), {"mode": "reduced"}),
        ((real(3, 2),), {"mode": "r"}),
        ((real(2, 3), "complete"), {}),
    ],
    np.linalg.svd: [(args, {"full_matrices": False}) for args, _ in TALL_AND_WIDE]
    + [((real(3, 3),), {}), ((real(3, 2),), {"compute_uv": False}), ((real(2, 3), False, False), {})],
    np.linalg.svdvals: TALL_AND_WIDE,
}
