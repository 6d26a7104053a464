"""A picture where something went wrong."""

import copy
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.support.colours import FAILED


def test_a_shape_error_has_the_chain_so_far_with_the_layer_in_red_and_both_shapes():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(9, 3))
    with pytest.raises(ValueError, match="expected 9 features") as caught:
        ag.draw(model, np.ones((2, 4)))
    drawing = caught.value.drawing
    assert any("error.drawing" in note for note in caught.value.__notes__)
    failed = next(line for line in drawing.source.splitlines() if FAILED in line)
    assert "<B>2: Linear</B>" in failed and "(2, 8)" in failed and "(3, 9)" in failed
    assert "<B>input</B>" in drawing.source and "relu" in drawing.source
    assert repr(drawing).splitlines()[-1].startswith("2: Linear")


def test_a_product_that_does_not_fit_is_drawn_too():
    w = ag.tensor(np.ones((3, 2)), requires_grad=True, name="w")
    with pytest.raises(ValueError, match="matmul") as caught:
        ag.draw(lambda x: np.tanh(x) @ w, np.ones((2, 4)))
    failed = next(line for line in caught.value.drawing.source.splitlines() if FAILED in line)
    assert "matmul" in failed and "(2, 4)" in failed and "(3, 2)" in failed


def test_an_error_before_anything_is_computed_is_as_it_is():
    with pytest.raises(KeyError) as caught:
        ag.draw(lambda: {}["a"])
    assert not hasattr(caught.value, "drawing")


@pytest.mark.parametrize(
    ("f", "name"), [(lambda x: np.log(x * -1.0) * 2.0, "log"), (lambda x: np.sqrt(x * 0.0) * 2.0, "sqrt")]
)
def test_an_anomaly_marks_the_call_that_it_begins_with(f, name):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ag.AnomalyError) as caught, ag.detect_anomaly(), np.errstate(all="ignore"):
        f(x).sum().backward()
    marked = [line for line in caught.value.draw().source.splitlines() if FAILED in line]
    assert len(marked) == 1 and f'tooltip="{name} ' in marked[0]


def test_an_anomaly_can_be_pickled_and_then_says_that_its_graph_is_gone():
    again = pickle.loads(pickle.dumps(copy.copy(ag.AnomalyError("no"))))
    assert str(again) == "no"
    with pytest.raises(RuntimeError, match="pickled"):
        again.draw()
