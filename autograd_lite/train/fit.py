"""The training loop: `fit` a model to data, `evaluate` it, and keep the `History`.

One step is one function (`step`): the inner loop calls it and does next to nothing else, and a compiled step takes its
place (`compiling`). Stopping happens between steps; measuring, showing and keeping a copy of the model to return to
happen between epochs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import watcher
from autograd_lite.engine.warnings import AutogradWarning, warn
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.arguments import check_arguments
from autograd_lite.train.batches import EVALUATION_ROWS, NO_BATCHES, as_batches, in_order, rows_of
from autograd_lite.train.callbacks.callback import Callback, Run, StepCallback, running, step_callbacks
from autograd_lite.train.callbacks.checkpoint import checkpoint_of
from autograd_lite.train.compiling import CompilingStep
from autograd_lite.train.first_step import looked_at, warn_of_lost_gradients
from autograd_lite.train.history import History
from autograd_lite.train.interrupt import StopOnInterrupt, Stopped
from autograd_lite.train.measuring import Metric, evaluate, measure, modes_restored
from autograd_lite.train.progress import Silent, progress_display
from autograd_lite.train.recovery import GoodState, NonFiniteLossError, bad_cell
from autograd_lite.train.resuming import Training, go_on_from
from autograd_lite.train.step import (
    MicroBatch,
    Step,
    accumulating_step,
    clipping,
    micro_batches,
    parts_of,
    training_step,
)
from autograd_lite.train.weighing import (
    NOTHING_COUNTS,
    Average,
    Counting,
    Weighted,
    WithWeights,
    arranged,
    inputs_of,
    parted,
)

__all__ = ["History", "NonFiniteLossError", "evaluate", "fit", "modes_restored", "training_step"]

Loss = Callable[[Any, Any], Tensor]


def fit(
    model: Module,
    data: Any,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int = 10,
    max_steps: int | None = None,
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
    checkpoint: Any = None,
    resume: bool = False,
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
        NumPy's. Several targets go together, ``(X, (y1, y2))``. With one array more than the model takes inputs, and
        the target, the last holds the weights of the rows, ``(X, y, weight)``: a row of weight 2 counts as two.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar Tensor, averaged over the rows of the batch. If rows have weights: a
        loss of `ag.nn`, or one that gives a loss for each row. A batch of which all labels are ignored, or all weights
        0, is passed over.
    optimizer : Optimizer
        Over the model's parameters.
    epochs : int
        Passes over the data.
    max_steps : int, optional
        The largest number of updates, in all epochs together: where one epoch takes hours. An epoch that is cut short
        is not in the history; a training that is resumed with more of them goes on in the middle of it.
    validation : as `data`, optional
        Measured after every epoch, in eval mode and without gradients.
    metrics : dict of callables, optional
        ``metric(prediction, target)`` on the arrays of the whole validation part, recorded as
        ``validation_<name>``; `ag.metrics` has some. One whose first parameter is called `y_true`, as those of
        scikit-learn, gets the target first; one with a parameter `sample_weight` the weights of the rows. Of several
        outputs or targets it gets tuples or dicts, as the model and the data give them.
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
    checkpoint : str, path or Checkpoint, optional
        A folder for ``training.npz``, which is written after each epoch, every minute, and at the end; or a file, or a
        `Checkpoint`, which says when. With one SIGTERM and SIGHUP end the training as Ctrl-C does.
    resume : bool
        Go on with the training in `checkpoint`, if there is one: epochs, history, callbacks, schedulers in `Schedule`,
        generators and the place in the data go on as if nothing had happened, bit for bit. A training that is over
        returns its history. (Data that draw by themselves have to keep their generator as an attribute.)
    progress : bool
        Show a bar (with tqdm, on a terminal) or plain lines, on stderr.
    compile : bool
        Compile the step once 20 batches of a shape have been trained on, which changes no bit of any result.
        A `CompileWarning` says why where that cannot be: the step branches on values, changes Python objects, there
        are hooks. Under `detect_anomaly` all steps are eager. Gradients are not kept: `.grad` is None afterwards.

    Returns
    -------
    History
        ``train_loss`` (over the rows of the epoch, while it trained), ``validation_loss``, as `evaluate` measures
        it, the metrics, ``seconds``. If a callback ended the training, ``history.stopped`` says why. Ctrl-C ends
        training after the current step, with the model intact and ``history.interrupted`` True; the epoch that it cut
        short is not in the lists. A second Ctrl-C interrupts at once.

    Raises
    ------
    NonFiniteLossError
        If the loss or a parameter becomes NaN or infinite. Model and optimizer are then put back to where
        they were at the end of an earlier, good epoch, which the message names; its `history` has the good
        epochs.
    TypeError
        If an argument is of another kind, or the data have another form, hold something else than numbers, or could be
        arrays or batches.
    FileExistsError
        If a training is begun where a `checkpoint` of several files has some of another one.
    ValueError
        If an argument is out of range, the training in `checkpoint` does not fit, the data has no target or gives no
        batches, all labels are ignored, there are metrics and nothing to measure them on, or the loss to accumulate is
        a sum.

    Warns
    -----
    BroadcastWarning
        If the loss takes shapes such as (n, 1) and (n,) together to (n, n).
    LostGradientWarning
        If a parameter that is to learn gets no gradient in the first step.

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
    settings = {name: value for name, value in locals().items() if name not in ("data", "callbacks")}
    check_arguments("fit", **settings, callbacks=callbacks)
    if resume and checkpoint is None:
        raise ValueError("fit: resume=True goes on from a checkpoint: say where it is, checkpoint='run/'")
    saving = [] if checkpoint is None else [checkpoint_of(checkpoint)]
    callbacks = in_order_of_calls([*callbacks, *[c for c in saving if c not in callbacks]])
    after_step, epochs, accumulate = step_callbacks(callbacks), int(epochs), int(accumulate)
    check_optimizer(model, optimizer)
    loader = as_batches(data, batch_size, shuffle, generator)
    held_out = None if validation is None else as_batches(validation, EVALUATION_ROWS)
    if metrics and held_out is None and not train_metrics:
        raise ValueError("metrics are measured on validation data: pass validation=, or train_metrics=True")
    clip = clipping(optimizer, clip_norm, clip_value)
    step = Steps(model, loss, optimizer, accumulate > 1, clip, compile)
    history = History()
    run = Run(model, optimizer, loss, history, epochs)
    training = run.training = training_of(run, callbacks, loader, held_out, settings)
    training.steps, training.max_steps = -(-len(loader) // accumulate), max_steps
    if resume:
        go_on_from(training, saving[0].newest())
    elif saving:
        saving[0].check_alone()
    good = GoodState(model, optimizer, run.epoch)
    ending = any(callback.after_others for callback in callbacks)
    display = progress_display(progress, epochs, training.steps, run.step)
    with modes_restored(model), StopOnInterrupt(ending) as stop, running(run, callbacks), display:
        training.go_on()
        model.train()
        with suppress(Stopped):
            for run.epoch in training.epochs():
                try:
                    groups = loader if accumulate == 1 else micro_batches(loader, accumulate)
                    updates = stop.watch(training.left(groups))
                    values = {"train_loss": _train_epoch(step, updates, display, run, after_step)}
                    if held_out is not None or train_metrics:
                        training.measuring()
                    if metrics and train_metrics:
                        measured = measured_in(good, model, stop.watch(in_order(loader)), loss, metrics)
                        values |= {f"train_{name}": measured[name] for name in metrics}
                    if held_out is not None:
                        measured = measured_in(good, model, stop.watch(held_out), loss, metrics)
                        values |= {f"validation_{name}": value for name, value in measured.items()}
                    good.advance(run.epoch, training.steps, last=run.epoch == epochs)
                except NonFiniteLossError as error:
                    good.restore()
                    raise NonFiniteLossError(f"epoch {run.epoch}: {error}. {good.advice()}", history) from None
                values["seconds"] = training.seconds()
                history.append(values)
                training.epoch_over()
                display.epoch_end(run.epoch, values)
                for callback in callbacks:
                    callback.on_epoch_end(run, values)
        history.interrupted = stop.requested
        for callback in callbacks:
            callback.on_run_over(run)
        if training.enough() and history.epochs < epochs:
            run.stop(f"max_steps={max_steps}")
    if compile:
        optimizer.zero_grad()
    return history


def in_order_of_calls(callbacks: Sequence[Callback]) -> list[Callback]:
    """The callbacks, with those at the end that look at all the others."""
    step_callbacks(callbacks)  # says what is none
    return sorted(callbacks, key=lambda callback: callback.after_others)


def training_of(run: Run, callbacks: Sequence[Callback], loader: Any, held_out: Any, settings: Any) -> Training:
    """What is kept of a training besides; its data may have generators, those of the caller's own, too."""
    data = {"data": loader, "batches": getattr(loader, "batches", None)}
    data |= {"validation": held_out, "validation batches": getattr(held_out, "batches", None)}
    plain_settings = {name: v for name, v in settings.items() if isinstance(v, int | float | str)}
    return Training(run, callbacks, data, Average(Counting(run.loss).is_sum), **plain_settings)


def check_optimizer(model: Module, optimizer: Optimizer) -> None:
    """Warn of an optimizer of other parameters than the model's."""
    own = {id(p) for p in model.parameters() if p.requires_grad}
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if own - held and held - {id(p) for p in model.parameters()}:
        some = (
            "no parameter of this model" if own.isdisjoint(held) else "not the parameters of this model alone, or all"
        )
        warn(
            f"the optimizer has {some}, and what it lacks will not learn: make it from model.parameters(), and again "
            "whenever the model, or a layer of it, is made again",
            AutogradWarning,
        )


def measured_in(good: GoodState, model: Module, batches: Any, loss: Loss, metrics: Any) -> dict[str, float]:
    """What is measured after an epoch; where that is no number, the parameters are looked at first."""
    try:
        measured = measure(model, batches, loss, metrics)
    except ValueError:  # metrics refuse NaN
        good.checked()
        raise
    if not math.isfinite(measured["loss"]):
        good.checked()
        warn(f"the loss measured is {measured['loss']}: look for NaN and infinities in these data", AutogradWarning)
    return measured


class Steps:
    """The steps of a training. The first says whether rows have weights, and is looked at; later ones are compiled."""

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        accumulating: bool,
        clip: Callable[[], None] | None,
        compile: bool,
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.make, self.clip, self.compile = accumulating_step if accumulating else training_step, clip, compile
        self.make(model, loss, optimizer, clip)  # says what it cannot do before there are batches
        self.inputs = inputs_of(model)
        self.step: Step | None = None
        self.weighted = False

    def __call__(self, *batch: Any) -> Tensor:
        if self.step is None:
            return self.first(*batch)
        return self.step(*(self.arranged(batch) if self.weighted else batch))

    def first(self, *batch: Any) -> Tensor:
        """Make the first step, looking at it."""
        model, loss = self.model, self.loss
        self.weighted = parted(parts_of(batch)[0], self.inputs).weight is not None
        if self.weighted:
            model, loss, batch = WithWeights(model), Weighted(loss), self.arranged(batch)
        value = self.make(model, looked_at(loss), self.optimizer, self.clip)(*batch)
        warn_of_lost_gradients(self.model, self.optimizer)
        self.step = self.make(model, loss, self.optimizer, self.clip)
        if self.compile and watcher.get() is None:
            self.step = CompilingStep(self.step, model, loss, self.optimizer)
        return value

    def arranged(self, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        """A batch, or its micro-batches, with the weights where the step takes them."""
        if type(batch[0]) is MicroBatch:
            return tuple([MicroBatch(arranged(part, self.inputs)) for part in batch])
        return arranged(batch, self.inputs)


def _train_epoch(
    step: Steps, updates: Iterable[Any], display: Silent, run: Run, after_step: Sequence[StepCallback]
) -> float:
    """Make one step per batch, or group of micro-batches, and return the loss of all rows."""
    counting, shown, training = Counting(step.loss), display.step, run.training
    average: Average = training.average
    batch = None
    for batch in updates:
        training.updates += 1
        kept, count = with_count(batch, counting, step.inputs)
        if not kept:
            continue
        value = float(plain(step(*kept)))
        if not math.isfinite(value):
            raise NonFiniteLossError(f"the loss became {value}{next(filter(None, map(bad_cell, parts_of(batch))), '')}")
        average.add(value, count)
        shown()
        run.step += 1
        for callback in after_step:
            callback(run, value)
        if run.history.stopped or (run.step == training.max_steps and training.updates < training.steps):
            raise Stopped
    if not average.count:
        raise ValueError(NO_BATCHES if batch is None else NOTHING_COUNTS)
    return average.value()


def with_count(batch: Any, counting: Counting, inputs: int | None) -> tuple[Any, float]:
    """A batch and what its mean divides by; of micro-batches those that have something, and nothing if none has."""
    if type(batch[0]) is not MicroBatch and len(batch) - 1 == inputs:  # the most frequent case
        count = counting(batch[-1])
        return (batch if count or not rows_of(batch[-1]) else None), count
    kept, total = [], 0.0
    for part in parts_of(batch):
        _, target, weight = parted(part, inputs)
        count = counting(target, weight)
        if count or not rows_of(target):  # that there are no rows, the step says
            kept.append(part)
            total += count
    return (tuple(kept) if type(batch[0]) is MicroBatch else batch) if kept else None, total
