"""The demonstration writes what it says it writes."""

import shutil
import sys

import pytest

from autograd_lite.cli.command import main

pytest.importorskip("sklearn")


def test_demo(capsys, tmp_path):
    assert main(["demo", "--output", str(tmp_path / "new" / "demo")]) == 0
    out = capsys.readouterr().out
    digits = next(line for line in out.splitlines() if line.startswith("digits"))
    assert "accuracy 9" in digits
    assert "gradient boosting" in out
    written = {path.name for path in (tmp_path / "new" / "demo").iterdir()}
    assert "graph.dot" in written
    assert ("graph.svg" in written) == (shutil.which("dot") is not None)


def test_without_matplotlib_and_graphviz_it_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("autograd_lite.cli.demo.DATASETS", ("diabetes",))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert main(["demo", "--output", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert 'pip install "autograd_lite[plot]"' in out
    assert "install Graphviz" in out
    assert {path.name for path in tmp_path.iterdir()} == {"graph.dot"}


def test_without_scikit_learn(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert main(["demo", "--output", str(tmp_path)]) == 2
    assert 'pip install "autograd_lite[data]"' in capsys.readouterr().err
