"""Samples for `rules/complex.py`, where real numbers are a special case; complex ones stand in test_complex.py."""

import numpy as np

from autograd_lite.rules import complex
from tests.rules.samples.numbers import real, unary

SAMPLES = {
    **{f: unary() for f in (complex.real_part, complex.imaginary_part, complex.on_circle)},
    np.angle: [((real(3),), {}), ((real(2, 2),), {"deg": True})],
}
