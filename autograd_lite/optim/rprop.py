"""Rprop: each parameter has a step of its own, and of the gradient only the sign counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.optim.equation import Change, constructor, descent
from autograd_lite.optim.optimizer import Group, Optimizer


def rprop(
    g: Any,
    p: Any,
    state: tuple[Any, ...],
    t: Any,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
    *,
    maximize: bool = False,
) -> Change:
    """One step of `Rprop`."""
    g = descent(g, p, 0.0, maximize)
    agreement = g * state[0]
    factor = np.where(agreement > 0, etas[1], np.where(agreement < 0, etas[0], 1.0))
    size = np.minimum(np.maximum((state[1] + lr * (t == 1)) * factor, step_sizes[0]), step_sizes[1])
    g = np.where(agreement < 0, 0.0, g)
    return -np.sign(g) * size, (g, size)


class Rprop(Optimizer):
    r"""Resilient backpropagation, for gradients of all data at once (Riedmiller and Braun 1993).

    With the gradient g, the one before g' (0 where the sign has just changed) and steps s that begin with α::

        s ← s · η₊ where g g' > 0, s · η₋ where g g' < 0, within their limits
        g ← 0 where g g' < 0
        θ ← θ - s · sign(g)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What is trained.
    lr : float
        The first step α.
    etas : (float, float)
        η₋, below 1, and η₊, above 1.
    step_sizes : (float, float)
        The limits of a step.
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
    >>> optimizer = ag.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> f"{w:.3f}"
    '[0.900]'
    """

    update = staticmethod(rprop)

    @constructor(rprop)
    def __init__(self) -> None: ...

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        super().check(settings)
        (less, more), (least, most) = settings["etas"], settings["step_sizes"]
        if not 0 < less < 1 < more or not 0 < least <= most:
            raise ValueError(
                f"Rprop: etas must lie below and above 1 and step_sizes in order, and are {settings['etas']} and "
                f"{settings['step_sizes']}"
            )

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """The gradient before and the steps, under PyTorch's names."""
        return ("prev", "step_size")
