"""`evaluate`: the loss and metrics of a model on data, in eval mode and without gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.nn import Module
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.tensor.trees import flatten, leaves_and_places, map_leaves
from autograd_lite.train.arguments import check_arguments
from autograd_lite.train.batches import EVALUATION_ROWS, as_batch, as_batches, rows_of
from autograd_lite.train.weighing import NOTHING_COUNTS, Average, Counting, Parts, Weighted, inputs_of, parted

__all__ = ["Metric", "evaluate", "measure", "modes_restored"]

Loss = Callable[[Any, Any], Tensor]
Metric = Callable[..., float]


def evaluate(model: Module, data: Any, loss: Loss, metrics: Mapping[str, Metric] | None = None) -> dict[str, float]:
    """Measure a model in eval mode and without gradients.

    Parameters
    ----------
    model : Module
        Its modes (train or eval) are afterwards as before.
    data : as in `fit`, or an iterator of batches
        Inputs with the target last, or then the weights of the rows.
    loss, metrics
        As in `fit`.

    Returns
    -------
    dict
        ``loss``, that of all rows as one batch: a mean over the rows, over the labels that are not ignored, or over
        their weights; a sum with ``reduction="sum"``. And a value per metric.

    Raises
    ------
    TypeError
        If an argument is of another kind, or a metric gives no number.
    ValueError
        If there are no batches or no target, or all labels are ignored.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = np.ones((4, 2))
    >>> error = {"worst": lambda prediction, target: abs(prediction - target).max()}
    >>> evaluate(ag.nn.Identity(), (x, x + 1), ag.nn.MSELoss(), error)
    {'loss': 1.0, 'worst': 1.0}
    """
    check_arguments("evaluate", model=model, loss=loss, metrics=metrics)
    batches = map(as_batch, data) if isinstance(data, Iterator) else as_batches(data, EVALUATION_ROWS)
    return measure(model, batches, loss, metrics)


def measure(model: Module, batches: Any, loss: Loss, metrics: Mapping[str, Metric] | None = None) -> dict[str, float]:
    """The loss and the metrics over batches."""
    inputs, counting, rows = inputs_of(model), Counting(loss), 0
    average, outputs, kept = Average(counting.is_sum), [], []
    with modes_restored(model), no_grad():
        model.eval()
        for batch in batches:
            parts = parted(batch, inputs)
            output = model(*parts.inputs)
            rows += rows_of(parts.target)
            if count := counting(parts.target, parts.weight):
                average.add(loss_value(loss, output, parts), count)
            if metrics:
                outputs.append(map_leaves(lambda a: np.asarray(plain(a)), output))
                kept.append(parts)
    if not average.count:
        raise ValueError(NOTHING_COUNTS if rows else "there are no batches to evaluate")
    return {"loss": average.value(), **(results(metrics, outputs, kept) if metrics else {})}


def loss_value(loss: Loss, output: Any, parts: Parts) -> float:
    """The loss of a batch."""
    if parts.weight is not None:
        return float(plain(Weighted(loss)((output, parts.weight), parts.target)))
    return float(plain(loss(output, parts.target)))


def results(metrics: Mapping[str, Metric], outputs: Sequence[Any], kept: Sequence[Parts]) -> dict[str, float]:
    """The metrics of all rows."""
    prediction, target = joined(outputs, kept), joined([p.target for p in kept], kept)
    weight = None if kept[0].weight is None else np.concatenate([p.weight for p in kept])
    return {name: result(name, metric, prediction, target, weight) for name, metric in metrics.items()}


def joined(trees: Sequence[Any], kept: Sequence[Parts]) -> Any:
    """The rows of all batches as one array, or as a tree of arrays where each batch gives one."""
    for tree, parts in zip(trees, kept, strict=True):
        for leaf, place in leaves_and_places(tree, "the output"):
            if len(kept) > 1 and (not np.ndim(leaf) or len(leaf) != rows_of(parts.target)):
                raise ValueError(
                    f"metrics take a row of the output for each row of the target ({rows_of(parts.target)} in this "
                    f"batch), and {place} has shape {np.shape(leaf)}: measure a model that gives rows alone"
                )
    rebuild = flatten(trees[0])[1]
    return rebuild([np.concatenate(arrays) for arrays in zip(*[flatten(tree)[0] for tree in trees], strict=True)])


def result(name: str, metric: Metric, prediction: Any, target: Any, weight: NDArray[Any] | None) -> float:
    """What a metric gives for arrays, in the order in which it takes them: `r2_score(y_true, y_pred)` is another."""
    try:
        names = list(inspect.signature(metric).parameters)
    except (ValueError, TypeError):  # written in C
        names = []
    given = (target, prediction) if names[:1] == ["y_true"] else (prediction, target)
    settings = {"sample_weight": weight} if weight is not None and "sample_weight" in names else {}
    try:
        value = plain(metric(*given, **settings))
    except Exception as error:
        error.add_note(f"in the metric {name!r}")
        raise
    if np.ndim(value) or not isinstance(value, int | float | np.number | np.bool_ | np.ndarray):
        raise TypeError(f"a metric gives one number, and {name!r} gave {value!r:.60}")
    return float(value)


@contextmanager
def modes_restored(model: Module) -> Iterator[None]:
    """Put every module back into the mode, train or eval, that it was in."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
