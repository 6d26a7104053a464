"""Parameters learn, buffers are kept; both default to float32."""

import copy
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


@pytest.mark.parametrize("data", [[1, 2], np.array([1.0, 2.0]), ag.tensor([1.0, 2.0]), (True, False)])
def test_a_parameter_is_float32_whatever_it_is_made_from(data):
    parameter = nn.Parameter(data)
    assert parameter.dtype == np.float32
    assert parameter.requires_grad
    assert parameter.is_leaf


def test_a_dtype_is_kept_where_it_is_asked_for():
    assert nn.Parameter([1.0], dtype=np.float64).dtype == np.float64
    with pytest.raises(TypeError, match="int64 cannot require a gradient"):
        nn.Parameter([1], dtype=np.int64)


def test_a_parameter_copies_its_data():
    array = np.zeros(2, np.float32)
    parameter = nn.Parameter(array)
    array[:] = 1
    assert parameter.tolist() == [0, 0]


def test_what_is_computed_from_a_parameter_is_a_plain_tensor():
    assert type(nn.Parameter([1.0]) * 2) is ag.Tensor


def test_a_frozen_parameter_is_still_a_parameter():
    parameter = nn.Parameter([1.0], requires_grad=False, name="w")
    assert not (parameter * 2).requires_grad
    assert parameter.name == "w"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_are_equal_and_independent(again):
    parameter = nn.Parameter([[1.0, 2.0]], name="w")
    (parameter * parameter).sum().backward()
    twin = again(parameter)
    assert type(twin) is nn.Parameter
    assert twin.name == "w"
    assert twin.requires_grad
    np.testing.assert_array_equal(twin.grad, [[2, 4]])
    twin.data = [[5.0, 5.0]]
    twin.grad[:] = 0
    assert parameter.tolist() == [[1, 2]]
    np.testing.assert_array_equal(parameter.grad, [[2, 4]])


@pytest.mark.parametrize(
    ("data", "dtype"),
    [([0.5], np.float32), (np.zeros(2), np.float32), (3, np.int64), ([True], np.bool_), (ag.tensor([1.0]), np.float32)],
)
def test_a_buffer_rounds_floats_and_keeps_other_dtypes(data, dtype):
    buffer = nn.Buffer(data)
    assert buffer.dtype == dtype
    assert not buffer.requires_grad


def test_a_buffer_takes_the_dtype_that_is_given():
    assert nn.Buffer([0.5], dtype=np.float64).dtype == np.float64
