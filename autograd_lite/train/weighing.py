"""What the mean over a batch divides by: elements, labels that are not ignored, weights of classes and of rows.

Losses of batches are put together by it: the result is the loss of all rows as one batch, however they are cut.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from, known
from autograd_lite.nn import CrossEntropyLoss, Module, NLLLoss
from autograd_lite.nn.functional import cross_entropy, nll_loss
from autograd_lite.rules.indexing import get_item
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.batches import rows_of

__all__ = [
    "NOTHING_COUNTS",
    "Average",
    "Counting",
    "Parts",
    "WithWeights",
    "Weighted",
    "arranged",
    "inputs_of",
    "parted",
    "settings_of",
]

Loss = Callable[[Any, Any], Tensor]
NOTHING_COUNTS = "all labels are ignored, or all weights are 0: there is nothing to take a mean of"
IGNORED = -100  # the label that a loss ignores by default


def settings_of(loss: Any) -> tuple[Any, dict[str, Any]]:
    """A loss, out of its `functools.partial`, with its settings: a module's attributes, or the keywords given."""
    given: dict[str, Any] = {}
    while isinstance(loss := inspect.unwrap(loss), functools.partial):
        loss, given = loss.func, {**loss.keywords, **given}
    return loss, {**(vars(loss) if isinstance(loss, Module) else {}), **given}


class Counting:
    """What the mean of a loss divides by: the rows for a loss that is not ours, elements or their weights for ours.

    Parameters
    ----------
    loss : callable
    """

    def __init__(self, loss: Any) -> None:
        loss, settings = settings_of(loss)
        self.of_labels = loss in (cross_entropy, nll_loss) or isinstance(loss, CrossEntropyLoss | NLLLoss)
        ours = getattr(loss, "__module__", "").startswith("autograd_lite.nn.")
        self.is_sum = settings.get("reduction") == "sum"
        self.of_elements = ours and settings.get("reduction") != "batchmean"
        self.ignored = settings.get("ignore_index", IGNORED if self.of_labels else None)
        self.class_weight = settings.get("weight") if self.of_labels else None

    def __call__(self, target: Any, weight: Any = None) -> Any:
        """What the mean over a batch divides by; a row of weight 2 counts as two rows."""
        if weight is None and self.class_weight is None and type(target) is np.ndarray:  # each step asks: at once
            if self.ignored is None:
                return target.size if self.of_elements else len(target)
            if target.ndim == 1 and target.dtype.kind in "iu":
                return np.count_nonzero(target != self.ignored)
        each = self.each(target)
        if weight is not None:
            return (each * weight).sum()
        if isinstance(each, float):
            return each * rows_of(target)
        return np.count_nonzero(each) if each.dtype == np.bool_ else each.sum()  # counting is ten times as fast

    def each(self, target: Any) -> Any:
        """What each row counts: a number for all of them, or an array of shape (rows,)."""
        if isinstance(target, tuple | dict) or (not self.of_elements and self.ignored is None) or not len(target):
            return 1.0
        labels = array_from(plain(target))
        whole = self.ignored == IGNORED and self.class_weight is None and not known(labels)  # compiled: none is ignored
        if self.ignored is None or labels.dtype.kind not in "iu" or whole:
            soft = self.of_labels and labels.dtype.kind == "f" and labels.ndim > 1
            classes = labels.shape[1] if soft else 1  # each has a probability
            return labels.size / classes / len(labels) if self.of_elements else 1.0
        share: Any = labels != self.ignored
        if self.class_weight is not None:
            weights = array_from(plain(self.class_weight)).astype(np.float64)
            share = np.where(share, get_item(weights, labels.clip(0, len(weights) - 1)), 0)
        return share if share.ndim == 1 else share.sum(axis=tuple(range(1, share.ndim)))


class Average:
    """The loss over many batches as if they were one: means count by what they divided by, sums add up."""

    def __init__(self, is_sum: bool) -> None:
        self.is_sum, self.total, self.count = is_sum, 0.0, 0.0

    def add(self, value: float, count: float) -> None:
        """Take the loss of a batch into account."""
        self.total += value if self.is_sum else value * count
        self.count += count

    def value(self) -> float:
        """The loss over all of them."""
        return float(self.total if self.is_sum else self.total / self.count)


# Weights of rows.


class Parts(NamedTuple):
    """A batch: the inputs of the model, the target, and the weights of the rows, if there are any."""

    inputs: tuple[Any, ...]
    target: Any
    weight: Any


def inputs_of(model: Module) -> int | None:
    """How many inputs a model can take; None where it takes any number."""
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (ValueError, TypeError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def parted(batch: tuple[Any, ...], inputs: int | None) -> Parts:
    """The parts of a batch: with one more than the model's inputs and the target, the last one holds weights."""
    if inputs is None or len(batch) != inputs + 2:
        return Parts(batch[:-1], batch[-1], None)
    *taken, target, weight = batch
    return Parts(tuple(taken), target, checked_weights(weight, rows_of(target), inputs))


def arranged(batch: tuple[Any, ...], inputs: int | None) -> tuple[Any, ...]:
    """A batch with the weights in the place where `WithWeights` takes them."""
    parts = parted(batch, inputs)
    if parts.weight is None:
        return batch
    return type(batch)((*parts.inputs, parts.weight, parts.target))


def checked_weights(weight: Any, rows: int, inputs: int) -> Any:
    """The weights of the rows, of shape (rows,); refuse what cannot be weights."""
    array = array_from(weight) if not isinstance(weight, tuple | dict) else np.empty(())
    if array.shape not in ((rows,), (rows, 1)) or array.dtype.kind not in "biuf":
        raise ValueError(
            f"the model takes {inputs} input{'s' * (inputs > 1)}, so array {inputs + 1} of the data is taken for the "
            f"weights of the rows, and it has shape {array.shape} and dtype {array.dtype}: weights are numbers of "
            f"shape ({rows},); several targets are a tuple, (X, (y1, y2))"
        )
    if known(array) and not (np.isfinite(array) & (array >= 0)).all():
        raise ValueError("the weights of the rows (the last array of the data) must be finite and not negative")
    return array.reshape(-1)


class WithWeights(Module):
    """A model that passes the weights of the rows on to the loss, so that a step takes them like an input."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def tree(self, prefix: str = "", above: tuple[Module, ...] = ()) -> Iterator[tuple[str, Module]]:
        """That of the model: its parameters keep their names."""
        return self.module.tree(prefix, above)

    def forward(self, *inputs: Any) -> tuple[Any, Any]:
        *taken, weight = inputs
        return self.module(*taken), weight


class Weighted:
    """A loss of what `WithWeights` gives: the mean in which each row counts by its weight, or the sum of them.

    Raises
    ------
    TypeError
        If the loss does not give one loss for each row.
    """

    def __init__(self, loss: Loss) -> None:
        self.loss, self.counting, self.each = loss, Counting(loss), without_reduction(loss)

    def __call__(self, output: Any, target: Any) -> Tensor:
        prediction, weight = output
        try:
            losses = self.each(prediction, target)
        except Exception as error:
            error.add_note(
                "the last array of the data is taken for weights; several targets are a tuple, (X, (y1, y2))"
            )
            raise
        if not np.ndim(plain(losses)) or len(losses) != len(weight):
            raise TypeError(
                f"the rows have weights, and the loss gives shape {np.shape(plain(losses))}: give a loss of ag.nn, or "
                f"one that gives a loss for each row, of shape ({len(weight)},), which are averaged by their weights"
            )
        weight = weight.astype(losses.dtype)
        total: Tensor = (losses.reshape(len(weight), -1).sum(axis=1) * weight).sum()
        return total if self.counting.is_sum else total / self.counting(target, weight)


def without_reduction(loss: Any) -> Any:
    """The loss that gives one number for each row, where it can be had."""
    if isinstance(loss, Module) and hasattr(loss, "reduction"):
        loss = copy.copy(loss)
        loss.reduction = "none"
        return loss
    try:
        reduces = "reduction" in inspect.signature(loss).parameters
    except (ValueError, TypeError):  # written in C
        reduces = False
    return functools.partial(loss, reduction="none") if reduces else loss
