"""The examples run, in a short mode; what they reach in full is printed by ``python examples/X.py``."""

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
SHORT = {
    "cnn_digits": ({"epochs": 3, "widths": (8,), "dropouts": (0.0,)}, 0.9),
    "char_rnn": ({"steps": 3, "hidden": 8, "length": 6, "batch": 4}, 0.0),
    "gan_2d": ({"steps": 25, "batch": 64}, 0),
}


@pytest.mark.parametrize("name", SHORT)
def test_an_example_runs(name, capsys):
    settings, least = SHORT[name]
    if name == "cnn_digits":
        pytest.importorskip("sklearn")
    main = runpy.run_path(str(FOLDER / f"{name}.py"))["main"]
    assert main(**settings) >= least
    assert capsys.readouterr().out


def test_all_examples_are_run():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(SHORT)


@pytest.mark.parametrize("name", SHORT)
def test_an_example_is_short(name):
    assert len((FOLDER / f"{name}.py").read_text().splitlines()) < 100
