"""The demonstration: train on real data, print a table, and draw what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograd_lite import nn
from autograd_lite.cli.experiment import Result, default_settings, run
from autograd_lite.data.datasets import load
from autograd_lite.drawing import RenderError, draw
from autograd_lite.engine.random import manual_seed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["run_demo"]

DATASETS = ("digits", "diabetes")


def run_demo(folder: Path) -> int:
    """Train on digits and diabetes, print a table, and write curves and a graph into `folder`.

    Returns
    -------
    int
        The exit code of the command: 0, 2 where scikit-learn is missing, or 130 after Ctrl-C.
    """
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    for name in DATASETS:
        dataset = load(name)
        print(dataset, flush=True)
        results[name] = run(dataset, default_settings(dataset))
        if results[name].history.interrupted:
            return 130
    print(f"\n{_table(results)}\n")
    for line in (*_write_curves(results, folder / "curves.png"), *_write_graph(folder)):
        print(line)
    return 0


def _table(results: dict[str, Result]) -> str:
    rows = [("data set", "model", "on the test part", "for comparison", "time")]
    for name, result in results.items():
        percent = result.measure == "accuracy"
        baseline, value = list(result.baselines.items())[-1]
        rows.append(
            (
                name,
                str(result.predictor.architecture),
                f"{result.measure} {result.score:.2%}" if percent else f"{result.measure} {result.score:.4f}",
                f"{baseline} {value:.2%}" if percent else f"{baseline} {value:.4f}",
                f"{result.seconds:.1f} s",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join("   ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in lines)


def _write_curves(results: dict[str, Result], path: Path) -> list[str]:
    """Draw the losses over the epochs, if matplotlib is installed; return what to tell the user."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return ['no training curves: they need matplotlib, pip install "autograd_lite[plot]"']
    figure = Figure(figsize=(4.5 * len(results), 3.5), layout="constrained")
    for axes, (name, result) in zip(figure.subplots(1, len(results), squeeze=False)[0], results.items(), strict=True):
        _draw_curve(axes, name, result)
    figure.savefig(path, dpi=150)
    return [f"training curves: {path}"]


def _draw_curve(axes: Axes, name: str, result: Result) -> None:
    for column in ("train_loss", "validation_loss"):
        if column in result.history:
            losses = result.history[column]
            axes.plot(range(1, len(losses) + 1), losses, label=column.replace("_", " "))
    axes.set(title=name, xlabel="epoch", ylabel="loss", ylim=(0, None))
    axes.legend()


def _write_graph(folder: Path) -> list[str]:
    """Draw the graph that one loss of a small network records; return what to tell the user."""
    manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x, y = np.array([[0.5, -1.0], [1.5, 2.0]]), np.array([[1.0], [0.0]])
    drawing = draw(lambda: nn.MSELoss()(network(x), y), model=network)
    text, picture = folder / "graph.dot", folder / "graph.svg"
    drawing.save(text)
    try:
        drawing.save(picture)
    except RenderError as error:
        return [f"graph of a small network: {text} ({error})"]
    return [f"graph of a small network: {picture}"]
