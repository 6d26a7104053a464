"""Make the pictures in docs/pictures: python docs/make_pictures.py (needs Graphviz, and Chromium for the still)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn

FOLDER = Path(__file__).parent / "pictures"


def neuron() -> ag.Drawing:
    """The neuron of micrograd's lecture."""

    def value(number: float, name: str) -> ag.Tensor:
        return ag.tensor(number, requires_grad=True, name=name)

    x1, x2 = value(2.0, "x1"), value(0.0, "x2")
    w1, w2, b = value(-3.0, "w1"), value(1.0, "w2"), value(6.8813735870195432, "b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    weighted = x1w1 + x2w2
    n = weighted + b
    o = np.tanh(n)
    for tensor, name in ((x1w1, "x1*w1"), (x2w2, "x2*w2"), (weighted, "x1*w1 + x2*w2"), (n, "n"), (o, "o")):
        tensor.name = name
    return ag.draw(o, inputs=(x1, x2))


def network(**settings: object) -> ag.Drawing:
    """A small network with its loss; `settings` say what is folded."""
    ag.manual_seed(0)
    generator = np.random.default_rng(0)
    x, labels = generator.normal(size=(6, 2)), np.array([0, 1, 1, 0, 2, 2])
    model = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3))
    loss = nn.CrossEntropyLoss()
    return ag.draw(lambda: loss(model(x), labels), model=model, **settings)  # type: ignore[arg-type]


def shared_weight() -> ag.Drawing:
    """A recurrent network: one matrix, used in every step."""
    matrix = ag.tensor(np.random.default_rng(1).normal(size=(2, 2)), requires_grad=True, name="W")
    state = ag.tensor([1.0, -1.0], name="h0")
    for step in (1, 2):
        state = np.tanh(matrix @ state)
        state.name = f"h{step}"
    return ag.draw(np.sum(state))


def recurrent(steps: int, **settings: Any) -> ag.Drawing:
    """A recurrent net: rolled up from eight steps on."""
    ag.manual_seed(0)
    cell, head = nn.RNNCell(3, 4), nn.Linear(4, 1)

    def last_state(series: Any) -> Any:
        h = None
        for x in series:
            h = cell(x, h)
        return head(h)

    return ag.draw(last_state, np.random.default_rng(0).normal(size=(steps, 2, 3)), **settings)


def convolutional(**settings: Any) -> ag.Drawing:
    """Two pictures in a small convolutional net."""
    ag.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3))
    return ag.draw(model, np.random.default_rng(0).normal(size=(2, 1, 8, 8)), **settings)


class Attention(nn.Module):
    """x + attention(norm(x))."""

    def __init__(self, width: int) -> None:
        self.norm = nn.LayerNorm(width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Any) -> Any:
        h = self.norm(x)
        scores = self.q(h) @ np.swapaxes(self.k(h), -1, -2) / 2.0
        return x + self.out(nn.functional.softmax(scores) @ self.v(h))


def attention() -> ag.Drawing:
    """A block of a transformer."""
    ag.manual_seed(0)
    return ag.draw(Attention(4), np.random.default_rng(0).normal(size=(6, 4)))


def failed() -> ag.Drawing:
    """A layer that does not fit the one before it."""
    ag.manual_seed(0)
    wrong = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(9, 1))
    try:
        return ag.draw(wrong, np.random.default_rng(0).normal(size=(4, 2)))
    except ValueError as error:
        return error.drawing  # type: ignore[attr-defined, no-any-return]


def dead_branch() -> ag.Drawing:
    """Two uses of one array, one of them without effect."""
    a = ag.tensor([1.0, -2.0, 3.0], requires_grad=True, name="a")
    return ag.draw((a * 0.0).sum() * 0.0 + (a * 5.0).sum())


def still() -> None:
    """One step of the step-through of a neuron, as Chromium shows it."""

    def neuron(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
        n = x1 * w1 + x2 * w2 + b
        o = np.tanh(n)
        return o

    browser = shutil.which("chromium")
    if browser is None:
        print("no still of the step-through: there is no chromium")
        return
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "steps.html"
        ag.step_through(neuron, 2.0, 0.0, -3.0, 1.0, 6.8813735870195432).save(page)
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--log-level=3", "--window-size=1280,810"]
        picture = FOLDER / "step_through.png"
        command = [browser, *options, f"--screenshot={picture}", f"{page.as_uri()}#12"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    pictures = {
        "neuron": neuron(),
        "mlp": network(collapse="module"),
        "mlp_open": network(collapse=False),
        "batchnorm": network(collapse="module", expand="1"),
        "shared_weight": shared_weight(),
        "recurrent": recurrent(5, collapse="module"),
        "recurrent_rolled": recurrent(20),
        "convolutional": convolutional(),
        "attention": attention(),
        "failed": failed(),
        "dead_branch": dead_branch(),
    }
    for name, drawing in pictures.items():
        path = FOLDER / f"{name}.svg"
        drawing.save(path)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    still()


if __name__ == "__main__":
    main()
