"""Small data sets to try things on: real ones that come with scikit-learn, and two that are made here."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.tracing_protocol import array_from

__all__ = ["Dataset", "load", "moons", "names", "spiral"]

Task = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table to learn from: one row of features and one target per example.

    Attributes
    ----------
    name : str
    features : float64 array of shape (rows, columns)
    target : array of shape (rows,)
        int64 class numbers for classification, float64 values for regression.
    feature_names : tuple of str, one per column
    class_names : tuple of str or None
        What the class numbers stand for; None for regression.
    target_name : str
    """

    name: str
    features: NDArray[np.float64]
    target: NDArray[Any]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] | None = None
    target_name: str = "target"

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", array_from(self.features, np.float64))
        object.__setattr__(self, "target", array_from(self.target))

    @property
    def task(self) -> Task:
        """Whether there are classes to tell apart or values to predict."""
        return "regression" if self.class_names is None else "classification"

    def __repr__(self) -> str:
        rows, columns = self.features.shape
        kind = self.task if self.class_names is None else f"{len(self.class_names)} classes"
        return f"Dataset({self.name}: {rows} rows, {columns} features, {kind})"


def names() -> tuple[str, ...]:
    """Return the names that `load` knows.

    Examples
    --------
    >>> names()
    ('digits', 'breast_cancer', 'diabetes', 'iris', 'wine', 'moons', 'spiral')
    """
    return (*SCIKIT_LEARN, *MADE_HERE)


def load(name: str) -> Dataset:
    """Load a data set by name.

    Parameters
    ----------
    name : str
        ``digits`` (1797 pictures of 8x8 pixels, 10 classes), ``breast_cancer`` (569 rows, 30 features,
        2 classes), ``iris`` (150, 4, 3 classes), ``wine`` (178, 13, 3 classes), ``diabetes`` (442, 10,
        regression): these need scikit-learn, which carries them. ``moons`` and ``spiral`` need nothing.

    Raises
    ------
    ValueError
        If there is no such data set.
    ModuleNotFoundError
        If it needs scikit-learn and that is not installed; the message says what to install.

    Examples
    --------
    >>> load("spiral")
    Dataset(spiral: 900 rows, 2 features, 3 classes)
    """
    if name in MADE_HERE:
        return MADE_HERE[name]()
    if name not in SCIKIT_LEARN:
        close = difflib.get_close_matches(name, names(), n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"unknown data set {name!r}: {hint}there are {', '.join(names())}")
    try:
        from sklearn import datasets
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'{name} comes with scikit-learn, which is not installed: pip install "autograd_lite[data]"',
            name=error.name,
        ) from None
    table = getattr(datasets, f"load_{name}")()
    features = np.asarray(table.data, dtype=np.float64)
    columns = tuple(str(column) for column in table.feature_names)
    if name in REGRESSION:
        return Dataset(name, features, table.target.astype(np.float64), columns)
    classes = tuple(str(label) for label in table.target_names)
    return Dataset(name, features, table.target.astype(np.int64), columns, classes)


def moons(rows: int = 1000, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Make two interleaved half circles, a class each.

    Parameters
    ----------
    rows : int
        At least 2, shared evenly between the classes.
    noise : float
        Standard deviation of the normal noise on both coordinates; the radius is 1.
    seed : int
        The same seed gives the same data.

    Raises
    ------
    ValueError
        If there are fewer rows than classes.

    Examples
    --------
    >>> moons(rows=200)
    Dataset(moons: 200 rows, 2 features, 2 classes)
    """
    label, generator = _labels(rows, 2), np.random.default_rng(seed)
    angle = generator.uniform(0, np.pi, rows)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    features = np.where(label[:, None] == 0, upper, lower) + generator.normal(0, noise, (rows, 2))
    return Dataset("moons", features, label, ("x", "y"), ("upper", "lower"))


def spiral(rows: int = 900, classes: int = 3, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Make arms of a spiral that turn around each other, a class each.

    Parameters
    ----------
    rows, classes : int
        The rows are shared evenly between the arms.
    noise : float
        Standard deviation of the normal noise on the angle, in radians; an arm turns by 4.
    seed : int
        The same seed gives the same data.

    Raises
    ------
    ValueError
        If there are fewer rows than classes, or fewer than two classes.

    Examples
    --------
    >>> spiral(rows=100, classes=2).features.shape
    (100, 2)
    """
    label, generator = _labels(rows, classes), np.random.default_rng(seed)
    radius = generator.uniform(0, 1, rows)
    angle = 4 * radius + label * 2 * np.pi / classes + generator.normal(0, noise, rows)
    features = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return Dataset("spiral", features, label, ("x", "y"), tuple(f"arm {i + 1}" for i in range(classes)))


def _labels(rows: int, classes: int) -> NDArray[np.int64]:
    """Share the rows out to the classes in turn."""
    if classes < 2 or rows < classes:
        raise ValueError(f"need at least 2 classes and a row for each, not {rows} rows for {classes} classes")
    return np.arange(rows, dtype=np.int64) % classes


SCIKIT_LEARN = ("digits", "breast_cancer", "diabetes", "iris", "wine")
REGRESSION = ("diabetes",)
MADE_HERE: dict[str, Callable[[], Dataset]] = {"moons": moons, "spiral": spiral}
