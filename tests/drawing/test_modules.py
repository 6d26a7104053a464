"""Modules in drawings: which node belongs to which, and what is folded."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

X = np.random.default_rng(0).normal(size=(4, 2))


class Block(nn.Module):
    """x + f(x)."""

    def __init__(self):
        self.inner = nn.Sequential(nn.Linear(2, 2), nn.Tanh())

    def forward(self, x):
        return x + self.inner(x)


def network():
    ag.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 2), Block(), nn.ReLU(), nn.Linear(2, 1))


def boxes(drawing):
    """The titles of all boxes, in the order of the text."""
    return re.findall(
        r"^ *n\d+ \[.*?BGCOLOR=\"white\"><TR><TD[^>]*>(?:<B>)?(.*?)(?:</B>|&nbsp;|<BR/>)", drawing.source, re.M
    )


def clusters(drawing):
    return re.findall(r'subgraph \w+ \{ label="([^"]*)"', drawing.source)


def test_each_module_is_a_box_with_its_class_output_and_parameters():
    drawing = ag.draw(network(), X, collapse="module")
    layers = ["0: Linear", "1.inner.0: Linear", "1.inner.1: Tanh", "add", "2: ReLU", "3: Linear"]
    assert sorted(boxes(drawing)) == sorted(["input", *layers])
    assert clusters(drawing) == ["1: Block", "1.inner: Sequential"]
    line = next(line for line in drawing.source.splitlines() if "<B>3: Linear</B>" in line)
    assert "(4, 1) float32" in line and "3 parameters" in line
    assert "nodes are folded into their modules: 0, 1.inner.0, 1.inner.1, 2 and 1 more" in drawing.notes[0]


def test_depth_folds_whole_branches():
    drawing = ag.draw(network(), X, depth=1)
    assert boxes(drawing) == ["input", "0: Linear", "1: Block", "2: ReLU", "3: Linear"]
    assert "6 parameters" in drawing.source


def test_a_folded_module_stands_in_the_open_one_around_it():
    drawing = ag.draw(network(), X, depth=1, expand="1")
    _, _, block = drawing.source.partition('label="1: Block"')
    inside = block.partition("\n  }")[0]
    assert "<B>1.inner: Sequential</B>" in inside and "add" in inside and "<B>2: ReLU</B>" not in inside


def test_expand_opens_one_or_what_a_pattern_names():
    opened = ag.draw(network(), X, depth=1, expand="1")
    assert "1.inner: Sequential" in boxes(opened) and clusters(opened) == ["1: Block"]
    all_open = ag.draw(network(), X, collapse="module", expand=["*"])
    assert "3.weight" in boxes(all_open) and "1.inner.0.bias" in boxes(all_open)
    inside = {"1: Block", "1.inner: Sequential", "1.inner.0: Linear", "1.inner.1: Tanh"}
    assert set(clusters(all_open)) == {"0: Linear", "2: ReLU", "3: Linear"} | inside


def test_a_name_that_no_module_has_is_refused():
    with pytest.raises(ValueError, match=r"expand='7' is no module .* '0', '1', '1\.inner'"):
        ag.draw(network(), X, collapse="module", expand="7")


def test_small_graphs_are_open_and_large_ones_folded():
    assert "0.weight" in boxes(ag.draw(network(), X))
    large = nn.Sequential(*(nn.Linear(2, 2) for _ in range(30)))
    drawing = ag.draw(large, X)
    assert len(boxes(drawing)) == 31
    assert len(boxes(ag.draw(large, X, collapse=False))) == 91


def test_names_of_parameters_tell_as_much_as_they_can():
    model = network()
    list(model.named_parameters())
    drawing = ag.draw(model(X), collapse="module")
    assert boxes(drawing) == ["array", "0", "1.inner.0", "tanh", "add", "relu", "3"]
    assert clusters(drawing) == []  # a frame around one box
    assert "3 parameters" in drawing.source


def test_no_box_depends_on_itself_where_only_names_tell():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    list(model.named_parameters())
    x = ag.tensor(X, np.float32, name="x")
    drawing = ag.draw(model[0](model[0](x) * model[1](x)), collapse="module")
    assert sorted(boxes(drawing)) == ["0.bias", "0.weight", "1", "linear", "linear", "multiply", "x"]
    assert clusters(drawing) == []


def test_a_loss_is_drawn_around_its_model():
    model, loss = network(), nn.MSELoss()
    drawing = ag.draw(lambda: loss(model(X), np.zeros((4, 1), np.float32)), model=model, depth=1)
    assert boxes(drawing)[0] == "input" and boxes(drawing)[-1] == "loss: MSELoss"
    assert "3: Linear" in boxes(drawing) and "target" in boxes(drawing)


def test_a_module_that_is_called_twice_is_two_boxes_and_its_weight_stands_outside():
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.Tanh(), shared)
    drawing = ag.draw(model, X, collapse="module")
    assert set(boxes(drawing)) == {"input", "0.weight", "0.bias", "0: Linear (call 1)", "1: Tanh", "0: Linear (call 2)"}
    open_drawing = ag.draw(model, X)
    assert boxes(open_drawing).count("0.weight") == 1


def test_gradients_do_not_depend_on_what_is_folded():
    model = network()
    whole, folded = (repr(ag.draw(model, X, **settings)) for settings in ({}, {"depth": 1}))
    gradient = next(line for line in whole.splitlines() if line.startswith("relu")).split("interior")[1]
    assert next(line for line in folded.splitlines() if line.startswith("2: ReLU")).endswith(gradient[-20:])


def test_drawing_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
    before = model.state_dict()
    ag.manual_seed(3)
    expected = ag.default_generator().random()
    ag.manual_seed(3)
    drawing = ag.draw(model, X, collapse="module")
    assert ag.default_generator().random() == expected
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(not m.forward_hooks and not m.forward_pre_hooks for m in model.modules())
    assert boxes(drawing) == ["input", "0: Linear", "1: BatchNorm1d", "2: Dropout", "3: Linear"]


def test_a_forward_pass_that_fails_leaves_no_hooks():
    model = network()
    with pytest.raises(ValueError, match="shape|mismatch|size"):
        ag.draw(model, np.ones((4, 7)))
    assert all(not m.forward_hooks and not m.forward_pre_hooks for m in model.modules())


def test_running_statistics_are_drawn_in_evaluation():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).eval()
    assert boxes(ag.draw(model, X, collapse="module")) == ["input", "0: Linear", "1: BatchNorm1d"]
