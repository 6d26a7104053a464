"""A layer against what PyTorch's gave: its values, gradients and buffers, call by call."""

from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn


def made(case: dict[str, Any]) -> nn.Module:
    """Return the layer of a recorded case, in float64, with its parameters."""
    layer = getattr(nn, case["layer"])(*case["arguments"], **case["settings"])
    if case["parameters"] or list(layer.buffers()):
        layer.to(np.float64)
    layer.load_state_dict(case["parameters"], strict=False)
    assert [name for name, _ in layer.named_parameters()] == list(case["parameters"])
    return layer


def check_calls(case: dict[str, Any]) -> None:
    """Make the calls of a case, and compare."""
    layer = made(case)
    for call in case["calls"]:
        layer.zero_grad()
        x = ag.tensor(call["input"], requires_grad=True)
        y = layer.train(call["training"])(x)
        y.backward(call["seed"])
        np.testing.assert_allclose(y.data, call["output"], rtol=1e-10, atol=1e-13)
        check_gradients_of(layer, {"input": x}, call["gradients"])
        buffers = dict(layer.named_buffers())
        assert list(buffers) == list(call["buffers"])
        for name, expected in call["buffers"].items():
            np.testing.assert_allclose(buffers[name].data, expected, rtol=1e-10, err_msg=name)


def check_gradients_of(layer: nn.Module, inputs: dict[str, ag.Tensor], expected: dict[str, Any]) -> None:
    """Compare the gradients of inputs and parameters."""
    found = {name: x.grad for name, x in {**inputs, **dict(layer.named_parameters())}.items()}
    assert list(found) == list(expected)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-10, atol=1e-12, err_msg=name)
