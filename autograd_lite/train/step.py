"""One step of a training, as a function: gradients, clipping, update. `fit` compiles it (`compiling`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from, known
from autograd_lite.nn import CrossEntropyLoss, Module, NLLLoss
from autograd_lite.nn.functional import cross_entropy, nll_loss
from autograd_lite.nn.utils import clip_grad_norm_, clip_grad_value_
from autograd_lite.optim import HessianFree, Optimizer
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.batches import rows_of

__all__ = ["MicroBatch", "accumulating_step", "clipping", "micro_batches", "parts_of", "training_step"]

Loss = Callable[[Any, Any], Tensor]
Step = Callable[..., Tensor]
Batch = tuple[Any, ...]
IGNORED = -100  # the label that a loss ignores by default


class MicroBatch(tuple[Any, ...]):
    """One of the batches that make an update together; a type of its own, because an input may be a tuple."""

    __slots__ = ()


def training_step(model: Module, loss: Loss, optimizer: Optimizer, clip: Callable[[], None] | None = None) -> Step:
    """Return the function ``step(*inputs, target)`` that makes one update and returns the loss before it."""

    def step(*batch: Any) -> Tensor:
        *inputs, target = batch

        def closure() -> Tensor:
            optimizer.zero_grad()
            value = loss(model(*inputs), target)
            value.backward()
            if clip is not None:
                clip()
            return value

        def halves() -> tuple[Any, Callable[[Any], Tensor]]:
            return model(*inputs), lambda outputs: loss(outputs, target)

        return optimizer.step(halves if isinstance(optimizer, HessianFree) else closure)  # type: ignore[no-any-return]

    return step


def accumulating_step(model: Module, loss: Loss, optimizer: Optimizer, clip: Callable[[], None] | None = None) -> Step:
    """Return the function ``step(*micro_batches)``: one update with the gradient of all micro-batches together.

    A micro-batch is a tuple of inputs with the target last. The losses are means over rows, or over the labels that are
    not ignored, and each counts by these: the gradient is that of one large batch. The graph of each is gone before the
    next one is recorded.
    """
    if isinstance(optimizer, HessianFree):
        raise ValueError("HessianFree goes by the curvature of one batch, and accumulate= would need that of several")
    check_mean_over_rows(loss)

    def step(*batches: Batch) -> Tensor:
        counts = [counted(loss, batch[-1]) for batch in batches]
        total = sum(counts)

        def closure() -> Tensor:
            optimizer.zero_grad()
            value: Any = 0.0
            for (*inputs, target), count in zip(batches, counts, strict=True):
                part = loss(model(*inputs), target) * (count / total)
                part.backward()
                value = part.detach() + value
                del part
            if clip is not None:
                clip()
            return value  # type: ignore[no-any-return]

        return optimizer.step(closure)  # type: ignore[no-any-return]

    return step


def counted(loss: Loss, target: Any) -> Any:
    """What the mean of a loss divides by: the rows; where labels can be ignored, those that are not."""
    if isinstance(target, tuple | dict):
        return rows_of(target)
    ignored = getattr(loss, "ignore_index", IGNORED if loss in (cross_entropy, nll_loss) else None)
    labels = array_from(plain(target))
    if ignored is None or labels.dtype.kind not in "iu" or (ignored == IGNORED and not known(labels)):
        return len(labels)  # a compiled loss refuses the label that is ignored by default
    return np.count_nonzero(labels != ignored)


def check_mean_over_rows(loss: Loss) -> None:
    """Refuse a loss whose parts do not add up to the loss of the large batch when each counts by its rows."""
    reduction = getattr(loss, "reduction", "mean")
    if reduction == "sum":
        raise ValueError("accumulate= puts means over rows together, and this loss is a sum: give reduction='mean'")
    if isinstance(loss, CrossEntropyLoss | NLLLoss) and loss.weight is not None:
        raise ValueError(
            f"accumulate= puts means over rows together, and {type(loss).__name__}(weight=…) divides by the weights of "
            "the classes that a batch happens to have: give a loss that divides by the rows"
        )


def clipping(optimizer: Optimizer, norm: float | None, value: float | None) -> Callable[[], None] | None:
    """Return what clips the gradients of all parameters of the optimizer: their values, then their common norm."""
    for name, bound in (("clip_norm", norm), ("clip_value", value)):
        if bound is not None and not bound > 0:
            raise ValueError(f"{name} must be positive, not {bound}: leave it out for no clipping")
    if norm is None and value is None:
        return None
    if isinstance(optimizer, HessianFree):
        raise ValueError("HessianFree limits its steps by damping: leave out clip_norm and clip_value")

    def clip() -> None:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        if value is not None:
            clip_grad_value_(parameters, value)
        if norm is not None:
            clip_grad_norm_(parameters, norm)

    return clip


def parts_of(batch: Sequence[Any]) -> Sequence[Batch]:
    """The micro-batches that a step is given: several, or a batch itself."""
    return batch if type(batch[0]) is MicroBatch else (tuple(batch),)


def micro_batches(batches: Iterable[Batch], count: int) -> Iterator[tuple[Batch, ...]]:
    """Pass the batches on in groups of `count`; the last group may be smaller."""
    group: list[Batch] = []
    for batch in batches:
        group.append(MicroBatch(batch))
        if len(group) == count:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)
