"""Samples for `rules/contractions.py`."""

import numpy as np

from tests.rules.samples.numbers import real

SAMPLES = {
    np.matmul: [
        ((real(*a), real(*b)), {})
        for a, b in (
            *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((3,), (5, 3, 2))),
            *(((5, 2, 3), (5, 3, 2)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)), ((0, 3), (3, 2))),
        )
    ],
}
