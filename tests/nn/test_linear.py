"""The affine layer."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load
from tests.nn.numerical import check_gradients


class Recorder:
    """A generator that notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def uniform(self, low, high, shape):
        self.asked.append((low, high, shape))
        return np.zeros(shape)


def test_it_starts_as_pytorchs_does():
    (case,) = [case for case in load("init") if case["function"] == "Linear"]
    recorder = Recorder()
    nn.Linear(*case["arguments"], generator=recorder)
    inputs, outputs = case["arguments"]
    for (low, high, shape), name, expected in zip(
        recorder.asked, ("weight", "bias"), ((outputs, inputs), (outputs,)), strict=True
    ):
        np.testing.assert_allclose((low, high), (case["result"][name]["low"], case["result"][name]["high"]), rtol=1e-12)
        assert shape == expected


def test_the_default_generator_makes_it_repeatable():
    ag.manual_seed(3)
    first = nn.Linear(4, 5).state_dict()
    ag.manual_seed(3)
    second = nn.Linear(4, 5).state_dict()
    ag.manual_seed(3)
    double = nn.Linear(4, 5, dtype=np.float64).state_dict()
    for name in ("weight", "bias"):
        np.testing.assert_array_equal(first[name], second[name])
        np.testing.assert_array_equal(first[name], double[name].astype(np.float32))
        assert np.abs(first[name]).max() <= 1 / math.sqrt(4)


def test_shapes_and_dtypes():
    layer = nn.Linear(3, 2)
    assert layer.weight.shape == (2, 3)
    assert layer.bias.shape == (2,)
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    assert nn.Linear(3, 2, bias=False).bias is None
    assert nn.Linear(3, 2, dtype=np.float64).weight.dtype == np.float64


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (1, 3), (0, 3), (2, 4, 3), (2, 0, 3), (2, 1, 4, 3)])
def test_any_number_of_axes(shape, bias):
    layer = nn.Linear(3, 2, bias=bias)
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    y = layer(x)
    expected = x @ layer.weight.data.T + (layer.bias.data if bias else 0)
    assert y.shape == (*shape[:-1], 2)
    np.testing.assert_allclose(y.data, expected, rtol=1e-6, atol=1e-6)
    y.sum().backward()
    assert layer.weight.grad.shape == (2, 3)
    assert layer.weight.grad.flags.c_contiguous


@pytest.mark.parametrize(
    "data",
    [
        [[1, 2, 3]],
        np.array([[1, 2, 3]]),
        np.array([[1.0, 2.0, 3.0]]),
        np.array([[1, 1, 0]], bool),
        ag.tensor([[1, 2, 3]]),
    ],
)
def test_data_without_gradient_takes_the_dtype_of_the_layer(data):
    assert nn.Linear(3, 2)(data).dtype == np.float32
    assert nn.Linear(3, 2, dtype=np.float64)(data).dtype == np.float64


def test_a_gradient_comes_back_in_the_dtype_of_the_input():
    x = ag.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    layer = nn.Linear(3, 2)
    layer(x).sum().backward()
    assert x.grad.dtype == np.float64
    assert layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 3), (3,), (2, 2, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_gradients_against_differences(shape, bias):
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=s) for s in (shape, (2, 3), (2,))]
    check_gradients(nn.functional.linear, *arrays[: 2 + bias])


def test_a_wrong_number_of_features_is_told_with_the_layer():
    layer = nn.Linear(3, 2)
    list(nn.Sequential(nn.ReLU(), layer).parameters())
    with pytest.raises(
        ValueError,
        match=r"Linear\(in_features=3, out_features=2\) got an input of shape \(4, 5\): expected 3 features in the "
        r"last axis, got 5 \(tensor '1.weight'",
    ):
        layer(np.zeros((4, 5)))
    with pytest.raises(ValueError, match=r"got an input of shape \(\): .* got a single number"):
        layer(1.0)


def test_no_features_are_refused():
    with pytest.raises(ValueError, match="at least one feature in and out, not 0 and 2"):
        nn.Linear(0, 2)
    with pytest.raises(TypeError):
        nn.Linear(2.0, 2)


def test_text_is_refused():
    with pytest.raises(TypeError, match="cannot compute with"):
        nn.Linear(1, 1)([["a"]])
