"""The protocol: what a training run tells its callbacks, and what they may do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.train.history import History

__all__ = ["Callback", "Run", "StepCallback", "monitored", "running", "step_callbacks"]


class Run:
    """A training run, as its callbacks see it.

    Attributes
    ----------
    model, optimizer, loss
        What `fit` was given.
    history : History
        What the finished epochs measured.
    epochs : int
        How many epochs there are to be.
    epoch, step : int
        The epoch at hand and the step just made, both from 1; 0 before the first. Steps count through all epochs.
    """

    def __init__(self, model: Module, optimizer: Optimizer, loss: Any, history: History, epochs: int) -> None:
        self.model, self.optimizer, self.loss, self.history, self.epochs = model, optimizer, loss, history, epochs
        self.epoch = self.step = 0
        self.training: Any = None  # what `fit` goes by

    def state_dict(self) -> dict[str, Any]:
        """All that the training needs to go on: ``ag.save(run.state_dict(), "run.npz")``."""
        return self.training.state_dict()  # type: ignore[no-any-return]

    def stop(self, reason: str) -> None:
        """End the training: at once when a step has just ended, else after this epoch.

        The first reason is kept in ``history.stopped``. An epoch that is cut short is not in the history.
        """
        self.history.stopped = self.history.stopped or reason


class Callback:
    """What is called during `fit`: a subclass overrides the methods that it needs.

    Callbacks are called in their order, at the end of the training in the reverse one. They run between steps and
    outside of the compiled one, so they may do whatever they like, change the learning rate or the parameters too.
    What they raise, `fit` raises. One that counts or remembers gives its state by `state_dict`, numbers, text and
    arrays in dicts and lists, and takes it back by `load_state_dict`: a training that is resumed goes on with it.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> class GoodEnough(ag.callbacks.Callback):
    ...     def on_step_end(self, run, loss):
    ...         if loss < 0.01:
    ...             run.stop(f"the loss is below 0.01 after {run.step} steps")
    >>> _ = ag.manual_seed(0)
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> data, loss, callbacks = (x, 2 * x), ag.nn.MSELoss(), [GoodEnough()]
    >>> ag.fit(model, data, loss, optimizer, epochs=100, progress=False, callbacks=callbacks).stopped
    'the loss is below 0.01 after ... steps'
    """

    after_others: ClassVar[bool] = False  # whether it is called when all others have been

    def on_train_begin(self, run: Run) -> None:
        """Training begins; one that is resumed too, with the epochs and steps so far in `run`."""

    def on_step_end(self, run: Run, loss: float) -> None:
        """The step ``run.step`` has been made; `loss` is that before its update."""

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        """The epoch ``run.epoch`` is done; `values` are what the history records of it."""

    def on_run_over(self, run: Run) -> None:
        """The last step was made, or one has been asked to stop after it: no error, and nothing is undone yet."""

    def on_train_end(self, run: Run) -> None:
        """Training is over: for whatever reason, an error or Ctrl-C among them."""

    def state_dict(self) -> dict[str, Any]:
        """What is to be remembered when the training is resumed."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Remember it; called after `on_train_begin`."""


StepCallback = Callable[[Run, float], None]


@contextmanager
def running(run: Run, callbacks: Sequence[Callback]) -> Iterator[None]:
    """Tell the callbacks that the training begins and, in reverse order, that it is over."""
    with ExitStack() as stack:
        for callback in callbacks:
            callback.on_train_begin(run)
            stack.callback(callback.on_train_end, run)
        yield


def step_callbacks(callbacks: Sequence[Callback]) -> list[StepCallback]:
    """The methods that are to be called after each step: those that do anything."""
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks are instances of subclasses of ag.callbacks.Callback, not {callback!r}"
                + (": write its parentheses" if isinstance(callback, type) else "")
            )
    return [c.on_step_end for c in callbacks if type(c).on_step_end is not Callback.on_step_end]


def monitored(values: Mapping[str, float], name: str) -> float:
    """The quantity of that name; raises ValueError, naming those there are, if it is not measured."""
    if name not in values:
        measured = ", ".join(other for other in values if other != "seconds")
        missing = name.startswith("validation_") and "validation_loss" not in values
        advice = ": pass validation= to fit" if missing else ""
        raise ValueError(f"a callback monitors {name!r}, which is not measured{advice} (there are: {measured})")
    return values[name]
