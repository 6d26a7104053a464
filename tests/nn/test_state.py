"""Saving and loading the state of a module."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def network():
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Linear(2, 1, bias=False))


def test_the_names_are_pytorchs():
    assert list(network().state_dict()) == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
        "2.weight",
    ]


def test_a_state_dict_is_a_copy_made_of_arrays():
    model = network()
    state = model.state_dict()
    assert all(type(array) is np.ndarray for array in state.values())
    state["0.weight"][:] = 0
    assert model[0].weight.data.any()


def test_round_trip():
    first, second = network(), network()
    x = np.random.default_rng(0).normal(size=(5, 3))
    for _ in range(3):
        first(x)
    assert second.load_state_dict(first.state_dict()) == ([], [])
    np.testing.assert_array_equal(first.eval()(x).data, second.eval()(x).data)
    assert second[1].num_batches_tracked.item() == 3


def test_values_go_into_the_memory_that_is_there():
    model = nn.Linear(2, 1)
    memory = model.weight.data
    model.load_state_dict({"weight": [[5, 6]], "bias": ag.tensor([7.0], requires_grad=True)})
    np.testing.assert_array_equal(memory, [[5, 6]])
    assert model.weight.data is memory
    assert model.weight.dtype == np.float32


def test_loading_between_forward_and_backward_is_noticed():
    model = nn.Linear(2, 1)
    x = ag.tensor([[1.0, 1.0]], requires_grad=True)
    y = model(x).sum()
    model.load_state_dict(model.state_dict())
    with pytest.raises(RuntimeError, match="was changed after"):
        y.backward()


def test_errors_list_everything_and_nothing_is_loaded():
    model = network()
    before = model.state_dict()
    wrong = {name: array + 1 for name, array in before.items()}
    del wrong["0.bias"], wrong["1.running_var"]
    wrong |= {"0.weight": np.zeros((2, 4)), "2.weight": np.array([["a", "b"]]), "3.weight": 1, "4.bias": 2}
    with pytest.raises(ValueError, match="nothing was loaded") as error:
        model.load_state_dict(wrong)
    assert str(error.value) == (
        "the state_dict does not fit Sequential, and nothing was loaded:\n"
        "  0.weight has shape (2, 4), expected (2, 3)\n"
        "  2.weight is <U1, not numbers\n"
        "  missing: 0.bias, 1.running_var\n"
        "  unexpected: 3.weight, 4.bias"
    )
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_without_strict_what_fits_is_loaded_and_the_rest_is_told():
    model = nn.Linear(2, 1)
    bias = model.bias.item()
    mismatch = model.load_state_dict({"weight": [[1.0, 2.0]], "scale": 1}, strict=False)
    assert mismatch.missing == ["bias"]
    assert mismatch.unexpected == ["scale"]
    assert model.weight.tolist() == [[1, 2]]
    assert model.bias.item() == bias


def test_without_strict_a_wrong_shape_is_still_an_error():
    with pytest.raises(ValueError, match=r"weight has shape \(2,\), expected \(1, 2\)"):
        nn.Linear(2, 1).load_state_dict({"weight": [1.0, 2.0]}, strict=False)
