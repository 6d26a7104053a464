"""Optimizers: each is its equation, one pure update that the base class applies over flat memory."""

from autograd_lite.optim.adam import Adam, AdamW
from autograd_lite.optim.optimizer import Optimizer
from autograd_lite.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
