"""Samples for `rules/decompositions.py`; of symmetric matrices NumPy reads half, see test_decompositions.py."""

import numpy as np

from autograd_lite.rules import decompositions
from tests.rules.samples.linalg import TALL_AND_WIDE
from tests.rules.samples.numbers import real


def definite(*shape):
    """Symmetric positive definite matrices."""
    a = real(*shape)
    return a @ a.mT + np.eye(shape[-1])


TALL = [((real(*shape),), {}) for shape in ((3, 3), (4, 2), (2, 3, 2), (1, 1))]

SAMPLES = {
    decompositions.cholesky_factor: [((definite(*shape),), {}) for shape in ((1, 1), (3, 3), (2, 3, 3), (0, 2, 2))],
    decompositions.eigenvectors: [((definite(*shape),), {}) for shape in ((1, 1), (3, 3), (2, 3, 3), (0, 2, 2))],
    decompositions.orthonormal: TALL,
    np.linalg.qr: [
        *TALL_AND_WIDE,
        ((real(4, 3),), {"mode": "reduced"}),
        ((real(3, 2),), {"mode": "r"}),
        ((real(2, 3), "complete"), {}),
    ],
    decompositions.singular_vectors: TALL_AND_WIDE,
    np.linalg.svd: [(args, {"full_matrices": False}) for args, _ in TALL_AND_WIDE]
    + [((real(3, 3),), {}), ((real(3, 2),), {"compute_uv": False}), ((real(2, 3), False, False), {})],
    np.linalg.svdvals: TALL_AND_WIDE,
}
