"""Points in the plane to tell apart, two classes of them, in the square from -6 to 6.

Each function stands on its own and needs NumPy alone, because its text is copied into the exported script.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["DATA_SETS", "EXTENT", "FIRST_OWN", "OWN", "Points"]

EXTENT = 6.0
Points = tuple[NDArray[np.float64], NDArray[np.int64]]


def moons(rows: int, noise: float, generator: np.random.Generator) -> Points:
    """Two half circles that reach into each other."""
    label = np.arange(rows) % 2
    angle = generator.uniform(0, np.pi, rows)
    side = 1 - 2 * label
    points = np.stack([side * (np.cos(angle) - 0.5), side * (np.sin(angle) - 0.25)], axis=1)
    return 3.2 * (points + noise * generator.normal(size=(rows, 2))), label


def circles(rows: int, noise: float, generator: np.random.Generator) -> Points:
    """A disc inside a ring."""
    label = np.arange(rows) % 2
    angle = generator.uniform(0, 2 * np.pi, rows)
    radius = np.where(label == 0, 0.5 * np.sqrt(generator.uniform(0, 1, rows)), generator.uniform(0.75, 1, rows))
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return 5 * (points + noise * generator.normal(size=(rows, 2))), label


def spiral(rows: int, noise: float, generator: np.random.Generator) -> Points:
    """Two arms that wind around each other."""
    label = np.arange(rows) % 2
    along = generator.uniform(0.05, 1, rows)
    angle = 3.5 * np.pi * along + np.pi * label
    points = along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return 5 * (points + noise * generator.normal(size=(rows, 2))), label


def xor(rows: int, noise: float, generator: np.random.Generator) -> Points:
    """Four squares: the label says whether both coordinates have the same sign."""
    points = generator.uniform(0.06, 1, (rows, 2)) * generator.choice([-1, 1], (rows, 2))
    label = (points[:, 0] * points[:, 1] > 0).astype(np.int64)
    return 5 * (points + noise * generator.normal(size=(rows, 2))), label


def linear(rows: int, noise: float, generator: np.random.Generator) -> Points:
    """Two clouds that a straight line tells apart."""
    label = np.arange(rows) % 2
    points = 0.45 * (2 * label[:, None] - 1) + 0.15 * generator.normal(size=(rows, 2))
    return 5 * (points + noise * generator.normal(size=(rows, 2))), label


#: The points of a person: drawn with the mouse, or read from a file.
OWN = "own"
FIRST_OWN = ((-3, 2, 0), (-2, -1, 0), (-1, 3, 0), (-4, -2, 0), (2, 1, 1), (3, -2, 1), (1, -3, 1), (4, 2, 1))

DATA_SETS: dict[str, Callable[[int, float, np.random.Generator], Points]] = {
    "moons": moons,
    "circles": circles,
    "xor": xor,
    "linear": linear,
    "spiral": spiral,
}
