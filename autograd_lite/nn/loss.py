"""Losses as modules; `functional` says what each computes and what it refuses."""

from __future__ import annotations

from typing import Any

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.reduction import REDUCTIONS, check_reduction
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Buffer
from autograd_lite.tensor.tensor import Tensor


class Loss(Module):
    """The base class of losses: how they are reduced to one number.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If there is no such reduction.
    """

    reductions: tuple[str, ...] = REDUCTIONS

    def __init__(self, reduction: str = "mean") -> None:
        check_reduction(type(self).__name__, reduction, self.reductions)
        self.reduction = reduction

    def extra_repr(self) -> str:
        settings = {name: value for name, value in vars(self).items() if isinstance(value, str | float | int)}
        settings.pop("training", None)
        return ", ".join(f"{name}={value!r}" for name, value in settings.items())


class MSELoss(Loss):
    """(prediction - target)² (Legendre 1805; Gauss 1809).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.MSELoss()([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.mse_loss(input, target, self.reduction)


class L1Loss(Loss):
    """``|prediction - target|`` (Boscovich 1757).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.L1Loss()([1.0, 2.0], [1.0, 4.0])
    tensor(1.)
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.l1_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """``d² / 2β`` where ``|d| < β`` and ``|d| - β/2`` elsewhere, d being prediction - target (Girshick 2015).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.SmoothL1Loss()([0.0, 2.0], [0.0, 4.0])
    tensor(0.75)
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """``d² / 2`` where ``|d| < δ`` and ``δ (|d| - δ/2)`` elsewhere, d being prediction - target (Huber 1964).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.HuberLoss()([0.0, 2.0], [0.0, 4.0])
    tensor(0.75)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.huber_loss(input, target, self.reduction, self.delta)


class BCELoss(Loss):
    """-t log p - (1 - t) log(1 - p) of probabilities p.

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the losses; it broadcasts to the target's shape.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.BCELoss()([0.5, 0.5], [1.0, 0.0])
    tensor(0.69314718)
    """

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = kept(weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """-w t log σ(x) - (1 - t) log(1 - σ(x)) of scores x, exact however large they are (Cox 1958).

    Parameters
    ----------
    weight : array_like, optional
        Multiplies the losses; it broadcasts to the target's shape.
    reduction : {"mean", "sum", "none"}
    pos_weight : array_like, optional
        w, the weight of the positive answers; it broadcasts to the target's shape.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.BCEWithLogitsLoss()([1000.0, 0.0], [1.0, 0.0])
    tensor(0.34657359)
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.weight, self.pos_weight = kept(weight), kept(pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class CrossEntropyLoss(Loss):
    """-log softmax(scores)[label], exact however large the scores are.

    Parameters
    ----------
    weight : array_like, shape (classes,), optional
        How much each class counts. With class indices the mean is the weighted one.
    ignore_index : int
        Samples with this class index do not count.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float
        ε: the target is mixed with ε of the uniform distribution (Szegedy et al. 2016).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.CrossEntropyLoss()([[0.0, 0.0], [1000.0, 0.0]], [1, 0])
    tensor(0.34657359)
    """

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.weight = kept(weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


class NLLLoss(Loss):
    """-log_probabilities[label].

    Parameters
    ----------
    weight, ignore_index, reduction
        As in `CrossEntropyLoss`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.NLLLoss()(np.log([[0.2, 0.8]]), [1])
    tensor(0.22314355)
    """

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = kept(weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class KLDivLoss(Loss):
    """t (log t - input), input being log-probabilities (Kullback and Leibler 1951).

    Parameters
    ----------
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean", the sum divided by the length of the first axis, is the divergence itself.
    log_target : bool
        Whether the target is given by its logarithms.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.KLDivLoss("batchmean")(np.log([[0.5, 0.5]]), [[1.0, 0.0]])
    tensor(0.69314718)
    """

    reductions = (*REDUCTIONS, "batchmean")

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.kl_div(input, target, self.reduction, self.log_target)


def kept(weight: Any) -> Buffer | None:
    """A weight as part of the loss's state, as in PyTorch."""
    return None if weight is None else Buffer(weight)
