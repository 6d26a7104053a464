"""Adadelta: steps in the units of the parameters, without a learning rate to choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def adadelta(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Adadelta`."""
    g = descent(g, p, weight_decay, maximize)
    v = rho * state[0] + (1 - rho) * (g * g)
    delta = np.sqrt(state[1] + eps) / np.sqrt(v + eps) * g
    u = rho * state[1] + (1 - rho) * (delta * delta)
    return -lr * delta, (v, u)


class Adadelta(Optimizer):
    r"""Descent in steps as large as recent ones, relative to recent gradients (Zeiler 2012).

    With g the gradient plus λθ for weight decay λ::

        v ← ρ v + (1 - ρ) g²
        δ = √(u + ε) / √(v + ε) · g
        u ← ρ u + (1 - ρ) δ²
        θ ← θ - α δ

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        α, which the paper does not have.
    rho : float
        ρ.
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
    >>> optimizer = ag.optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.4f}"
    '[0.9968]'
    """

    update = staticmethod(adadelta)

    @constructor(adadelta)
    def __init__(self) -> None: ...

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        super().check(settings)
        if settings["rho"] > 1:
            raise ValueError(f"Adadelta: rho must lie in [0, 1], and is {settings['rho']}")

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The mean squares v of gradients and u of steps, under PyTorch's names."""
        return ("square_avg", "acc_delta")
