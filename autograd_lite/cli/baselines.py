"""What a model has to beat: the majority or the mean, a linear model in float64, and gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.cli.linear import Linear, probabilities
from autograd_lite.cli.scores import Score, class_score, uneven, value_score
from autograd_lite.data.datasets import Dataset

__all__ = ["baseline_scores", "giveaway"]

MOST_ROWS = 50_000  # that gradient boosting is trained on
MOST_CELLS = 30_000_000  # rows times columns times classes: beyond, it would take minutes


def baseline_scores(
    dataset: Dataset,
    x: NDArray[np.float64],
    linear: Linear,
    rest: NDArray[np.intp],
    test: NDArray[np.intp],
    boost: bool = True,
) -> dict[str, Score]:
    """Score the baselines on the rows `test`, trained on all others.

    Parameters
    ----------
    dataset : Dataset
    x : array of shape (rows, columns)
        The standardised columns that `linear` was trained on.
    linear : Linear
    rest, test : arrays of int
    boost : bool
        Train gradient boosting too, where scikit-learn is there.
    """
    y, truth = dataset.target[rest], dataset.target[test]
    if dataset.class_names is None:
        target_scale = (y.mean(), y.std() or 1.0)
        predictions = {
            "mean": np.full(len(test), y.mean()),
            "ridge regression": linear(x[test])[:, 0] * target_scale[1] + target_scale[0],
        }
        boosted = _boosted(dataset, rest, test) if boost else None
        if boosted is not None:
            predictions["gradient boosting"] = boosted
        return {name: value_score(prediction, truth) for name, prediction in predictions.items()}
    classes, more = len(dataset.class_names), uneven(dataset.target)
    shares = np.bincount(y, minlength=classes) / len(y)
    chances = {
        "majority class": np.tile(shares, (len(test), 1)),
        "logistic regression": probabilities(linear(x[test])),
    }
    boosted = _boosted(dataset, rest, test) if boost else None
    if boosted is not None:
        chances["gradient boosting"] = boosted
    return {name: class_score(chance, truth, more) for name, chance in chances.items()}


def giveaway(dataset: Dataset) -> str | None:
    """Return the name of a column that alone tells the target of every row, or None.

    Examples
    --------
    >>> x = np.array([[1.0, 5.0], [2.0, 3.0], [8.0, 4.0], [9.0, 2.0]])
    >>> giveaway(Dataset("copy", x, np.array([0, 0, 1, 1]), ("late", "other"), ("no", "yes")))
    'late'
    """
    for at, name in enumerate(dataset.feature_names):
        column = dataset.features[:, at]
        if np.isnan(column).any() or np.ptp(column) == 0:
            continue
        if dataset.class_names is None:
            if abs(np.corrcoef(column, dataset.target)[0, 1]) > 1 - 1e-9:
                return name
        else:
            order = np.argsort(column, kind="stable")
            values, labels = column[order], dataset.target[order]
            changes = np.flatnonzero(np.diff(labels))
            if len(changes) < len(dataset.class_names) and not (np.diff(values)[changes] == 0).any():
                return name
    return None


def _boosted(dataset: Dataset, rest: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[Any] | None:
    """Predict by scikit-learn's histogram gradient boosting; None where it is not there, or would take minutes."""
    classes = len(dataset.class_names or "12")
    if len(rest[:MOST_ROWS]) * dataset.features.shape[1] * (classes if classes > 2 else 1) > MOST_CELLS:
        return None
    try:
        from sklearn import ensemble
    except ImportError:
        return None
    rows = rest[:MOST_ROWS]
    x, y = dataset.features[rows], dataset.target[rows]
    if dataset.class_names is None:
        model = ensemble.HistGradientBoostingRegressor(random_state=0, early_stopping=False).fit(x, y)
        return np.asarray(model.predict(dataset.features[test]))
    model = ensemble.HistGradientBoostingClassifier(random_state=0, early_stopping=False).fit(x, y)
    chances = np.zeros((len(test), classes))
    chances[:, model.classes_] = model.predict_proba(dataset.features[test])
    return chances
