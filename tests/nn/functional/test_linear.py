"""The affine map as a function."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F

X, W, B = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3), np.arange(4.0)


@pytest.mark.parametrize("bias", [B, None])
def test_values(bias):
    expected = X @ W.T + (0 if bias is None else bias)
    for convert in (lambda a: a, lambda a: a.tolist(), ag.tensor, lambda a: ag.tensor(a, requires_grad=True)):
        y = F.linear(convert(X), convert(W), None if bias is None else convert(bias))
        np.testing.assert_array_equal(y.data, expected)


def test_integers_become_floats():
    assert F.linear([[1, 2]], [[3, 4]], [0.5]).tolist() == [[11.5]]


def test_the_input_takes_the_dtype_of_the_weight():
    assert F.linear(X, W.astype(np.float32), B.astype(np.float32)).dtype == np.float32


def test_a_constant_input_gets_no_gradient_and_is_kept_as_it_is_now():
    weight, x = ag.tensor(W, requires_grad=True), X.copy()
    y = F.linear(x, weight, B)
    x[...] = 0
    y.sum().backward()
    np.testing.assert_array_equal(weight.grad, np.tile(X.sum(0), (len(W), 1)))


def test_a_wrong_number_of_features_is_told():
    with pytest.raises(ValueError, match=r"expected 3 features in the last axis, got 2"):
        F.linear(np.zeros((2, 2)), W, B)


def test_a_weight_is_a_matrix():
    with pytest.raises(ValueError, match=r"a weight has the shape \(out, in\), and this is a tensor of shape \(3,\)"):
        F.linear(X, ag.tensor(W[0]), B)
