"""Convolution."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients


def by_hand(x, weight, bias, stride, dilation, groups):
    """The definition, window by window."""
    (n, _, height, width), (out, inputs, h, w) = x.shape, weight.shape
    rows, columns = ((s - dilation * (k - 1) - 1) // stride + 1 for s, k in ((height, h), (width, w)))
    y = np.zeros((n, out, rows, columns))
    for at in np.ndindex(y.shape):
        i, o, r, c = at
        first = o // (out // groups) * inputs
        seen = x[i, first : first + inputs, r * stride :: dilation, c * stride :: dilation][:, :h, :w]
        y[at] = (seen * weight[o]).sum() + bias[o]
    return y


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_definition(stride, dilation, groups):
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(2, 4, 7, 6)), rng.normal(size=(4, 4 // groups, 3, 2)), rng.normal(size=4)
    y = F.conv2d(x, weight, bias, stride, 0, dilation, groups)
    np.testing.assert_allclose(y.data, by_hand(x, weight, bias, stride, dilation, groups), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "settings", [{}, {"stride": 2, "padding": 1}, {"padding": "same", "dilation": 2}, {"groups": 2, "padding": (0, 1)}]
)
def test_first_and_second_derivatives(settings):
    rng = np.random.default_rng(1)
    groups = settings.get("groups", 1)
    arrays = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 2 // groups, 2, 2)), rng.normal(size=2)
    check_gradients(lambda *a: F.conv2d(*a, **settings), *arrays)
    check_gradients(lambda *a: F.conv2d(*a, None, **settings), *arrays[:2])
    assert ag.gradgradcheck(lambda *a: F.conv2d(*a, **settings), *arrays)


def test_it_starts_as_pytorchs_does():
    layer = nn.Conv2d(4, 300, (3, 5), groups=2)
    bound = 1 / math.sqrt(2 * 15)
    for parameter in layer.parameters():
        assert 0.98 * bound < np.abs(parameter.data).max() <= bound
    assert layer.weight.shape == (300, 2, 3, 5)
    assert nn.Conv2d(1, 1, 1, bias=False).bias is None


def test_float32_stays_float32():
    layer = nn.Conv2d(1, 2, 3, padding=1)
    y = layer(np.random.default_rng(0).normal(size=(2, 1, 4, 4)))
    y.sum().backward()
    assert y.dtype == layer.weight.grad.dtype == layer.bias.grad.dtype == np.float32
    assert layer.weight.grad.flags.c_contiguous
    assert layer(np.ones((1, 1, 4, 4), int)).dtype == np.float32


def test_same_keeps_the_size_and_puts_the_odd_zero_last():
    x = np.arange(3.0).reshape(1, 1, 3)
    np.testing.assert_array_equal(F.conv2d(x, np.ones((1, 1, 1, 2)), padding="same").data, [[[1, 3, 2]]])


def test_an_empty_batch():
    layer = nn.Conv2d(1, 2, 3)
    y = layer(np.zeros((0, 1, 4, 4)))
    assert y.shape == (0, 2, 2, 2)
    y.sum().backward()
    assert not layer.weight.grad.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(0, 2, 3), "at least one channel in and out"),
        (lambda: nn.Conv2d(3, 2, 3, groups=2), "groups=2 must divide in_channels=3"),
        (lambda: nn.Conv2d(1, 2, 0), "kernel_size is an integer of at least 1, or a pair of them, not 0"),
        (lambda: nn.Conv2d(1, 2, (1, 2, 3)), "kernel_size is an integer of at least 1"),
        (lambda: nn.Conv2d(1, 2, 3, stride=0), "stride is an integer of at least 1"),
        (lambda: nn.Conv2d(1, 2, 3, padding=-1), "padding is an integer of at least 0"),
        (lambda: nn.Conv2d(1, 2, 3, stride=2, padding="same"), "keeps the size, and stride=.2, 2. does not"),
        (lambda: nn.Conv2d(1, 2, 3, padding="full"), 'padding is a number, a pair of numbers, "valid" or "same"'),
        (lambda: nn.Conv2d(1, 2, 3)(np.zeros((5, 8, 8))), "grey images need an axis of channels"),
        (lambda: nn.Conv2d(3, 2, 3)(np.zeros((5, 8, 8, 3))), r"takes \(n, 3, height, width\).*transpose\(0, 3, 1, 2\)"),
        (lambda: nn.Conv2d(1, 2, 3)(np.zeros((5, 64))), r"takes \(n, 1, height, width\).*shape \(5, 64\)"),
        (lambda: nn.Conv2d(1, 2, 5)(np.zeros((1, 1, 4, 8))), "5 x 5 does not fit into an image of 4 x 8"),
        (lambda: F.conv2d(np.zeros((1, 4, 4)), np.zeros((2, 3, 3))), r"a filter has the shape \(out, in / groups"),
    ],
)
def test_what_does_not_fit_is_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_error_names_the_layer():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(3, 4, 3))
    dict(model.named_parameters())
    with pytest.raises(ValueError, match=r"Conv2d\(in_channels=3, out_channels=4\).*'1.weight'"):
        model(np.zeros((1, 1, 8, 8)))


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.Conv2d(2, 3, 3), "Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1))  # 57 parameters"),
        (
            nn.Conv2d(2, 4, (1, 2), padding="same", dilation=2, groups=2, bias=False),
            "Conv2d(2, 4, kernel_size=(1, 2), stride=(1, 1), padding='same', dilation=(2, 2), groups=2, bias=False)"
            "  # 8 parameters",
        ),
    ],
)
def test_repr_shows_the_settings(layer, text):
    assert repr(layer) == text
