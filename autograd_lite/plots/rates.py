"""What a schedule makes of the learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.optim import SGD, Optimizer
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["learning_rates"]


def learning_rates(schedules: Mapping[str, Callable[[Optimizer], Any]], steps: int, lr: float = 0.1) -> Figure:
    """Draw the learning rates that schedules give, step by step.

    Parameters
    ----------
    schedules : mapping of str to callable
        Under the name for the legend, what makes a scheduler of an optimizer.
    steps : int
    lr : float
        The optimizer's learning rate.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> halving = lambda optimizer: ag.optim.lr_scheduler.StepLR(optimizer, 10, 0.5)
    >>> figure = learning_rates({"halving": halving}, 30)
    >>> float(figure.axes[0].lines[0].get_ydata()[-1])
    0.025
    """
    figures = optional("autograd_lite.support.figure", "learning_rates", "plot")
    figure = figures.Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.set_prop_cycle(color=figures.COLOURS)
    for name, make in schedules.items():
        optimizer = SGD([Tensor(np.zeros(1), requires_grad=True)], lr=lr, momentum=0.9)
        scheduler, rates = make(optimizer), []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(steps):
                rates.append(optimizer.param_groups[0]["lr"])
                scheduler.step()
        axes.step(range(steps), rates, where="post", label=name)
    axes.set(xlabel="step", ylabel="learning rate")
    axes.legend()
    drawn: Figure = figure
    return drawn
