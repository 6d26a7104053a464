"""What the estimators minimise: the weighted mean of a loss over the rows, and a penalty on the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.interop.sklearn.affine import Standardised
from autograd_lite.nn import Module, Parameter
from autograd_lite.nn import functional as F
from autograd_lite.tensor.tensor import Tensor

__all__ = ["cross_entropy", "half_squared_error", "objective"]

Loss = Callable[..., Tensor]


def cross_entropy(scores: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The cross-entropy of class numbers; from a score for each column, that of 0. and 1., summed over the columns."""
    if target.ndim == 2:
        loss = F.binary_cross_entropy_with_logits(scores, target, reduction=reduction)
        return loss * target.shape[1] if reduction == "mean" and target.shape[1] > 1 else loss
    return F.cross_entropy(scores, target, reduction=reduction)


def half_squared_error(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """(prediction - target)² / 2, summed over the outputs; the mean is over the rows.

    Examples
    --------
    >>> float(half_squared_error([[1.0, 2.0]], np.zeros((1, 2))))
    2.5
    """
    loss: Tensor = F.mse_loss(prediction, target, reduction) * (0.5 * target.shape[1] if reduction == "mean" else 0.5)
    return loss


def objective(loss: Loss, module: Module, alpha: float) -> Loss:
    """The mean of `loss` over the rows of a batch plus ``alpha / 2 · |W|² / rows``, as in scikit-learn.

    Parameters
    ----------
    loss : callable
        ``loss(scores, target, reduction)``, as those of `nn.functional`.
    module : Module
        W are its weights: the parameters of two axes or more, and not biases and scales.
    alpha : float
        Strength of the penalty.

    Returns
    -------
    callable
        ``objective(output, target)``; the output is what `module` gives, or a pair of it and the rows' weights.
    """
    penalised: list[Parameter] = [p for p in module.parameters() if p.ndim >= 2] if alpha else []
    standardised = module if isinstance(module, Standardised) else None  # the penalty is on weights as they are given

    def penalised_loss(output: Any, target: Any) -> Tensor:
        if isinstance(output, tuple):
            scores, weight = output
            losses = loss(scores, target, reduction="none").reshape(len(target), -1).sum(axis=1)
            rows = weight.sum()
            value: Tensor = (losses * weight).sum() / rows
        else:
            rows = len(target)
            value = loss(output, target)
        for p in penalised:
            w: Any = p if standardised is None else standardised.coef()
            value = value + np.vdot(w, w) * (0.5 * alpha / rows)
        return value

    return penalised_loss
