"""Samples for `rules/windows.py`."""

from autograd_lite.rules import windows
from tests.rules.samples.numbers import real, spread

SETTINGS = (
    {},
    {"kernel": (2, 3)},
    {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 0, 0, 2)},
    {"kernel": (2, 2), "stride": (1, 2), "dilation": (2, 1)},
)
SHAPE = (2, 2, 5, 4)
BORDER = {"kernel": (1, 2), "stride": (1, 1), "padding": (0, 0, 1, 0), "dilation": (1, 1)}


def unfolded(settings):
    defaults = {"kernel": (1, 1), "stride": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}
    counts = windows.window_counts(SHAPE, **{**defaults, **settings})
    kernel = settings.get("kernel", (1, 1))
    return real(SHAPE[1], kernel[0] * kernel[1], *counts, SHAPE[0])


SAMPLES = {
    windows.unfold: [
        *[((real(*SHAPE),), settings) for settings in SETTINGS],
        ((real(*SHAPE),), {"kernel": (2, 2), "padding": (1, 1, 1, 1), "border": 3.0}),
    ],
    windows.fold: [((unfolded(settings),), {"shape": SHAPE, **settings}) for settings in SETTINGS],
    windows.filtered: [
        ((real(4, 3, 2, 1, 2), real(2, 4 // groups, 1, 3), bias), {"groups": groups})
        for groups in (1, 2)
        for bias in (real(2), None)
    ],
    windows.window_max: [
        ((spread(2, 3, 2, 1, 2), None), {}),
        ((windows.unfold(spread(1, 1, 2, 2), **BORDER, border=-9.0), windows.within_image((2, 2), **BORDER)), {}),
    ],
}
