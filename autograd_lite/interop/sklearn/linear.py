"""Linear and logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.interop.sklearn.affine import Standardised, moments
from autograd_lite.interop.sklearn.base import ATTRIBUTES, PARAMETERS, GradientDescentEstimator, keep
from autograd_lite.interop.sklearn.lbfgs import Whitened
from autograd_lite.interop.sklearn.sparse import dense
from autograd_lite.interop.sklearn.tasks import Classifier, Regressor
from autograd_lite.nn import Module

__all__ = ["LinearRegression", "LogisticRegression"]

Array = NDArray[Any]


class LinearModel(GradientDescentEstimator):
    """One affine layer over standardised columns, from zeros."""

    fit_intercept: bool
    module_: Standardised

    def _trained_in(self, dtype: Any) -> Any:
        """Double precision: sums over columns far from 0 lose digits."""
        return np.dtype(np.float64)

    def _network(self, arrays: list[Array], outputs: int, generator: np.random.Generator) -> Module:
        x, *weight, _ = arrays
        center, spread = moments(x, weight[0] if weight else None, self.fit_intercept)
        return Standardised(center, np.where(spread > 0, spread, 1.0), outputs, self.fit_intercept, x.dtype)

    def _problem(self, arrays: list[Array]) -> Whitened:
        return Whitened(self.module_, self._loss, self._strength(), [dense(self, arrays[0]), *arrays[1:]])

    def _affine(self) -> tuple[Array, Array]:
        """Weights and intercepts of the columns as they are."""
        coef, intercept = self.module_.affine()
        self.coefs_, self.intercepts_, self.n_layers_ = [coef.T], [intercept], 2
        return coef, intercept


class LinearRegression(Regressor, LinearModel):
    __doc__ = f"""Linear regression: least squares, or with `alpha` ridge regression.

    The minimum is that of ``sklearn.linear_model.Ridge(alpha)``; of columns that repeat each other, the one with the
    smallest weights. Columns are standardised inside, and `coef_` is that of the columns as they are.

    Parameters
    ----------
    fit_intercept : bool
        Whether there is an intercept.{PARAMETERS}

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
    >>> model = LinearRegression().fit(x, 3 * x[:, 0] + 200)
    >>> model.coef_.round(8), round(float(model.intercept_), 8)
    (array([3.]), 200.0)
    """

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        solver: str = "lbfgs",
        alpha: float = 0.0,
        batch_size: int | str | None = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.01,
        power_t: float = 0.5,
        max_iter: int = 1000,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        optimizer: Any = None,
    ) -> None:
        keep(self, locals())

    def _learned(self) -> None:
        weight, bias = self._affine()
        coef, intercept = weight * self.target_scale_[:, None], bias * self.target_scale_ + self.target_mean_
        self.coefs_, self.intercepts_ = [coef.T], [intercept]
        coef, intercept = coef.astype(self._dtype), intercept.astype(self._dtype)
        self.coef_ = coef[0] if self._one_target else coef
        self.intercept_ = intercept[0] if self._one_target else intercept


class LogisticRegression(Classifier, LinearModel):
    __doc__ = f"""Logistic regression.

    The minimum is that of ``sklearn.linear_model.LogisticRegression(C=C)``. Columns are standardised inside; `coef_`,
    and the penalty on it, are those of the columns as they are.

    Parameters
    ----------
    penalty : {{"l2", None}}
        The square of the weights, or none.
    C : float
        The inverse of its strength: `alpha` is ``1 / C`` unless it is given.
    fit_intercept : bool
        Whether there is an intercept.
    class_weight : "balanced", dict or None
        What the rows of each class count for; "balanced" is inversely to how many there are.{PARAMETERS}

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
    >>> model = LogisticRegression().fit(X, y)
    >>> model.coef_.shape, model.score(X, y) > 0.95
    ((3, 4), True)
    """

    def __init__(
        self,
        *,
        penalty: str | None = "l2",
        C: float = 1.0,
        fit_intercept: bool = True,
        class_weight: Any = None,
        solver: str = "lbfgs",
        alpha: float | None = None,
        batch_size: int | str | None = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.01,
        power_t: float = 0.5,
        max_iter: int = 1000,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        optimizer: Any = None,
    ) -> None:
        keep(self, locals())

    def _strength(self) -> float:
        if self.penalty is None:
            return 0.0
        return 1 / self.C if self.alpha is None else self.alpha

    def _learned(self) -> None:
        coef, intercept = self._affine()
        self.coef_, self.intercept_ = coef.astype(self._dtype), intercept.astype(self._dtype)
