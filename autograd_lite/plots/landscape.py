"""The landscape of the loss around a network's parameters, along one or two directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.nn import Module
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train.callbacks.callback import Callback, Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Trajectory", "loss_landscape"]

Vector = NDArray[np.float64]


class Trajectory(Callback):
    """A callback that keeps the parameters after every epoch, to be drawn on a landscape.

    Attributes
    ----------
    points : list of ndarray, shape (parameters,)
        All parameters in one row: before the first epoch, and after each.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x, model, path = np.ones((8, 1)), ag.nn.Linear(1, 1), Trajectory()
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> history = ag.fit(model, (x, x), ag.nn.MSELoss(), optimizer, epochs=3, callbacks=[path], progress=False)
    >>> len(path.points), path.points[0].shape
    (4, (2,))
    """

    def __init__(self) -> None:
        self.points: list[Vector] = []

    def on_train_begin(self, run: Run) -> None:
        self.points = [flat(run.model)]

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        self.points.append(flat(run.model))


def loss_landscape(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    data: Sequence[Any],
    *,
    axes: int = 2,
    span: float = 1.0,
    points: int = 25,
    trajectories: Mapping[str, Sequence[Vector]] | None = None,
    generator: np.random.Generator | None = None,
) -> Figure:
    """Draw the loss along random directions from the model's parameters, or along the plane of trajectories.

    A random direction has, for each unit (each row of a weight), the norm of that unit's weights, and 0 for biases and
    scales, so that pictures of different networks can be compared (Li et al. 2018). With trajectories the directions
    are the two principal components of their points, seen from the model's present parameters.

    Parameters
    ----------
    model : Module
        Evaluated in eval mode; left as it is.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar.
    data : tuple of arrays
        Inputs with the target last.
    axes : {1, 2}
        Along one direction, a curve; along two, a contour.
    span : float
        How far to go to each side, in units of the directions.
    points : int
        Evaluations along each axis: points or points² passes over the data.
    trajectories : mapping of str to sequence of arrays, optional
        Paths of parameters under the names for the legend, as `Trajectory` keeps them.
    generator : numpy.random.Generator, optional
        Draws the directions; seeded with 0 by default.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    ValueError
        If `axes` is neither 1 nor 2, or a trajectory is of another network.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, *Visualizing the loss landscape of neural nets*, 2018.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 16).reshape(-1, 1)
    >>> figure = loss_landscape(ag.nn.Linear(1, 1), ag.nn.MSELoss(), (x, 2 * x), axes=1, points=5)
    >>> len(figure.axes[0].lines[0].get_xdata())
    5
    """
    if axes not in (1, 2):
        raise ValueError(f"loss_landscape draws along 1 or 2 directions, not {axes}")
    paths = {name: np.stack(path) for name, path in (trajectories or {}).items()}
    centre = flat(model)
    for name, path in paths.items():
        if path.shape[1:] != centre.shape:
            raise ValueError(f"the trajectory {name!r} has {path.shape[1]} parameters and the model {centre.size}")
    if paths:
        directions = principal(np.concatenate(list(paths.values())) - centre)[:axes]
    else:
        generator = np.random.default_rng(0) if generator is None else generator
        directions = np.stack([normalised(model, generator) for _ in range(axes)])
    seen = {name: (path - centre) @ directions.T / np.sum(directions**2, axis=1) for name, path in paths.items()}
    reach = max([span] if not seen else [1.1 * float(np.abs(s).max()) for s in seen.values()]) or span
    steps = np.linspace(-reach, reach, points)
    figures = optional("autograd_lite.support.figure", "loss_landscape", "plot")
    figure = figures.Figure(figsize=(5, 4), layout="constrained")
    plane = figure.subplots()
    plane.set_prop_cycle(color=figures.COLOURS)
    here = {"marker": "*", "markersize": 12, "color": "white", "markeredgecolor": "black", "linestyle": ""}
    if axes == 1:
        heights = values(model, loss, data, np.vstack([centre + steps[:, None] * directions[0], centre]))
        plane.plot(steps, heights[:-1])
        plane.plot(0, heights[-1], label="the model", **here)
        plane.set(xlabel="distance along the direction", ylabel="loss")
        plane.locator_params(axis="x", nbins=6)
    else:
        grid = centre + steps[None, :, None] * directions[0] + steps[:, None, None] * directions[1]
        heights = values(model, loss, data, grid.reshape(-1, centre.size)).reshape(points, points)
        look = {"cmap": "Greys_r", "alpha": 0.6} if seen else {"cmap": "viridis"}  # the paths have the colours
        contour = plane.contourf(steps, steps, scaled(heights), 20, **look)
        figure.colorbar(contour, label="log₁₀ loss" if heights.min() > 0 else "loss")
        for name, path in seen.items():
            plane.plot(*path.T, marker=".", markersize=4, linewidth=1.2, label=name)
        plane.plot(0, 0, label="the model", **here)
        plane.set(xlabel="first direction", ylabel="second direction")
    plane.legend()
    drawn: Figure = figure
    return drawn


def flat(model: Module) -> Vector:
    """All parameters in one row."""
    return np.concatenate([np.asarray(p.data, np.float64).reshape(-1) for p in model.parameters()])


def normalised(model: Module, generator: np.random.Generator) -> Vector:
    """A random direction in which each unit has the norm of the model's; 0 for what is no matrix."""
    parts = []
    for p in model.parameters():
        drawn = generator.normal(size=p.shape)
        if drawn.ndim < 2:
            parts.append(np.zeros(p.size))
            continue
        rows, weights = drawn.reshape(len(drawn), -1), np.asarray(p.data, np.float64).reshape(len(drawn), -1)
        rows = rows * (np.linalg.norm(weights, axis=1) / np.linalg.norm(rows, axis=1))[:, None]
        parts.append(rows.reshape(-1))
    return np.concatenate(parts)


def principal(points: Vector) -> Vector:
    """The first two principal components of points, as rows of length 1."""
    return np.linalg.svd(points, full_matrices=False)[2][:2]


def scaled(heights: Vector) -> Vector:
    """Losses on a logarithmic scale, where they are positive."""
    return np.log10(heights) if heights.min() > 0 else heights


def values(model: Module, loss: Callable[[Any, Any], Tensor], data: Sequence[Any], places: Vector) -> Vector:
    """The loss with each row of `places` for the parameters."""
    *inputs, target = data
    parameters = list(model.parameters())
    ends = np.cumsum([p.size for p in parameters])
    found = []
    with untouched(model), no_grad():
        model.eval()
        for place in places:
            for p, part in zip(parameters, np.split(place, ends[:-1]), strict=True):
                p.data = part.reshape(p.shape)
            found.append(float(loss(model(*inputs), target)))
    return np.array(found)
