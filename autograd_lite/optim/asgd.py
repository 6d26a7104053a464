"""ASGD: gradient descent whose way is averaged."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def asgd(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `ASGD`."""
    g = descent(g, p, weight_decay, maximize)
    eta, mu = state[0] + lr * (t == 1), state[1] + (t == 1)
    change = -eta * (lambd * p + g)
    average = state[2] + (p + change - state[2]) * mu
    later = 0 * eta + lr / (1 + lambd * lr * t) ** alpha
    return change, (later, 0 * mu + 1 / np.maximum(1.0, t - t0), average)


class ASGD(Optimizer):
    r"""Averaged stochastic gradient descent (Polyak and Juditsky 1992).

    With g the gradient plus λ'θ for weight decay λ'::

        η ← α / (1 + λ α (t - 1))^κ
        θ ← (1 - λ η) θ - η g
        a ← a + (θ - a) / max(1, t - t₀)

    The average a is in the state, as ``ax``.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate α.
    lambd : float
        λ.
    alpha : float
        The power κ.
    t0 : float
        The step t₀ after which the way is averaged.
    weight_decay : float
        λ'.
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
    >>> optimizer = ag.optim.ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.800]'
    """

    one_per_parameter: ClassVar[tuple[str, ...]] = ("eta", "mu")

    update = staticmethod(asgd)

    @constructor(asgd)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The next η and the next weight of the average, and the average, under PyTorch's names."""
        return ("eta", "mu", "ax")
