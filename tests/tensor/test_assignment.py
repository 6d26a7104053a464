"""``x[i] = v`` and ``x += v`` are differentiable, and whatever used the old value keeps it (golden numbers)."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.golden import load

CASES = load("assignment")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_gradient_equals_pytorchs_of_the_cloned_program(case):
    leaves = {name: ag.tensor(value, requires_grad=True) for name, value in case["leaves"].items()}
    names = {
        **leaves,
        **case["constants"],
        "copy": lambda t: t.copy(),
        "zeros": lambda *shape: ag.tensor(np.zeros(shape)),
    }
    exec(case["program"], names)
    np.testing.assert_allclose(names["loss"].item(), case["loss"], rtol=1e-12)
    names["loss"].backward()
    for name, expected in case["gradients"].items():
        grad = leaves[name].grad
        np.testing.assert_allclose(0 if grad is None else grad, expected, rtol=1e-12, err_msg=case["program"])
