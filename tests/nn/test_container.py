"""A chain of modules."""

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


@pytest.fixture
def model():
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


def test_layers_are_called_in_order(model):
    x = np.array([[0.5, -1.0]], dtype=np.float32)
    expected = np.tanh(x @ model[0].weight.data.T + model[0].bias.data) @ model[2].weight.data.T + model[2].bias.data
    np.testing.assert_allclose(model(x).data, expected, rtol=1e-6)


def test_it_is_a_sequence_of_its_layers(model):
    assert len(model) == 3
    assert model[-1] is model[2]
    assert list(model) == [model[0], model[1], model[2]]
    with pytest.raises(IndexError):
        model[3]


def test_a_slice_is_a_sequential_of_the_same_layers(model):
    head = model[:2]
    assert type(head) is nn.Sequential
    assert head[0] is model[0]
    assert list(head.state_dict()) == ["0.weight", "0.bias"]


def test_append_adds_at_the_end(model):
    assert model.append(nn.Sigmoid()) is model
    assert type(model[3]) is nn.Sigmoid


def test_another_layer_can_take_a_place(model):
    model[-1] = head = nn.Linear(3, 5)
    assert model[2] is head
    assert model(np.ones((4, 2), np.float32)).shape == (4, 5)
    assert model.state_dict()["2.weight"].shape == (5, 3)
    with pytest.raises(TypeError, match="layer 0 is 3"):
        model[0] = 3


def test_an_empty_one_gives_its_input():
    x = ag.tensor([1.0])
    assert nn.Sequential()(x) is x


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((nn.Linear(1, 1), np.tanh), "layer 1 is <ufunc 'tanh'>: wrap a function in a Module"),
        (([nn.Linear(1, 1)],), r"Sequential\(\*layers\)"),
        ((nn.ReLU,), "layer 0 is <class .*: wrap a function"),
    ],
)
def test_only_modules_fit(layers, message):
    with pytest.raises(TypeError, match=message):
        nn.Sequential(*layers)


def test_a_subclass_can_hold_more_than_its_layers():
    class Residual(nn.Sequential):
        def __init__(self, *layers):
            super().__init__(*layers)
            self.scale = nn.Parameter([0.5])

        def forward(self, input):
            return input + self.scale * super().forward(input)

    model = Residual(nn.Linear(2, 2))
    assert list(model.state_dict()) == ["scale", "0.weight", "0.bias"]
    assert model(np.ones((1, 2), np.float32)).shape == (1, 2)


def test_each_layer_is_recorded_as_one_call():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    node, functions = model(np.ones((4, 2))).node, []
    while node.function is not None:
        functions.append(node.function.__name__)
        node = node.args[0] if hasattr(node.args[0], "function") else node.args[1]
    assert functions == ["linear", "relu", "linear"]


def test_layers_can_have_names():
    model = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), act=nn.ReLU(), last=nn.Linear(3, 1)))
    assert list(model.state_dict()) == ["first.weight", "first.bias", "last.weight", "last.bias"]
    assert model.first is model["first"] is model[0]
    assert list(model[1:].state_dict()) == ["last.weight", "last.bias"]
    model.last = head = nn.Linear(3, 4)
    assert model[2] is head and model(np.ones((5, 2))).shape == (5, 4)
    copied = copy.deepcopy(model)
    assert copied.first is copied[0] is not model.first
    assert pickle.loads(pickle.dumps(model)).last.weight.shape == (4, 3)
    with pytest.raises(AttributeError, match="no attribute 'second'"):
        _ = model.second
    with pytest.raises(TypeError, match="layer last is 3"):
        model.last = 3
