"""NAdam: Adam that looks ahead along its momentum."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd_lite.optim.equation import Change, constructor, decayed, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def nadam(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum_decay: float = 4e-3,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `NAdam`."""
    beta1, beta2 = betas
    g = descent(g, p, 0.0 if decoupled_weight_decay else weight_decay, maximize)
    m = beta1 * state[0] + (1 - beta1) * g
    v = beta2 * state[1] + (1 - beta2) * (g * g)
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    product = mu * (state[2] + (t == 1))
    # the correction of v is a number: taken into α and ε it costs no pass, as in Adam
    correction = (1 - beta2**t) ** 0.5
    ahead = (1 - mu) * g / (1 - product) + mu_next * m / (1 - mu_next * product)
    change = (-lr * correction) * ahead / (np.sqrt(v) + eps * correction)
    return decayed(change, p, lr, weight_decay if decoupled_weight_decay else 0.0), (m, v, product)


class NAdam(Optimizer):
    r"""Adam with Nesterov momentum (Dozat 2016).

    With g the gradient plus λθ for weight decay λ, and momentum that grows by μₜ = β₁ (1 - 0.96^(ψt) / 2)::

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        Π ← μₜ Π                   (Π = 1 in the beginning)
        θ ← θ - α · ((1 - μₜ) g / (1 - Π) + μₜ₊₁ m / (1 - μₜ₊₁ Π)) / (√(v / (1 - β₂ᵗ)) + ε)

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
    momentum_decay : float
        ψ.
    decoupled_weight_decay : bool
        Let θ ← θ - α λ θ apart from the gradient, as in `AdamW`.
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
    >>> optimizer = ag.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.item() < 1
    True
    """

    one_per_parameter: ClassVar[tuple[str, ...]] = ("mu_product",)

    update = staticmethod(nadam)

    @constructor(nadam)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The moments m and v, and the product Π, under PyTorch's names."""
        return ("exp_avg", "exp_avg_sq", "mu_product")
