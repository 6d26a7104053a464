"""Training: `fit` a model to data, `evaluate` it, keep the `History`."""

from autograd_lite.train import callbacks
from autograd_lite.train.fit import evaluate, fit
from autograd_lite.train.history import History
from autograd_lite.train.penalties import l1_penalty, l2_penalty
from autograd_lite.train.recovery import NonFiniteLossError

__all__ = ["History", "NonFiniteLossError", "callbacks", "evaluate", "fit", "l1_penalty", "l2_penalty"]
