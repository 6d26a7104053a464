"""What is learned: classes or numbers. How targets are encoded, which loss there is, how predictions are read."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.multiclass import check_classification_targets

from autograd_lite.interop.sklearn.base import complete, scores_of
from autograd_lite.interop.sklearn.objective import cross_entropy, half_squared_error
from autograd_lite.nn import Module
from autograd_lite.nn import functional as F

__all__ = ["Classifier", "Regressor"]

Array = NDArray[Any]


class Classifier(ClassifierMixin):  # type: ignore[misc] # scikit-learn has no types
    """Classes, by cross-entropy; of two classes there is one score, for the second.

    Attributes
    ----------
    classes_ : ndarray
        In sorted order.
    """

    classes_: Array
    target_checks: ClassVar[dict[str, Any]] = {}
    _loss = staticmethod(cross_entropy)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Make one pass over some data; the optimizer goes on from where it was.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array_like
            All classes that will come, in the first call.

        Raises
        ------
        ValueError
            As in `fit`; and if the classes are not given in the first call, or differ later.
        """
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError(
                "classes must be passed on the first call to partial_fit, such as classes=np.unique(all_y)"
            )
        known = self.classes_ if classes is None else np.unique(classes)
        if not first and not np.array_equal(known, self.classes_):
            raise ValueError(f"classes are {known}, and were {self.classes_} in an earlier call")
        fitted: Self = self._partial_fit(X, y, sample_weight, classes=known)
        return fitted

    def _encoded(self, y: Array, weight: Array | None, dtype: Any, fresh: bool, classes: Array | None = None) -> Array:
        """Positions in `classes_`; of two classes 0. or 1., in a column."""
        check_classification_targets(y)
        if classes is None:
            classes = np.unique(y) if fresh else self.classes_
        if unknown := sorted(set(y.tolist()) - set(classes.tolist())):
            raise ValueError(f"y has classes that are not among the known ones, {classes}: {unknown[:5]}")
        if len(classes) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; the data has 1 class: {classes[0]!r}")
        self.classes_ = classes
        labels = np.searchsorted(classes, y)
        return labels if len(classes) > 2 else labels.astype(dtype).reshape(-1, 1)

    def _outputs(self, target: Array) -> int:
        return len(self.classes_) if len(self.classes_) > 2 else 1

    def _score_on(self, module: Module, x: Array, *rest: Array) -> float:
        *weight, target = rest
        chosen = chosen_classes(scores_of(module, x))
        return float(accuracy_score(target.ravel(), chosen, sample_weight=weight[0] if weight else None))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of the rows whose class is right."""
        return float(super().score(X, complete(y), complete(sample_weight)))

    def decision_function(self, X: Any) -> Array:
        """The scores of the classes, before they become probabilities.

        Returns
        -------
        ndarray, shape (n_samples, n_classes), or (n_samples,) for two classes: above 0 stands for the second
        """
        scores: Array = self._scores(X)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def predict(self, X: Any) -> Array:
        """The most probable class of each row.

        Returns
        -------
        ndarray, shape (n_samples,)
        """
        scores = self._scores(X)
        predicted: Array = self.classes_[chosen_classes(scores)]
        return predicted

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class.

        Returns
        -------
        ndarray, shape (n_samples, n_classes)
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of the probability of each class, also where it is too small for a number.

        Returns
        -------
        ndarray, shape (n_samples, n_classes)
        """
        scores: Array = self._scores(X)
        if scores.shape[1] == 1:  # the first class has the score 0
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        log_probabilities: Array = F.log_softmax(scores, dim=1).numpy()
        return log_probabilities


def chosen_classes(scores: Array) -> Array:
    """The position of the class with the highest score."""
    return scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.intp)


class Regressor(RegressorMixin):  # type: ignore[misc] # scikit-learn has no types
    """Numbers, by half the squared error.

    The network predicts each column of the target less its mean and divided by its standard deviation in the first
    data that there was: what is far from 0 or large would take gradient descent thousands of steps, and what is small
    would not be learned beside it. In a linear model this changes nothing but the path: the minimum, with its penalty,
    is where it was.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray, shape (n_outputs,)
    """

    target_mean_: Array
    target_scale_: Array
    _loss = staticmethod(half_squared_error)
    target_checks: ClassVar[dict[str, Any]] = {"multi_output": True, "y_numeric": True}

    def __sklearn_tags__(self) -> Any:
        """Say that y may have several columns."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Make one pass over some data; the optimizer goes on from where it was.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        """
        fitted: Self = self._partial_fit(X, y, sample_weight)
        return fitted

    def _encoded(self, y: Array, weight: Array | None, dtype: Any, fresh: bool) -> Array:
        """The standardised target, in columns."""
        columns = y.reshape(len(y), -1).astype(np.float64)
        if fresh:
            self.target_mean_ = np.average(columns, axis=0, weights=weight)
            spread = np.sqrt(np.average((columns - self.target_mean_) ** 2, axis=0, weights=weight))
            self.target_scale_ = np.where(spread > 0, spread, 1.0)
            self._one_target = y.ndim == 1
        elif columns.shape[1] != len(self.target_mean_):
            raise ValueError(f"y has {columns.shape[1]} columns, and had {len(self.target_mean_)} before")
        standardised: Array = ((columns - self.target_mean_) / self.target_scale_).astype(dtype)
        return standardised

    def _outputs(self, target: Array) -> int:
        return int(target.shape[1])

    def _score_on(self, module: Module, x: Array, *rest: Array) -> float:
        *weight, target = rest
        return float(r2_score(target, scores_of(module, x), sample_weight=weight[0] if weight else None))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R², the coefficient of determination."""
        return float(super().score(X, complete(y), complete(sample_weight)))

    def predict(self, X: Any) -> Array:
        """The target of each row.

        Returns
        -------
        ndarray, shape (n_samples,), or (n_samples, n_outputs)
        """
        scores: Array = self._scores(X)
        predicted: Array = (scores * self.target_scale_ + self.target_mean_).astype(scores.dtype)
        return predicted.ravel() if self._one_target else predicted
