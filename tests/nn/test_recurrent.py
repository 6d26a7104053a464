"""The recurrent cells."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load
from tests.nn.layers import check_gradients_of, made

CASES = [case for case in load("sequences") if case["layer"] != "Embedding"]
CELLS = {"RNNCell": nn.RNNCell, "LSTMCell": nn.LSTMCell, "GRUCell": nn.GRUCell}


def run(cell, steps, state):
    """The states h after each step, stacked."""
    shown = []
    for x in steps:
        state = cell(x, state)
        shown.append(state[0] if isinstance(state, tuple) else state)
    return np.stack(shown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_pytorchs_numbers_along_a_sequence(case):
    cell = made(case)
    x = ag.tensor(case["input"], requires_grad=True)
    given = [ag.tensor(a, requires_grad=True) for a in case["state"]]
    state = None if not given else tuple(given) if case["layer"] == "LSTMCell" else given[0]
    y = run(cell, x, state)
    y.backward(case["seed"])
    np.testing.assert_allclose(y.data, case["output"], rtol=1e-10, atol=1e-13)
    check_gradients_of(cell, {"input": x, **{f"state {i}": h for i, h in enumerate(given)}}, case["gradients"])


@pytest.mark.parametrize("name", CELLS)
def test_second_derivatives(name):
    cell = CELLS[name](2, 3, dtype=np.float64)
    x = np.random.default_rng(0).normal(size=(2, 2, 2))
    assert ag.gradgradcheck(lambda x: run(cell, x, None), x)


@pytest.mark.parametrize("name", CELLS)
def test_float32_stays_float32(name):
    cell = CELLS[name](3, 4)
    y = run(cell, np.ones((3, 2, 3)), None)
    y.sum().backward()
    assert y.dtype == np.float32
    assert {p.grad.dtype for p in cell.parameters()} == {np.dtype(np.float32)}
    h = np.ones((2, 4))
    assert run(cell, np.ones((1, 2, 3)), (h, h) if name == "LSTMCell" else h).dtype == np.float32


@pytest.mark.parametrize("name", CELLS)
def test_it_starts_as_pytorchs_does(name):
    cell = CELLS[name](3, 400)
    for parameter in cell.parameters():
        assert 0.98 / math.sqrt(400) < np.abs(parameter.data).max() <= 1 / math.sqrt(400)
    assert CELLS[name](3, 4, bias=False).bias_ih is None


@pytest.mark.parametrize("name", CELLS)
def test_shapes_that_do_not_fit_are_told(name):
    cell = CELLS[name](3, 4)

    def state(*shape):
        return (np.zeros(shape), np.zeros(shape)) if name == "LSTMCell" else np.zeros(shape)

    for shape in ((1, 4), (4,), (2, 3)):
        with pytest.raises(ValueError, match=rf"{name}\(hidden_size=4\) takes .* a state \(2, 4\); .* the state"):
            cell(np.zeros((2, 3)), state(*shape))
    with pytest.raises(ValueError, match="takes an input"):
        cell(np.zeros((5, 2, 3)))
    with pytest.raises(ValueError, match="expected 3 features"):
        cell(np.zeros((2, 5)))


def test_settings_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match='nonlinearity is "tanh" or "relu", not \'sigmoid\''):
        nn.RNNCell(3, 4, nonlinearity="sigmoid")
    with pytest.raises(ValueError, match="GRUCell needs at least one number in"):
        nn.GRUCell(0, 4)
    with pytest.raises(ValueError, match="the state is a pair"):
        nn.LSTMCell(3, 4)(np.zeros((2, 3)), [np.zeros((2, 4))])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (nn.RNNCell(3, 4, nonlinearity="relu"), "RNNCell(3, 4, nonlinearity=relu)  # 36 parameters"),
        (nn.LSTMCell(3, 4, bias=False), "LSTMCell(3, 4, bias=False)  # 112 parameters"),
    ],
)
def test_repr_shows_the_settings(cell, text):
    assert repr(cell) == text
