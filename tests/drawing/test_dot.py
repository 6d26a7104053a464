"""The graph as DOT text: each node once, values and gradients in every node, nobody's `.grad` touched."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def cells(text, title):
    """The words in the box whose title is given."""
    label = next(line for line in text.splitlines() if f"<B>{title}</B>" in line)
    return " ".join(re.sub("<[^>]*>|&nbsp;", " ", label.split("label=<", 1)[1]).split())


def test_a_shared_node_is_drawn_once():
    y = ag.tensor(1.0, requires_grad=True)
    for _ in range(16):
        y = y + y
    text = ag.draw(y).source
    assert text.count("label=<") == 17
    assert text.count("->") == 32


def neuron():
    x1, x2 = (ag.tensor(v, requires_grad=True, name=n) for v, n in ((2.0, "x1"), (0.0, "x2")))
    w1, w2 = (ag.tensor(v, requires_grad=True, name=n) for v, n in ((-3.0, "w1"), (1.0, "w2")))
    b = ag.tensor(6.8813735870195432, requires_grad=True, name="b")
    o = np.tanh(x1 * w1 + x2 * w2 + b)
    o.name = "o"
    return o, (x1, x2, w1, w2, b)


def test_the_neuron_of_micrograd_has_the_numbers_of_its_picture():
    text = ag.draw(neuron()[0]).source
    for title, value, gradient in (("x1", 2, -1.5), ("w1", -3, 1), ("x2", 0, 0.5), ("w2", 1, 0), ("b", 6.881, 0.5)):
        assert cells(text, title) == f"{title} scalar float64 value {value} grad {gradient} >]"
    assert "value 0.7071 grad 1" in cells(text, "o")


def test_a_network_of_micrograd_has_the_gradients_of_backward():
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    list(model.named_parameters())
    y = model(np.array([[2.0, 3.0, -1.0]])).sum()
    text = ag.draw(y, collapse=False).source
    y.backward()
    for name, parameter in model.named_parameters():
        if parameter.size <= 6:
            for g in parameter.grad.ravel():
                assert f"{g:.4g}" in cells(text, name)
        else:
            assert f"norm {np.linalg.norm(parameter.grad):.3g}" in cells(text, name)


def test_values_and_gradients_stand_in_the_nodes_before_and_after_backward():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    y = x * 3.0
    y.name = "y"
    before = ag.draw(y).source
    assert x.grad is None
    y.backward()
    gradient = x.grad
    assert ag.draw(y).source == before
    assert x.grad is gradient and gradient == 3
    assert cells(before, "x").startswith("x scalar float64 value 2 grad 3")
    assert cells(before, "y").startswith("y multiply(·, 3) scalar float64 value 6 grad 1")


def test_a_power_has_numpys_name_whatever_computes_it():
    y = ag.tensor(3.0, requires_grad=True) ** 2
    y.name = "y"
    assert cells(ag.draw(y).source, "y").startswith("y power(·, 2) scalar")


def test_what_has_no_gradient_is_drawn_differently_from_zero():
    x, c = ag.tensor([1.0, -2.0], requires_grad=True, name="x"), ag.tensor([0.0, 0.0], name="c")
    text = ag.draw((x * c).sum()).source
    assert "value 0 0 grad not computed" in cells(text, "c")
    assert "value 1 -2 grad 0 0" in cells(text, "x")
    assert text.count("style=dashed") == 1


def test_large_arrays_are_summarised_and_odd_names_escaped():
    x = ag.tensor(np.arange(100.0), requires_grad=True, name='a "b" {c} <d>')
    text = ag.draw(x.mean()).source
    assert "0 … 99 mean 49.5, norm 573" in cells(text, "a &quot;b&quot; {c} &lt;d&gt;")
    assert text.count('FIXEDSIZE="TRUE"') == 2 * (1 + 12)


@pytest.mark.parametrize("size", [1, 5, 6, 7, 12, 13, 1000])
def test_a_heat_map_has_a_cell_per_number_up_to_its_limit(size):
    x = ag.tensor(np.arange(1.0, size + 1), requires_grad=True)
    text = ag.draw(x * 2.0, gradient=False).source
    assert text.count('<TD BGCOLOR="') == (2 * min(size, 12) if size > 1 else 0)


@pytest.mark.parametrize(
    "value",
    [np.zeros((2, 3)), np.full(9, np.nan), np.array([np.inf, 1.0]), np.zeros((0, 3)), np.full((3, 3), 1e300), 5e-324],
    ids=["zeros", "nan", "inf", "empty", "huge", "tiny"],
)
def test_odd_values_are_drawn(value):
    x = ag.tensor(value, requires_grad=True)
    with np.errstate(all="ignore"):
        y = x * x
    assert ag.draw(y).source.startswith("digraph")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64, np.int8, np.bool_])
def test_every_dtype_is_drawn(dtype):
    drawing = ag.draw(ag.tensor(np.ones(9, dtype), name="x") * ag.tensor(1.0, requires_grad=True))
    assert f"(9,) {np.dtype(dtype)}" in drawing.source


def test_arrows_carry_shapes_and_are_the_darker_the_larger_the_gradient():
    x, y = (ag.tensor(np.ones(3), requires_grad=True, name=n) for n in "xy")
    text = ag.draw((x * 100.0 + y).sum()).source
    arrows = [line for line in text.splitlines() if "->" in line]
    assert all('label="(3,)"' in line for line in arrows)
    width = {line.split()[0]: float(re.search(r"penwidth=([\d.]+)", line)[1]) for line in arrows}
    assert width["n0"] > width["n1"]


def test_arrays_and_settings_of_a_call_are_shown():
    x = ag.tensor(np.ones((2, 3)), requires_grad=True)
    text = ag.draw((x @ np.ones((3, 2))).sum(axis=1)[1]).source
    assert "array" in text and "(3, 2) float64" in text
    assert "sum(axis=1)" in text and "get_item(·, 1)" in text


def test_a_name_of_two_lines_takes_one_row():
    x = ag.tensor(1.0, requires_grad=True, name="two\nlines")
    assert str(ag.draw(x * 2.0)).splitlines()[1].startswith("two�lines ")


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: np.clip(x, np.float32(1.5), None), "clip(·, 1.5, None)"),
        (lambda x: np.sum(x, axis=np.int64(0)), "sum(axis=0)"),
        (lambda x: x.astype(np.float32), "astype(dtype=float32)"),
        (lambda x: x * 65536.0, "multiply(·, 65536)"),
        (lambda x: x[np.int64(0) :: 2], "get_item(·, 0::2)"),
    ],
)
def test_numbers_in_a_call_are_plain(f, words):
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    assert words in ag.draw(f(x)).source


def test_parts_are_told_apart_by_colour():
    x, w, c = ag.tensor(1.0, requires_grad=True), ag.tensor(2.0, requires_grad=True), ag.tensor(3.0)
    drawing = repr(ag.draw(x * w + c, inputs=[x])).splitlines()
    assert [line.split()[1 if i > 2 else 0] for i, line in enumerate(drawing[1:])] == [
        "input", "parameter", "constant", "interior", "output",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")
@pytest.mark.parametrize(
    "name", ['x "1" | {y}', "<B>", "&amp;", "\x00\n\\N", "переменная 变量", "\ud800", " ", "a" * 500, "back\\"]
)
def test_graphviz_reads_it(name):
    x = ag.tensor(np.ones((2, 3)), requires_grad=True, name=name)
    text = ag.draw(np.tanh(x).sum()).source
    done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert b"tanh" in done.stdout and not done.stderr
