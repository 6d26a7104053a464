"""What a network on the page can be given of a point: the coordinates, and functions of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEATURES", "features", "text"]

#: By name, which is the text of its formula, too; none is larger than 6.
FEATURES: dict[str, Callable[[Any, Any], Any]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x * x / 6": lambda x, y: x * x / 6,
    "y * y / 6": lambda x, y: y * y / 6,
    "x * y / 6": lambda x, y: x * y / 6,
    "np.sin(x)": lambda x, y: np.sin(x),
    "np.sin(y)": lambda x, y: np.sin(y),
}


def features(names: Sequence[str], points: NDArray[Any]) -> NDArray[np.float32]:
    """What the network is given, float32 of shape (rows, features), of points of shape (rows, 2)."""
    x, y = np.asarray(points, np.float64).T
    return np.stack([FEATURES[name](x, y) for name in names], axis=1).astype(np.float32)


def text(names: Sequence[str]) -> str:
    """The same as a function in a script."""
    return (
        "def features(points):\n    x, y = points.T\n"
        f"    return np.stack([{', '.join(names)}], axis=1).astype(np.float32)\n"
    )
