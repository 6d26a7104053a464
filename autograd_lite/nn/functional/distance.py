"""Losses of predicted numbers: squared, absolute, and between the two."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.graph import record
from autograd_lite.nn.functional.conversion import equals, operand, require_setting
from autograd_lite.nn.functional.reduction import check_reduction, matched, reduce
from autograd_lite.rules.neural import mean_squared_error
from autograd_lite.tensor.tensor import Tensor, wrap


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """(prediction - target)² (Legendre 1805; Gauss 1809).

    Parameters
    ----------
    input, target : Tensor or array_like, of one shape
        The target takes the dtype of the input.
    reduction : {"mean", "sum", "none"}
        One number, or one loss for each element.

    Raises
    ------
    ValueError
        If the shapes differ: (n, 1) against (n,) would silently become (n, n).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.mse_loss([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """
    check_reduction("mse_loss", reduction)
    prediction, target = matched("mse_loss", input, target)
    if reduction == "mean":
        return wrap(record(mean_squared_error, (prediction.node, operand(target))))
    difference = prediction - target
    return reduce(difference * difference, reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """``|prediction - target|``, with gradient 0 where they are equal (Boscovich 1757).

    Parameters
    ----------
    input, target, reduction
        As in `mse_loss`.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.l1_loss([1.0, 2.0], [1.0, 4.0])
    tensor(1.)
    """
    check_reduction("l1_loss", reduction)
    prediction, target = matched("l1_loss", input, target)
    return reduce(np.absolute(prediction - target), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: Any = 1.0) -> Tensor:
    """``d² / 2β`` where ``|d| < β`` and ``|d| - β/2`` elsewhere, d being prediction - target (Girshick 2015).

    Parameters
    ----------
    input, target, reduction
        As in `mse_loss`.
    beta : float
        At least 0; 0 gives `l1_loss`.

    Raises
    ------
    ValueError
        If the shapes differ or `beta` is negative.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.smooth_l1_loss([0.5, 1000.0], [0.0, 0.0], "none")
    tensor([1.250e-01, 9.995e+02])
    """
    require_setting(beta >= 0, ValueError(f"smooth_l1_loss: beta must not be negative, and it is {beta}"))
    if equals(beta, 0):
        return l1_loss(input, target, reduction)
    return huber("smooth_l1_loss", input, target, reduction, beta, 1 / beta)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: Any = 1.0) -> Tensor:
    """``d² / 2`` where ``|d| < δ`` and ``δ (|d| - δ/2)`` elsewhere, d being prediction - target (Huber 1964).

    Parameters
    ----------
    input, target, reduction
        As in `mse_loss`.
    delta : float
        δ, above 0.

    Raises
    ------
    ValueError
        If the shapes differ or `delta` is not positive.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.huber_loss([0.5, 1000.0], [0.0, 0.0], "none", delta=2.0)
    tensor([1.250e-01, 1.998e+03])
    """
    require_setting(delta > 0, ValueError(f"huber_loss: delta must be positive, and it is {delta}"))
    return huber("huber_loss", input, target, reduction, delta, 1.0)


def huber(loss: str, input: Any, target: Any, reduction: str, bound: Any, factor: Any) -> Tensor:
    """Huber's loss times `factor`.

    With c the difference limited to [-bound, bound], it is c (d - c/2) everywhere; nothing overflows and the first
    two derivatives come out right at 0.
    """
    check_reduction(loss, reduction)
    prediction, target = matched(loss, input, target)
    difference = prediction - target
    limited = difference.clip(-bound, bound)
    losses = limited * (difference - 0.5 * limited)
    return reduce(losses if equals(factor, 1) else losses * factor, reduction)
