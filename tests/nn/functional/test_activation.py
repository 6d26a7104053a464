"""Activations as functions: derivatives to second order, kinks, extremes, refusals."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients

AWAY_FROM_KINKS = np.array([[-2.5, -0.7, -0.1], [0.1, 0.6, 2.5]])
FUNCTIONS = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": lambda x: F.elu(x, 0.5),
    "selu": F.selu,
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, "tanh"),
    "silu": F.silu,
    "softplus": F.softplus,
    "softplus beta": lambda x: F.softplus(x, 2.0, 3.0),
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "hardtanh": lambda x: F.hardtanh(x, -0.5, 2.0),
    "softmax": F.softmax,
    "softmax 0": lambda x: F.softmax(x, 0),
    "log_softmax": F.log_softmax,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_against_differences(name):
    check_gradients(FUNCTIONS[name], AWAY_FROM_KINKS)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_overflows_anywhere(name, dtype):
    x = ag.tensor(np.array([-1e4, -1000.0, 0.0, 1000.0, 1e4], dtype), requires_grad=True)
    y = FUNCTIONS[name](x)
    assert y.dtype == dtype
    assert np.isfinite(y.data).all()
    y.backward(np.ones_like(x.data))
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "softmax 0"])
def test_no_elements_are_fine(name):
    assert FUNCTIONS[name](np.zeros((0, 3))).shape == (0, 3)


def test_kinks_have_pytorchs_derivative():
    for function, at in ((F.relu, 0.0), (F.hardtanh, 1.0), (F.hardtanh, -1.0)):
        x = ag.tensor([at], requires_grad=True)
        function(x).sum().backward()
        assert x.grad.tolist() == [0]


def test_softmax_is_a_distribution_and_log_softmax_its_logarithm():
    x = np.random.default_rng(0).normal(size=(3, 4)) * 10
    p = F.softmax(x, dim=1).data
    np.testing.assert_allclose(p.sum(1), 1)
    np.testing.assert_allclose(np.exp(F.log_softmax(x, dim=1).data), p)


def test_self_normalising_fixed_point():
    x = np.random.default_rng(0).normal(size=1_000_000)
    y = F.selu(x).data
    assert y.mean() == pytest.approx(0, abs=5e-3)
    assert y.var() == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.gelu([1.0], "fast"), "gelu: approximate is 'none' or 'tanh', not 'fast'"),
        (lambda: F.softplus([1.0], beta=0), "softplus: beta must be positive, not 0"),
        (lambda: F.hardtanh([1.0], 1, 1), "hardtanh: min_val must be below max_val, not 1 and 1"),
    ],
)
def test_wrong_settings_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"cannot compute with array of shape .* expected numbers"):
        F.relu(["a"])
