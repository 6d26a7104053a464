"""SciPy's special functions: entered when the first of them is met, refused where a derivative is not known."""

import subprocess
import sys

import numpy as np
import pytest

import autograd_lite as ag

special = pytest.importorskip("scipy.special")


def test_scipy_is_not_imported_with_the_package():
    code = "import sys, autograd_lite; print('scipy' in sys.modules, 'autograd_lite.rules.special' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]


def test_scipy_functions_are_entered_when_they_are_met():
    code = (
        "import autograd_lite as ag; from scipy import special; x = ag.tensor([0.0], requires_grad=True); "
        "special.expit(x).backward(); print(x.grad)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[0.25]"


def test_edges():
    x, y = ag.tensor([0.0, 0.0, 2.0], requires_grad=True), ag.tensor([0.0, 3.0, 1.0], requires_grad=True)
    special.xlogy(x, y).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, np.log(3), 0])
    np.testing.assert_array_equal(y.grad, [0, 0, 2])


@pytest.mark.parametrize("call", [lambda x: special.jv(x, x), lambda x: special.gammainc(x, 1.0)])
def test_a_derivative_that_is_not_known_is_refused(call):
    y = call(ag.tensor([0.5, 1.5], requires_grad=True))
    with pytest.raises(NotImplementedError, match="parameter"):
        y.sum().backward()


@pytest.mark.parametrize(
    "call", [special.ellipk, special.logsumexp, special.softmax, lambda x: special.polygamma(1, x)]
)
def test_what_has_no_rule_fails_loudly(call):
    with pytest.raises((NotImplementedError, RuntimeError)):
        call(ag.tensor([0.5, 0.25], requires_grad=True))
