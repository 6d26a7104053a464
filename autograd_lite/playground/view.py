"""What the page shows of a training: losses, weights and gradients, and what each neuron makes of the plane."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn
from autograd_lite.autograd import grad
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.playground.data import EXTENT
from autograd_lite.playground.features import features
from autograd_lite.playground.setup import Setup
from autograd_lite.playground.training import Training

__all__ = ["FINE", "points", "snapshot"]

FINE = 60  # pixels along a side of the decision boundary
COARSE = 3  # every so manieth of them for the pictures of single neurons
SCALE = 127


def snapshot(training: Training) -> dict[str, Any]:
    """Everything that changes with training, ready for JSON; what is not finite is null.

    Returns
    -------
    dict
        ``boundary`` and ``fields`` are pictures of the square from -6 to 6, rows from the top: a byte per pixel,
        0 to 254 with the middle at 127, in base64.
    """
    boundary, fields = _pictures(training.model, training.setup)
    curve: list[tuple[float, float, float]] = [*training.curve.points]
    now = training.steps / len(training.loader)
    if now > curve[-1][0]:  # so that it moves with each step, and ends where the training is
        curve.append((now, training.measured["train"]["loss"], training.measured["test"]["loss"]))
    return {
        "step": training.steps,
        "epoch": training.epoch,
        "steps_per_epoch": len(training.loader),
        "lr": training.lr,
        "compiled": training.compiled,
        "finite": training.finite,
        **{part: {name: number(value) for name, value in m.items()} for part, m in training.measured.items()},
        "curve": [[epoch, number(train), number(test)] for epoch, train, test in curve],
        "layers": _layers(training),
        "boundary": boundary,
        "fields": fields,
    }


def points(training: Training) -> dict[str, Any]:
    """The data: rows of x, y and label."""
    labels = {"train": training.train[1], "test": training.test[1]}
    return {name: np.hstack([x, labels[name]]).round(4).tolist() for name, x in training.places.items()}


def number(value: float, digits: int | None = None) -> float | None:
    """A number that JSON can carry, rounded to significant digits if asked for."""
    if not math.isfinite(value):
        return None
    return value if digits is None else float(f"{value:.{digits}g}")


def _layers(training: Training) -> list[dict[str, Any]]:
    """Parameters of each linear layer and their gradients, those of the objective over the whole training part."""
    x, y = training.train
    parameters = list(training.model.parameters())
    gradients = grad(training.objective(training.model(x), y), parameters)
    arrays = [p.data for p in parameters]
    pairs = zip(range(0, len(parameters), 2), _names(len(parameters) // 2), strict=True)
    return [
        {
            "name": name,
            "weight": _numbers(arrays[i]),
            "bias": _numbers(arrays[i + 1]),
            "weight_gradient": _numbers(np.asarray(gradients[i])),
            "bias_gradient": _numbers(np.asarray(gradients[i + 1])),
            "weight_norm": number(float(np.linalg.norm(arrays[i])), 6),
            "gradient_norm": number(float(np.linalg.norm(np.asarray(gradients[i]))), 6),
        }
        for i, name in pairs
    ]


def _names(layers: int) -> list[str]:
    return [*(f"hidden {i}" for i in range(1, layers)), "output"]


def _numbers(array: NDArray[Any]) -> Any:
    """Nested lists of numbers, six significant digits of each."""
    if array.ndim > 1:
        return [_numbers(row) for row in array]
    return [number(value, 6) for value in array.tolist()]


def _pictures(model: nn.Sequential, setup: Setup) -> tuple[str, list[list[str]]]:
    """The probability of class 1 over the plane, and what the network is given and the activation of hidden neurons."""
    side = np.linspace(-EXTENT, EXTENT, FINE, dtype=np.float32)
    plane = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
    with no_grad():
        h: Any = features(setup.features, plane)
        given = h.reshape(FINE, FINE, -1)[::COARSE, ::COARSE]
        fields = [[_picture(given[..., i]) for i in range(given.shape[-1])]]
        layers = list(model)
        for linear, activation in zip(layers[:-1:2], layers[1::2], strict=True):
            h = activation(linear(h))
            pixels = h.data.reshape(FINE, FINE, -1)[::COARSE, ::COARSE]
            fields.append([_picture(pixels[..., unit]) for unit in range(pixels.shape[-1])])
        boundary = np.tanh(layers[-1](h).data / 2)  # 2 p - 1 for the probability p
    return _bytes(boundary), fields


def _picture(values: NDArray[Any]) -> str:
    """Values about 0, by the largest of them."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    return _bytes(values / (float(np.abs(values).max()) or 1.0))


def _bytes(values: NDArray[Any]) -> str:
    """Numbers from -1 to 1 as bytes."""
    levels = np.rint(SCALE * (1 + np.nan_to_num(values))).astype(np.uint8)
    return base64.b64encode(levels.tobytes()).decode("ascii")
