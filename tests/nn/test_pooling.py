"""Pooling."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients


def distinct(*shape):
    """Numbers that are far apart, so that a difference meets no other maximum."""
    return np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape) / np.prod(shape)


@pytest.mark.parametrize("settings", [{}, {"stride": 1, "padding": 1}, {"stride": 1, "dilation": 2}])
def test_derivatives_of_the_maximum(settings):
    check_gradients(lambda x: F.max_pool2d(x, 2, **settings) ** 2, distinct(2, 2, 4, 5))
    assert ag.gradgradcheck(lambda x: F.max_pool2d(x, 2, **settings) ** 2, distinct(2, 2, 4, 5))


@pytest.mark.parametrize("settings", [{}, {"stride": 1, "padding": 1}])
def test_derivatives_of_the_mean(settings):
    check_gradients(lambda x: F.avg_pool2d(x, 2, **settings) ** 2, distinct(2, 2, 4, 5))
    check_gradients(lambda x: F.adaptive_avg_pool2d(x, (2, 1)) ** 2, distinct(2, 2, 4, 5))


def test_the_gradient_of_a_tie_goes_to_the_first():
    x = ag.tensor(np.ones((1, 2, 4)), requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [[[1, 0, 1, 0], [0, 0, 0, 0]]])


def test_the_border_is_never_the_maximum():
    y = F.max_pool2d(-np.ones((1, 1, 2, 2)), 2, padding=1)
    np.testing.assert_array_equal(y.data, -np.ones((1, 1, 2, 2)))
    x = ag.tensor(np.full((1, 2, 2), -np.inf), requires_grad=True)
    F.max_pool2d(x, 2, padding=1).sum().backward()
    np.testing.assert_array_equal(x.grad, np.ones((1, 2, 2)))


def test_an_infinite_gradient_reaches_one_place_only():
    x = ag.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
    F.max_pool2d(x, 2).backward([[[np.inf]]])
    np.testing.assert_array_equal(x.grad, [[[0, 0], [0, np.inf]]])


def test_a_nan_is_seen():
    assert np.isnan(F.max_pool2d([[[np.nan, 1.0], [2.0, 3.0]]], 2).item())


@pytest.mark.parametrize("layer", [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1)])
def test_float32_stays_float32(layer):
    x = ag.tensor(np.ones((2, 3, 4, 4), np.float32), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32
    assert x.grad.flags.c_contiguous


@pytest.mark.parametrize("layer", [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1)])
def test_an_empty_batch(layer):
    assert layer(np.zeros((0, 3, 4, 4))).shape[:2] == (0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.MaxPool2d(2)(np.zeros((4, 4))), r"MaxPool2d takes \(n, channels, height, width\) or"),
        (lambda: nn.AvgPool2d(2)(np.zeros(4)), "AvgPool2d takes .* and the input has shape"),
        (
            lambda: nn.MaxPool2d(5)(np.zeros((1, 4, 4))),
            "MaxPool2d: a window of 5 x 5 does not fit into .* 4 x 4",
        ),
        (lambda: nn.MaxPool2d(2, padding=2)(np.zeros((1, 4, 4))), "padding=2 is more than half of kernel_size=2"),
        (lambda: nn.MaxPool2d(2, stride=0)(np.zeros((1, 4, 4))), "stride is an integer of at least 1"),
        (lambda: nn.AdaptiveAvgPool2d(3)(np.zeros((1, 4, 4))), "3 x 3 windows of equal size do not make up .* 4 x 4"),
    ],
)
def test_what_does_not_fit_is_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.MaxPool2d(2), "MaxPool2d(kernel_size=2, stride=2, padding=0)"),
        (nn.MaxPool2d((2, 3), 1, dilation=2), "MaxPool2d(kernel_size=(2, 3), stride=1, padding=0, dilation=2)"),
        (nn.AvgPool2d(2, padding=1), "AvgPool2d(kernel_size=2, stride=2, padding=1)"),
        (nn.AdaptiveAvgPool2d((1, 2)), "AdaptiveAvgPool2d(output_size=(1, 2))"),
    ],
)
def test_repr_shows_the_settings(layer, text):
    assert repr(layer) == text
