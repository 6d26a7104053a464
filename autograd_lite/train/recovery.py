"""What keeps a diverging run from losing anything: a copy to return to, and an error that says why."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.train.history import History

__all__ = ["GoodState", "NonFiniteLossError", "bad_cell"]

STEPS_BETWEEN_COPIES = 256


class NonFiniteLossError(FloatingPointError):
    """The loss or a parameter became NaN or infinite; `history` holds the epochs that went well."""

    def __init__(self, message: str, history: History | None = None) -> None:
        super().__init__(message)
        self.history = history


class GoodState:
    """A copy of model and optimizer at the end of a good epoch, to return to if a later one fails.

    It is made anew at the end of an epoch once 256 steps have passed, so that its cost stays small.
    """

    def __init__(self, model: Module, optimizer: Optimizer, epoch: int = 0) -> None:
        self.model, self.optimizer = model, optimizer
        self.epoch, self.steps = epoch, 0
        self.state = model.state_dict(), optimizer.state_dict()

    def advance(self, epoch: int, steps: int, last: bool) -> None:
        """Check the parameters and move the copy to the end of `epoch`, if it is time to."""
        self.steps += steps
        if self.steps < STEPS_BETWEEN_COPIES and not last:
            return
        self.epoch, self.steps, self.state = epoch, 0, (self.checked(), self.optimizer.state_dict())

    def checked(self) -> dict[str, Any]:
        """The parameters and buffers as they are; raises NonFiniteLossError where one is not finite."""
        state = self.model.state_dict()
        for name, array in state.items():
            if not np.isfinite(array).all():
                raise NonFiniteLossError(f"{name} became nan or infinite")
        return state

    def restore(self) -> None:
        """Put model and optimizer back to the copy."""
        self.model.load_state_dict(self.state[0])
        self.optimizer.load_state_dict(self.state[1])

    def advice(self) -> str:
        """Say where `restore` went back to and what to try next."""
        place = f"the end of epoch {self.epoch}" if self.epoch else "the start"
        rate = self.optimizer.param_groups[0]["lr"]
        return (
            f"Model and optimizer are back at {place}. Try a smaller learning rate (it is {rate:g})"
            " or standardised features"
        )


def bad_cell(batch: tuple[Any, ...]) -> str:
    """Say where the batch itself holds something that is no number, or that it holds nothing, if so."""
    if not len(batch[-1]):
        return ", and that batch has no rows: leave it out"
    for i, array in enumerate(map(np.asarray, batch)):
        bad = np.argwhere(~np.isfinite(array)) if array.dtype.kind in "fc" else None
        if bad is not None and len(bad):
            cell = tuple(bad[0].tolist())
            which = "the target" if i == len(batch) - 1 else f"input {i}"
            return f", and {which} of that batch is {array[cell]} at {cell}: clean the data"
    return ""
