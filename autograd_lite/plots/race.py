"""Optimizers racing down the contours of a function of two variables, as a picture and as an animation."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.optim import Optimizer
from autograd_lite.support.atomic_write import check_writable, write_whole
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["optimizer_race"]

#: Around the player that matplotlib writes, with signs in the place of the icons that it would load from a server.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font-family: sans-serif }}
.fa {{ display: inline-block; font-style: normal }} .fa-flip-horizontal {{ transform: scaleX(-1) }}
.fa-minus::before {{ content: "−" }} .fa-plus::before {{ content: "+" }}
.fa-fast-backward::before {{ content: "«" }} .fa-fast-forward::before {{ content: "»" }}
.fa-step-backward::before {{ content: "‹" }} .fa-step-forward::before {{ content: "›" }}
.fa-play::before {{ content: "▶" }} .fa-pause::before {{ content: "❚❚" }}
</style>
</head>
<body>
{player}
</body>
</html>
"""


def optimizer_race(
    f: Callable[[Any], Any],
    optimizers: Mapping[str, Callable[[list[Tensor]], Optimizer]],
    start: Sequence[float],
    steps: int = 100,
    *,
    view: tuple[float, float, float, float] | None = None,
    animation: str | os.PathLike[str] | None = None,
) -> Figure:
    """Run optimizers from one start on a function of two variables, and draw their paths on its contours.

    Parameters
    ----------
    f : callable
        Takes a tensor of shape (2,), or (2, …) with the same meaning elementwise, and gives a number for each.
    optimizers : mapping of str to callable
        Under the name for the legend, what makes an optimizer of a list of parameters; LBFGS and Newton run, too, but
        HessianFree takes a step of another form.
    start : sequence of two floats
    steps : int
    view : (left, right, bottom, top), optional
        By default all of the paths, with a margin.
    animation : path ending in .gif or .html, optional
        Also write the race as an animation; the page needs no network.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    ValueError
        If the start has not two coordinates, or the animation another ending.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> bowl = lambda p: p[0] ** 2 + 10 * p[1] ** 2
    >>> runners = {"SGD": lambda p: ag.optim.SGD(p, lr=0.05), "Adam": lambda p: ag.optim.Adam(p, lr=0.3)}
    >>> figure = optimizer_race(bowl, runners, (2.0, 1.0), steps=20)
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['SGD', 'Adam']
    """
    origin = np.asarray(start, dtype=float)
    if origin.shape != (2,):
        raise ValueError(f"a race starts at two coordinates, not at {start!r}")
    if animation is not None:
        check_animation(Path(animation))
    paths = {name: path(f, make, origin, steps) for name, make in optimizers.items()}
    every = np.concatenate(list(paths.values()))
    every = every[np.isfinite(every).all(axis=1)]
    low, high = every.min(axis=0), every.max(axis=0)
    margin = 0.2 * np.maximum(high - low, 0.5)
    left, bottom = low - margin
    right, top = high + margin
    if view is not None:
        left, right, bottom, top = view
    xs, ys = np.linspace(left, right, 200), np.linspace(bottom, top, 200)
    heights = np.asarray(f(np.stack(np.meshgrid(xs, ys))))
    heights = np.log10(heights - heights.min() + 1e-3 * float(np.ptp(heights)) + 1e-300)
    figures = optional("autograd_lite.support.figure", "optimizer_race", "plot")
    figure = figures.Figure(figsize=(5.5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set_prop_cycle(color=figures.COLOURS)
    axes.contourf(xs, ys, heights, 24, cmap="Greys_r", alpha=0.6)
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel="x", ylabel="y")
    lines = [axes.plot(*p.T, marker=".", markersize=4, linewidth=1.4, label=name)[0] for name, p in paths.items()]
    axes.scatter(*origin, marker="*", s=90, c="black", zorder=5, label="start")
    axes.legend(loc="best")
    if animation is not None:
        write(figure, lines, list(paths.values()), Path(animation))
    drawn: Figure = figure
    return drawn


def path(
    f: Callable[[Any], Any], make: Callable[[list[Tensor]], Optimizer], origin: NDArray[Any], steps: int
) -> NDArray[Any]:
    """Where an optimizer gets to, step by step, from `origin`."""
    point = Tensor(origin, requires_grad=True)
    optimizer, places = make([point]), [origin]

    def closure() -> Any:
        optimizer.zero_grad()
        height = f(point)
        height.backward()
        return height

    for _ in range(steps):
        optimizer.step(closure)
        places.append(np.array(point.data))
    return np.stack(places)


def check_animation(file: Path) -> None:
    """Refuse before the race what cannot be written after it."""
    if file.suffix not in (".gif", ".html"):
        raise ValueError(f"{file}: an animation is written as .gif or .html")
    check_writable(file)


def write(figure: Any, lines: Sequence[Any], paths: Sequence[NDArray[Any]], file: Path) -> None:
    """Write the race as an animation; the picture is afterwards as before."""
    animations = optional("matplotlib.animation", "an animation", "plot")
    optional("matplotlib.backends.backend_agg", "an animation", "plot").FigureCanvasAgg(figure)
    length = max(map(len, paths))
    frames = range(1, length + 1, max(1, length // 100))

    def show(frame: int) -> Sequence[Any]:
        for line, places in zip(lines, paths, strict=True):
            line.set_data(*places[:frame].T)
        return lines

    film = animations.FuncAnimation(figure, show, frames=[*frames, length], interval=60)
    if file.suffix == ".gif":
        film.save(file, writer=animations.PillowWriter(fps=15))
    else:
        player = re.sub("<link[^>]*>", "", film.to_jshtml(fps=15, default_mode="once"))  # its icons are on a server
        page = PAGE.format(title=html.escape(file.stem), player=player)
        write_whole(file, lambda stream: stream.write(page.encode()))
    show(length)
