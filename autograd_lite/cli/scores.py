"""What a model is worth on rows that it has not seen, and what simpler ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Score", "class_score", "r_squared", "uneven", "value_score"]


@dataclass(frozen=True)
class Score:
    """The first number that people compare, and those beside it.

    Attributes
    ----------
    value : float
        Accuracy, or R².
    beside : dict of str to float
        Balanced accuracy, F1 and AUC where classes are uneven; the mean absolute error and the root of the mean
        squared error for values.
    """

    value: float
    beside: dict[str, float]


def uneven(labels: NDArray[Any]) -> bool:
    """Whether the most frequent class has half more rows than its share.

    Examples
    --------
    >>> uneven(np.array([0, 0, 0, 1])), uneven(np.array([0, 0, 1, 1]))
    (True, False)
    """
    _, counts = np.unique(labels, return_counts=True)
    return bool(counts.max() * len(counts) >= 1.5 * len(labels))


def class_score(probability: NDArray[Any], labels: NDArray[Any], more: bool) -> Score:
    """Score probabilities of shape (rows, classes); with `more`, in the ways that uneven classes need."""
    prediction = probability.argmax(axis=1)
    value = float(np.mean(prediction == labels))
    if not more:
        return Score(value, {})
    there = np.unique(labels)
    recall = [float(np.mean(prediction[labels == k] == k)) for k in there]
    beside = {"balanced": float(np.mean(recall)), "F1": _f1(prediction, labels, probability.shape[1])}
    if probability.shape[1] == 2 and len(there) == 2:
        beside["AUC"] = _auc(probability[:, 1], labels == 1)
    return Score(value, beside)


def value_score(prediction: NDArray[Any], truth: NDArray[Any]) -> Score:
    """Score predicted values."""
    error = prediction - truth
    beside = {"mean absolute error": float(np.mean(np.abs(error))), "typical error": float(np.sqrt(np.mean(error**2)))}
    return Score(r_squared(prediction, truth), beside)


def r_squared(prediction: NDArray[Any], truth: NDArray[Any]) -> float:
    """Return the share of the variance of `truth` that `prediction` explains; NaN if there is none."""
    total = float(np.sum((truth - truth.mean()) ** 2))
    return 1 - float(np.sum((truth - prediction) ** 2)) / total if total else float("nan")


def _f1(prediction: NDArray[Any], labels: NDArray[Any], classes: int) -> float:
    """Return the F1 score of the rarer of two classes, or the mean over all classes of more."""
    there = np.unique(labels)
    which = [min(there, key=lambda k: np.sum(labels == k))] if classes == 2 else list(there)
    both = [(np.sum((prediction == k) & (labels == k)), np.sum(prediction == k) + np.sum(labels == k)) for k in which]
    return float(np.mean([2 * hits / max(all_of, 1) for hits, all_of in both]))


def _auc(score: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Return how often a positive row has a higher score than a negative one; ties count half (Mann and Whitney)."""
    _, at, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[at]
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))
