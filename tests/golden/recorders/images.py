"""``images.npz``: layers for images; a case is one of ``layers.npz``, whose docstring says what it holds.

Inputs are rounded to one decimal where there is a maximum, so that there are ties.
"""

from typing import Any

import numpy as np

from . import normal
from .layers import compare

Shape = tuple[int, ...]
IMAGES: Shape = (2, 4, 6, 5)
CONVOLUTIONS: list[tuple[tuple[int, ...], dict[str, Any], Shape]] = [
    ((4, 3, 3), {}, IMAGES),
    ((4, 3, 3), {}, IMAGES[1:]),
    ((4, 3, 1), {}, IMAGES),
    ((4, 6, 3), {"padding": 1, "stride": 2, "groups": 2}, IMAGES),
    ((4, 8, 3), {"padding": 1, "groups": 4, "bias": False}, IMAGES),
    ((4, 3), {"kernel_size": (2, 3), "padding": (1, 2), "stride": (3, 1)}, IMAGES),
    ((4, 3), {"kernel_size": (3, 2), "padding": "same"}, IMAGES),
    ((4, 3), {"kernel_size": (2, 2), "padding": "same", "dilation": (3, 2)}, IMAGES),
    ((4, 3, 2), {"padding": "valid", "dilation": 2, "stride": 2}, IMAGES),
    ((1, 2, 3), {"padding": 1}, (3, 1, 4, 4)),
    ((4, 3), {"kernel_size": (6, 5)}, IMAGES),
]
POOLINGS: list[tuple[str, tuple[int, ...], dict[str, Any], Shape]] = [
    ("MaxPool2d", (2,), {}, IMAGES),
    ("MaxPool2d", (2,), {}, IMAGES[1:]),
    ("MaxPool2d", (3,), {"stride": 1, "padding": 1}, IMAGES),
    ("MaxPool2d", (2,), {"stride": 2, "dilation": 2}, IMAGES),
    ("MaxPool2d", (), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}, IMAGES),
    ("AvgPool2d", (2,), {}, IMAGES),
    ("AvgPool2d", (3,), {"stride": 1, "padding": 1}, IMAGES),
    ("AvgPool2d", (), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}, IMAGES[1:]),
    ("AdaptiveAvgPool2d", (1,), {}, IMAGES),
    ("AdaptiveAvgPool2d", (), {"output_size": (3, 5)}, IMAGES),
]
NORMALISATIONS: list[dict[str, Any]] = [{}, {"affine": False, "momentum": None}, {"track_running_stats": False}]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of the tables."""
    return [
        *[
            compare("Conv2d", arguments, settings, [(True, normal("image", *shape))], f" on {len(shape)} axes")
            for arguments, settings, shape in CONVOLUTIONS
        ],
        *[
            compare(layer, arguments, settings, [(True, with_ties(shape))], f" on {len(shape)} axes")
            for layer, arguments, settings, shape in POOLINGS
        ],
        *[
            compare("BatchNorm2d", (4,), settings, [(mode, normal(f"image {mode}", *IMAGES)) for mode in (True, False)])
            for settings in NORMALISATIONS
        ],
    ]


def with_ties(shape: Shape) -> np.ndarray:
    """Return numbers of which many are equal."""
    return np.round(normal("image", *shape)) + 0.0
