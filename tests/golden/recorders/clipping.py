"""``clipping.npz``: gradients before and after ``clip_grad_norm_`` and ``clip_grad_value_``.

A case holds

``function``   name in ``torch.nn.utils``
``settings``   keywords beside the parameters
``before``     a list of gradients
``after``      what has become of them
``norm``       what the function gives; None for ``clip_grad_value_``
"""

from typing import Any

import numpy as np
import torch

from . import leaf, normal

GRADIENTS = {
    "large": [10 * normal("large W", 3, 4), 10 * normal("large b", 4), np.array(7.0)],
    "small": [0.001 * normal("small W", 3, 4), 0.001 * normal("small b", 4)],
    "zero": [np.zeros((2, 2)), np.zeros(3)],
    "infinite": [np.array([1.0, np.inf, -2.0]), np.array([3.0, 0.0])],
    "not a number": [np.array([1.0, np.nan]), np.array([3.0, 0.0])],
}
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("clip_grad_norm_", {"max_norm": 1.0}),
    ("clip_grad_norm_", {"max_norm": 2.5, "norm_type": 1.0}),
    ("clip_grad_norm_", {"max_norm": 0.5, "norm_type": float("inf")}),
    ("clip_grad_norm_", {"max_norm": 3.0, "norm_type": 3.5}),
    ("clip_grad_norm_", {"max_norm": 0.0}),
    ("clip_grad_value_", {"clip_value": 0.75}),
    ("clip_grad_value_", {"clip_value": 0.0}),
]


def cases() -> list[dict[str, Any]]:
    """Return every case."""
    return [run(function, settings, kind) for function, settings in SETTINGS for kind in GRADIENTS]


def run(function: str, settings: dict[str, Any], kind: str) -> dict[str, Any]:
    """Clip some gradients and return the case."""
    parameters = [leaf(np.zeros_like(g)) for g in GRADIENTS[kind]]
    for p, g in zip(parameters, GRADIENTS[kind], strict=True):
        p.grad = torch.tensor(g)
    norm = getattr(torch.nn.utils, function)(parameters, **settings)
    return {
        "name": f"{function} {settings} of {kind} gradients",
        "function": function,
        "settings": {key: str(value) if value == float("inf") else value for key, value in settings.items()},
        "before": GRADIENTS[kind],
        "after": [p.grad for p in parameters],
        "norm": norm,
    }
