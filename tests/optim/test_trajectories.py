"""Every optimizer follows PyTorch's trajectory, update for update (golden numbers)."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.golden import load

CASES = load("optimizers")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_trajectory_and_state_equal_pytorch(case):
    params = {name: ag.tensor(value, requires_grad=True, name=name) for name, value in case["start"].items()}
    if case["groups"]:
        groups = [{**group, "params": [params[name] for name in group["params"]]} for group in case["groups"]]
    else:
        groups = list(params.values())
    optimizer = getattr(ag.optim, case["optimizer"])(groups, **case["settings"])

    for i in range(50):
        for change in case["changes"]:
            if change["step"] == i:
                optimizer.param_groups[change["group"]].update(change["settings"])
        for name, p in params.items():
            p.grad = None if i in case["missing"].get(name, ()) else case["gradients"][name][i]
        optimizer.step()
        for name, p in params.items():
            np.testing.assert_allclose(p.data, case["trajectory"][name][i], rtol=1e-10, atol=1e-10)

    state = optimizer.state_dict()
    order = [id(p) for group in optimizer.param_groups for p in group["params"]]
    for name, expected in case["state"].items():
        got = state["state"].get(order.index(id(params[name])), {})
        for key, value in expected.items():
            np.testing.assert_allclose(got[key], value, rtol=1e-10, atol=1e-12)
