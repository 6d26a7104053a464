"""``optimizers.npz``: an optimizer alone, fed the same 50 gradients.

A case holds

``optimizer``   class name in ``torch.optim``
``settings``    keywords of its constructor (``lr`` always among them)
``groups``      None, or one dict for each param group: ``params`` (names) and its own settings;
                None stands for one group of W, b and s in this order
``changes``     dicts ``step, group, settings``: settings written into
                ``optimizer.param_groups[group]`` before the update number ``step`` (from 0)
``start``       W (2, 3), b (3,) and s () before the first update
``gradients``   W (50, 2, 3), b (50, 3), s (50,): what ``.grad`` is at each update
``missing``     for some parameters the steps at which ``.grad`` is None (then nothing of that
                parameter moves: neither its value nor its state nor its own step count)
``trajectory``  W (50, 2, 3), b (50, 3), s (50,): the parameters after each update
``state``       for each parameter the state after the last update, with PyTorch's names

The gradients are awkward on purpose: W[0, 0] gets exact zeros, W[1, 2] numbers of 1e-6 (Adam's eps
counts), s numbers of 100, b changes scale over time; at step 7 every gradient is zero.
"""

from typing import Any

import numpy as np
import torch

from . import leaf, normal

STEPS = 50
SHAPES = {"W": (2, 3), "b": (3,), "s": ()}

DEFAULTS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.05},
    "Adam": {"lr": 0.02},
    "AdamW": {"lr": 0.02},
    "Adagrad": {"lr": 0.1},
    "RMSprop": {"lr": 0.01},
    "Adadelta": {"lr": 1.0},
    "NAdam": {"lr": 0.02},
    "RAdam": {"lr": 0.02},
    "Adamax": {"lr": 0.02},
    "Rprop": {"lr": 0.02},
    "ASGD": {"lr": 0.02},
}

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "dampening": 0.3},
        {"momentum": 0.9, "nesterov": True},
        {"weight_decay": 0.1},
        {"maximize": True},
        {"momentum": 0.9, "weight_decay": 0.1},
        {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05, "maximize": True},
        {"momentum": 0.7, "dampening": 0.5, "weight_decay": 0.05, "lr": 0.2},
    ],
    "Adam": [
        {},
        {"betas": (0.8, 0.95), "eps": 1e-3},
        {"weight_decay": 0.1},
        {"amsgrad": True},
        {"maximize": True},
        {"amsgrad": True, "weight_decay": 0.05, "maximize": True, "betas": (0.5, 0.9)},
    ],
    "AdamW": [
        {},
        {"weight_decay": 0.0},
        {"weight_decay": 0.3, "betas": (0.8, 0.95), "eps": 1e-4},
        {"amsgrad": True},
        {"maximize": True, "amsgrad": True, "weight_decay": 0.1},
    ],
    "Adagrad": [
        {},
        {"lr_decay": 0.1},
        {"weight_decay": 0.1, "initial_accumulator_value": 0.5},
        {"eps": 1e-3, "maximize": True},
    ],
    "RMSprop": [
        {},
        {"alpha": 0.9, "eps": 1e-4},
        {"centered": True},
        {"momentum": 0.9},
        {"centered": True, "momentum": 0.8, "weight_decay": 0.1},
        {"maximize": True},
    ],
    "Adadelta": [
        {},
        {"rho": 0.5, "eps": 1e-3},
        {"lr": 0.5, "weight_decay": 0.1, "maximize": True},
    ],
    "NAdam": [
        {},
        {"betas": (0.8, 0.95), "eps": 1e-3, "momentum_decay": 0.05},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True},
    ],
    "RAdam": [
        {},
        {"betas": (0.8, 0.95), "eps": 1e-3},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True},
    ],
}

SETTINGS |= {
    "Adamax": [{}, {"betas": (0.8, 0.95), "eps": 1e-3}, {"weight_decay": 0.1, "maximize": True}],
    "Rprop": [{}, {"etas": (0.3, 1.5), "step_sizes": (1e-3, 0.1)}, {"maximize": True}],
    "ASGD": [
        {},
        {"lambd": 0.1, "alpha": 0.5, "t0": 20.0},
        {"weight_decay": 0.1, "t0": 0.0, "maximize": True},
    ],
}

GROUPS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.3, "momentum": 0.0},
    "Adam": {"lr": 0.1, "weight_decay": 0.2},
    "RMSprop": {"lr": 0.05, "momentum": 0.5},
}
MISSING = {"b": [0, 1, 2, *range(10, 15)], "s": list(range(STEPS))}
CHANGES = [
    {"step": 20, "group": 0, "settings": {"lr": 0.001}},
    {"step": 35, "group": 0, "settings": {"lr": 0.3}},
]


def cases() -> list[dict[str, Any]]:
    """Return every case: all settings of all optimizers, then the special runs."""
    plain = [
        run(label(name, settings), name, {**DEFAULTS[name], **settings})
        for name, table in SETTINGS.items()
        for settings in table
    ]
    momentum = {"SGD": {"momentum": 0.9, "weight_decay": 0.01}, "RMSprop": {"momentum": 0.9}}
    special = []
    for name, second in GROUPS.items():
        groups = [{"params": ["W", "s"]}, {"params": ["b"], **second}]
        settings = {**DEFAULTS[name], **momentum.get(name, {})}
        special.append(run(f"{name} in two param groups", name, settings, groups=groups))
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "NAdam"):
        settings = {**DEFAULTS[name], **momentum.get(name, {})}
        special.append(run(f"{name} without some gradients", name, settings, missing=MISSING))
    for name in ("SGD", "Adam", "RAdam"):
        settings = {**DEFAULTS[name], **momentum.get(name, {})}
        special.append(run(f"{name} with lr changed on the way", name, settings, changes=CHANGES))
    return plain + special


def label(name: str, settings: dict[str, Any]) -> str:
    """Return a constructor's call as text."""
    return f"{name}({', '.join(f'{key}={value}' for key, value in settings.items())})"


def gradient_sequence() -> dict[str, np.ndarray]:
    """Return the gradients of all steps."""
    found = {name: normal(f"gradients of {name}", STEPS, *SHAPES[name]) for name in SHAPES}
    found["W"][:, 0, 0] = 0
    found["W"][:, 1, 2] *= 1e-6
    found["b"] *= np.round(10 ** np.linspace(1, -3, STEPS), 4)[:, None]
    found["s"] *= 100
    for sequence in found.values():
        sequence[7] = 0
    return found


def run(
    case: str,
    optimizer: str,
    settings: dict[str, Any],
    groups: list[dict[str, Any]] | None = None,
    missing: dict[str, list[int]] | None = None,
    changes: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Run one optimizer over the gradients and return its case."""
    missing, changes = missing or {}, changes or []
    start = {name: normal(f"start of {name}", *shape) for name, shape in SHAPES.items()}
    sequence = gradient_sequence()
    parameters = {name: leaf(array) for name, array in start.items()}
    listed = [
        {**group, "params": [parameters[name] for name in group["params"]]}
        for group in groups or [{"params": list(parameters)}]
    ]
    algorithm = getattr(torch.optim, optimizer)(listed, foreach=False, **settings)
    after: dict[str, list[torch.Tensor]] = {name: [] for name in parameters}
    for step in range(STEPS):
        for change in changes:
            if change["step"] == step:
                algorithm.param_groups[change["group"]].update(change["settings"])
        for name, parameter in parameters.items():
            absent = step in missing.get(name, [])
            parameter.grad = None if absent else torch.tensor(sequence[name][step])
        algorithm.step()
        for name, parameter in parameters.items():
            after[name].append(parameter.detach().clone())
    return {
        "name": case,
        "optimizer": optimizer,
        "settings": settings,
        "groups": groups,
        "changes": changes,
        "start": start,
        "gradients": sequence,
        "missing": missing,
        "trajectory": {name: torch.stack(values) for name, values in after.items()},
        "state": {name: dict(algorithm.state.get(p, {})) for name, p in parameters.items()},
    }
