"""Adamax: Adam with the largest gradient in place of the root of a mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def adamax(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Adamax`."""
    beta1, beta2 = betas
    g = descent(g, p, weight_decay, maximize)
    m = beta1 * state[0] + (1 - beta1) * g
    u = np.maximum(beta2 * state[1], np.absolute(g) + eps)
    return (-lr / (1 - beta1**t)) * m / u, (m, u)


class Adamax(Optimizer):
    r"""Adam of the infinity norm (Kingma and Ba 2014, section 7).

    With g the gradient plus λθ for weight decay λ::

        m ← β₁ m + (1 - β₁) g
        u ← max(β₂ u, |g| + ε)
        θ ← θ - α / (1 - β₁ᵗ) · m / u

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate α.
    betas : (float, float)
        β₁ and β₂.
    eps : float
        ε.
    weight_decay : float
        λ.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0], requires_grad=True)
    >>> optimizer = ag.optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.900]'
    """

    update = staticmethod(adamax)

    @constructor(adamax)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The mean m and the largest gradient u, under PyTorch's names."""
        return ("exp_avg", "exp_inf")
