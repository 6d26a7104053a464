"""``schedulers.npz``: the learning rates that a scheduler sets in two param groups, step by step.

A case holds

``scheduler``   class name in ``torch.optim.lr_scheduler``
``settings``    keywords of its constructor; ``lr_lambda`` is the text of a function of t
``schedulers``  for those that join others: a list of dicts ``scheduler, settings``, made in this order; else ()
``optimizer``   class name in ``torch.optim``
``momentum``    the setting that is recorded too, "momentum" or "betas", or None
``metrics``     what ``step`` is given, one number for each step; None where it is given nothing
``lrs``         (STEPS + 1, 2): the learning rates after construction and after each step
``momenta``     (STEPS + 1, 2): momentum, or the first of betas; None if it is not recorded
``state``       PyTorch's state_dict after the last step, where it is made of plain numbers
"""

from typing import Any

import numpy as np
import torch

from . import leaf, normal

STEPS = 60
LRS = (0.5, 0.03)

TWO = "triangular2"

PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 20}),
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.9}),
    ("MultiStepLR", {"milestones": [5, 30, 30, 41], "gamma": 0.3}),
    ("MultiStepLR", {"milestones": [0, 12]}),
    ("ExponentialLR", {"gamma": 0.93}),
    ("ExponentialLR", {"gamma": 1.02}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.01, "total_iters": 25}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 70}),
    ("CosineAnnealingLR", {"T_max": 60}),
    ("CosineAnnealingLR", {"T_max": 13, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 9}),
    ("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2, "eta_min": 0.002}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 3}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 40, "power": 2.5}),
    ("MultiplicativeLR", {"lr_lambda": "0.97"}),
    ("MultiplicativeLR", {"lr_lambda": ["1 - 0.1 / t", "0.99"]}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.5, "step_size_up": 7}),
    (
        "CyclicLR",
        {"base_lr": [0.01, 0.1], "max_lr": 1.0, "step_size_up": 4, "step_size_down": 9, "mode": "triangular2"},
    ),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.5, "step_size_up": 10, "mode": "exp_range", "gamma": 0.97}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.5, "step_size_up": 5, "cycle_momentum": False}),
    ("LambdaLR", {"lr_lambda": "0.95**t"}),
    ("LambdaLR", {"lr_lambda": ["1 / (1 + t)", "0.5"]}),
    ("OneCycleLR", {"max_lr": 1.5, "total_steps": 60}),
    ("OneCycleLR", {"max_lr": [1.5, 0.1], "epochs": 7, "steps_per_epoch": 10, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 61, "three_phase": True, "pct_start": 0.2, "div_factor": 5.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 64, "base_momentum": [0.7, 0.8], "final_div_factor": 50.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 60, "cycle_momentum": False}),
]
PLATEAUS: list[dict[str, Any]] = [
    {},
    {"patience": 3, "factor": 0.5},
    {"patience": 2, "cooldown": 4, "min_lr": [0.01, 0.001]},
    {"mode": "max", "patience": 3, "threshold": 0.05},
    {"patience": 1, "threshold": 0.2, "threshold_mode": "abs", "factor": 0.3},
    {"mode": "max", "patience": 1, "threshold": 0.1, "threshold_mode": "abs", "eps": 1e-3},
]
JOINED: list[tuple[str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    (
        "SequentialLR",
        {"milestones": [10]},
        [("LinearLR", {"start_factor": 0.1, "total_iters": 10}), ("CosineAnnealingLR", {"T_max": 50})],
    ),
    (
        "SequentialLR",
        {"milestones": [5, 20, 40]},
        [
            ("ConstantLR", {"factor": 0.5, "total_iters": 3}),
            ("ExponentialLR", {"gamma": 0.9}),
            ("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2}),
            ("StepLR", {"step_size": 6, "gamma": 0.5}),
        ],
    ),
    ("ChainedScheduler", {}, [("ConstantLR", {"factor": 0.1, "total_iters": 8}), ("ExponentialLR", {"gamma": 0.95})]),
    (
        "ChainedScheduler",
        {},
        [
            ("LinearLR", {"start_factor": 0.2, "total_iters": 12}),
            ("CosineAnnealingLR", {"T_max": 70}),
            ("MultiStepLR", {"milestones": [15, 45], "gamma": 0.5}),
            ("PolynomialLR", {"total_iters": 80, "power": 0.5}),
        ],
    ),
]


def cases() -> list[dict[str, Any]]:
    """Return every case."""
    plain = [run(name, settings) for name, settings in PLAIN]
    betas = [run("OneCycleLR", {"max_lr": 0.2, "total_steps": 60}, optimizer="Adam", momentum="betas")]
    plateaus = [run("ReduceLROnPlateau", settings, metrics=losses()) for settings in PLATEAUS]
    joined = [run(name, settings, joined=inner) for name, settings, inner in JOINED]
    return plain + betas + plateaus + joined


def losses() -> np.ndarray:
    """Return a noisy curve that goes down and stays."""
    return np.round(np.maximum(3 * 0.85 ** np.arange(STEPS), 0.4) + 0.1 * normal("plateau", STEPS), 3)


def made(optimizer: Any, name: str, settings: dict[str, Any], **further: Any) -> Any:
    """Return a scheduler; functions are given as texts."""
    settings = dict(settings)
    if "lr_lambda" in settings:
        text = settings["lr_lambda"]
        functions = [eval(f"lambda t: {part}") for part in ([text] if isinstance(text, str) else text)]
        settings["lr_lambda"] = functions[0] if isinstance(text, str) else functions
    return getattr(torch.optim.lr_scheduler, name)(optimizer, **settings, **further)


def run(
    name: str,
    settings: dict[str, Any],
    joined: list[tuple[str, dict[str, Any]]] = (),  # type: ignore[assignment]
    metrics: np.ndarray | None = None,
    optimizer: str = "SGD",
    momentum: str | None = None,
) -> dict[str, Any]:
    """Run one scheduler beside an optimizer that has nothing to do, and return its case."""
    if name in ("OneCycleLR", "CyclicLR") and settings.get("cycle_momentum", True):
        momentum = momentum or "momentum"
    groups = [{"params": [leaf(0.0)], "lr": lr} for lr in LRS]
    algorithm = getattr(torch.optim, optimizer)(groups, lr=1.0, **({"momentum": 0.9} if optimizer == "SGD" else {}))
    parts = [made(algorithm, part, inner) for part, inner in joined]
    if name == "ChainedScheduler":
        scheduler = torch.optim.lr_scheduler.ChainedScheduler(parts)
    else:
        scheduler = made(algorithm, name, settings, **({"schedulers": parts} if parts else {}))

    def now() -> tuple[list[float], list[float]]:
        of_groups = [group[momentum] if momentum else 0.0 for group in algorithm.param_groups]
        return [g["lr"] for g in algorithm.param_groups], [m[0] if isinstance(m, tuple) else m for m in of_groups]

    seen = [now()]
    for i in range(STEPS):
        algorithm.step()
        scheduler.step(*([] if metrics is None else [metrics[i]]))
        seen.append(now())
    state = scheduler.state_dict()
    plain = {key: value for key, value in state.items() if isinstance(value, int | float | str)}
    given = [*settings.items(), *[(part, inner) for part, inner in joined]]
    return {
        "name": f"{name}({', '.join(f'{key}={value}' for key, value in given)}) of {optimizer}",
        "scheduler": name,
        "settings": settings,
        "schedulers": [{"scheduler": part, "settings": inner} for part, inner in joined],
        "optimizer": optimizer,
        "momentum": momentum,
        "metrics": metrics,
        "lrs": np.array([lrs for lrs, _ in seen]),
        "momenta": np.array([momenta for _, momenta in seen]) if momentum else None,
        "state": plain,
    }
