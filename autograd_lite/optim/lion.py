"""Lion: the sign of a mean of gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, decayed, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def lion(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-4,
    betas: tuple[float, float] = (0.9, 0.99),
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Lion`."""
    beta1, beta2 = betas
    g = descent(g, p, 0.0, maximize)
    change = -lr * np.sign(beta1 * state[0] + (1 - beta1) * g)
    return decayed(change, p, lr, weight_decay), (beta2 * state[0] + (1 - beta2) * g,)


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

    update = staticmethod(lion)

    @constructor(lion)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The mean m, under the name that Adam's has."""
        return ("exp_avg",)
