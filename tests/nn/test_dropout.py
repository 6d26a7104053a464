"""Inverted dropout as a module."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def test_evaluation_is_the_identity():
    x = ag.tensor(np.ones((3, 4)), requires_grad=True)
    np.testing.assert_array_equal(nn.Dropout(0.9).eval()(x).data, x.data)


def test_training_drops_and_scales():
    layer = nn.Dropout(0.25, generator=np.random.default_rng(0))
    y = layer(np.ones((200, 200))).data
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert abs(np.mean(y == 0) - 0.25) < 0.01
    assert abs(y.mean() - 1) < 0.01


def test_the_default_generator_is_the_packages():
    x = np.ones(50)
    ag.manual_seed(1)
    first = nn.Dropout()(x).data
    ag.manual_seed(1)
    np.testing.assert_array_equal(nn.Dropout()(x).data, first)


def test_bounds():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    np.testing.assert_array_equal(nn.Dropout(0)(x).data, x.data)
    nn.Dropout(1)(x).sum().backward()
    np.testing.assert_array_equal(nn.Dropout(1)(x).data, [0, 0])
    np.testing.assert_array_equal(x.grad, [0, 0])


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="Dropout: p is the probability of dropping an element, from 0 to 1"):
        nn.Dropout(p)


def test_repr():
    assert repr(nn.Dropout(0.1)) == "Dropout(p=0.1)"
