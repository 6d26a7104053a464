"""`draw` and what it gives: files, notebooks, terminals; with Graphviz and without."""

import importlib.util
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.drawing import RenderError
from tests.rules.samples import SAMPLES

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")


def result():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    return np.tanh(x * 0.5)


@pytest.fixture
def no_graphviz(monkeypatch, tmp_path):
    """Nothing on PATH, and no pygraphviz."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@needs_dot
@pytest.mark.parametrize(
    ("name", "start"),
    [("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.PDF", b"%PDF"), ("a.html", b"<!DOCTYPE html>"), ("a.dot", b"di")],
)
def test_save_writes_what_the_name_says(tmp_path, name, start):
    ag.draw(result()).save(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@needs_dot
def test_a_page_needs_nothing_else(tmp_path):
    ag.draw(result()).save(str(tmp_path / "a.html"))
    page = (tmp_path / "a.html").read_text()
    assert "<svg" in page and "tanh" in page
    assert set(re.findall(r'https?://[^"\s<]+', page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@needs_dot
def test_a_notebook_shows_a_picture_and_a_terminal_a_table():
    drawing = ag.draw(result())
    bundle = drawing._repr_mimebundle_()
    assert "<svg" in bundle["image/svg+xml"]
    assert bundle["text/plain"] == repr(drawing) == str(drawing)
    assert repr(drawing).splitlines()[1].split() == ["x", "parameter", "scalar", "float64", "2", "0.21"]


def test_a_graphviz_source_is_inside():
    graphviz = pytest.importorskip("graphviz")
    drawing = ag.draw(result())
    assert isinstance(drawing.graph, graphviz.Source) and drawing.graph.source == drawing.source


def test_without_graphviz_text_is_shown_and_a_picture_says_what_to_install(no_graphviz, tmp_path):
    drawing = ag.draw(result())
    text = drawing._repr_mimebundle_()
    assert list(text) == ["text/plain"]
    assert drawing.source in text["text/plain"] and "install Graphviz" in text["text/plain"].splitlines()[0]
    assert "tanh" in repr(drawing)
    with pytest.raises(RenderError, match="apt install graphviz"):
        drawing.save(tmp_path / "a.svg")
    drawing.save(tmp_path / "a.dot")
    drawing.save(tmp_path / "a.html")
    assert "digraph" in (tmp_path / "a.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"a.dot", "a.html"}


@pytest.mark.skipif(importlib.util.find_spec("pygraphviz") is None, reason="pygraphviz is not installed")
def test_pygraphviz_draws_where_there_is_no_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert b"tanh" in ag.draw(result()).render("svg")


def test_a_dot_that_fails_or_cannot_be_run_is_reported(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho out of order >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    drawing = ag.draw(result())
    with pytest.raises(RenderError, match="out of order"):
        drawing.render()
    assert "text/plain" in drawing._repr_mimebundle_()
    program.write_text("no program")
    with pytest.raises(RenderError, match="cannot be run"):
        drawing.render()


def test_an_ending_that_is_no_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.html or \.dot"):
        ag.draw(result()).save(tmp_path / "a.jpeg")


# What is said about gradients.


def test_after_an_update_the_drawing_says_what_has_changed_and_shows_no_gradients():
    w = nn.Parameter([1.0, 2.0], name="w")
    loss = (w * w).sum()
    loss.backward()
    optim.SGD([w], lr=0.1).step()
    drawing = ag.draw(loss)
    assert "changed since this graph was computed: w." in drawing.notes[0]
    assert ">grad<" not in drawing.source
    assert "changed since" in drawing.source and "changed since" in repr(drawing)


def test_without_gradients():
    drawing = ag.draw(result(), gradient=False)
    assert ">grad<" not in drawing.source and drawing.notes == ()
    assert ">grad<" in ag.draw(result()).source
    assert "nothing in this graph requires one" in ag.draw(ag.tensor([1.0, 2.0]) * 2.0).notes[0]


def test_a_rule_that_fails_leaves_a_drawing_that_says_so():
    def wrong(g, y, x):
        raise ArithmeticError("this rule is wrong")

    f = ag.custom_vjp(lambda x: x * 2.0, wrong)
    drawing = ag.draw(f(ag.tensor(1.0, requires_grad=True)))
    assert drawing.notes and "this rule is wrong" in drawing.notes[0]


def test_inside_anomaly_detection_what_went_wrong_is_drawn():
    drawings = []

    def compute():
        with ag.detect_anomaly(), np.errstate(all="ignore"):
            y = np.log(ag.tensor(-1.0, requires_grad=True, name="x"))
            drawings.append(ag.draw(y))

    with pytest.raises(ag.AnomalyError):
        compute()
    (drawing,) = drawings
    assert "value&nbsp;nan" in re.sub("<[^>]*>", "", drawing.source)
    assert "not finite" in drawing.notes[0]


def test_the_gradient_of_an_array_is_that_of_its_sum():
    x = ag.tensor([1.0, 2.0], requires_grad=True, name="x")
    drawing = ag.draw(x * x)
    assert drawing.notes == ("gradients are those of the sum of the output, whose shape is (2,)",)
    assert repr(drawing).splitlines()[1].endswith("2 4")


def test_second_order_graphs_are_drawn():
    x = ag.tensor(2.0, requires_grad=True, name="x")
    (g,) = ag.autograd.grad(x**3, x, create_graph=True)
    assert repr(ag.draw(g)).splitlines()[1].endswith("12")


def test_nothing_can_be_drawn_while_compiling():
    with pytest.raises(TypeError, match=r"outside of ag\.compile"):
        ag.compile(lambda x: ag.draw(x * 2.0))(ag.tensor(1.0, requires_grad=True))


def test_every_function_with_rules_is_drawn():
    for function, samples in SAMPLES.items():
        arguments, settings = samples[0]
        leaves = [ag.tensor(a, requires_grad=True) if getattr(a, "dtype", 0) == np.float64 else a for a in arguments]
        try:
            y = function(*leaves, **settings)
        except TypeError:  # takes a list of arrays
            continue
        if isinstance(y, ag.Tensor):
            assert not [note for note in ag.draw(y).notes if "no gradients" in note and "requires" not in note]


# Large graphs.


def test_a_chain_of_100_000_is_folded_and_says_so():
    y = ag.tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = y + 1e-6
    drawing = ag.draw(y)
    assert drawing.source.count("label=<") == 300 + 1  # the note is a label, too
    assert "99,702 of 100,001 nodes are folded" in drawing.notes[0]
    assert "add ×99,702" in drawing.source


@pytest.mark.parametrize("max_nodes", [3, 10, 19, 20])
def test_max_nodes_is_kept_and_the_ends_stay(max_nodes):
    y = ag.tensor(1.0, requires_grad=True, name="start")
    for _ in range(19):
        y = y * 2.0
    y.name = "end"
    drawing = ag.draw(y, max_nodes=max_nodes)
    assert len(re.findall(r"^ *n\d+ \[tooltip", drawing.source, re.M)) == min(max_nodes, 20)
    assert "<B>start</B>" in drawing.source and "<B>end</B>" in drawing.source
    assert bool(drawing.notes) == (max_nodes < 20)


def test_drawing_takes_random_graphs():
    generator = random.Random(0)
    for trial in range(20):
        values = [ag.tensor(generator.random(), requires_grad=True) for _ in range(3)]
        for _ in range(40):
            a, b = generator.choices(values, k=2)
            values.append(generator.choice([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: np.tanh(a)])(a, b))
        drawing = ag.draw(values[-1], max_nodes=3 + trial)
        declared = set(re.findall(r"^ *(n\d+) \[", drawing.source, re.M))
        ends = {end for pair in re.findall(r"(n\d+) -> (n\d+)", drawing.source) for end in pair}
        assert ends <= declared and len(declared) <= 3 + trial


# Bad requests.


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"collapse": "modules"}, "collapse is 'module'"),
        ({"depth": 0}, "from 1 on"),
        ({"depth": 1, "collapse": False}, "folds none"),
        ({"depth": 1.5}, "depth=1.5"),
        ({"max_nodes": 2}, "from 3 on"),
        ({"max_nodes": None}, "max_nodes=None"),
        ({"rankdir": "left"}, "LR, TB, RL, BT"),
    ],
)
def test_settings_without_sense_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        ag.draw(result(), **settings)


def test_what_is_no_result_is_refused():
    with pytest.raises(TypeError, match="not ndarray"):
        ag.draw(np.ones(3))
    with pytest.raises(TypeError, match="gave a tuple"):
        ag.draw(lambda: (result(), result()))
    with pytest.raises(TypeError, match="computed already"):
        ag.draw(result(), model=nn.Tanh())


@needs_dot
def test_the_pictures_of_the_documentation_are_made_by_their_script(tmp_path):
    script = Path(__file__).parents[2] / "docs" / "make_pictures.py"
    code = (
        f"import runpy, pathlib; m = runpy.run_path({str(script)!r}); "
        f"m['main'].__globals__['FOLDER'] = pathlib.Path({str(tmp_path)!r}); m['main']()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=script.parents[1])
    made = {path.name for path in tmp_path.iterdir()}
    assert made and made <= {path.name for path in (script.parent / "pictures").iterdir()}
    assert "0.7071" in (tmp_path / "neuron.svg").read_text()
