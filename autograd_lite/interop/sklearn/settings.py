"""What the estimators' parameters may be, and what they stand for: optimizers by name, seeds, sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from autograd_lite import nn, optim
from autograd_lite.optim import Optimizer
from autograd_lite.train.arguments import is_number, is_switch, is_whole

__all__ = ["ACTIVATIONS", "check_settings", "generator_from", "layer_sizes", "made_optimizer"]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "identity": nn.Identity,
    "logistic": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
}

# Those with an equation of the gradient alone; the others call the loss again and again in one step.
OPTIMIZERS: dict[str, type[Optimizer]] = {
    name.lower(): value
    for name, value in vars(optim).items()
    if isinstance(value, type) and issubclass(value, Optimizer) and hasattr(value, "update")
}


def is_count(value: Any) -> bool:
    """Whether it is a whole number from 1."""
    return is_whole(value) and int(value) >= 1


def is_real(value: Any) -> bool:
    """Whether it is a finite number."""
    return is_number(value) and math.isfinite(value)


def is_maker(value: Any) -> bool:
    """Whether it names an optimizer or can make one."""
    return (
        value.lower() in OPTIMIZERS if isinstance(value, str) else callable(value) and not isinstance(value, Optimizer)
    )


def is_sizes(value: Any) -> bool:
    """Whether it gives the sizes of layers."""
    return is_count(value) or (np.ndim(value) == 1 and all(is_count(size) for size in value))


ALLOWED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "hidden_layer_sizes": (is_sizes, "a whole number from 1, or a sequence of them, one for each hidden layer"),
    "activation": (lambda v: isinstance(v, str) and v in ACTIVATIONS, f"one of {', '.join(ACTIVATIONS)}"),
    "module": (
        lambda v: v is None or (callable(v) and not isinstance(v, nn.Module)),
        "None, or a Module class or a function that makes the network, called with the numbers of features and of "
        "outputs (not a network, so that each fit and each fold gets its own)",
    ),
    "solver": (
        lambda v: isinstance(v, str) and v.lower() in ("lbfgs", *OPTIMIZERS),
        f"'lbfgs' or one of {', '.join(OPTIMIZERS)}",
    ),
    "penalty": (
        lambda v: v is None or (isinstance(v, str) and v == "l2"),
        "'l2' or None ('l1' has corners, which no solver here lands on)",
    ),
    "C": (lambda v: is_number(v) and v > 0, "a number above 0"),
    "fit_intercept": (is_switch, "True or False"),
    "class_weight": (
        lambda v: v is None or isinstance(v, dict | list) or (isinstance(v, str) and v == "balanced"),
        "'balanced', a dict from classes to weights, or None",
    ),
    "learning_rate": (
        lambda v: isinstance(v, str) and v in ("constant", "invscaling", "adaptive"),
        "'constant', 'invscaling' or 'adaptive' (the number is learning_rate_init)",
    ),
    "power_t": (lambda v: is_real(v) and v >= 0, "a number from 0"),
    "momentum": (lambda v: is_real(v) and 0 <= v < 1, "a number from 0, below 1"),
    "nesterovs_momentum": (is_switch, "True or False"),
    "optimizer": (
        lambda v: v is None or is_maker(v),
        f"one of {', '.join(OPTIMIZERS)}, or an optimizer's class, or a function such as functools.partial("
        "ag.optim.SGD, momentum=0.9), called with the parameters and lr=",
    ),
    "alpha": (lambda v: v is None or (is_real(v) and v >= 0), "a number from 0"),
    "batch_size": (
        lambda v: v is None or is_count(v) or (isinstance(v, str) and v == "auto"),
        "a whole number from 1, 'auto' (200 rows, or all if they are fewer), or None (all rows)",
    ),
    "learning_rate_init": (lambda v: is_real(v) and v > 0, "a number above 0"),
    "max_iter": (is_count, "a whole number from 1"),
    "shuffle": (is_switch, "True or False"),
    "tol": (lambda v: is_real(v) and v >= 0, "a number from 0"),
    "warm_start": (is_switch, "True or False"),
    "early_stopping": (is_switch, "True or False"),
    "validation_fraction": (lambda v: is_real(v) and 0 < v < 1, "a number between 0 and 1"),
    "n_iter_no_change": (lambda v: is_count(v) or (isinstance(v, float) and v == math.inf), "a whole number from 1"),
}


def check_settings(estimator: Any) -> None:
    """Refuse parameters out of range.

    Raises
    ------
    ValueError
        Names the estimator, the parameter, its value and what it may be.
    """
    for name, value in estimator.get_params(deep=False).items():
        if name in ALLOWED and not ALLOWED[name][0](value):
            raise ValueError(f"{type(estimator).__name__}: {name} must be {ALLOWED[name][1]}; it is {value!r}")


def layer_sizes(hidden_layer_sizes: Any) -> list[int]:
    """The sizes of the hidden layers."""
    return [int(size) for size in np.atleast_1d(hidden_layer_sizes)]


def made_optimizer(estimator: Any, parameters: list[Any]) -> Optimizer:
    """The optimizer that an estimator's `solver`, or its `optimizer`, a name, class or function, stands for."""
    choice, rate = estimator.optimizer or estimator.solver.lower(), estimator.learning_rate_init
    if choice == "lbfgs":  # of all rows, and one pass over batches is wanted
        choice = "adam"
    if choice == "sgd" and estimator.optimizer is None:
        nesterov = bool(estimator.nesterovs_momentum and estimator.momentum)
        return optim.SGD(parameters, lr=rate, momentum=estimator.momentum, nesterov=nesterov)
    made = (OPTIMIZERS[choice.lower()] if isinstance(choice, str) else choice)(parameters, lr=rate)
    name = f"{type(estimator).__name__}: optimizer"
    if not isinstance(made, Optimizer):
        raise TypeError(f"{name}: {choice!r} gave a {type(made).__name__}, not an Optimizer")
    if not hasattr(made, "update"):
        names = ", ".join(OPTIMIZERS)
        raise TypeError(f"{name}: {type(made).__name__} steps over a closure, and batches have none: use {names}")
    return made


def generator_from(random_state: Any) -> np.random.Generator:
    """The generator for what scikit-learn calls a random state: None, a seed, or a RandomState; a Generator is itself.

    Examples
    --------
    >>> bool(generator_from(0).random() == generator_from(0).random())
    True
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    return np.random.default_rng(check_random_state(random_state).randint(2**31 - 1, size=4))
