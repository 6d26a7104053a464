"""Normalisation as functions: derivatives, running statistics, refusals."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients

RNG = np.random.default_rng(0)
WEIGHT, BIAS = RNG.normal(size=3), RNG.normal(size=3)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4)])
def test_batch_norm_derivatives_in_training(shape):
    x = RNG.normal(size=shape)
    check_gradients(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), x, WEIGHT, BIAS)
    check_gradients(lambda x: F.batch_norm(x, training=True), x)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4)])
def test_batch_norm_derivatives_in_evaluation(shape):
    mean, variance = ag.tensor(RNG.normal(size=3)), ag.tensor(RNG.uniform(1, 2, size=3))
    check_gradients(lambda x, w, b: F.batch_norm(x, mean, variance, w, b), RNG.normal(size=shape), WEIGHT, BIAS)


@pytest.mark.parametrize("axes", [1, 2])
def test_layer_norm_derivatives(axes):
    shape = (4, 3)[-axes:]
    weight, bias = RNG.normal(size=shape), RNG.normal(size=shape)
    x = RNG.normal(size=(2, 4, 3))
    check_gradients(lambda x, w, b: F.layer_norm(x, shape, w, b), x, weight, bias)
    check_gradients(lambda x: F.layer_norm(x, shape), x)


def test_running_statistics_follow_with_the_unbiased_variance():
    x = RNG.normal(size=(6, 3))
    mean, variance = ag.tensor(np.zeros(3)), ag.tensor(np.ones(3))
    F.batch_norm(x, mean, variance, training=True, momentum=0.25)
    np.testing.assert_allclose(mean.data, 0.25 * x.mean(0))
    np.testing.assert_allclose(variance.data, 0.75 + 0.25 * x.var(0, ddof=1))


def test_statistics_that_moved_since_are_noticed():
    mean, variance = ag.tensor(np.zeros(3)), ag.tensor(np.ones(3))
    x = ag.tensor(RNG.normal(size=(4, 3)), requires_grad=True)
    y = F.batch_norm(x, mean, variance, eps=0.0)
    F.batch_norm(x, mean, variance, training=True)
    with pytest.raises(RuntimeError, match="was changed after"):
        y.sum().backward()


def test_the_input_takes_the_dtype_of_the_weight():
    weight = ag.tensor(WEIGHT.astype(np.float32))
    for x in ([[1, 2, 3], [4, 5, 7]], np.ones((2, 3)), ag.tensor([[1, 2, 3], [4, 5, 6]])):
        assert F.batch_norm(x, weight=weight, training=True).dtype == np.float32
        assert F.layer_norm(x, 3, weight).dtype == np.float32


def test_what_cannot_be_normalised_is_refused():
    with pytest.raises(ValueError, match=r"\(n, channels, …\), not tensor of shape \(4,\)"):
        F.batch_norm(np.zeros(4), training=True)
    with pytest.raises(
        ValueError, match=r"more than one value per channel when training, and the input has shape \(1, 3\)"
    ):
        F.batch_norm(np.zeros((1, 3)), training=True)
    with pytest.raises(ValueError, match="without training=True it needs running_mean and running_var"):
        F.batch_norm(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"has shape \(2, 3\), which does not end in \(4,\)"):
        F.layer_norm(np.zeros((2, 3)), 4)
