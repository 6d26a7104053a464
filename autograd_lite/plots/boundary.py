"""What a network of two inputs decides, over the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.nn import Module
from autograd_lite.support.optional_dependency import optional
from autograd_lite.train.fit import modes_restored

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["decision_boundary"]


def decision_boundary(
    model: Module, X: Any, y: Any = None, *, resolution: int = 200, margin: float = 0.15, axes: Axes | None = None
) -> Figure:
    """Colour the plane by what a classifier of two inputs says, with the data on top.

    Parameters
    ----------
    model : Module
        Gives scores of shape (n, classes), or one score (n, 1) or (n,) whose sign decides; run in eval mode.
    X : array_like, shape (n, 2)
    y : array_like of int, shape (n,), optional
        The classes of the points.
    resolution : int
        Points of the picture along each axis.
    margin : float
        How far the picture reaches beyond the data, as a share of their extent.
    axes : matplotlib.axes.Axes, optional
        Where to draw, for several pictures side by side; by default in a figure of its own.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    ValueError
        If the data have not two columns.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> figure = decision_boundary(ag.nn.Linear(2, 2), X, [0, 1])
    >>> len(figure.axes)
    1
    """
    points = array_from(X)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"decision_boundary draws data of shape (n, 2), not {points.shape}")
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = low - margin * (high - low), high + margin * (high - low)
    xs, ys = (np.linspace(low[i], high[i], resolution) for i in range(2))
    grid = np.stack([a.ravel() for a in np.meshgrid(xs, ys)], axis=1)
    with modes_restored(model), no_grad():
        model.eval()
        scores = np.asarray(model(grid.astype(points.dtype if points.dtype.kind == "f" else float)).detach())
    scores = scores.reshape(len(grid), -1)
    figures = optional("autograd_lite.support.figure", "decision_boundary", "plot")
    plane: Any = axes
    if plane is None:
        plane = figures.Figure(figsize=(4.5, 4), layout="constrained").subplots()
    if scores.shape[1] == 1:
        height = scores[:, 0]
        bound = float(np.abs(height).max()) or 1.0
        heights = np.linspace(-bound, bound, 21)
        plane.contourf(xs, ys, height.reshape(resolution, -1), heights, cmap=figures.SIGNED, alpha=0.7)
        plane.contour(xs, ys, height.reshape(resolution, -1), [0], colors="black", linewidths=1)
    else:
        classes = scores.argmax(axis=1).reshape(resolution, -1)
        between = np.arange(scores.shape[1] + 1) - 0.5
        plane.contourf(xs, ys, classes, between, cmap="tab10", vmin=-0.5, vmax=9.5, alpha=0.35)
    if y is None:
        plane.scatter(*points.T, s=12, c="black")
    else:
        cmap, low_class, high_class = (figures.SIGNED, -0.15, 1.15) if scores.shape[1] == 1 else ("tab10", -0.5, 9.5)
        colours = {"c": array_from(y), "cmap": cmap, "vmin": low_class, "vmax": high_class}
        plane.scatter(*points.T, s=28, edgecolors="white", lw=1, **colours)
    plane.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="x₁", ylabel="x₂")
    drawn: Figure = plane.figure
    return drawn
