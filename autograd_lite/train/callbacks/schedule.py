"""Learning rates that change during the training."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from autograd_lite.train.callbacks.callback import Callback, Run, monitored

__all__ = ["Schedule"]


class Schedule(Callback):
    """Step a learning-rate scheduler after every epoch or every step.

    Parameters
    ----------
    scheduler : object
        With a method ``step()``, or ``step(metric)`` as that of `ReduceLROnPlateau`.
    every : {"epoch", "step"}
        What it is stepped after.
    monitor : str, optional
        The name in the history of the quantity that the scheduler is given. By default one that asks for a quantity
        gets ``validation_loss`` if that is measured, else ``train_loss``; after a step it gets the loss of that step.

    Raises
    ------
    TypeError, ValueError
        If the scheduler has no `step`, `every` is unknown or, in training, the quantity is not measured.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> class Halving:
    ...     def step(self):
    ...         optimizer.param_groups[0]["lr"] /= 2
    >>> schedule = ag.callbacks.Schedule(Halving())
    >>> _ = ag.fit(model, (x, 2 * x), ag.nn.MSELoss(), optimizer, epochs=2, progress=False, callbacks=[schedule])
    >>> optimizer.param_groups[0]["lr"]
    0.025
    """

    def __init__(self, scheduler: Any, every: str = "epoch", monitor: str | None = None) -> None:
        if not callable(getattr(scheduler, "step", None)):
            raise TypeError(f"a scheduler has a method step(), and {type(scheduler).__name__} has none")
        if every not in ("epoch", "step"):
            raise ValueError(f'every must be "epoch" or "step", not {every!r}')
        if every == "step" and monitor is not None:
            raise ValueError("after a step only its loss is known: leave monitor= out")
        self.scheduler, self.every, self.monitor = scheduler, every, monitor
        parameters = inspect.signature(scheduler.step).parameters.values()
        self.asks = monitor is not None or any(
            p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters
        )

    def on_step_end(self, run: Run, loss: float) -> None:
        if self.every == "step":
            self.scheduler.step(*[loss] * self.asks)

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        if self.every == "epoch":
            name = self.monitor or ("validation_loss" if "validation_loss" in values else "train_loss")
            self.scheduler.step(*([monitored(values, name)] if self.asks else []))

    def state_dict(self) -> dict[str, Any]:
        """The scheduler's, if it has one; one that has none keeps all it knows in the optimizer."""
        return {"scheduler": self.scheduler.state_dict()} if hasattr(self.scheduler, "state_dict") else {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the scheduler go on so."""
        if state_dict:
            self.scheduler.load_state_dict(state_dict["scheduler"])
