"""When to stop: no more progress, convergence, or no more time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from autograd_lite.train.callbacks.callback import Callback, Run, monitored

__all__ = ["Converged", "EarlyStopping", "Record", "TimeLimit"]


class Record:
    """The best value so far of a quantity that is to become small (``mode="min"``) or large (``"max"``)."""

    def __init__(self, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f'mode must be "min" or "max", not {mode!r}')
        if not min_delta >= 0:
            raise ValueError(f"min_delta must not be negative, and is {min_delta}")
        self.sign, self.min_delta = (1 if mode == "min" else -1), min_delta
        self.reset()

    def reset(self) -> None:
        """Forget it."""
        self.value, self.epoch = math.nan, 0

    def state_dict(self) -> dict[str, Any]:
        """The value and its epoch."""
        return {"value": self.value, "epoch": self.epoch}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on with it."""
        self.value, self.epoch = state_dict["value"], state_dict["epoch"]

    def broken(self, value: float, epoch: int) -> bool:
        """Whether `value` is better than the record by more than `min_delta`; it is the new one then. NaN never is."""
        better = self.sign * (self.value - value) > self.min_delta or (math.isnan(self.value) and not math.isnan(value))
        if better:
            self.value, self.epoch = value, epoch
        return better


class EarlyStopping(Callback):
    """Stop when a quantity has not become better for some epochs, and go back to the best model.

    Parameters
    ----------
    monitor : str
        A name in the history.
    patience : int
        How many epochs in a row may bring nothing better before training stops.
    min_delta : float
        By how much the quantity must change to count as better.
    restore_best : bool
        Give the model the parameters and buffers of its best epoch when the training ends, for whatever reason. The
        optimizer stays as it is.
    mode : {"min", "max"}
        Whether small or large is good: ``"max"`` for accuracies.

    Attributes
    ----------
    best : float
        The best value, NaN before the first epoch.
    best_epoch : int
        When it was measured, from 1.

    Raises
    ------
    ValueError
        If a setting is out of range or, in training, the quantity is not measured.

    References
    ----------
    L. Prechelt, *Early Stopping — But When?*, 1998.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> _ = ag.manual_seed(0)
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> stopping = ag.callbacks.EarlyStopping("train_loss", patience=3, min_delta=1e-6)
    >>> data, loss = (x, 2 * x), ag.nn.MSELoss()
    >>> history = ag.fit(model, data, loss, optimizer, epochs=1000, progress=False, callbacks=[stopping])
    >>> history.stopped
    'no better train_loss for 3 epochs'
    >>> history.epochs < 200
    True
    """

    def __init__(
        self,
        monitor: str = "validation_loss",
        patience: int = 10,
        min_delta: float = 0.0,
        restore_best: bool = True,
        mode: str = "min",
    ) -> None:
        if patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}")
        self.monitor, self.patience, self.restore_best = monitor, patience, restore_best
        self.record = Record(mode, min_delta)
        self.state: dict[str, Any] | None = None

    @property
    def best(self) -> float:
        """The best value, NaN before the first epoch."""
        return self.record.value

    @property
    def best_epoch(self) -> int:
        """When it was measured, from 1."""
        return self.record.epoch

    def on_train_begin(self, run: Run) -> None:
        self.record.reset()
        self.state = None

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        if self.record.broken(monitored(values, self.monitor), run.epoch):
            if self.restore_best:
                self.state = run.model.state_dict()
        elif run.epoch - self.record.epoch >= self.patience:
            run.stop(f"no better {self.monitor} for {self.patience} epoch{'s' * (self.patience > 1)}")

    def on_train_end(self, run: Run) -> None:
        if self.state is not None and self.record.epoch < run.epoch:
            run.model.load_state_dict(self.state)
        self.state = None

    def state_dict(self) -> dict[str, Any]:
        """The record, and the model that it was measured of."""
        return {"record": self.record.state_dict(), "model": self.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on so."""
        self.record.load_state_dict(state_dict["record"])
        self.state = state_dict["model"]


class Converged(Callback):
    """Stop when the loss changes by no more than a tolerance from epoch to epoch.

    Parameters
    ----------
    tolerance : float
        The largest change, absolute, that counts as none.
    monitor : str
        A name in the history.
    patience : int
        How many changes in a row must be that small.

    Raises
    ------
    ValueError
        If a setting is out of range or, in training, the quantity is not measured.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> data, loss = (x, 2 * x), ag.nn.MSELoss()
    >>> stopping = ag.callbacks.Converged(tolerance=1e-4)
    >>> ag.fit(model, data, loss, optimizer, epochs=1000, progress=False, callbacks=[stopping]).stopped
    'train_loss has converged: it changed by no more than 0.0001'
    """

    def __init__(self, tolerance: float = 1e-6, monitor: str = "train_loss", patience: int = 1) -> None:
        if not tolerance >= 0:
            raise ValueError(f"tolerance must not be negative, and is {tolerance}")
        if patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}")
        self.tolerance, self.monitor, self.patience = tolerance, monitor, patience
        self.last, self.small = math.inf, 0

    def on_train_begin(self, run: Run) -> None:
        self.last, self.small = math.inf, 0

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        value = monitored(values, self.monitor)
        self.small = self.small + 1 if abs(value - self.last) <= self.tolerance else 0
        self.last = value
        if self.small >= self.patience:
            run.stop(f"{self.monitor} has converged: it changed by no more than {self.tolerance:g}")

    def state_dict(self) -> dict[str, Any]:
        """The last value, and how many changes were small."""
        return {"last": self.last, "small": self.small}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on so."""
        self.last, self.small = state_dict["last"], state_dict["small"]


class TimeLimit(Callback):
    """Stop after the first step that ends later than this many seconds after the beginning.

    A training that is resumed has as many seconds again.

    Parameters
    ----------
    seconds : float
        On the wall clock, validation and other callbacks included.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> data, loss, limit = (x, 2 * x), ag.nn.MSELoss(), ag.callbacks.TimeLimit(0.05)
    >>> ag.fit(model, data, loss, optimizer, epochs=10**6, progress=False, callbacks=[limit]).stopped
    'the time limit of 0.05 s'
    """

    def __init__(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError(f"seconds must not be negative, and is {seconds}")
        self.seconds, self.end = seconds, math.inf

    def on_train_begin(self, run: Run) -> None:
        self.end = time.monotonic() + self.seconds

    def on_step_end(self, run: Run, loss: float) -> None:
        if time.monotonic() > self.end:
            run.stop(f"the time limit of {self.seconds:g} s")
