"""What can be chosen on the page: the optimizers and schedules that the package has, with the settings they take."""

from __future__ import annotations

import inspect
from typing import Any

from autograd_lite import optim

__all__ = ["ACTIVATIONS", "SUGGESTED", "optimizers", "schedules"]

ACTIVATIONS = (
    *("Tanh", "ReLU", "Sigmoid", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Softplus", "Hardtanh"),
    "Identity",
)
#: Learning rates that suit small nets; an optimizer that is not here begins with its own default.
LEARNING_RATES = {
    **{"SGD": 0.1, "Adam": 0.02, "AdamW": 0.02, "NAdam": 0.02, "RAdam": 0.03, "Adamax": 0.03},
    **{"Adagrad": 0.1, "RMSprop": 0.01, "Adadelta": 1.0, "LBFGS": 1.0, "Newton": 0.1},
}
#: The schedules that a page can describe by numbers alone, with the settings that it offers; an epoch is a step.
SCHEDULES: dict[str, dict[str, Any]] = {
    "StepLR": {"step_size": 50, "gamma": 0.5},
    "ExponentialLR": {"gamma": 0.99},
    "CosineAnnealingLR": {"T_max": 200, "eta_min": 0.0},
    "CosineAnnealingWarmRestarts": {"T_0": 50, "T_mult": 1},
    "LinearLR": {"start_factor": 0.1, "end_factor": 1.0, "total_iters": 20},
    "PolynomialLR": {"total_iters": 300, "power": 1.0},
    "ReduceLROnPlateau": {"factor": 0.5, "patience": 20},
}
#: What an optimizer is always made with here.
FIXED: dict[str, dict[str, Any]] = {"LBFGS": {"line_search_fn": "strong_wolfe"}}
#: Differences of gradients of different batches say nothing about curvature: these take all points in each step.
WHOLE = ("LBFGS", "Newton")
NOT_OFFERED = ("params", "lr", "maximize")
MOMENTUM = {"optimizer_settings": {"momentum": 0.9}}
#: Where a data set needs something else than the defaults.
SUGGESTED: dict[str, dict[str, Any]] = {
    "moons": {**MOMENTUM},
    "linear": {**MOMENTUM, "hidden": [], "noise": 0.05},
    "circles": {**MOMENTUM, "noise": 0.04},
    "xor": {**MOMENTUM, "noise": 0.02},
    "own": {**MOMENTUM, "test_share": 0.3, "batch_size": 5},
    "spiral": {
        **{"rows": 800, "noise": 0.02, "hidden": [8, 8, 8], "batch_size": 40},
        **{"optimizer": "Adam", "lr": 0.02},
    },
}


def optimizers() -> dict[str, dict[str, Any]]:
    """Every optimizer that the package has, and what it can be set to.

    Returns
    -------
    dict
        By name: ``lr``, a rate to begin with, and ``settings``, the numbers and switches with their defaults.

    Examples
    --------
    >>> optimizers()["SGD"]["settings"]
    {'momentum': 0.0, 'dampening': 0.0, 'weight_decay': 0.0, 'nesterov': False}
    """
    found = {}
    for name in optim.__all__:
        kind = getattr(optim, name)
        if not isinstance(kind, type) or not issubclass(kind, optim.Optimizer) or kind is optim.Optimizer:
            continue
        taken = inspect.signature(kind).parameters
        settings = {
            key: list(p.default) if isinstance(p.default, tuple) else p.default
            for key, p in taken.items()
            if key not in NOT_OFFERED and _offered(p.default)
        }
        found[name] = {"lr": LEARNING_RATES.get(name, taken["lr"].default), "settings": settings}
    return found


def schedules() -> dict[str, dict[str, Any]]:
    """The schedules of `optim.lr_scheduler` that numbers describe, with the settings offered for each."""
    there = getattr(optim, "lr_scheduler", None)
    return {"constant": {}} | {name: dict(settings) for name, settings in SCHEDULES.items() if hasattr(there, name)}


def _offered(default: Any) -> bool:
    """Whether a setting is a number, a switch or a row of numbers."""
    if isinstance(default, tuple):
        return all(isinstance(part, float | int) for part in default)
    return isinstance(default, bool | int | float)
