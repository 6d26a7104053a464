"""Modules of distances; `functional` says what each computes."""

from __future__ import annotations

from typing import Any

from autograd_lite.nn import functional as F
from autograd_lite.nn.loss import Loss
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor


class CosineSimilarity(Module):
    """x₁ · x₂ / (‖x₁‖ ‖x₂‖) along an axis, each length being at least `eps`.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.CosineSimilarity()([[3.0, 4.0]], [[4.0, 3.0]])
    tensor([0.96])
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, eps={self.eps}"


class TripletMarginLoss(Loss):
    """max(‖a - p‖ - ‖a - n‖ + margin, 0): how much the negative is too near (Balntas et al. 2016).

    Parameters
    ----------
    margin, p, eps, swap
        As in `functional.triplet_margin_loss`.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.TripletMarginLoss(eps=0.0)([0.0, 0.0], [3.0, 4.0], [0.0, 2.0])
    tensor(4.)
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Tensor:
        settings = (self.margin, self.p, self.eps, self.swap, self.reduction)
        return F.triplet_margin_loss(anchor, positive, negative, *settings)


class HingeEmbeddingLoss(Loss):
    """x where the target is 1, and max(margin - x, 0) where it is -1; x is a distance.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.HingeEmbeddingLoss()([0.5, 0.25], [1, -1])
    tensor(0.625)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.hinge_embedding_loss(input, target, self.margin, self.reduction)
