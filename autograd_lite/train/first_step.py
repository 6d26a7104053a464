"""What the first step of a training shows: a loss that is no number, shapes that spread, parameters without gradient.

Such a training runs to its end and learns something else than was meant; so `fit` looks at the first step, which is
always eager, and at no other.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.debugging.anomaly import user_line
from autograd_lite.engine.array_like import named
from autograd_lite.engine.grad_mode import watched_by, watcher
from autograd_lite.engine.graph import Node
from autograd_lite.engine.interception import Interpreter, Visitor
from autograd_lite.engine.warnings import AutogradWarning, BroadcastWarning, LostGradientWarning, warn
from autograd_lite.nn import Module
from autograd_lite.optim import HessianFree, Optimizer
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten
from autograd_lite.train.weighing import Weighted, settings_of

__all__ = ["looked_at", "warn_of_lost_gradients"]

Loss = Callable[[Any, Any], Tensor]
ENOUGH = 8  # numbers, so that it is no chance when all of them lie between 0 and 1
BINARY = ("BCELoss", "binary_cross_entropy", "BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
SCORES = ("CrossEntropyLoss", "cross_entropy", *BINARY[2:])
LOGARITHMS = ("NLLLoss", "nll_loss")


class Spreading(Interpreter):
    """Sees calls that spread (n, 1) against (n,) to (n, n), and passes on what another one is to see."""

    def __init__(self, other: Interpreter | None) -> None:
        self.other, self.warned = other, False

    def recorded(self, node: Node) -> None:
        """Look at the shapes of a call."""
        if self.other is not None:
            self.other.recorded(node)
        shapes = [np.shape(a.value if type(a) is Node else a) for a in node.args]
        if self.warned or len(shapes) != 2 or not spreads(shapes[0], shapes[1], np.shape(node.value)):
            return
        self.warned = True
        warn(
            f"the loss takes shapes {shapes[0]} and {shapes[1]} together to {np.shape(node.value)}, every row with "
            f"every other, at {user_line()}. Give both the same shape: target.reshape({shapes[0]}), say, or "
            f"prediction[:, 0]",
            BroadcastWarning,
        )

    def walk(self, roots: Sequence[Node]) -> Visitor | None:
        """A walk back begins."""
        return None if self.other is None else self.other.walk(roots)


def spreads(a: tuple[int, ...], b: tuple[int, ...], result: tuple[int, ...]) -> bool:
    """Whether two shapes of as many elements become one of more because one of them has an axis less."""
    size = math.prod(a)
    return len(a) != len(b) and size == math.prod(b) and math.prod(result) > size > 1


def looked_at(loss: Loss) -> Loss:
    """The loss, which looks at its shapes and at what it gives."""

    spreading = Spreading(watcher.get())

    @functools.wraps(loss)  # so that others find its settings
    def checked(output: Any, target: Any) -> Tensor:
        with watched_by(spreading):
            value = loss(output, target)
        check_value(value, output)
        check_pair(loss, output, target)
        return value

    return checked


def check_value(value: Any, output: Any) -> None:
    """Refuse what the model cannot be trained by."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"the loss gives {named(value)}, and must give a Tensor, through which gradients go back: compute it from "
            "the prediction by NumPy's functions, without float(), .item(), .data or .numpy()"
        )
    if value.size != 1:
        raise ValueError(
            f"the loss gives an array of shape {value.shape}, and must give one number: take its .mean(), or write "
            "reduction='mean'"
        )
    if not value.requires_grad and any(isinstance(a, Tensor) and a.requires_grad for a in flatten(output)[0]):
        raise ValueError(
            "the loss does not depend on the prediction in a way that gradients could go back: a detach(), no_grad(), "
            ".data or a conversion to an array stands in the way"
        )


def check_pair(loss: Any, output: Any, target: Any) -> None:
    """Say where a loss of ours is given what another one takes: it would go down all the same."""
    if isinstance(inspect.unwrap(loss), Weighted):
        loss, output = inspect.unwrap(loss).loss, output[0]
    bare = settings_of(loss)[0]
    name = getattr(bare, "__name__", type(bare).__name__)
    if not isinstance(output, Tensor) or getattr(bare, "__module__", "").split(".")[:2] != ["autograd_lite", "nn"]:
        return
    p, t = output.node.value, np.asarray(target.node.value if isinstance(target, Tensor) else target)
    if not p.size or not t.size:
        return
    if name in BINARY and not (t.min() >= 0 and t.max() <= 1) and not np.isnan(t).any():
        raise ValueError(f"{name} takes targets from 0 to 1, and these reach from {t.min()} to {t.max()}")
    between = p.size >= ENOUGH and p.min() > 0 and p.max() < 1
    if name in SCORES and between and (name in BINARY or (p.ndim == 2 and np.allclose(p.sum(axis=1), 1, atol=1e-4))):
        warn(
            f"{name} takes scores, before any softmax or sigmoid, and the prediction looks like probabilities (from "
            f"{p.min():.3g} to {p.max():.3g}): leave out the last activation of the model",
            AutogradWarning,
        )
    if name in LOGARITHMS and p.max() > 0:
        warn(
            f"{name} takes logarithms of probabilities, which are not above 0, and the prediction reaches {p.max():.3g}"
            ": end the model by LogSoftmax, or give its scores to CrossEntropyLoss",
            AutogradWarning,
        )


def warn_of_lost_gradients(model: Module, optimizer: Optimizer) -> None:
    """Say which parameters the step has not reached."""
    if isinstance(optimizer, HessianFree):  # which leaves no gradients
        return
    lost = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    if lost:
        names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        warn(
            f"no gradient reached {names} in the first step: forward() does not use them, or a detach(), no_grad(), "
            ".data or a conversion to an array stands in the way. ag.gradient_report shows the layers; freeze what is "
            "not to learn, layer.requires_grad_(False)",
            LostGradientWarning,
        )
