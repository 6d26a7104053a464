"""Pooling: what stands for a window of an image."""

from __future__ import annotations

import math
from typing import Any

from autograd_lite.engine.graph import Node, record
from autograd_lite.nn.functional.conversion import floating
from autograd_lite.nn.functional.convolution import Lengths, pair, window_settings
from autograd_lite.rules import windows
from autograd_lite.tensor.tensor import Tensor, wrap


def max_pool2d(
    input: Any, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0, dilation: Lengths = 1
) -> Tensor:
    """The maximum of every window; of several, the gradient goes to the first, as in PyTorch.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, height, width) or (channels, height, width)
    kernel_size : int or pair of int
        The height and the width of a window.
    stride : int or pair of int, optional
        How far a window is from the next; by default its size.
    padding : int or pair of int
        How much border is put around the image, at most half a window; it is never the maximum, not even of -inf.
    dilation : int or pair of int
        How far apart in the image the elements of a window are.

    Returns
    -------
    Tensor, shape (n, channels, rows, columns) or (channels, rows, columns)

    Raises
    ------
    ValueError
        If the input is no image, or the windows do not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """
    x, seen, settings = seen_through("MaxPool2d", input, kernel_size, stride, padding, dilation, -math.inf)
    within = windows.within_image(x.shape[-2:], **settings)
    return as_images(x, wrap(record(windows.window_max, (seen, within))))


def avg_pool2d(input: Any, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Tensor:
    """The mean of every window, a border counting as zeros.

    Parameters
    ----------
    input, kernel_size, stride, padding
        As in `max_pool2d`.

    Returns
    -------
    Tensor, shape (n, channels, rows, columns) or (channels, rows, columns)

    Raises
    ------
    ValueError
        If the input is no image, or the windows do not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5,  4.5],
             [10.5, 12.5]]])
    """
    x, seen, _ = seen_through("AvgPool2d", input, kernel_size, stride, padding, 1, 0.0)
    return as_images(x, wrap(seen).mean(axis=1))


def adaptive_avg_pool2d(input: Any, output_size: Lengths) -> Tensor:
    """The means of windows of equal size, without overlap, of which there are `output_size`.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, height, width) or (channels, height, width)
    output_size : int or pair of int
        The number of rows and columns; it must divide the height and the width.

    Returns
    -------
    Tensor, shape (n, channels, rows, columns) or (channels, rows, columns)

    Raises
    ------
    ValueError
        If the input is no image, or its size is no multiple of `output_size`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[7.5]]])
    """
    x = image("AdaptiveAvgPool2d", input)
    rows, columns = pair("output_size", output_size, 1)
    height, width = x.shape[-2:]
    if height % rows or width % columns or not height * width:
        raise ValueError(
            f"AdaptiveAvgPool2d: {rows} x {columns} windows of equal size do not make up an image of {height} x "
            f"{width}: use AvgPool2d, or an output_size that divides the image's"
        )
    y: Tensor = x.reshape(*x.shape[:-2], rows, height // rows, columns, width // columns).mean(axis=(-3, -1))
    return y


def image(layer: str, input: Any) -> Any:
    """The input as a floating tensor; refuse what is no image."""
    x = floating(input)
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{layer} takes (n, channels, height, width) or (channels, height, width), and the input has shape "
            f"{x.shape}"
        )
    return x


def seen_through(
    layer: str, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, border: float
) -> tuple[Any, Node, dict[str, Any]]:
    """The input as a tensor, all its windows, and where they lie."""
    x = image(layer, input)
    images = x if x.ndim == 4 else x[None]
    settings = window_settings(
        layer, images.shape, kernel_size, kernel_size if stride is None else stride, padding, dilation
    )
    kernel, (top, _, left, _) = settings["kernel"], settings["padding"]
    if top > kernel[0] // 2 or left > kernel[1] // 2:
        raise ValueError(
            f"{layer}: padding={padding} is more than half of kernel_size={kernel_size}, so a window could lie outside "
            "the image: use less padding"
        )
    return x, record(windows.unfold, (images.node,), {**settings, "border": border}), settings


def as_images(x: Any, pooled: Any) -> Tensor:
    """(channels, rows, columns, n) in the axes of `x`."""
    y: Tensor = pooled.transpose(3, 0, 1, 2)
    return y if x.ndim == 4 else y[0]
