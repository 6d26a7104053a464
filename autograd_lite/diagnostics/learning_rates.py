"""Which learning rates a model bears: one short training in which the rate grows from step to step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.batches import NO_BATCHES, as_batches
from autograd_lite.train.step import training_step

__all__ = ["LearningRateTest", "lr_range_test"]

SMOOTHING = 0.9
DIVERGED = 4.0  # times the best loss
MARGIN = 10.0
SETTLED = 10  # steps after which the mean is one of enough losses to go by


class LearningRateTest(NamedTuple):
    """What `lr_range_test` measured.

    Attributes
    ----------
    learning_rates, losses : ndarray of shape (steps,)
        The learning rate of each step and the loss before its update; up to where it diverged.
    smoothed : ndarray of shape (steps,)
        The losses, averaged over the steps before.
    suggestion : float
        A tenth of the rate at which the smoothed loss is least: a good one for a start, with a margin.
    """

    learning_rates: NDArray[Any]
    losses: NDArray[Any]
    smoothed: NDArray[Any]
    suggestion: float

    def plot(self) -> Any:
        """Draw the losses over the learning rates; returns a matplotlib Figure, which ``savefig(path)`` saves.

        Raises
        ------
        ModuleNotFoundError
            If matplotlib is not installed.
        """
        figure = optional("autograd_lite.support.figure", "a plot", "plot").Figure(
            figsize=(5, 3.5), layout="constrained"
        )
        axes = figure.subplots()
        axes.plot(self.learning_rates, self.losses, color="lightgrey", label="loss")
        axes.plot(self.learning_rates, self.smoothed, label="smoothed")
        axes.axvline(self.suggestion, color="grey", linestyle=":", label=f"suggestion {self.suggestion:.2g}")
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
        axes.legend()
        return figure


def lr_range_test(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    data: Any,
    optimizer: Optimizer,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int | None = 32,
    generator: np.random.Generator | None = None,
) -> LearningRateTest:
    """Train for some steps with a learning rate that grows from `low` to `high`, and put everything back.

    Parameters
    ----------
    model : Module
        Trained in train mode; model, optimizer and the package's generator are afterwards as before.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar Tensor.
    data : DataLoader, tuple of arrays of shape (rows, ...), or batches
        Inputs with the target last; gone through as often as needed.
    optimizer : Optimizer
        Over the model's parameters, all of whose groups get the learning rate at hand.
    low, high : float
        The first and the last rate; those between grow by a constant factor.
    steps : int
        How many updates. The test ends early when the loss is no longer finite or 4 times the best.
    batch_size, generator
        For a tuple of arrays, as in `fit`.

    Returns
    -------
    LearningRateTest
        ``learning_rates``, ``losses``, a ``suggestion`` and ``plot()``.

    Raises
    ------
    ValueError
        If the rates or the number of steps are out of range, the data gives no batches, or the loss is not finite at
        the very start.

    References
    ----------
    L. N. Smith, *Cyclical Learning Rates for Training Neural Networks*, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> _ = ag.manual_seed(0)
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=1e-3)
    >>> test = ag.lr_range_test(model, ag.nn.MSELoss(), (x, 2 * x), optimizer)
    >>> 0.01 < test.suggestion < 1
    True
    """
    if not 0 < low < high or steps < 2:
        raise ValueError(f"0 < low < high and at least 2 steps are needed, not low={low}, high={high}, steps={steps}")
    step = training_step(model, loss, optimizer)
    losses: list[float] = []
    rates = np.geomspace(low, high, steps)
    with untouched(model, optimizer, data), np.errstate(all="ignore"):
        model.train()
        batches = endless(as_batches(data, batch_size, shuffle=True, generator=generator))
        for rate, batch in zip(rates.tolist(), batches, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = rate
            value = float(plain(step(*batch)))
            if not np.isfinite(value) or (losses and value > DIVERGED * min(losses) > 0):
                break
            losses.append(value)
    if not losses:
        raise ValueError(f"the loss is {value} at the start: look for numbers in the data that are not finite")
    smoothed = smooth(np.array(losses))
    first = min(SETTLED, len(losses) // 2)
    best = rates[first + smoothed[first:].argmin()] / MARGIN
    return LearningRateTest(rates[: len(losses)], np.array(losses), smoothed, float(best))


def endless(batches: Any) -> Iterator[Any]:
    """Pass after pass; raises ValueError when one has no batches."""
    while True:
        batch = None
        for batch in batches:
            yield batch
        if batch is None:
            raise ValueError(NO_BATCHES)


def smooth(values: NDArray[Any]) -> NDArray[Any]:
    """The exponentially weighted mean of the values so far, unbiased at the beginning."""
    weights = SMOOTHING ** np.arange(len(values))
    return np.convolve(values, weights)[: len(values)] / np.cumsum(weights)
