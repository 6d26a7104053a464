"""docs/compile.md shows every pass with its picture, and the README quotes what is printed."""

import inspect
import re
from pathlib import Path

import numpy as np

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.compiler.passes import PASSES

ROOT = Path(__file__).parent.parent
PAGE, README = (ROOT / "docs" / "compile.md").read_text(), (ROOT / "README.md").read_text()


def test_every_pass_has_its_picture():
    shown = {squeezed(line) for line in PAGE.splitlines()}
    for improve in PASSES:
        picture = inspect.getdoc(improve).split("::\n\n", 1)[1].splitlines()
        indentation = re.match(" *", picture[0])[0]
        lines = [line for line in picture if line.strip() and line.startswith(indentation)]
        assert {squeezed(line) for line in lines} <= shown, f"{improve.__name__}: not its picture"


def squeezed(line):
    return " ".join(line.split())


def without_indentation(text):
    """The words of each line, because a formatter may move comments."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def test_the_excerpt_in_the_readme_is_what_is_printed():
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer, mse = ag.optim.SGD(model.parameters(), lr=0.1), nn.MSELoss()

    @ag.compile
    def step(x, y):
        optimizer.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step(np.ones((8, 2), np.float32), np.zeros((8, 1), np.float32))
    excerpt = README.split("From its backward pass:\n\n```python excerpt\n", 1)[1].split("```", 1)[0]
    assert without_indentation(excerpt) in without_indentation(step.source)
