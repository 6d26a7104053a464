"""Adagrad: a learning rate for every element, which shrinks where gradients have been large."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def adagrad(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-2,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    initial_accumulator_value: float = 0.0,
    eps: float = 1e-10,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Adagrad`."""
    g = descent(g, p, weight_decay, maximize)
    s = state[0] + g * g
    s = s + (t == 1) * initial_accumulator_value if initial_accumulator_value else s
    return (-lr / (1 + (t - 1) * lr_decay)) * g / (np.sqrt(s) + eps), (s,)


class Adagrad(Optimizer):
    r"""Adaptive gradient descent (Duchi, Hazan and Singer 2011).

    With g the gradient plus λθ for weight decay λ, and learning rate decay η::

        s ← s + g²                 (s = s₀ in the beginning)
        θ ← θ - α / (1 + (t - 1) η) · g / (√s + ε)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate α.
    lr_decay : float
        η.
    weight_decay : float
        λ.
    initial_accumulator_value : float
        s₀.
    eps : float
        ε.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0, 10.0], requires_grad=True)
    >>> optimizer = ag.optim.Adagrad([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.5, 9.5], requires_grad=True)
    """

    update = staticmethod(adagrad)

    @constructor(adagrad)
    def __init__(self) -> None: ...

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The sum of squares s, under PyTorch's name."""
        return ("sum",)
