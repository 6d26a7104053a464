"""The training loop: `fit` a model to data, `evaluate` it, and keep the `History`.

One step is one function, `training_step`: the inner loop calls it and does next to nothing else, and a compiled step
takes its place (`compiling`). Stopping happens between steps; measuring, showing and keeping a copy of
the model to return to happen between epochs.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.loader import DataLoader
from autograd_lite.modes import no_grad, watcher
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor import Tensor
from autograd_lite.train.compiling import CompilingStep
from autograd_lite.train.history import History
from autograd_lite.train.interrupt import StopOnInterrupt, Stopped
from autograd_lite.train.progress import Silent, progress_display
from autograd_lite.train.recovery import GoodState, NonFiniteLossError, bad_cell

__all__ = ["History", "NonFiniteLossError", "evaluate", "fit"]

Loss = Callable[[Any, Any], Tensor]
Metric = Callable[[NDArray[Any], NDArray[Any]], float]
Batch = tuple[NDArray[Any], ...]

EVALUATION_ROWS = 1024


def fit(
    model: Module,
    data: Any,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int = 10,
    validation: Any = None,
    metrics: Mapping[str, Metric] | None = None,
    batch_size: int | None = 32,
    shuffle: bool = True,
    generator: np.random.Generator | None = None,
    progress: bool = True,
    compile: bool = True,
) -> History:
    """Train a model and return what each epoch measured.

    Parameters
    ----------
    model : Module
        Trained in place; afterwards its modules are in the modes (train or eval) that they were in before.
    data : DataLoader, or a tuple of arrays of shape (rows, ...)
        A loader gives batches of one or more inputs with the target last. A tuple such as ``(X, y)`` is put
        into a DataLoader with `batch_size`, `shuffle` and `generator`.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar Tensor, averaged over the rows of the batch.
    optimizer : Optimizer
        Over the model's parameters.
    epochs : int
        Passes over the data.
    validation : DataLoader or a tuple of arrays, optional
        Measured after every epoch, in eval mode and without gradients.
    metrics : dict of callables, optional
        ``metric(prediction, target)`` on the arrays of the whole validation part, recorded as
        ``validation_<name>``.
    progress : bool
        Show a bar (with tqdm, on a terminal) or plain lines, on stderr.
    compile : bool
        Compile the step once 20 batches of a shape have been trained on, which changes no bit of any result.
        A `CompileWarning` says why where that cannot be: the step branches on values, changes Python objects, there
        are hooks. Under `detect_anomaly` all steps are eager. Gradients are not kept: `.grad` is None afterwards.

    Returns
    -------
    History
        ``train_loss`` (the mean over the epoch, while it trained), ``validation_loss``, the metrics,
        ``seconds``. Ctrl-C ends training after the current step, with the model intact and
        ``history.interrupted`` True; the epoch that it cut short is not in the lists. A second Ctrl-C
        interrupts at once.

    Raises
    ------
    NonFiniteLossError
        If the loss or a parameter becomes NaN or infinite. Model and optimizer are then put back to where
        they were at the end of an earlier, good epoch, which the message names; its `history` has the good
        epochs.
    ValueError
        If `epochs` is negative, the data has no target, or there are metrics but no validation data.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.Adam(model.parameters(), lr=0.1)
    >>> history = ag.fit(model, (x, 3 * x + 2), ag.nn.MSELoss(), optimizer, epochs=100, progress=False)
    >>> history.epochs, history["train_loss"][-1] < 1e-3
    (100, True)
    """
    if (epochs := operator.index(epochs)) < 0:
        raise ValueError(f"epochs must be at least 0, not {epochs}")
    loader = _as_batches(data, batch_size, shuffle, generator)
    held_out = None if validation is None else _as_batches(validation, EVALUATION_ROWS)
    if metrics and held_out is None:
        raise ValueError("metrics are measured on validation data: pass validation=")
    step = training_step(model, loss, optimizer)
    if compile and watcher.get() is None:
        step = CompilingStep(step, model, loss, optimizer)
    history, good = History(), GoodState(model, optimizer)
    display = progress_display(progress, epochs, len(loader))
    with _modes_restored(model), StopOnInterrupt() as stop, display, suppress(Stopped):
        model.train()
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            try:
                values = {"train_loss": _train_epoch(step, stop.watch(loader), display)}
                if held_out is not None:
                    measured = evaluate(model, stop.watch(held_out), loss, metrics)
                    values |= {f"validation_{name}": value for name, value in measured.items()}
                good.advance(epoch, len(loader), last=epoch == epochs)
            except NonFiniteLossError as error:
                good.restore()
                raise NonFiniteLossError(f"epoch {epoch}: {error}. {good.advice()}", history) from None
            values["seconds"] = time.perf_counter() - started
            history.append(values)
            display.epoch_end(epoch, values)
    history.interrupted = stop.requested
    if compile:
        optimizer.zero_grad()
    return history


def training_step(model: Module, loss: Loss, optimizer: Optimizer) -> Callable[..., Tensor]:
    """Return the function ``step(*inputs, target)`` that makes one update and returns the loss before it."""

    def step(*batch: Any) -> Tensor:
        *inputs, target = batch
        optimizer.zero_grad()
        value = loss(model(*inputs), target)
        value.backward()
        optimizer.step()
        return value

    return step


def evaluate(model: Module, data: Any, loss: Loss, metrics: Mapping[str, Metric] | None = None) -> dict[str, float]:
    """Measure a model in eval mode and without gradients.

    Parameters
    ----------
    model : Module
        Its modes (train or eval) are afterwards as before.
    data : DataLoader, tuple of arrays of shape (rows, ...), or iterable of batches
        Inputs with the target last.
    loss, metrics
        As in `fit`.

    Returns
    -------
    dict
        ``loss`` (the mean over the rows) and a value per metric.

    Raises
    ------
    ValueError
        If there are no batches or no target.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = np.ones((4, 2))
    >>> error = {"worst": lambda prediction, target: abs(prediction - target).max()}
    >>> evaluate(ag.nn.Identity(), (x, x + 1), ag.nn.MSELoss(), error)
    {'loss': 1.0, 'worst': 1.0}
    """
    batches = data if isinstance(data, Iterator) else _as_batches(data, EVALUATION_ROWS)
    total, rows = 0.0, 0
    outputs: list[NDArray[Any]] = []
    targets: list[NDArray[Any]] = []
    with _modes_restored(model), no_grad():
        model.eval()
        for *inputs, target in batches:
            output = model(*inputs)
            total += float(loss(output, target)) * len(target)
            rows += len(target)
            if metrics:
                outputs.append(np.asarray(output.detach()))
                targets.append(target)
    if not rows:
        raise ValueError("there are no batches to evaluate")
    result = {"loss": total / rows}
    if metrics:
        prediction, truth = np.concatenate(outputs), np.concatenate(targets)
        result |= {name: float(metric(prediction, truth)) for name, metric in metrics.items()}
    return result


def _train_epoch(step: Callable[..., Tensor], batches: Iterable[Batch], display: Silent) -> float:
    """Make one step per batch and return the mean loss over the rows."""
    total, rows, shown = 0.0, 0, display.step
    for batch in batches:
        value = float(step(*batch))
        if not math.isfinite(value):
            raise NonFiniteLossError(f"the loss became {value}{bad_cell(batch)}")
        total += value * len(batch[-1])
        rows += len(batch[-1])
        shown()
    return total / rows


def _as_batches(
    data: Any, batch_size: int | None, shuffle: bool = False, generator: np.random.Generator | None = None
) -> Any:
    """Return a sized iterable of batches: `data` itself, or a loader over the arrays in it."""
    if isinstance(data, (tuple, list)) and not (data and isinstance(data[0], tuple)):
        data = DataLoader(*data, batch_size=batch_size, shuffle=shuffle, generator=generator)
    if isinstance(data, DataLoader) and len(data.arrays) < 2:
        raise ValueError("the data needs inputs and a target, such as (X, y); there is only one array")
    if not (hasattr(data, "__len__") and hasattr(data, "__iter__")) or hasattr(data, "dtype"):
        raise TypeError(f"data must be a DataLoader or a tuple of arrays such as (X, y), not {type(data).__name__}")
    return data


@contextmanager
def _modes_restored(model: Module) -> Iterator[None]:
    """Put every module back into the mode, train or eval, that it was in."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
