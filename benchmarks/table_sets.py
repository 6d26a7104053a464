"""Data sets with which the defaults of `train` are chosen and judged: scikit-learn's own, and more that are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import datasets

from autograd_lite.data.datasets import Dataset, load

__all__ = ["SETS"]


def classes(name: str, made: tuple[Any, Any]) -> Dataset:
    x, y = made
    _, labels = np.unique(y, return_inverse=True)
    names = tuple(f"class {i}" for i in range(labels.max() + 1))
    return Dataset(name, np.asarray(x, np.float64), labels.astype(np.int64), _columns(x), names)


def values(name: str, made: tuple[Any, Any]) -> Dataset:
    x, y = made
    return Dataset(name, np.asarray(x, np.float64), np.asarray(y, np.float64), _columns(x))


def _columns(x: Any) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(np.shape(x)[1]))


def letters() -> tuple[Any, Any]:
    g = np.random.default_rng(1)
    centres = g.uniform(0, 15, (52, 12))  # two shapes for each of 26 letters
    shape = g.integers(0, 52, 4000)
    return np.clip(np.round(centres[shape] + 2.2 * g.normal(size=(4000, 12))), 0, 15), shape % 26


def attrition() -> tuple[Any, Any]:
    g = np.random.default_rng(2)
    x = np.hstack([g.normal(size=(1470, 12)), g.random((1470, 10)) < 0.3])
    return x, g.random(1470) < 1 / (1 + np.exp(2.3 - x[:, 0] - 1.4 * x[:, 12] + 0.7 * x[:, 1] * x[:, 2]))


def quantiles() -> tuple[Any, Any]:
    made: tuple[Any, Any] = datasets.make_gaussian_quantiles(n_samples=1500, n_features=6, n_classes=3, random_state=0)
    return made


def lines() -> tuple[Any, Any]:
    made: tuple[Any, Any] = datasets.make_regression(300, 30, n_informative=8, noise=40, random_state=0)
    return made


def checkerboard() -> tuple[Any, Any]:
    x = np.random.default_rng(3).uniform(0, 4, (2000, 4))
    return x, (np.floor(x[:, 0]) + np.floor(x[:, 1])) % 2


def skewed() -> tuple[Any, Any]:
    g = np.random.default_rng(4)
    x = g.lognormal(0, 1.2, (3000, 8))
    return x, np.log1p(x[:, 0]) * 3 + np.sqrt(x[:, 1]) - (x[:, 2] > 2) + 0.3 * g.normal(size=3000)


def steps() -> tuple[Any, Any]:
    g = np.random.default_rng(5)
    x = g.integers(0, 8, (2500, 6)).astype(float)
    return x, 4.0 * (x[:, 0] > 4) + (x[:, 1] == 3) * x[:, 2] + 0.5 * g.normal(size=2500)


SETS: dict[str, Callable[[], Dataset]] = {
    **{name: (lambda name=name: load(name)) for name in ("digits", "breast_cancer", "iris", "wine", "diabetes")},
    "linear classes": lambda: classes("linear classes", datasets.make_classification(600, 20, random_state=0)),
    "four clusters": lambda: classes(
        "four clusters", datasets.make_classification(3000, 15, n_informative=8, n_classes=4, random_state=1)
    ),
    "flipped labels": lambda: classes(
        "flipped labels", datasets.make_classification(1200, 25, n_informative=5, flip_y=0.2, random_state=2)
    ),
    "uneven classes": lambda: classes(
        "uneven classes", datasets.make_classification(2000, 12, weights=[0.9], class_sep=0.8, random_state=3)
    ),
    "moons": lambda: classes("moons", datasets.make_moons(800, noise=0.25, random_state=0)),
    "circles": lambda: classes("circles", datasets.make_circles(500, noise=0.15, factor=0.6, random_state=0)),
    "quantiles": lambda: classes("quantiles", quantiles()),
    "hastie": lambda: classes("hastie", datasets.make_hastie_10_2(3000, random_state=0)),
    "blobs": lambda: classes("blobs", datasets.make_blobs(400, 5, centers=6, cluster_std=4.0, random_state=0)),
    "letters": lambda: classes("letters", letters()),
    "attrition": lambda: classes("attrition", attrition()),
    "checkerboard": lambda: classes("checkerboard", checkerboard()),
    "linear values": lambda: values("linear values", lines()),
    "friedman 1": lambda: values("friedman 1", datasets.make_friedman1(1200, noise=1.0, random_state=0)),
    "friedman 2": lambda: values("friedman 2", datasets.make_friedman2(600, noise=60.0, random_state=0)),
    "friedman 3": lambda: values("friedman 3", datasets.make_friedman3(2000, noise=0.1, random_state=0)),
    "sparse": lambda: values("sparse", datasets.make_sparse_uncorrelated(400, 10, random_state=0)),
    "swiss roll": lambda: values("swiss roll", datasets.make_swiss_roll(1500, noise=0.5, random_state=0)),
    "skewed": lambda: values("skewed", skewed()),
    "steps": lambda: values("steps", steps()),
}
