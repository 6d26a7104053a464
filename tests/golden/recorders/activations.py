"""``activations.npz``: activations with their first and second derivatives.

A case holds

``activation``  class name in ``torch.nn``
``settings``    keywords of its constructor (Softmax, LogSoftmax and GLU: ``dim``)
``parameters``  ``weight`` for PReLU, else empty
``input``       elementwise: (n,), with 0, ±20, ±1000 and every kink; the others: 2-D
``output``
``seed``        the gradient that flows in (ones where the activation is elementwise)
``gradients``   ``input``, and ``weight`` for PReLU
``second``      the second derivative at each input where the activation is elementwise, else None
``smooth``      True where that can be compared: not at a kink, not where PyTorch's is NaN (Mish)
"""

from typing import Any

import numpy as np
import torch

from . import gradients, leaf, normal

FAR = [-1000.0, -100.0, -20.0, 0.0, 20.0, 100.0, 1000.0]
KINKS = [-6.0, -3.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 6.0, 10.0]
POINTS = np.array([*FAR, *KINKS, *normal("activation", 6)])
MATRIX = np.concatenate(
    [
        normal("softmax", 2, 3),
        [[1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0], [1000.0, 1000.0, -1000.0], [20.0, -20.0, 0.0]],
    ]
)

ELEMENTWISE: list[tuple[str, dict[str, Any]]] = [
    ("ReLU", {}),
    ("LeakyReLU", {}),
    ("LeakyReLU", {"negative_slope": 0.2}),
    ("PReLU", {}),
    ("ReLU6", {}),
    ("ELU", {}),
    ("ELU", {"alpha": 0.5}),
    ("SELU", {}),
    ("GELU", {}),
    ("GELU", {"approximate": "tanh"}),
    ("SiLU", {}),
    ("Mish", {}),
    ("Softplus", {}),
    ("Softplus", {"beta": 2.0, "threshold": 5.0}),
    ("Softplus", {"beta": 0.5}),
    ("Sigmoid", {}),
    ("LogSigmoid", {}),
    ("Tanh", {}),
    ("Softsign", {}),
    ("Hardtanh", {}),
    ("Hardtanh", {"min_val": -0.5, "max_val": 2.0}),
    ("Hardswish", {}),
]
ALONG_AN_AXIS = [(name, {"dim": dim}) for name in ("Softmax", "LogSoftmax") for dim in (0, 1, -1)]
GATED = [("GLU", {"dim": 0})]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of the tables."""
    return [
        *[compare(*row, POINTS, np.ones_like(POINTS)) for row in ELEMENTWISE],
        *[compare(*row, MATRIX, normal("seed", *MATRIX.shape)) for row in ALONG_AN_AXIS],
        *[compare(*row, MATRIX, normal("seed", len(MATRIX) // 2, 3)) for row in GATED],
    ]


def compare(activation: str, settings: dict[str, Any], array: np.ndarray, seed: np.ndarray) -> dict[str, Any]:
    """Call one activation and return its case."""
    module = getattr(torch.nn, activation)(**settings)
    parameters = dict(module.named_parameters())
    x = leaf(array)
    output = module(x)
    found = gradients(output, torch.tensor(seed), {"input": x, **parameters})
    second = smooth = None
    if array.ndim == 1:
        here, left, right = (derivatives(module, array + step) for step in (0, -1e-7, 1e-7))
        second = here[1]
        smooth = (left - right).abs().amax(0).lt(1e-5) & (left - here).abs().amax(0).lt(1e-5)
    assert output.isfinite().all(), activation
    assert found["input"].isfinite().all(), activation
    shown = ", ".join(f"{key}={value}" for key, value in settings.items())
    return {
        "name": f"{activation}({shown})",
        "activation": activation,
        "settings": settings,
        "parameters": parameters,
        "input": array,
        "output": output,
        "seed": seed,
        "gradients": found,
        "second": second,
        "smooth": smooth,
    }


def derivatives(module: torch.nn.Module, array: np.ndarray) -> torch.Tensor:
    """Return the first and second derivative of an elementwise function, stacked."""
    x = leaf(array)
    (first,) = torch.autograd.grad(module(x).sum(), x, create_graph=True)
    second = None
    if first.requires_grad:
        (second,) = torch.autograd.grad(first.sum(), x, allow_unused=True)
    return torch.stack([first.detach(), torch.zeros_like(x) if second is None else second])
