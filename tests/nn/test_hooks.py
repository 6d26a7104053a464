"""Hooks on modules see and replace what goes in and out, in order, and can be taken away."""

import copy

import numpy as np

from autograd_lite import nn

X = np.ones((2, 3), np.float32)


def test_forward_hooks_see_inputs_and_output_and_may_replace_them():
    layer, seen = nn.Linear(3, 1), []
    plain = layer(X).data
    remove = layer.register_forward_hook(lambda module, inputs, output: seen.append((module, inputs, output)))
    y = layer(X)
    assert seen == [(layer, (X,), y)]
    double = layer.register_forward_hook(lambda module, inputs, output: output * 2)
    np.testing.assert_array_equal(layer(X).data, 2 * plain)
    remove()
    double()
    np.testing.assert_array_equal(layer(X).data, plain)
    assert len(seen) == 2


def test_pre_hooks_come_before_and_may_replace_the_inputs():
    layer = nn.Linear(3, 1)
    expected = layer(2 * X).data
    layer.register_forward_pre_hook(lambda module, inputs: None)
    layer.register_forward_pre_hook(lambda module, inputs: 2 * inputs[0])
    np.testing.assert_array_equal(layer(X).data, expected)


def test_a_hook_inside_a_network_sees_the_gradient_through_the_output():
    net, seen = nn.Sequential(nn.Linear(3, 2), nn.Tanh()), []

    def watch(module, inputs, output):
        output.register_hook(lambda g: seen.append(g.shape))

    next(net.children()).register_forward_hook(watch)
    net(X).sum().backward()
    assert seen == [(2, 2)]


def test_the_same_hook_twice_is_called_twice_and_taken_away_one_by_one():
    layer, calls = nn.Linear(3, 1), []

    def hook(module, inputs, output):
        calls.append(1)

    first = layer.register_forward_hook(hook)
    layer.register_forward_hook(hook)
    layer(X)
    first()
    layer(X)
    assert len(calls) == 3


def test_hooks_are_no_state_and_belong_to_one_module():
    layer, other = nn.Linear(3, 1), nn.Linear(3, 1)
    layer.register_forward_hook(test_hooks_are_no_state_and_belong_to_one_module)
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert repr(layer) == repr(other)
    other(X)
    assert copy.deepcopy(layer).forward_hooks != ()
