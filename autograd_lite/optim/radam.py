"""RAdam: Adam that does not divide by a variance which it cannot know yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, decayed, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def radam(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    decoupled_weight_decay: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `RAdam`."""
    beta1, beta2 = betas
    g = descent(g, p, 0.0 if decoupled_weight_decay else weight_decay, maximize)
    m = beta1 * state[0] + (1 - beta1) * g
    v = beta2 * state[1] + (1 - beta2) * (g * g)
    rest = beta2**t
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * rest / (1 - rest)
    rectified = length > 5

    def if_rectified(a: Any) -> Any:  # else 1: a kernel makes the same calls for every t
        return rectified * a + (1 - rectified)

    most = if_rectified((longest - 4) * (longest - 2) * length)
    correction = (if_rectified((length - 4) * (length - 2) * longest * (1 - rest)) / most) ** 0.5
    change = (-lr * correction / (1 - beta1**t)) * m / if_rectified(np.sqrt(v) + eps)
    return decayed(change, p, lr, weight_decay if decoupled_weight_decay else 0.0), (m, v)


class RAdam(Optimizer):
    r"""Rectified Adam (Liu et al. 2020), which warms up by itself.

    With g the gradient plus λθ for weight decay λ, and ρₜ = ρ - 2 t β₂ᵗ / (1 - β₂ᵗ) where ρ = 2 / (1 - β₂) - 1::

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        r = √((ρₜ - 4) (ρₜ - 2) ρ / ((ρ - 4) (ρ - 2) ρₜ))
        θ ← θ - α · m / (1 - β₁ᵗ) · r √(1 - β₂ᵗ) / (√v + ε)        (as long as ρₜ ≤ 5: θ - α · m / (1 - β₁ᵗ))

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
    >>> optimizer = ag.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.800]'
    """

    update = staticmethod(radam)

    @constructor(radam)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The moments m and v, under PyTorch's names."""
        return ("exp_avg", "exp_avg_sq")
