"""Schedules of the learning rate: each is its formula of the number of steps, under PyTorch's name.

A formula makes the same calls for every step (comparisons are 0 or 1, and there are no branches), so that
``scheduler.step()`` inside a compiled step takes effect in every call. `SequentialLR`, `OneCycleLR`, `CyclicLR`,
`MultiplicativeLR` and `ReduceLROnPlateau` decide by values, and say that they are to be called outside.
"""

from autograd_lite.optim.lr_scheduler.cosines import CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR
from autograd_lite.optim.lr_scheduler.cyclic import CyclicLR
from autograd_lite.optim.lr_scheduler.decays import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from autograd_lite.optim.lr_scheduler.joined import ChainedScheduler, SequentialLR
from autograd_lite.optim.lr_scheduler.plateau import ReduceLROnPlateau
from autograd_lite.optim.lr_scheduler.scheduler import LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "CyclicLR",
    "MultiplicativeLR",
]
