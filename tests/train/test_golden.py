"""A small net, trained for fifty steps: PyTorch's losses, gradients and parameters, eager and compiled."""

import numpy as np
import pytest

from autograd_lite import nn, optim
from tests.compiler.check import compiled
from tests.golden import load

CASES = load("training")


@pytest.mark.parametrize("change", [lambda f: f, compiled], ids=["eager", "compiled"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_fifty_steps_end_where_pytorchs_do(case, change):
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    model.load_state_dict(case["start"])
    optimizer, loss = getattr(optim, case["optimizer"])(model.parameters(), **case["settings"]), nn.MSELoss()
    loss(model(case["x"]), case["target"]).backward()
    for name, p in model.named_parameters():
        np.testing.assert_allclose(p.grad, case["gradients"][name], rtol=1e-10, atol=1e-13)

    def step(x, target):
        optimizer.zero_grad()
        value = loss(model(x), target)
        value.backward()
        optimizer.step()
        return value

    step = change(step)
    losses = [step(case["x"], case["target"]).item() for _ in case["losses"]]
    np.testing.assert_allclose(losses, case["losses"], rtol=1e-9)
    for name, value in model.state_dict().items():
        np.testing.assert_allclose(value, case["final"][name], rtol=1e-8, atol=1e-10)
