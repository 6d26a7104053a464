"""The examples run, in a short mode; what they reach in full is printed by ``python examples/X.py``."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
SHORT = {
    "cnn_digits": ({"epochs": 3, "widths": (8,), "dropouts": (0.0,)}, 0.9),
    "char_rnn": ({"steps": 3, "hidden": 8, "length": 6, "batch": 4}, 0.0),
    "data_parallel": ({"epochs": 2}, 0.7),
    "gan_2d": ({"steps": 25, "batch": 64}, 0),
}


@pytest.mark.parametrize("name", SHORT)
def test_an_example_runs(name, capsys, monkeypatch):
    settings, least = SHORT[name]
    if name in ("cnn_digits", "data_parallel"):
        pytest.importorskip("sklearn")
    monkeypatch.syspath_prepend(FOLDER)  # processes that an example starts import it
    assert importlib.import_module(name).main(**settings) >= least
    assert capsys.readouterr().out


def test_all_examples_are_run():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(SHORT)


@pytest.mark.parametrize("name", SHORT)
def test_an_example_is_short(name):
    assert len((FOLDER / f"{name}.py").read_text().splitlines()) < 100
