"""Images beside what their class was found in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.support.optional_dependency import optional

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot"]

INCHES = 1.6


def plot(
    images: Any, attributions: Mapping[str, Any], shape: tuple[int, int] | None = None, titles: Any = None
) -> Figure:
    """Draw a row for each image: the image, and each of its attributions; red speaks for the class, blue against it.

    Parameters
    ----------
    images : array_like, shape (n, pixels) or (n, height, width)
    attributions : mapping of str to array_like, each of the shape of `images`
        Under the names that stand above the columns. Each picture has a colour scale of its own, with white at 0.
    shape : (height, width), optional
        Of an image; by default the images are square.
    titles : sequence of str, optional
        What to write beside each image.

    Returns
    -------
    matplotlib.figure.Figure
        ``figure.savefig("digits.png")`` writes it.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    ValueError
        If an attribution has another shape than the images, or the pixels do not fill the shape.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import attribution
    >>> x = np.arange(8.0).reshape(2, 4)
    >>> figure = attribution.plot(x, {"gradient × input": x - 3})
    >>> len(figure.axes)
    4
    """
    pictures = as_pictures("the images", images, shape)
    columns = {name: as_pictures(name, values, shape) for name, values in attributions.items()}
    for name, values in columns.items():
        if values.shape != pictures.shape:
            raise ValueError(f"{name} has shape {np.shape(attributions[name])}, and the images {np.shape(images)}")
    count, wide = len(pictures), 1 + len(columns)
    figures = optional("autograd_lite.support.figure", "attribution.plot", "plot")
    figure: Figure = figures.Figure(figsize=(INCHES * wide, INCHES * count), layout="constrained")
    grid = figure.subplots(count, wide, squeeze=False)
    for i, picture in enumerate(pictures):
        grid[i][0].imshow(picture, cmap="gray_r")
        if titles is not None:
            grid[i][0].set_ylabel(titles[i], rotation=0, ha="right", va="center")
        for axes, values in zip(grid[i][1:], columns.values(), strict=True):
            largest = float(np.absolute(values[i]).max()) or 1.0
            axes.imshow(values[i], cmap=figures.SIGNED, vmin=-largest, vmax=largest)
    for axes, name in zip(grid[0][1:], columns, strict=True):
        axes.set_title(name, fontsize="small")
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    return figure


def as_pictures(what: str, values: Any, shape: tuple[int, int] | None) -> NDArray[Any]:
    """An array of shape (n, height, width)."""
    array: NDArray[Any] = array_from(values)
    if array.ndim == 3 and shape is None:
        return array
    pixels = math.prod(array.shape[1:])
    height, width = shape or (math.isqrt(pixels),) * 2
    if array.ndim < 2 or height * width != pixels:
        raise ValueError(
            f"{what} of shape {array.shape} are not images of {height} × {width} pixels: pass shape=(height, width)"
        )
    return array.reshape(-1, height, width)
