"""Gradients by differences: what every gradient is held against."""

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_lite as ag

STEP = 1e-6


def leaves(arrays: tuple[Any, ...]) -> list[ag.Tensor]:
    """Return float64 tensors that require a gradient."""
    return [ag.tensor(np.asarray(a, dtype=np.float64), requires_grad=True) for a in arrays]


def weighted_sum(function: Callable[..., Any], tensors: list[ag.Tensor]) -> Any:
    """Return the sum of a function's values, each with a fixed weight of its own."""
    y = function(*tensors)
    return (y * np.cos(np.arange(y.size) + 0.5).reshape(y.shape)).sum()


def gradients(function: Callable[..., Any], arrays: tuple[Any, ...]) -> list[Any]:
    """Return the engine's gradients of the weighted sum."""
    tensors = leaves(arrays)
    weighted_sum(function, tensors).backward()
    return [tensor.grad for tensor in tensors]


def differences(value: Callable[..., Any], arrays: tuple[Any, ...]) -> list[Any]:
    """Return the central differences of a number-valued function of arrays."""
    found = []
    for i, array in enumerate(arrays):
        g = np.zeros(np.shape(array))
        for at in np.ndindex(g.shape):
            ends = []
            for step in (STEP, -STEP):
                moved = np.array(array, dtype=np.float64)
                moved[at] += step
                ends.append(value(*arrays[:i], moved, *arrays[i + 1 :]).item())
            g[at] = (ends[0] - ends[1]) / (2 * STEP)
        found.append(g)
    return found


def check_gradients(function: Callable[..., Any], *arrays: Any, second: bool = True) -> None:
    """Compare first derivatives and, by differentiating a mix of them, second derivatives with differences."""
    for found, expected in zip(
        gradients(function, arrays),
        differences(lambda *moved: weighted_sum(function, leaves(moved)), arrays),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    if not second:
        return

    def mix(*tensors: ag.Tensor) -> Any:
        y = weighted_sum(function, list(tensors))
        return sum((g * g).sum() for g in ag.autograd.grad(y, list(tensors), create_graph=True))

    tensors = leaves(arrays)
    mixed = mix(*tensors)
    constant = not mixed.requires_grad  # what is linear in each argument
    for found, expected in zip(
        [None] * len(arrays) if constant else ag.autograd.grad(mixed, tensors, allow_unused=True),
        differences(lambda *moved: mix(*leaves(moved)), arrays),
        strict=True,
    ):
        np.testing.assert_allclose(0 if found is None else found, expected, rtol=1e-5, atol=1e-7)
