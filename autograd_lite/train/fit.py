"""The training loop: `fit` a model to data, `evaluate` it, and keep the `History`.

One step is one function (`step`): the inner loop calls it and does next to nothing else, and a compiled step takes its
place (`compiling`). Stopping happens between steps; measuring, showing and keeping a copy of the model to return to
happen between epochs.
"""

from __future__ import annotations

import inspect
import math
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.grad_mode import no_grad, watcher
from autograd_lite.engine.warnings import AutogradWarning, warn
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.batches import EVALUATION_ROWS, NO_BATCHES, as_batch, as_batches, in_order, rows_of
from autograd_lite.train.callbacks.callback import Callback, Run, StepCallback, running, step_callbacks
from autograd_lite.train.compiling import CompilingStep
from autograd_lite.train.history import History
from autograd_lite.train.interrupt import StopOnInterrupt, Stopped
from autograd_lite.train.progress import Silent, progress_display
from autograd_lite.train.recovery import GoodState, NonFiniteLossError, bad_cell
from autograd_lite.train.step import Step, accumulating_step, clipping, micro_batches, parts_of, training_step

__all__ = ["History", "NonFiniteLossError", "evaluate", "fit", "modes_restored", "training_step"]

Loss = Callable[[Any, Any], Tensor]
Metric = Callable[[NDArray[Any], NDArray[Any]], float]
Batch = tuple[NDArray[Any], ...]


def fit(
    model: Module,
    data: Any,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int = 10,
    validation: Any = None,
    metrics: Mapping[str, Metric] | None = None,
    train_metrics: bool = False,
    batch_size: int | None = 32,
    shuffle: bool = True,
    generator: np.random.Generator | None = None,
    accumulate: int = 1,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    compile: bool = True,
) -> History:
    """Train a model and return what each epoch measured.

    Parameters
    ----------
    model : Module
        Trained in place; afterwards its modules are in the modes (train or eval) that they were in before.
    data : tuple of array_like of shape (rows, ...), DataLoader, list of batches, or what gives them in every pass
        A tuple such as ``(X, y)``, inputs and target, is put into a DataLoader with `batch_size`, `shuffle` and
        `generator`. A batch is a tuple of one or more inputs with the target last; arrays of other libraries become
        NumPy's.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar Tensor, averaged over the rows of the batch.
    optimizer : Optimizer
        Over the model's parameters.
    epochs : int
        Passes over the data.
    validation : as `data`, optional
        Measured after every epoch, in eval mode and without gradients.
    metrics : dict of callables, optional
        ``metric(prediction, target)`` on the arrays of the whole validation part, recorded as
        ``validation_<name>``; `ag.metrics` has some. One whose first parameter is called `y_true`, as those of
        scikit-learn, gets the target first.
    train_metrics : bool
        Measure them on the training data too, after every epoch and in eval mode, recorded as ``train_<name>``.
    accumulate : int
        Batches that make one update together, with the gradient of one large batch: for when that does not fit into
        memory. (Layers that look at the whole batch, such as `BatchNorm1d`, see the small ones.) The last update of
        an epoch has those that are left.
    clip_norm, clip_value : float, optional
        Before each update, limit the norm of all gradients together, or each number in them, to this.
    callbacks : sequence of Callback
        What else is to happen: early stopping, files, pictures, learning rates. See `ag.callbacks`.
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
        ``seconds``. If a callback ended the training, ``history.stopped`` says why. Ctrl-C ends training after the
        current step, with the model intact and ``history.interrupted`` True; the epoch that it cut short is not in
        the lists. A second Ctrl-C interrupts at once.

    Raises
    ------
    NonFiniteLossError
        If the loss or a parameter becomes NaN or infinite. Model and optimizer are then put back to where
        they were at the end of an earlier, good epoch, which the message names; its `history` has the good
        epochs.
    TypeError
        If the data have another form, hold something else than numbers, or could be arrays or batches.
    ValueError
        If `epochs` is negative, `accumulate` below 1 or a limit not positive, the data has no target or gives no
        batches, there are metrics and nothing to measure them on, or the loss of a module to accumulate is not the
        mean over rows.

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
    if (accumulate := operator.index(accumulate)) < 1:
        raise ValueError(f"accumulate must be at least 1, not {accumulate}")
    parameters = {id(p) for p in model.parameters() if p.requires_grad}
    if parameters and parameters.isdisjoint([id(p) for group in optimizer.param_groups for p in group["params"]]):
        warn(
            "the optimizer has no parameter of this model, which will not learn: make it from model.parameters(), and "
            "again whenever the model is made again",
            AutogradWarning,
        )
    loader = as_batches(data, batch_size, shuffle, generator)
    held_out = None if validation is None else as_batches(validation, EVALUATION_ROWS)
    if metrics and held_out is None and not train_metrics:
        raise ValueError("metrics are measured on validation data: pass validation=, or train_metrics=True")
    make = training_step if accumulate == 1 else accumulating_step
    step = make(model, loss, optimizer, clipping(optimizer, clip_norm, clip_value))
    if compile and watcher.get() is None:
        step = CompilingStep(step, model, loss, optimizer)
    history, good = History(), GoodState(model, optimizer)
    run, after_step = Run(model, optimizer, loss, history, epochs), step_callbacks(callbacks)
    steps = -(-len(loader) // accumulate)
    display = progress_display(progress, epochs, steps)
    with modes_restored(model), StopOnInterrupt() as stop, running(run, callbacks), display:
        model.train()
        with suppress(Stopped):
            for run.epoch in range(1, epochs + 1):
                started = time.perf_counter()
                try:
                    batches = stop.watch(loader)
                    updates = batches if accumulate == 1 else micro_batches(batches, accumulate)
                    values = {"train_loss": _train_epoch(step, updates, display, run, after_step)}
                    if metrics and train_metrics:
                        measured = evaluate(model, stop.watch(in_order(loader)), loss, metrics)
                        values |= {f"train_{name}": measured[name] for name in metrics}
                    if held_out is not None:
                        measured = evaluate(model, stop.watch(held_out), loss, metrics)
                        values |= {f"validation_{name}": value for name, value in measured.items()}
                    good.advance(run.epoch, steps, last=run.epoch == epochs)
                except NonFiniteLossError as error:
                    good.restore()
                    raise NonFiniteLossError(f"epoch {run.epoch}: {error}. {good.advice()}", history) from None
                values["seconds"] = time.perf_counter() - started
                history.append(values)
                display.epoch_end(run.epoch, values)
                for callback in callbacks:
                    callback.on_epoch_end(run, values)
                if history.stopped:
                    break
        history.interrupted = stop.requested
    if compile:
        optimizer.zero_grad()
    return history


def evaluate(model: Module, data: Any, loss: Loss, metrics: Mapping[str, Metric] | None = None) -> dict[str, float]:
    """Measure a model in eval mode and without gradients.

    Parameters
    ----------
    model : Module
        Its modes (train or eval) are afterwards as before.
    data : as in `fit`, or an iterator of batches
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
    batches = map(as_batch, data) if isinstance(data, Iterator) else as_batches(data, EVALUATION_ROWS)
    total, rows = 0.0, 0
    outputs: list[NDArray[Any]] = []
    targets: list[NDArray[Any]] = []
    with modes_restored(model), no_grad():
        model.eval()
        for *inputs, target in batches:
            output = model(*inputs)
            n = rows_of(target)
            total += float(loss(output, target)) * n
            rows += n
            if metrics:
                outputs.append(np.asarray(output.detach()))
                targets.append(target)
    if not rows:
        raise ValueError("there are no batches to evaluate")
    result = {"loss": total / rows}
    if metrics:
        prediction, truth = np.concatenate(outputs), np.concatenate(targets)
        result |= {name: float(metric(*in_order_of(metric, prediction, truth))) for name, metric in metrics.items()}
    return result


def in_order_of(metric: Metric, prediction: NDArray[Any], target: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The arguments in the order in which the metric takes them: `r2_score(y_true, y_pred)` is another number."""
    try:
        first = next(iter(inspect.signature(metric).parameters), "")
    except (ValueError, TypeError):  # written in C
        first = ""
    return (target, prediction) if first == "y_true" else (prediction, target)


def _train_epoch(
    step: Step, updates: Iterable[Any], display: Silent, run: Run, after_step: Sequence[StepCallback]
) -> float:
    """Make one step per batch, or group of micro-batches, and return the mean loss over the rows."""
    total, rows, shown = 0.0, 0, display.step
    for batch in updates:
        value = float(plain(step(*batch)))
        parts = parts_of(batch)
        if not math.isfinite(value):
            raise NonFiniteLossError(f"the loss became {value}{next(filter(None, map(bad_cell, parts)), '')}")
        n = sum([rows_of(part[-1]) for part in parts])
        total += value * n
        rows += n
        shown()
        run.step += 1
        for callback in after_step:
            callback(run, value)
        if run.history.stopped:
            raise Stopped
    if not rows:
        raise ValueError(NO_BATCHES)
    return total / rows


@contextmanager
def modes_restored(model: Module) -> Iterator[None]:
    """Put every module back into the mode, train or eval, that it was in."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
