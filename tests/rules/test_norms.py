"""Norms beyond the samples: zero, ties, constants, errors."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.samples.numbers import real


def gradient(function, x):
    x = ag.tensor(x, requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape))
    return x.grad


@pytest.mark.parametrize("order", [None, 1, 2, 3, 0.5, -1, np.inf, -np.inf])
def test_gradient_at_zero_is_zero(order):
    with np.errstate(divide="ignore"):  # NumPy's own warning for orders below 0
        np.testing.assert_array_equal(gradient(lambda x: np.linalg.norm(x, order), np.zeros(3)), 0)


@pytest.mark.parametrize("order", [2, 3])
def test_there_is_no_second_derivative_at_zero(order):
    with np.errstate(all="ignore"):
        assert np.isnan(ag.hessian(lambda x: np.linalg.norm(x, order) ** 2)(np.zeros(2))).all()


def test_ties_share_evenly():
    x = np.array([3.0, -3.0, 1.0, 1.0])
    np.testing.assert_allclose(gradient(lambda x: np.linalg.norm(x, np.inf), x), [0.5, -0.5, 0, 0])
    np.testing.assert_allclose(gradient(lambda x: np.linalg.norm(x, -np.inf), x), [0, 0, 0.5, 0.5])
    np.testing.assert_allclose(gradient(lambda x: np.linalg.norm(x, 1), np.ones((2, 2))), 0.5)
    np.testing.assert_allclose(gradient(lambda x: np.linalg.norm(x, 2), np.eye(2)), np.eye(2) / 2, atol=1e-15)


def test_the_number_of_nonzeros_is_constant():
    x = np.array([[0.0, 2.0], [3.0, 4.0]])
    y = np.linalg.norm(ag.tensor(x, requires_grad=True), 0, axis=1)
    assert not y.requires_grad
    np.testing.assert_array_equal(y.numpy(), np.linalg.norm(x, 0, axis=1))


def test_float32_is_kept():
    for order in (None, 0, 1, 2, 3, np.inf):
        assert np.linalg.norm(ag.tensor(real(3), dtype=np.float32, requires_grad=True), order).dtype == np.float32


def test_what_numpy_refuses():
    x = ag.tensor(real(2, 2, 2), requires_grad=True)
    for settings in ({"ord": 2}, {"axis": (0, 1, 2)}, {"ord": "fro", "axis": 0}, {"ord": 3, "axis": (0, 1)}):
        with pytest.raises(ValueError, match="norm"):
            np.linalg.norm(x, **settings)
    with pytest.raises(ValueError, match="Duplicate"):
        np.linalg.norm(x, axis=(0, 0))
