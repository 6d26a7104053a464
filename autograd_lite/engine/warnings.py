"""Warnings about programs that run and are probably not what was meant. Each kind can be turned off by itself:

``warnings.filterwarnings("ignore", category=ag.ForgottenZeroGradWarning)``, or all with ``ag.AutogradWarning``.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import known

OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
NUMPY = os.path.dirname(np.__file__) + os.sep
LIBRARIES = (OURS, NUMPY)
SUSPICIOUS, ENDLESS = 1_000, 10_000  # recorded in-place updates of one tensor


class AutogradWarning(UserWarning):
    """What all warnings of this package are."""


class ForgottenZeroGradWarning(AutogradWarning):
    """A step used a gradient that contains what an earlier step had already used."""


class GrowingHistoryWarning(AutogradWarning):
    """A tensor is updated in place again and again, and keeps the graph of every update."""


class GradOfComputedWarning(AutogradWarning):
    """The gradient of a computed tensor was asked for, and only leaves keep theirs."""


class RetraceWarning(AutogradWarning):
    """A compiled function is traced again and again."""


class CompileWarning(AutogradWarning):
    """What was to be compiled cannot be, wholly or in part."""


class LostGradientWarning(AutogradWarning):
    """A gradient gets lost: Python takes a number out of a tensor that has one, or it does not reach a parameter."""


class BroadcastWarning(AutogradWarning):
    """Shapes such as (n, 1) and (n,) meet in a loss: together they are (n, n), every row with every other."""


def user_frame() -> FrameType | None:
    """The innermost frame that is neither ours nor NumPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        frame = frame.f_back
    return frame


def warn(message: str, category: type[AutogradWarning]) -> None:
    """Warn at the user's line."""
    level, wanted = 1, user_frame()
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame is not wanted:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


# A gradient is fresh (`used` is False), then a step uses it (True). When a backward pass adds to it after that, it
# mixes what has been used with what is new (None). That alone is no mistake: training a GAN leaves gradients in the
# discriminator that zero_grad() clears later. It is one when a step uses the mixture.


def add_to(leaf: Leaf, g: Any) -> None:
    """Accumulate a gradient in a leaf that has one."""
    if leaf.used and known(leaf.grad) and np.any(leaf.grad):  # filled with zeros is cleared as well
        leaf.used = None
    leaf.grad += g


def mark_used(leaves: Sequence[Leaf]) -> None:
    """The gradients of `leaves` have been used for a step: warn if one had been used before and was then added to."""
    mixed = []
    for leaf in leaves:
        if leaf.used is None and leaf.grad is not None:
            mixed.append(leaf)
        leaf.used = True
    if mixed:
        name = f" {mixed[0].name!r}" if mixed[0].name else ""
        others = f" and of {len(mixed) - 1} more" if len(mixed) > 1 else ""
        warn(
            f"the step uses the gradient of the parameter{name}{others} to which backward() has added since the last "
            "step had used it: was zero_grad() forgotten? (To accumulate on purpose over several steps, turn "
            "ag.ForgottenZeroGradWarning off with warnings.filterwarnings.)",
            ForgottenZeroGradWarning,
        )


def update(node: Node, count: int) -> int:
    """Look at a tensor that has been updated in place for the `count`-th time while recording; gives `count`.

    One sign is sure: its history can no longer be walked back. Otherwise only very long histories of one number are
    suspicious.
    """
    if (count == SUSPICIOUS and stale(node)) or (count == ENDLESS and node.value.size == 1):
        warn(
            f"{describe(node)} has been updated in place {count:,} times and keeps the graph of each of them alive, so "
            "memory grows. To add up losses for the record write total += loss.item()",
            GrowingHistoryWarning,
        )
    return count


def warn_of_computed(node: Node) -> None:
    """Say why a computed tensor has no gradient."""
    warn(
        f"{describe(node)} was computed, and only leaves keep a gradient: .grad is None. "
        "For its gradient ask ag.autograd.grad(loss, [h]), or say h.retain_grad() before backward(). A parameter "
        "is updated inside ag.no_grad(), as in w -= lr * w.grad: w = w - lr * w.grad makes it a computed tensor",
        GradOfComputedWarning,
    )


def stale(root: Node) -> bool:
    """Whether a leaf has changed since it was used in the history of `root`, which then cannot be walked back."""
    return any(
        type(a) is Node and a.leaf is not None and a.leaf.storage.changed > node.time
        for node in ancestors([root])
        for a in node.args
    )
