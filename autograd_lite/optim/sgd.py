"""Gradient descent, with momentum if wanted."""

from __future__ import annotations

from typing import Any

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def sgd(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-3,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    *,
    maximize: bool = False,
) -> Change:
    """One step of `SGD`."""
    g = descent(g, p, weight_decay, maximize)
    if not state:
        return -lr * g, ()
    (b,) = state
    b = momentum * b + ((1 - dampening * (t > 1)) * g if dampening else g)
    return -lr * (g + momentum * b if nesterov else b), (b,)


class SGD(Optimizer):
    r"""Stochastic gradient descent, with (Nesterov) momentum.

    With g the gradient plus λθ for weight decay λ, momentum μ and dampening τ::

        b ← μ b + (1 - τ) g        (b ← g at the first step)
        θ ← θ - α b                (Nesterov: θ - α (g + μ b);   without momentum: θ - α g)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        Learning rate α.
    momentum : float
        μ (Polyak 1964).
    dampening : float
        τ.
    weight_decay : float
        λ.
    nesterov : bool
        Look ahead along the momentum (Sutskever et al. 2013).
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is out of range, or `nesterov` is asked for without momentum or with dampening.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0], requires_grad=True)
    >>> optimizer = ag.optim.SGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.5], requires_grad=True)
    """

    update = staticmethod(sgd)

    @constructor(sgd)
    def __init__(self) -> None: ...

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        super().check(settings)
        if settings["nesterov"] and (settings["momentum"] <= 0 or settings["dampening"] != 0):
            raise ValueError("SGD: Nesterov momentum needs momentum > 0 and dampening = 0")

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The velocity b, under PyTorch's name."""
        return ("momentum_buffer",) if settings["momentum"] else ()
