"""What all losses share: the target must fit the prediction, and the losses are reduced to one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.functional.conversion import adapted, floating
from autograd_lite.tensor.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(loss: str, reduction: str, allowed: tuple[str, ...] = REDUCTIONS) -> None:
    """Refuse an unknown reduction."""
    if reduction not in allowed:
        raise ValueError(f"{loss}: reduction is one of {', '.join(allowed)}, not {reduction!r}")


def reduce(losses: Any, reduction: str) -> Tensor:
    """The mean of all losses, their sum, or the losses themselves."""
    result: Tensor = losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()
    return result


def matched(loss: str, input: Any, target: Any) -> tuple[Any, Any]:
    """The prediction as a tensor, and the target in its dtype; refuse a target of another shape."""
    prediction = floating(input)
    target = adapted(target, prediction.dtype)
    if prediction.shape != target.shape:
        raise ValueError(wrong_shapes(loss, prediction.shape, target.shape))
    return prediction, target


def wrong_shapes(loss: str, prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    """The message for a target that does not have the shape of the prediction: what went wrong and what to do."""
    message = f"{loss}: the prediction has shape {prediction} and the target {target}, and they must be equal"
    try:
        together = np.broadcast_shapes(prediction, target)
    except ValueError:
        return message
    size = int(np.prod(prediction))
    way_out = f"target.reshape({prediction})" if size == np.prod(target) else f"np.broadcast_to(target, {prediction})"
    if together not in (prediction, target):
        message += f": together they would silently become {together}"
    return f"{message}. Use {way_out} if that is what you mean"


def fitting_weight(loss: str, name: str, weight: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """A weight in `dtype`; refuse one that does not broadcast to `shape`."""
    weight = adapted(weight, dtype)
    try:
        fits = np.broadcast_shapes(weight.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{loss}: {name} has shape {weight.shape}, which does not broadcast to the target's {shape}")
    return weight
