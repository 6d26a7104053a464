"""Adam, and AdamW, which decays the weights apart from the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def adam(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Adam`."""
    beta1, beta2 = betas
    g = descent(g, p, weight_decay, maximize)
    m = beta1 * state[0] + (1 - beta1) * g
    v = beta2 * state[1] + (1 - beta2) * (g * g)
    new_state = (m, v, np.maximum(state[2], v)) if amsgrad else (m, v)
    # the corrections 1 - βᵗ are numbers: taken into α and ε (Kingma and Ba 2014, section 2) they cost no pass
    correction = (1 - beta2**t) ** 0.5
    root = np.sqrt(new_state[-1]) + eps * correction
    return (-lr * correction / (1 - beta1**t)) * m / root, new_state


class Adam(Optimizer):
    r"""Adaptive moment estimation (Kingma and Ba 2014).

    With g the gradient plus λθ for weight decay λ::

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        θ ← θ - α · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)

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
    amsgrad : bool
        Divide by the largest v so far (Reddi, Kale and Kumar 2018).
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
    >>> optimizer = ag.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.900]'
    """

    update = staticmethod(adam)

    @constructor(adam)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The moments m and v, and the largest v, under PyTorch's names."""
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")[: 3 if settings["amsgrad"] else 2]


def adamw(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    amsgrad: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `AdamW`."""
    change, state = adam(g, p, state, t, lr, betas, eps, 0.0, amsgrad, maximize=maximize)
    return change - (lr * weight_decay) * p if weight_decay else change, state


class AdamW(Adam):
    r"""Adam with decoupled weight decay (Loshchilov and Hutter 2019).

    As `Adam`, but the decay does not pass through the moments::

        θ ← θ - α λ θ, and then Adam's step with λ = 0

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize
        As in `Adam`.
    weight_decay : float
        λ.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0], requires_grad=True)
    >>> ag.optim.AdamW([w], lr=0.1).param_groups[0]["weight_decay"]
    0.01
    """

    update = staticmethod(adamw)

    @constructor(adamw)
    def __init__(self) -> None: ...
