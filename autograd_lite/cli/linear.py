"""Linear models in float64, fitted to the end: what a network has to be compared with, and few rows are served by.

Regression is ridge regression in closed form, its penalty chosen by leaving one row out (Golub, Heath and Wahba 1979);
classification is multinomial logistic regression by our L-BFGS, its penalty chosen by cross-validation where rows are
few. The columns are standardised; the bias is not penalised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn, optim
from autograd_lite.nn import functional

__all__ = ["FOLDS", "Linear", "constant", "fit_linear", "folds", "log_loss", "probabilities"]

FOLDS = 5
PENALTIES = (0.1, 1.0, 10.0, 100.0)
MANY_ROWS = 5000  # from here on the penalty matters little
ITERATIONS = 200


@dataclass(frozen=True, eq=False)
class Linear:
    """``x @ weight.T + bias``: class scores, or values.

    Attributes
    ----------
    weight : float64 array of shape (outputs, columns)
    bias : float64 array of shape (outputs,)
    penalty : float
        What was chosen: the factor of half the squared weights beside the sum of the losses of the rows.
    loss : float
        The share of wrong classes, or the mean squared error, on rows that were left out; NaN where none were.
    """

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]
    penalty: float
    loss: float

    def __call__(self, x: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(x @ self.weight.T + self.bias, dtype=np.float64)


def fit_linear(x: NDArray[np.float64], y: NDArray[Any], classes: int | None, seed: int = 0) -> Linear:
    """Fit standardised columns to class numbers, or to values where `classes` is None.

    Examples
    --------
    >>> x = np.arange(10.0)[:, None]
    >>> model = fit_linear(x, 3 * x[:, 0] + 1, None)
    >>> model(np.array([[2.0]])).round(3)
    array([[7.]])
    """
    if classes is None:
        return _ridge(x, y)
    if len(x) > MANY_ROWS:
        return Linear(*_logistic(x, y, classes, 1.0), 1.0, np.nan)
    left_out = {penalty: _left_out(x, y, classes, penalty, seed) for penalty in PENALTIES}
    best = min(left_out, key=lambda penalty: log_loss(left_out[penalty], y))
    wrong = float(np.mean(left_out[best].argmax(axis=1) != y))
    return Linear(*_logistic(x, y, classes, best), best, wrong)


def constant(like: Linear, y: NDArray[Any], classes: Collection[str] | None) -> Linear:
    """Return the model that looks at no column: the shares of the classes, or the mean (0, as values are standardised).

    Examples
    --------
    >>> model = constant(Linear(np.ones((2, 3)), np.zeros(2), 1.0, 0.5), np.array([0, 1, 1, 1]), ("no", "yes"))
    >>> probabilities(model(np.ones((1, 3))))
    array([[0.25, 0.75]])
    """
    if classes is None:
        return Linear(np.zeros_like(like.weight), np.zeros(1), np.inf, 1.0)
    shares = np.bincount(y, minlength=len(classes)) / len(y)
    return Linear(np.zeros_like(like.weight), np.log(np.maximum(shares, 1e-6)), np.inf, 1 - float(shares.max()))


def folds(y: NDArray[Any], stratify: bool, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give the rows to learn from and those to measure on, five times; every row is measured on once."""
    order = np.random.default_rng(seed).permutation(len(y))
    if stratify:
        order = order[np.argsort(y[order], kind="stable")]
    for fold in range(FOLDS):
        held = np.arange(len(y)) % FOLDS == fold
        yield order[~held], order[held]


def probabilities(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Return the softmax of class scores, float64, of shape (rows, classes)."""
    scores = np.asarray(scores, dtype=np.float64)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def log_loss(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the mean cross-entropy of class scores."""
    chosen = probabilities(scores)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-15)).mean())


def _left_out(x: NDArray[Any], y: NDArray[Any], classes: int, penalty: float, seed: int) -> NDArray[np.float64]:
    """Return class scores of every row by a model that did not see it."""
    scores = np.empty((len(y), classes))
    for train, held in folds(y, True, seed):
        weight, bias = _logistic(x[train], y[train], classes, penalty)
        scores[held] = x[held] @ weight.T + bias
    return scores


def _logistic(
    x: NDArray[Any], y: NDArray[Any], classes: int, penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weight, bias = nn.Parameter(np.zeros((classes, x.shape[1]))), nn.Parameter(np.zeros(classes))
    optimizer = optim.LBFGS(
        [weight, bias], max_iter=ITERATIONS, tolerance_grad=1e-6, history_size=20, line_search_fn="strong_wolfe"
    )

    def closure() -> Any:
        optimizer.zero_grad()
        shrink = 0.5 * penalty / len(x) * (weight**2).sum()
        loss = functional.cross_entropy(x @ weight.T + bias, y) + shrink
        loss.backward()
        return loss

    optimizer.step(closure)
    return weight.detach().numpy(), bias.detach().numpy()


def _ridge(x: NDArray[np.float64], y: NDArray[np.float64]) -> Linear:
    """Choose the penalty by leaving each row out, which a singular value decomposition gives at once."""
    shift, middle = x.mean(axis=0), y.mean()
    u, s, vt = np.linalg.svd(x - shift, full_matrices=False)
    kept = s > 1e-10 * s.max(initial=0.0)
    u, s, vt = u[:, kept], s[kept], vt[kept]
    uy, rows = u.T @ (y - middle), len(x)

    def left_out(penalty: float) -> float:
        filtered = s**2 / (s**2 + penalty)
        residual = y - middle - u @ (filtered * uy)
        leverage = (u**2) @ filtered + 1 / rows
        return float(np.mean((residual / np.maximum(1 - leverage, 1e-6)) ** 2))

    penalties = [0.0, *np.geomspace(1e-3, 1e4, 15)] if rows > len(s) + 1 else [*np.geomspace(1e-3, 1e4, 15)]
    best = min(penalties, key=left_out)
    weight = vt.T @ (s / (s**2 + best) * uy)
    return Linear(weight[None], np.array([middle - shift @ weight]), float(best), left_out(best))
