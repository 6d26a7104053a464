"""What the arguments of `fit`, and of what else trains or measures a model, may be: asked before the first step.

A row for each parameter: the kind, the range, and for what is often given instead what to write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.array_like import is_array_like, named
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.train.callbacks.callback import Callback

__all__ = ["check_arguments"]

ORDER = "the order is fit(model, data, loss, optimizer)"
TOGETHER = "inputs and target go together: fit(model, (X, y), loss, optimizer)"
LOSS_NAMES = "nn.MSELoss() for numbers, nn.CrossEntropyLoss() for classes"
Hint = Callable[[Any], str]


class Rule(NamedTuple):
    """What an argument may be: its kind, its range, and what to write in the place of another one."""

    fits: Callable[[Any], bool]
    kind: str
    instead: Hint = lambda value: ""
    in_range: Callable[[Any], bool] = lambda value: True
    limit: str = ""


def is_whole(value: Any) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether it is a real number."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_switch(value: Any) -> bool:
    """Whether it is True or False."""
    return isinstance(value, bool | np.bool_)


def whole(value: Any) -> str:
    """For a float that is a whole number, this one."""
    return f"write {int(value)}" if isinstance(value, float) and value.is_integer() else ""


def for_model(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, Module):
        return f"write its parentheses, {value.__name__}(…)"
    if isinstance(value, Sequence | np.ndarray) or is_array_like(value):
        return ORDER
    return "a Module whose forward() calls it" if callable(value) else ""


def for_loss(value: Any) -> str:
    if isinstance(value, Optimizer):
        return ORDER
    if isinstance(value, type):
        return f"write its parentheses, {value.__name__}()"
    if isinstance(value, str):
        return LOSS_NAMES
    return TOGETHER if is_array_like(value) or isinstance(value, list | tuple) else ""


def for_optimizer(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, Optimizer):
        return f"write {value.__name__}(model.parameters(), lr=0.001)"
    if isinstance(value, Module) or (callable(value) and not isinstance(value, type)):
        return ORDER
    return "write optim.Adam(model.parameters(), lr=0.001)"


def for_metrics(value: Any) -> str:
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple | set) else []
    name = next((n for n in names if isinstance(n, str) and n.isidentifier()), "accuracy")
    return f'write metrics={{"{name}": ag.metrics.{name}}}'


def for_callbacks(value: Any) -> str:
    single = isinstance(value, Callback) or (isinstance(value, type) and issubclass(value, Callback))
    return "write [callback], a list" if single else ""


def for_validation(value: Any) -> str:
    return "no rows are split off: give rows that are not trained on, such as (X[800:], y[800:])"


def is_metrics(value: Any) -> bool:
    """Whether it is a mapping from names to functions."""
    return value is None or (
        isinstance(value, Mapping)
        and all(isinstance(name, str) and callable(m) and not isinstance(m, type) for name, m in value.items())
    )


def is_loss(value: Any) -> bool:
    """Whether it can be called with a prediction and a target."""
    return callable(value) and not isinstance(value, type | Optimizer)


def optional(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """As `fits`, or None."""
    return lambda value: value is None or fits(value)


def count(least: int, optional_: bool = False) -> Rule:
    """A whole number."""
    kind = "a whole number" + (" or None" if optional_ else "")
    enough = optional(lambda value: value >= least) if optional_ else lambda value: value >= least
    return Rule(optional(is_whole) if optional_ else is_whole, kind, whole, enough, f"at least {least}")


SWITCH = Rule(is_switch, "True or False")
LIMIT = Rule(optional(is_number), "a number or None", in_range=optional(lambda v: v > 0), limit="positive")
RULES = {
    "model": Rule(lambda v: isinstance(v, Module), "a Module, such as nn.Linear(2, 1)", for_model),
    "loss": Rule(is_loss, "a function of prediction and target, such as nn.MSELoss()", for_loss),
    "optimizer": Rule(lambda v: isinstance(v, Optimizer), "an Optimizer, such as one of ag.optim", for_optimizer),
    "epochs": count(0),
    "max_steps": count(0, optional_=True),
    "validation": Rule(lambda v: not isinstance(v, Real | np.bool_), "data, such as (X, y)", for_validation),
    "metrics": Rule(
        is_metrics,
        "a dict of functions",
        for_metrics,
        lambda v: not v or "loss" not in v,
        "without the name 'loss', which the loss has",
    ),
    "train_metrics": SWITCH,
    "batch_size": count(1, optional_=True),
    "shuffle": SWITCH,
    "generator": Rule(
        optional(lambda v: isinstance(v, np.random.Generator)),
        "a numpy.random.Generator",
        lambda v: f"pass np.random.default_rng({v if is_whole(v) else 'seed'})",
    ),
    "accumulate": count(1),
    "clip_norm": LIMIT,
    "clip_value": LIMIT,
    "callbacks": Rule(
        lambda v: isinstance(v, Sequence) and not isinstance(v, str), "a list of ag.callbacks", for_callbacks
    ),
    "checkpoint": Rule(
        optional(lambda v: isinstance(v, str | os.PathLike | Callback)),
        "a folder, a file or an ag.callbacks.Checkpoint",
    ),
    "resume": SWITCH,
    "progress": SWITCH,
    "compile": SWITCH,
}


def check_arguments(function: str, **given: Any) -> None:
    """Refuse an argument that is none of what its parameter may be.

    Raises
    ------
    TypeError
        If it is of another kind; the message says what to write.
    ValueError
        If it is out of range.
    """
    for name, value in given.items():
        rule = RULES[name]
        if not rule.fits(value):
            instead = rule.instead(value)
            raise TypeError(
                f"{function}: {name} must be {rule.kind}, not {shown(value)}" + (f": {instead}" if instead else "")
            )
        if not rule.in_range(value):
            raise ValueError(f"{function}: {name} must be {rule.limit}, not {shown(value)}")


def shown(value: Any) -> str:
    """An argument, in words that fit into a line."""
    return f"the class {value.__name__}" if isinstance(value, type) else named(value)
