"""Losses of predicted distributions; `functional` says what each computes."""

from __future__ import annotations

from typing import Any

from autograd_lite.nn import functional as F
from autograd_lite.nn.loss import Loss
from autograd_lite.tensor.tensor import Tensor


class GaussianNLLLoss(Loss):
    """(log v + (x - t)² / v) / 2 of a mean x and a variance v, both predicted (Nix and Weigend 1994).

    Parameters
    ----------
    full, eps
        As in `functional.gaussian_nll_loss`.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.GaussianNLLLoss()([1.0], [3.0], [1.0])
    tensor(2.)
    """

    def __init__(self, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Any, target: Any, var: Any) -> Tensor:
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class PoissonNLLLoss(Loss):
    """eˣ - t x of counts t, whose mean's logarithm x is predicted; or x - t log(x + ε) of the mean.

    Parameters
    ----------
    log_input, full, eps
        As in `functional.poisson_nll_loss`.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.PoissonNLLLoss()([0.0], [3.0])
    tensor(1.)
    """

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.poisson_nll_loss(input, target, self.log_input, self.full, self.eps, self.reduction)
