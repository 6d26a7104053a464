"""`autograd-lite step`: a page or a list of steps, and one line for every mistake."""

import pytest

from autograd_lite.cli.command import main


def test_the_steps_are_listed(capsys):
    assert main(["step", "tanh(x*w + b)", "x=2", "w=-3", "b=6.8813735870195432"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "2. Forward: v1 = x * w = 2 * (-3) = -6"
    assert "x gets g * b = 0.5 * (-3) = -1.5" in lines[7]
    assert "all gradients agree" in lines[-1]


def test_a_page_is_written(capsys, tmp_path):
    file = tmp_path / "neuron.html"
    assert main(["step", "tanh(x*w + b)", "x=2", "w=-3", "b=6.88", "-o", str(file)]) == 0
    assert capsys.readouterr().out == f"saved to {file}\n"
    assert "<h1>tanh(x*w + b)</h1>" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x*y", "x=2"], "y has no value"),
        (["__import__('os')"], "__import__"),
        (["x**2", "x=2", "-o", "steps.png"], "does not end in .html"),
        (["x**2", "x=2", "-o", "nowhere/steps.html"], "there is no folder nowhere"),
        (["+".join(["x"] * 300), "x=1"], "hard to follow"),
    ],
)
def test_mistakes_take_one_line(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["step", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not list(tmp_path.iterdir())
