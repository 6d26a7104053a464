"""Losses of probabilities: binary cross-entropy and the Kullback-Leibler divergence."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.graph import record
from autograd_lite.engine.tracing_protocol import known, require
from autograd_lite.nn.functional.conversion import operand
from autograd_lite.nn.functional.reduction import REDUCTIONS, check_reduction, fitting_weight, matched, reduce
from autograd_lite.rules import neural
from autograd_lite.rules.limits import rounded
from autograd_lite.tensor.tensor import Tensor, wrap


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """-t log p - (1 - t) log(1 - p), each logarithm being at least -100, as in PyTorch.

    From scores rather than probabilities `binary_cross_entropy_with_logits` is more exact: in float32 the sigmoid of a
    score above 17 is 1, and a sample that is that wrong gets no gradient.

    Parameters
    ----------
    input : Tensor or array_like
        Probabilities p, of any shape.
    target : Tensor or array_like, of the same shape
        0 and 1, or anything between.
    weight : array_like, optional
        Multiplies the losses; it broadcasts to the target's shape.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ or an input is no probability.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.binary_cross_entropy([0.5, 0.0], [1.0, 1.0], reduction="none")
    tensor([  0.69314718, 100.        ])
    """
    name = "binary_cross_entropy"
    check_reduction(name, reduction)
    p, target = matched(name, input, target)
    if p.size:
        check_range(name, np.min(p.node.value), np.max(p.node.value))
    losses: Any = wrap(record(neural.binary_cross_entropy, (p.node, operand(target))))
    if weight is not None:
        losses = losses * fitting_weight(name, "weight", weight, p.shape, p.dtype)
    return reduce(losses, reduction)


def check_range(name: str, lowest: Any, highest: Any) -> None:
    """Refuse what are no probabilities."""
    outside, reach = (lowest < 0) | (highest > 1), ""
    if known(outside):
        if not outside:
            return
        reach = f", but reaches from {lowest} to {highest}"
    message = f"{name}: the input must be probabilities, from 0 to 1{reach}"
    require(~outside, ValueError(f"{message}: for scores there is binary_cross_entropy_with_logits"))


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """-w t log σ(x) - (1 - t) log(1 - σ(x)), σ being the sigmoid, exact however large the scores x are (Cox 1958).

    Parameters
    ----------
    input : Tensor or array_like
        Scores, of any shape.
    target : Tensor or array_like, of the same shape
        0 and 1, or anything between.
    weight : array_like, optional
        Multiplies the losses; it broadcasts to the target's shape.
    reduction : {"mean", "sum", "none"}
    pos_weight : array_like, optional
        w, the weight of the positive answers; it broadcasts to the target's shape.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.binary_cross_entropy_with_logits([1000.0, 1000.0], [1.0, 0.0], reduction="none")
    tensor([   0., 1000.])
    """
    name = "binary_cross_entropy_with_logits"
    check_reduction(name, reduction)
    scores, target = matched(name, input, target)
    positive = target
    if pos_weight is not None:
        positive = target * fitting_weight(name, "pos_weight", pos_weight, scores.shape, scores.dtype)
    losses = positive * softplus(-scores) + (1 - target) * softplus(scores)
    if weight is not None:
        losses = losses * fitting_weight(name, "weight", weight, scores.shape, scores.dtype)
    return reduce(losses, reduction)


def softplus(x: Any) -> Any:
    """log(1 + eˣ)."""
    return wrap(record(neural.softplus, (x.node,)))


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """t (log t - input), which is 0 where t is 0: how far a distribution is from the target (Kullback, Leibler 1951).

    Parameters
    ----------
    input : Tensor or array_like
        Log-probabilities, of any shape.
    target : Tensor or array_like, of the same shape
        Probabilities t; or their logarithms, if `log_target`.
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean", the sum divided by the length of the first axis, is the divergence itself.
    log_target : bool

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], "batchmean")
    tensor(0.69314718)
    """
    check_reduction("kl_div", reduction, (*REDUCTIONS, "batchmean"))
    log_q, target = matched("kl_div", input, target)
    losses: Any
    if log_target:
        losses = np.exp(target) * (target - log_q)
    else:
        losses = target * (np.log(np.where(target > 0, target, 1)) - log_q)
    if reduction == "batchmean":
        mean: Tensor = rounded((wide(losses) / log_q.shape[0]).sum(), losses)
        return mean
    return reduce(losses, reduction)
