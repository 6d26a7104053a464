"""Samples for `rules/fft.py`; those with complex arguments stand in test_fft.py."""

import numpy as np

from tests.rules.samples.numbers import real

ONE = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
TWO = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)
SEVERAL = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)

SAMPLES = {
    **{
        f: [((real(5),), {}), ((real(2, 4), 3), {}), ((real(3, 2),), {"n": 5, "axis": 0, "norm": "ortho"})] for f in ONE
    },
    **{f: [((real(2, 3, 4),), {}), ((real(3, 4),), {"s": (4, -1), "axes": (0, 1)})] for f in (*TWO, *SEVERAL)},
    np.fft.fftshift: [((real(5),), {}), ((real(2, 4, 3),), {"axes": (0, -1)}), ((real(2, 4),), {"axes": 1})],
    np.fft.ifftshift: [((real(5),), {}), ((real(2, 4, 3),), {"axes": (0, -1)}), ((real(2, 4),), {"axes": 1})],
}
