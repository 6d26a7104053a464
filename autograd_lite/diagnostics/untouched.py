"""Experiments on a model that leave no trace."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.train.fit import modes_restored

__all__ = ["untouched"]


@contextmanager
def untouched(model: Module, optimizer: Optimizer | None = None, data: Any = None) -> Iterator[None]:
    """Put model, gradients, optimizer and random generators (that of `data`, too) back to where they are now."""
    state, gradients = model.state_dict(), [(p, p.grad) for p in model.parameters()]
    settings = None if optimizer is None else copy.deepcopy(optimizer.state_dict())
    found = {id(g): g for g in (default_generator(), getattr(data, "generator", None)) if g is not None}
    positions = [(g.bit_generator, copy.deepcopy(g.bit_generator.state)) for g in found.values()]
    try:
        with modes_restored(model):
            yield
    finally:
        now = model.state_dict()
        changed = {name: a for name, a in state.items() if not np.array_equal(a, now[name], equal_nan=True)}
        model.load_state_dict(changed, strict=False)  # graphs that hold what has not changed stay good
        for p, gradient in gradients:
            if p.grad is not gradient:
                p.grad = gradient
        if optimizer is not None and settings is not None:
            optimizer.load_state_dict(settings)
        for generator, position in positions:
            generator.state = position
