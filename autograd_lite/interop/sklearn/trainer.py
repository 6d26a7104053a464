"""A network with its optimizer and its training steps; those of equal networks are kept from fit to fit.

To compile a step takes as long as a hundred steps, and a search over settings makes many short fits of one network.
So a fit borrows a trainer that an earlier one has left: it loads its own first weights into it, trains, and takes the
result away. A compiled step gives the bits of an eager one, so nobody can tell.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd_lite.engine.grad_mode import watcher
from autograd_lite.interop.sklearn.objective import objective
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train.compiling import CompilingStep
from autograd_lite.train.step import training_step
from autograd_lite.train.weighing import WithWeights

__all__ = ["Trainer", "borrowed"]

Step = Callable[..., Tensor]

MOST_KEPT = 8
LARGEST_KEPT = 2**18  # parameters; tracing a larger network is little beside training it

kept: dict[Hashable, Trainer] = {}  # the latest last


class Trainer:
    """What makes training steps.

    Parameters
    ----------
    module, optimizer
        They are trained.
    loss : callable
        ``loss(scores, target, reduction)``.
    alpha : float
        Strength of the penalty.
    """

    def __init__(self, module: Module, optimizer: Optimizer, loss: Callable[..., Tensor], alpha: float) -> None:
        self.module, self.optimizer, self.loss, self.alpha = module, optimizer, loss, alpha
        self.steps: dict[bool, Step] = {}

    def step(self, weighted: bool) -> Step:
        """The step for batches with or without weights; compiled once that pays, unless anomalies are looked for."""
        if weighted not in self.steps or watcher.get() is not None:
            model = WithWeights(self.module) if weighted else self.module
            loss = objective(self.loss, self.module, self.alpha)
            eager = training_step(model, loss, self.optimizer)
            if watcher.get() is not None:
                return eager
            self.steps[weighted] = CompilingStep(eager, model, loss, self.optimizer)
        return self.steps[weighted]

    def load(self, module: Module, optimizer: Optimizer) -> None:
        """Take over where another network and its optimizer stand."""
        self.module.load_state_dict(module.state_dict())
        self.optimizer.load_state_dict(optimizer.state_dict())

    def __getstate__(self) -> dict[str, Any]:
        """A copy makes steps of its own."""
        return {**self.__dict__, "steps": {}}


@contextmanager
def borrowed(own: Trainer, key: Hashable) -> Iterator[Trainer]:
    """A trainer for `own`, kept under `key`, which says all that its steps depend on; `own` has the result afterwards.

    With the key None nothing is kept. A trainer is taken out while it is used, so that fits in threads do not meet.
    """
    if key is None or sum(p.size for p in own.module.parameters()) > LARGEST_KEPT:
        yield own
        return
    trainer = kept.pop(key, None) or copy.deepcopy(own)
    trainer.load(own.module, own.optimizer)
    try:
        yield trainer
    finally:
        own.load(trainer.module, trainer.optimizer)
        kept[key] = trainer
        for old in list(kept)[:-MOST_KEPT]:
            kept.pop(old, None)
