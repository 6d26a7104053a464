"""One step of a training, as a function: gradients, clipping, update. `fit` compiles it (`compiling`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from autograd_lite.nn import Module
from autograd_lite.nn.utils import clip_grad_norm_, clip_grad_value_
from autograd_lite.optim import HessianFree, Optimizer
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train.weighing import Counting, Weighted

__all__ = ["MicroBatch", "accumulating_step", "clipping", "micro_batches", "parts_of", "training_step"]

Loss = Callable[[Any, Any], Tensor]
Step = Callable[..., Tensor]
Batch = tuple[Any, ...]


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

    A micro-batch is a tuple of inputs with the target last. The losses are means, and each counts by what it divides
    by: the gradient is that of one large batch. The graph of each is gone before the next one is recorded.
    """
    if isinstance(optimizer, HessianFree):
        raise ValueError("HessianFree goes by the curvature of one batch, and accumulate= would need that of several")
    bare: Any = inspect.unwrap(loss)
    weighted = isinstance(bare, Weighted)
    counting = bare.counting if weighted else Counting(bare)
    if counting.is_sum:
        raise ValueError("accumulate= puts means over rows together, and this loss is a sum: give reduction='mean'")

    def step(*batches: Batch) -> Tensor:
        counts = [counting(batch[-1], batch[-2] if weighted else None) for batch in batches]
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
