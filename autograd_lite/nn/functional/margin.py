"""Losses of distances: how near two vectors are, and how far from others."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.functional.conversion import adapted, floating
from autograd_lite.nn.functional.rectifier import relu
from autograd_lite.nn.functional.reduction import check_reduction, matched, reduce
from autograd_lite.tensor.tensor import Tensor


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x₁ · x₂ / (‖x₁‖ ‖x₂‖) along an axis, each length being at least `eps`.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
        Their shapes broadcast to each other.
    dim : int
    eps : float

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.cosine_similarity([[3.0, 4.0]], [[4.0, 3.0]])
    tensor([0.96])
    """
    a, b = floating(x1), floating(x2)
    a, b = (x / np.maximum(np.linalg.norm(x, axis=dim, keepdims=True), eps) for x in (a, b))
    result: Tensor = (a * b).sum(axis=dim)
    return result


def distance(a: Any, b: Any, p: float, eps: float) -> Any:
    """The p-norm of a - b + ε along the last axis."""
    return np.linalg.norm(a - b + eps, p, axis=-1)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """max(‖a - p‖ - ‖a - n‖ + margin, 0): how much the negative is too near (Balntas et al. 2016).

    Parameters
    ----------
    anchor, positive, negative : Tensor or array_like, shape (n, features) or (features,)
    margin : float
    p : float
        Of the norm that is the distance.
    eps : float
        Added to the differences.
    swap : bool
        Whether the negative's distance is that from the anchor or the positive, whichever is nearer.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> round(F.triplet_margin_loss([0.0, 0.0], [3.0, 4.0], [0.0, 2.0]).item(), 4)
    4.0
    """
    check_reduction("triplet_margin_loss", reduction)
    a, good = matched("triplet_margin_loss", anchor, positive)
    _, bad = matched("triplet_margin_loss", anchor, negative)
    far = distance(a, bad, p, eps)
    far = np.minimum(far, distance(good, bad, p, eps)) if swap else far
    return reduce(relu(distance(a, good, p, eps) - far + margin), reduction)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """x where the target is 1, and max(margin - x, 0) where it is -1; x is a distance.

    Parameters
    ----------
    input, target : Tensor or array_like, of one shape
    margin : float
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.hinge_embedding_loss([0.5, 0.25], [1, -1], reduction="none")
    tensor([0.5 , 0.75])
    """
    check_reduction("hinge_embedding_loss", reduction)
    x, target = matched("hinge_embedding_loss", input, adapted(target, floating(input).dtype))
    near: Any = np.where(target != -1, x, 0.0)
    return reduce(near + np.where(target != 1, relu(margin - x), 0.0), reduction)
