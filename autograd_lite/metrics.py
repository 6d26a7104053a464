"""How good predictions are: ``metric(prediction, target)`` on arrays, for `fit`, `evaluate` and by hand.

The numbers are those of scikit-learn's `accuracy_score`, `f1_score`, `r2_score` and `mean_absolute_error`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd_lite.engine.array_like import array_of_any
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.warnings import AutogradWarning, warn

ENOUGH = 8  # scores, so that it is no chance when all of them lie between 0 and 1

__all__ = ["accuracy", "f1", "mae", "r2"]


def accuracy(prediction: ArrayLike, target: ArrayLike, threshold: float = 0.0) -> float:
    """Return the share of rows whose class is right.

    Parameters
    ----------
    prediction : array_like
        Of shape (rows, classes): a score per class, the largest of which counts. Of shape (rows,) or (rows, 1):
        class numbers if the dtype is an integer one, else a score of class 1 against class 0.
    target : array_like of shape (rows,) or (rows, 1)
        The right classes.
    threshold : float
        Beyond which a single score means class 1: 0 for logits, as `BCEWithLogitsLoss` takes them; pass 0.5 for
        probabilities.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no rows, or a prediction or a target is NaN.

    Examples
    --------
    >>> from autograd_lite import metrics
    >>> metrics.accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    predicted, truth = classes("accuracy", prediction, target, threshold)
    return float(np.mean(predicted == truth))


def f1(prediction: ArrayLike, target: ArrayLike, threshold: float = 0.0) -> float:
    """Return the F1 score, 2 TP / (2 TP + FP + FN), averaged over the classes that occur (macro).

    Parameters, shapes and what is raised are those of `accuracy`.

    Examples
    --------
    >>> from autograd_lite import metrics
    >>> metrics.f1([0, 0, 1, 1], [0, 1, 1, 1])  # 2/3 for class 0, 4/5 for class 1
    0.733...
    """
    predicted, truth = classes("f1", prediction, target, threshold)
    scores = [
        2 * np.sum((predicted == c) & (truth == c)) / (np.sum(predicted == c) + np.sum(truth == c))
        for c in np.union1d(predicted, truth)
    ]
    return float(np.mean(scores))


def r2(prediction: ArrayLike, target: ArrayLike) -> float:
    """Return the coefficient of determination, 1 - Σ (target - prediction)² / Σ (target - mean)².

    Parameters
    ----------
    prediction, target : array_like of shape (rows,) or (rows, columns)
        The same shape; over several columns the mean of their scores. A constant column scores 1 if it is
        predicted exactly, else 0.

    Raises
    ------
    ValueError
        If the shapes differ, there are no rows, a prediction is NaN or a target not finite.

    Examples
    --------
    >>> from autograd_lite import metrics
    >>> metrics.r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    p, t = numbers("r2", prediction, target)
    error, spread = np.sum((t - p) ** 2, axis=0), np.sum((t - t.mean(axis=0)) ** 2, axis=0)
    constant = spread == 0
    return float(np.mean(np.where(constant, error == 0, 1 - error / np.where(constant, 1.0, spread))))


def mae(prediction: ArrayLike, target: ArrayLike) -> float:
    """Return the mean of ``|target - prediction|``.

    Parameters
    ----------
    prediction, target : array_like of shape (rows,) or (rows, columns)
        The same shape.

    Raises
    ------
    ValueError
        If the shapes differ, there are no rows, a prediction is NaN or a target not finite.

    Examples
    --------
    >>> from autograd_lite import metrics
    >>> metrics.mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    p, t = numbers("mae", prediction, target)
    return float(np.mean(np.abs(t - p)))


def classes(
    metric: str, prediction: ArrayLike, target: ArrayLike, threshold: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Class numbers of both, of shape (rows,)."""
    p, t = array_of_any(prediction), array_of_any(target)
    if (p.dtype.kind in "biufc") != (t.dtype.kind in "biufc"):
        raise TypeError(
            f"{metric}: predictions of dtype {p.dtype} and targets of dtype {t.dtype} have no class in common"
        )
    if t.ndim == 2 and t.shape[1] == 1:
        t = t[:, 0]
    if p.ndim == 2 and p.shape[1] == 1:
        p = p[:, 0]
    one_hot = ": of one-hot rows give targets.argmax(axis=1)" if t.ndim == 2 and p.shape == t.shape else ""
    if p.ndim not in (1, 2) or t.ndim != 1 or len(p) != len(t) or not len(t):
        raise ValueError(
            f"{metric}: predictions of shape {np.shape(prediction)} and targets of shape {np.shape(target)}: there "
            f"must be a class number for each row of the predictions, and at least one row{one_hot}"
        )
    check_numbers(metric, "predictions", p, np.isnan)
    check_numbers(metric, "targets", t, np.isnan)
    if t.dtype.kind == "f" and (wrong := t[t != np.round(t)]).size:
        raise ValueError(f"{metric}: the targets hold {wrong[0]}, which is no class number: r2 and mae measure numbers")
    if p.ndim == 2:
        return p.argmax(axis=1), t
    if (
        p.dtype.kind == "f"
        and threshold == 0
        and len(p) >= ENOUGH
        and p.min() >= 0
        and p.max() <= 1
        and p.min() < p.max()
    ):
        warn(
            f"{metric}: the scores lie between 0 and 1, as probabilities do, and are compared with 0, so that nearly "
            f"all count as class 1: for probabilities use functools.partial(ag.metrics.{metric}, threshold=0.5)",
            AutogradWarning,
        )
    return (p > threshold if p.dtype.kind == "f" else p), t


def numbers(metric: str, prediction: ArrayLike, target: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both in double precision, of the same shape."""
    p, t = array_from(prediction, np.float64), array_from(target, np.float64)
    if p.shape != t.shape or not p.ndim or not len(p):
        raise ValueError(
            f"{metric}: predictions of shape {p.shape} and targets of shape {t.shape}: they must have the same shape, "
            "and rows"
        )
    check_numbers(metric, "predictions", p, np.isnan)
    check_numbers(metric, "targets", t, lambda a: ~np.isfinite(a))
    return p, t


def check_numbers(metric: str, what: str, a: NDArray[Any], bad: Callable[[Any], Any]) -> None:
    """Refuse numbers that are none: every comparison with them is false, and would be counted."""
    if a.dtype.kind in "fc" and (wrong := np.argwhere(bad(a)).tolist()):
        place = tuple(wrong[0])
        raise ValueError(f"{metric}: the {what} hold {a[place]} at {place} ({len(wrong)} of {a.size} elements)")
