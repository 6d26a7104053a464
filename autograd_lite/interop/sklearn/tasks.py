"""What is learned: classes or numbers. How targets are encoded, which loss there is, how predictions are read."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from autograd_lite.interop.sklearn.affine import moments
from autograd_lite.interop.sklearn.base import complete
from autograd_lite.interop.sklearn.objective import cross_entropy, half_squared_error
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
    target_checks: ClassVar[dict[str, Any]] = {"multi_output": True}
    class_weight: Any
    _multilabel: bool = False
    _loss = staticmethod(cross_entropy)

    def __sklearn_tags__(self) -> Any:
        """Say that a row may have several labels."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    @property
    def out_activation_(self) -> str:
        """What makes probabilities of scores."""
        return "softmax" if not self._multilabel and len(self.classes_) > 2 else "logistic"

    def _class_weights(self, y: Array, weight: Array) -> Array:
        if self.class_weight is None:
            return np.ones(len(y))
        if isinstance(self.class_weight, str) and (y.ndim == 1 or y.shape[1] == 1):  # a row of weight 2 counts as two
            labels = np.unique(y, return_inverse=True)[1].ravel()
            sizes = np.bincount(labels, weight)
            return np.asarray(weight.sum() / (len(sizes) * np.where(sizes > 0, sizes, 1)))[labels]
        weights: Array = compute_sample_weight(self.class_weight, y)
        return weights

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
                f"{type(self).__name__}: classes must be passed on the first call to partial_fit, such as "
                "classes=np.unique(all_y)"
            )
        known = self.classes_ if classes is None else np.unique(classes)
        if not first and not np.array_equal(known, self.classes_):
            raise ValueError(f"{type(self).__name__}: classes are {known}, and were {self.classes_} in an earlier call")
        fitted: Self = self._partial_fit(X, y, sample_weight, classes=known)
        return fitted

    def _encoded(self, y: Array, weight: Array | None, dtype: Any, fresh: bool, classes: Array | None = None) -> Array:
        """Positions in `classes_`; of two classes 0. or 1., in a column; of several labels, one column for each."""
        y = self._columns(y, fresh)
        if self._multilabel:
            self.classes_ = np.arange(y.shape[1])
            return y.astype(dtype)
        if classes is None:
            classes = np.unique(y) if fresh else self.classes_
        if unknown := sorted(set(y.tolist()) - set(classes.tolist())):
            raise ValueError(
                f"{type(self).__name__}: y has classes that are not among the known ones, {classes}: {unknown[:5]}"
            )
        if len(classes) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; the data has 1 class: {classes[0]!r}")
        self.classes_ = classes
        labels = np.searchsorted(classes, y)
        return labels if len(classes) > 2 else labels.astype(dtype).reshape(-1, 1)

    def _columns(self, y: Array, fresh: bool) -> Array:
        """The target, of shape (rows,), or (rows, labels) of 0 and 1 where a row may have several labels."""
        check_classification_targets(y)
        multilabel = y.ndim == 2 and y.shape[1] > 1
        if multilabel and type_of_target(y) != "multilabel-indicator":
            raise ValueError(
                f"{type(self).__name__}: y of shape {y.shape} is not one class for each row; for several labels give "
                "0 and 1, for one-hot rows y.argmax(axis=1)"
            )
        if not fresh and multilabel != self._multilabel:
            raise ValueError(f"{type(self).__name__}: y has shape {y.shape}, and was of another kind before")
        if not fresh and multilabel and y.shape[1] != len(self.classes_):
            raise ValueError(f"{type(self).__name__}: y has {y.shape[1]} labels, and had {len(self.classes_)} before")
        self._multilabel = multilabel
        return y if multilabel or y.ndim == 1 else column_or_1d(y, warn=True)

    def _outputs(self, target: Array) -> int:
        return len(self.classes_) if self._multilabel or len(self.classes_) > 2 else 1

    def _score_on(self, scores: Array, *rest: Array) -> float:
        *weight, target = rest
        chosen = (scores > 0) * 1.0 if self._multilabel else chosen_classes(scores)
        truth = target if self._multilabel else target.ravel()
        return float(accuracy_score(truth, chosen, sample_weight=weight[0] if weight else None))

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
        ndarray, shape (n_samples,), or (n_samples, n_labels) of 0 and 1
        """
        scores = self._scores(X)
        if self._multilabel:
            labels: Array = (scores > 0).astype(int)
            return labels
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
        if self._multilabel:  # one by one
            probabilities: Array = -np.logaddexp(0, -scores)
            return probabilities
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
    out_activation_ = "identity"
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
            mean, spread = moments(columns, weight, getattr(self, "fit_intercept", True))
            # A small constant is not to be drowned by what a network gives around 0; of one row nothing is known.
            small = np.where((mean == 0) | (len(y) == 1), 1.0, np.minimum(np.abs(mean), 1))
            self.target_mean_, self.target_scale_ = mean, np.where(spread > 0, spread, small)
            self._one_target = y.ndim == 1
        elif columns.shape[1] != len(self.target_mean_):
            raise ValueError(
                f"{type(self).__name__}: y has {columns.shape[1]} columns, and had {len(self.target_mean_)} before"
            )
        standardised: Array = ((columns - self.target_mean_) / self.target_scale_).astype(dtype)
        return standardised

    def _outputs(self, target: Array) -> int:
        return int(target.shape[1])

    def _score_on(self, scores: Array, *rest: Array) -> float:
        *weight, target = rest
        return float(r2_score(target, scores, sample_weight=weight[0] if weight else None))

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
