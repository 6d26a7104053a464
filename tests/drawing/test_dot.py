"""The graph as DOT text: each node once, values and gradients in every node, nobody's `.grad` touched."""

import shutil
import subprocess

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.drawing import to_dot


def test_a_shared_node_is_drawn_once():
    y = ag.tensor(1.0, requires_grad=True)
    for _ in range(16):
        y = y + y
    text = to_dot(y)
    assert text.count("[label=") == 17
    assert text.count("->") == 32


def test_values_and_gradients_stand_in_the_nodes_before_and_after_backward():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    y = x * 3.0
    y.name = "y"
    before = to_dot(y)
    assert x.grad is None
    y.backward()
    assert to_dot(y) == before
    assert "x|() float64|value 2|grad 3" in before
    assert "y: multiply|() float64|value 6|grad 1" in before


def test_what_has_no_gradient_is_drawn_differently_from_zero():
    x, c = ag.tensor([1.0, -2.0], requires_grad=True), ag.tensor([0.0, 0.0], name="c")
    text = to_dot((x * c).sum())
    assert "c|(2,) float64|value 0, 0|grad —" in text
    assert "grad 0, 0" in text


def test_large_arrays_are_summarised_and_odd_names_escaped():
    x = ag.tensor(np.arange(100.0), requires_grad=True, name='a "b" {c} <d>')
    text = to_dot(x.mean())
    assert "value 0 … 99, mean 49.5" in text
    assert '\\"b\\" \\{c\\} \\<d\\>' in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")
def test_graphviz_reads_it():
    x = ag.tensor(np.ones((2, 3)), requires_grad=True, name='x "1" | {y}')
    done = subprocess.run(["dot", "-Tsvg"], input=to_dot(np.tanh(x).sum()), capture_output=True, text=True, check=True)
    assert "tanh" in done.stdout
