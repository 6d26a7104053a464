"""Lion: the sign of a mean of gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_lite.optim.optimizer import Group, Optimizer


class Lion(Optimizer):
    r"""Evolved sign momentum (Chen et al. 2023).

    With the gradient g and weight decay λ::

        θ ← θ - α (sign(β₁ m + (1 - β₁) g) + λ θ)
        m ← β₂ m + (1 - β₂) g

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate α; the paper takes a third to a tenth of Adam's.
    betas : (float, float)
        β₁ and β₂.
    weight_decay : float
        λ; the paper takes three to ten times AdamW's.
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
    >>> optimizer = ag.optim.Lion([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.900]'
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize)

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The mean m, under the name that Adam's has."""
        return ("exp_avg",)

    @staticmethod
    def update(
        g: Any,
        p: Any,
        state: tuple[Any, ...],
        t: int,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
        maximize: bool,
    ) -> tuple[Any, tuple[Any, ...]]:
        """One step of the equation above."""
        beta1, beta2 = betas
        g = -g if maximize else g
        change = -lr * np.sign(beta1 * state[0] + (1 - beta1) * g)
        change = change - (lr * weight_decay) * p if weight_decay else change
        return change, (beta2 * state[0] + (1 - beta2) * g,)
