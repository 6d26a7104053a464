"""`where_safe`: no NaN from the branch that is not selected."""

import warnings

import numpy as np
import pytest

import autograd_lite as ag

X = np.array([-1.0, 0.0, 4.0])


@pytest.mark.parametrize(
    ("condition", "f", "otherwise", "expected", "gradient"),
    [
        (lambda x: x > 0, np.sqrt, 0.0, [0, 0, 2], [0, 0, 0.25]),
        (lambda x: x > 0, np.log, -1.0, [-1, -1, np.log(4)], [0, 0, 0.25]),
        (lambda x: x != 0, lambda x: np.sin(x) / x, 1.0, [np.sin(1), 1, np.sin(4) / 4], None),
        (lambda x: x > 0, np.sqrt, lambda x: x**2, [1, 0, 2], [-2, 0, 0.25]),
        (lambda x: x > 9, np.sqrt, 0.0, [0, 0, 0], [0, 0, 0]),
        (lambda x: x < 9, np.square, lambda x: np.sqrt(x - 9), X**2, 2 * X),
    ],
)
def test_values_and_gradients(condition, f, otherwise, expected, gradient):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(ag.where_safe(condition(X), f, X, otherwise), expected)
        g = ag.grad(lambda x: ag.where_safe(condition(x), f, x, otherwise).sum())(X)
    assert np.isfinite(g).all()
    if gradient is not None:
        np.testing.assert_allclose(g, gradient)


def test_second_order_float32_and_broadcasting():
    H = ag.hessian(lambda x: ag.where_safe(x > 0, np.sqrt, x).sum())(X)
    np.testing.assert_allclose(H, np.diag([0, 0, -1 / 32]))
    single = X.astype(np.float32)
    for limit in (0, 9):
        y = ag.where_safe(single > limit, np.sqrt, single)
        assert y.dtype == np.float32
    y = ag.where_safe(np.array([[True], [False]]), np.exp, ag.tensor(X, requires_grad=True), ag.tensor(1.0))
    assert y.shape == (2, 3) and isinstance(y, ag.Tensor)


def test_several_arguments():
    a, b = np.array([1.0, 2.0]), np.array([0.0, 4.0])
    ga, gb = ag.grad(lambda a, b: ag.where_safe(b != 0, np.divide, (a, b)).sum(), argnums=(0, 1))(a, b)
    np.testing.assert_allclose(ga, [0, 0.25])
    np.testing.assert_allclose(gb, [0, -1 / 8])
