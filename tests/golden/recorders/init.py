"""``init.npz``: what PyTorch's initializers ask the random generator for, not what it gives.

A case holds

``function``   ``calculate_gain``, a name in ``torch.nn.init``, or ``Linear`` (its default)
``arguments``  for ``calculate_gain``: ``(nonlinearity,)`` or ``(nonlinearity, param)``;
               for the others ``(shape,)``; for ``Linear`` ``(in_features, out_features)``
``settings``   keywords of the initializer
``result``     ``calculate_gain``: ``gain``; uniform: ``low`` and ``high``; normal: ``mean`` and
               ``std``; ``Linear``: ``weight`` and ``bias``, each with ``low`` and ``high``

All results are floats; (5, 3) is 5 outputs, 3 inputs; (5, 3, 2) has a receptive field of 2.
"""

from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch.nn import init

NONLINEARITIES: list[tuple[Any, ...]] = [
    *[(name,) for name in ("linear", "conv1d", "conv2d", "conv3d")],
    *[(name,) for name in ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")],
    *[(name,) for name in ("sigmoid", "tanh", "relu", "leaky_relu", "selu")],
    *[("leaky_relu", slope) for slope in (0.2, 1, 0)],
]
GAINS: list[dict[str, Any]] = [{}, {"gain": 5 / 3}]
MODES: list[dict[str, Any]] = [
    {"mode": mode, **settings}
    for mode in ("fan_in", "fan_out")
    for settings in (
        {},
        {"nonlinearity": "relu"},
        {"nonlinearity": "leaky_relu", "a": 0.2},
        {"nonlinearity": "tanh"},
        {"nonlinearity": "linear"},
        {"nonlinearity": "selu"},
    )
]
FUNCTIONS = {
    "xavier_uniform_": GAINS,
    "xavier_normal_": GAINS,
    "kaiming_uniform_": [{}, *MODES],
    "kaiming_normal_": [{}, *MODES],
    "uniform_": [{}, {"a": -0.5, "b": 2.0}],
    "normal_": [{}, {"mean": 1.0, "std": 0.1}],
}


def cases() -> list[dict[str, Any]]:
    """Return the gains, the initializers and Linear's default."""
    found = []
    for arguments in NONLINEARITIES:
        gain = {"gain": float(init.calculate_gain(*arguments))}
        found.append(case("calculate_gain", arguments, {}, gain))
    for function, table in FUNCTIONS.items():
        for shape in ((5, 3), (5, 3, 2)):
            for settings in table:
                (asked,) = drawn(getattr(init, function), torch.empty(shape), **settings)
                found.append(case(function, (shape,), settings, asked))
    weight, bias = drawn(torch.nn.Linear, 3, 5)
    found.append(case("Linear", (3, 5), {}, {"weight": weight, "bias": bias}))
    return found


def case(function: str, arguments: tuple[Any, ...], settings: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Return one case with its name."""
    shown = ", ".join([*map(str, arguments), *(f"{k}={v}" for k, v in settings.items())])
    return {
        "name": f"{function}({shown})",
        "function": function,
        "arguments": arguments,
        "settings": settings,
        "result": result,
    }


def drawn(initialize: Callable[..., Any], *arguments: Any, **settings: Any) -> list[dict[str, Any]]:
    """Return the parameters of every random draw that a call makes."""
    asked: list[dict[str, Any]] = []

    def note(first: str, second: str) -> Any:
        def draw(self: torch.Tensor, a: float, b: float, generator: Any = None) -> torch.Tensor:
            asked.append({first: float(a), second: float(b)})
            return self

        return draw

    with (
        mock.patch.object(torch.Tensor, "uniform_", note("low", "high")),
        mock.patch.object(torch.Tensor, "normal_", note("mean", "std")),
    ):
        initialize(*arguments, **settings)
    return asked
