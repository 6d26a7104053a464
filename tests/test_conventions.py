"""Ties and edges are PyTorch's where it has a convention (golden numbers)."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.rules import neural, reductions
from tests.golden import load

OWN = {
    name: getattr(neural if hasattr(neural, name) else reductions, name)
    for name in ("relu", "sigmoid", "softplus", "softmax", "log_softmax", "logsumexp")
}


def function_of(case):
    target = OWN.get(case["function"])
    if target is None:
        target = np
        for part in case["function"].split("."):
            target = getattr(target, part)
    return target


CASES = load("conventions")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_value_and_gradient_equal_pytorch(case):
    inputs = {
        name: ag.tensor(value, requires_grad=name in case["gradients"], name=name)
        if name in case["gradients"]
        else value
        for name, value in case["inputs"].items()
    }
    with np.errstate(all="ignore"):
        y = function_of(case)(*inputs.values(), **case["settings"])
        np.testing.assert_allclose(y.detach().numpy(), case["output"], rtol=1e-12)
        if y.requires_grad:
            y.backward(case["seed"])
    for name, expected in case["gradients"].items():
        grad = inputs[name].grad if y.requires_grad else np.zeros_like(expected)
        np.testing.assert_allclose(grad, expected, rtol=1e-12, atol=1e-300, err_msg=name)
