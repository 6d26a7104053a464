"""RMSprop: the gradient divided by the root of its recent mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def rmsprop(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `RMSprop`."""
    g = descent(g, p, weight_decay, maximize)
    v = alpha * state[0] + (1 - alpha) * (g * g)
    new_state: tuple[Any, ...] = (v,)
    spread = v
    if centered:
        mean = alpha * state[-1] + (1 - alpha) * g
        new_state, spread = (v, mean), np.maximum(v - mean * mean, 0)  # rounding must not make it negative
    scaled = g / (np.sqrt(spread) + eps)
    if momentum:
        scaled = momentum * state[1] + scaled
        new_state = (v, scaled, *new_state[1:])
    return -lr * scaled, new_state


class RMSprop(Optimizer):
    r"""Descent by the gradient over the root of its running mean square (Tieleman and Hinton 2012, lecture 6.5).

    With g the gradient plus λθ for weight decay λ, smoothing α and momentum μ::

        v ← α v + (1 - α) g²
        ḡ ← α ḡ + (1 - α) g                    (centered, Graves 2013: v - ḡ² below in the place of v)
        θ ← θ - lr · g / (√v + ε)              (momentum: b ← μ b + g / (√v + ε) and θ ← θ - lr · b)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate.
    alpha : float
        α.
    eps : float
        ε.
    weight_decay : float
        λ.
    momentum : float
        μ.
    centered : bool
        Divide by the standard deviation of the gradient, not by its root mean square.
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
    >>> optimizer = ag.optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.900]'
    """

    update = staticmethod(rmsprop)

    @constructor(rmsprop)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The mean square v, the velocity b and the mean ḡ, under PyTorch's names."""
        velocity = ("momentum_buffer",) if settings["momentum"] else ()
        return ("square_avg", *velocity, *(("grad_avg",) if settings["centered"] else ()))
