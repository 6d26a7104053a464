"""What functions and layers take."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn.functional.inputs import adapted, fed, floating, node_of


def test_a_tensor_stays_its_node_and_an_array_is_borrowed():
    x, a = ag.tensor([1.0]), np.ones(3)
    assert node_of(x) is x.node
    assert node_of(a).value is a


def test_integers_become_float64_where_floats_are_needed():
    assert floating([1, 2]).dtype == np.float64
    assert floating(np.array([1.0], np.float32)).dtype == np.float32
    assert floating(ag.tensor([True])).dtype == np.float64


def test_a_layers_dtype_is_taken_unless_there_is_a_gradient():
    single = np.dtype(np.float32)
    a = np.ones(3, np.float32)
    assert fed(a, single) is a
    assert fed(np.ones(3), single).dtype == single
    assert fed(ag.tensor([1.0]), single).value.dtype == single
    assert fed(ag.tensor([1.0], requires_grad=True), single).value.dtype == np.float64


def test_a_constant_takes_the_dtype_of_what_it_meets():
    assert adapted([1, 2], np.float32).dtype == np.float32
    assert adapted(ag.tensor([1.0]), np.float32).dtype == np.float32


@pytest.mark.parametrize("data", ["text", [None], {1, 2}, [1j]])
def test_what_is_no_number_is_refused(data):
    with pytest.raises(TypeError, match="expected numbers, an array of numbers or a tensor"):
        node_of(data)
