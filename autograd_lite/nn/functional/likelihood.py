"""Losses that are negative log-likelihoods of numbers: normally distributed ones, and counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.nn.functional.conversion import adapted, floating
from autograd_lite.nn.functional.reduction import check_reduction, matched, reduce
from autograd_lite.tensor.tensor import Tensor


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """(log v + (x - t)² / v) / 2 of a mean x and a variance v, both predicted (Nix and Weigend 1994).

    Parameters
    ----------
    input, target : Tensor or array_like, of one shape
        Means, and what was observed.
    var : Tensor or array_like, broadcasting to that shape
        Variances; what is below `eps` counts as `eps`, and is pulled on by the gradient there all the same, as in
        PyTorch.
    full : bool
        Whether log(2π) / 2 is added.
    eps : float
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.gaussian_nll_loss([1.0], [3.0], [1.0])
    tensor(2.)
    """
    check_reduction("gaussian_nll_loss", reduction)
    x, target = matched("gaussian_nll_loss", input, target)
    given = floating(adapted(var, x.dtype))
    try:
        fits = np.broadcast_shapes(given.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"gaussian_nll_loss: the variance has shape {given.shape}, and the mean {x.shape}")
    v = given + (np.maximum(given, eps) - given).detach()
    losses = 0.5 * (np.log(v) + (x - target) ** 2 / v)
    return reduce(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """eˣ - t x of counts t, whose mean's logarithm x is predicted; or x - t log(x + ε) of the mean.

    Parameters
    ----------
    input, target : Tensor or array_like, of one shape
    log_input : bool
        Whether the logarithm of the mean is predicted.
    full : bool
        Whether Stirling's approximation of log(t!) is added, for t above 1.
    eps : float
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.poisson_nll_loss([0.0], [3.0])
    tensor(1.)
    """
    check_reduction("poisson_nll_loss", reduction)
    x, t = matched("poisson_nll_loss", input, target)
    losses: Any = np.exp(x) - t * x if log_input else x - t * np.log(x + eps)
    if full:
        above = np.maximum(t, 1.0)
        stirling = above * np.log(above) - above + 0.5 * np.log(2 * math.pi * above)
        losses = losses + np.where(t > 1, stirling, 0.0)
    return reduce(losses, reduction)
