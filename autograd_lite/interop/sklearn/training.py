"""The training loop of the estimators: passes over the data until the loss or a score no longer improves."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from autograd_lite.interop.sklearn.threads import threads_for
from autograd_lite.interop.sklearn.trainer import Step, Trainer
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import plain
from autograd_lite.train.interrupt import StopOnInterrupt, Stopped
from autograd_lite.train.recovery import GoodState, NonFiniteLossError

__all__ = ["Progress", "mean_loss", "train"]

SLOWEST = 1e-6  # of an adaptive learning rate
DIVERGED = 1e8  # times the loss of the first pass


class Progress:
    """Whether training still gets better: by more than `tol` in one of the last `patience` passes.

    Parameters
    ----------
    tol : float
        What counts as better.
    patience : float
        How many passes in a row may not be better.
    measure : callable, optional
        Gives a score, larger for better, after each pass; without it the training loss counts.

    Attributes
    ----------
    scores : list of float
    best : float
        The best score, or minus the lowest loss.
    """

    def __init__(self, tol: float, patience: float, measure: Callable[[Module], float] | None = None) -> None:
        self.tol, self.patience, self.measure = tol, patience, measure
        self.scores: list[float] = []
        self.best, self.waited = -math.inf, 0
        self.best_state: dict[str, Any] | None = None

    def has_stopped(self, loss: float, module: Module) -> bool:
        """Take a pass into account; keeps a copy of the parameters with the best score."""
        score = -loss
        if self.measure is not None:
            module.eval()
            score = self.measure(module)
            module.train()
        self.scores.append(score)
        self.waited = 0 if score >= self.best + self.tol else self.waited + 1  # of NaN: not better
        if score > self.best:
            self.best = score
            self.best_state = module.state_dict() if self.measure else None
        return self.waited > self.patience


def mean_loss(step: Step, batches: Iterable[tuple[Any, ...]]) -> float:
    """Make a pass over the data, and give the mean of the loss over the rows."""
    total, rows = 0.0, 0
    for batch in batches:
        value = float(plain(step(*batch)))
        if not math.isfinite(value):
            raise NonFiniteLossError(f"the loss became {value}")
        total += value * len(batch[0])
        rows += len(batch[0])
    return total / rows


def train(estimator: Any, trainer: Trainer, loader: Any, epochs: int, progress: Progress | None = None) -> None:
    """Train an estimator's network; sets `loss_`, `n_iter_` and goes on with `loss_curve_`.

    Parameters
    ----------
    estimator : estimator
        Has `loss_curve_` and the parameter `verbose`.
    trainer : Trainer
        The network and what trains it.
    loader : DataLoader or SparseLoader
        The batches: inputs, weights if there are any, and targets.
    epochs : int
        The largest number of passes.
    progress : Progress, optional
        When to stop before; without it no warning says that the training has not converged.

    Raises
    ------
    NonFiniteLossError
        If the loss or a parameter becomes NaN or infinite; the network is back at an earlier, good pass.
    """
    module, optimizer, loader_rows = trainer.module, trainer.optimizer, loader.arrays[0].shape[0]
    step = trainer.step(weighted=len(loader.arrays) == 3)
    good, estimator.n_iter_ = GoodState(module, optimizer), 0
    module.train()
    with threads_for(module, loader.batch_size), StopOnInterrupt() as stop, suppress(Stopped):
        for epoch in range(1, epochs + 1):
            try:
                with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is looked for
                    loss = mean_loss(step, stop.watch(loader))
                if loss > DIVERGED * (estimator.loss_curve_ or [loss])[0] > 0:
                    raise NonFiniteLossError(f"the loss became {loss:.1e}")
                stopping = progress is not None and progress.has_stopped(loss, module)
                stopping = slower(estimator, optimizer, epoch * loader_rows, stopping, progress)
                good.advance(epoch, len(loader), last=stopping or epoch == epochs)
            except NonFiniteLossError as error:
                good.restore()
                module.eval()
                raise NonFiniteLossError(f"{type(estimator).__name__}: {error}. {good.advice()}") from None
            estimator.n_iter_, estimator.loss_ = epoch, loss
            estimator.loss_curve_.append(loss)
            if estimator.verbose:
                print(f"Iteration {epoch}, loss = {loss:.8f}")
            if stopping:
                break
        else:
            if progress is not None:
                warnings.warn(
                    f"{type(estimator).__name__} has not converged after max_iter={epochs} passes: raise max_iter or "
                    "learning_rate_init, or standardise the features",
                    ConvergenceWarning,
                    stacklevel=3,
                )
    module.eval()
    if stop.requested:
        warnings.warn("Training interrupted by user.", stacklevel=3)
    if progress is not None and progress.best_state is not None:
        module.load_state_dict(progress.best_state)
    optimizer.zero_grad()


def slower(estimator: Any, optimizer: Optimizer, seen: int, stopping: bool, progress: Progress | None) -> bool:
    """Set the learning rate for the next pass, as the estimator's `learning_rate` says; gives whether to stop."""
    (group,) = optimizer.param_groups[:1]
    if estimator.learning_rate == "invscaling":
        group["lr"] = estimator.learning_rate_init / (1 + seen) ** estimator.power_t
    if estimator.learning_rate == "adaptive" and stopping and progress is not None and group["lr"] > SLOWEST:
        group["lr"], progress.waited = group["lr"] / 5, 0
        return False
    return stopping
