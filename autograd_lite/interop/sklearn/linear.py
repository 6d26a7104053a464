"""Linear and logistic regression by gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.interop.sklearn.base import ATTRIBUTES, PARAMETERS, GradientDescentEstimator
from autograd_lite.interop.sklearn.tasks import Classifier, Regressor
from autograd_lite.nn import Linear, Module, init

__all__ = ["LinearRegression", "LogisticRegression"]


class LinearModel(GradientDescentEstimator):
    """One affine layer, from zeros."""

    def __init__(
        self,
        *,
        alpha: float = 0.0001,
        batch_size: int | str | None = "auto",
        learning_rate_init: float = 0.01,
        max_iter: int = 1000,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        optimizer: Any = "adam",
    ) -> None:
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.optimizer = optimizer

    def _network(self, features: int, outputs: int, dtype: Any, generator: np.random.Generator) -> Module:
        layer = Linear(features, outputs, dtype=dtype, generator=generator)
        for parameter in layer.parameters():
            init.zeros_(parameter)
        return layer

    def _affine(self) -> tuple[NDArray[Any], NDArray[Any]]:
        state = self.module_.state_dict()
        return state["weight"], state["bias"]


class LinearRegression(Regressor, LinearModel):
    __doc__ = f"""Linear regression by gradient descent.

    With ``batch_size=None`` the minimum is that of ``sklearn.linear_model.Ridge(alpha)``. Standardise the features:
    gradient descent takes long where their scales differ.

    Parameters
    ----------{PARAMETERS}

    Attributes
    ----------
    coef_ : ndarray, shape (n_features,), or (n_outputs, n_features)
    intercept_ : float, or ndarray of shape (n_outputs,)
    target_mean_, target_scale_
        What the target is standardised by for training; `tol` and the losses refer to that.{ATTRIBUTES}

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.interop.sklearn import LinearRegression
    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> model = LinearRegression(tol=1e-8).fit(x, 3 * x[:, 0] + 200)
    >>> model.coef_.round(2), round(float(model.intercept_), 2)
    (array([3.]), 200.0)
    """

    def _learned(self) -> None:
        weight, bias = self._affine()
        coef = (weight * self.target_scale_[:, None]).astype(weight.dtype)
        intercept = (bias * self.target_scale_ + self.target_mean_).astype(bias.dtype)
        self.coef_ = coef[0] if self._one_target else coef
        self.intercept_ = intercept[0] if self._one_target else intercept


class LogisticRegression(Classifier, LinearModel):
    __doc__ = f"""Logistic regression by gradient descent.

    With ``batch_size=None`` the minimum is that of ``sklearn.linear_model.LogisticRegression(C=1 / alpha)``.
    Standardise the features: gradient descent takes long where their scales differ.

    Parameters
    ----------{PARAMETERS}

    Attributes
    ----------
    classes_ : ndarray
    coef_ : ndarray, shape (n_classes, n_features), or (1, n_features) for two classes
    intercept_ : ndarray, shape (n_classes,) or (1,){ATTRIBUTES}

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from autograd_lite.interop.sklearn import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(learning_rate_init=0.1, random_state=0).fit(X, y)
    >>> model.coef_.shape, model.score(X, y) > 0.95
    ((3, 4), True)
    """

    def _learned(self) -> None:
        self.coef_, self.intercept_ = self._affine()
