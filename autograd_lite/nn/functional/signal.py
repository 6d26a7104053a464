"""Layers of signals (n, channels, length): those of images of one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.functional.conversion import floating, tensor_fed, tensor_or_array
from autograd_lite.nn.functional.convolution import conv2d
from autograd_lite.nn.functional.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d
from autograd_lite.tensor.tensor import Tensor


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """At every place, the products of a window of the signal with each filter, summed.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in, length) or (in, length)
        Without a gradient it takes the dtype of `weight`.
    weight : Tensor or array_like, shape (out, in / groups, kernel)
    bias : Tensor or array_like, shape (out,), optional
    stride, padding, dilation, groups
        As in `conv2d`, along one axis.

    Returns
    -------
    Tensor, shape (n, out, places) or (out, places)

    Raises
    ------
    ValueError
        If shapes or settings do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.conv1d(np.arange(5.0)[None], np.ones((1, 1, 2)))
    tensor([[1., 3., 5., 7.]])
    """
    filters = tensor_or_array(weight)
    if filters.ndim != 3:
        raise ValueError(f"a filter of signals has the shape (out, in / groups, length), and this one {filters.shape}")
    x = as_image("Conv1d", tensor_fed(input, filters.dtype))
    along = padding if isinstance(padding, str) else (0, padding)
    y: Any = conv2d(x, filters[:, :, None], bias, (1, stride), along, (1, dilation), groups)
    result: Tensor = y[..., 0, :]
    return result


def max_pool1d(input: Any, kernel_size: int, stride: int | None = None, padding: int = 0, dilation: int = 1) -> Tensor:
    """The maximum of every window of a signal; the settings are those of `max_pool2d`, along one axis.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.max_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    tensor([[3., 2.]])
    """
    step = kernel_size if stride is None else stride
    y: Any = max_pool2d(
        as_image("MaxPool1d", floating(input)), (1, kernel_size), (1, step), (0, padding), (1, dilation)
    )
    result: Tensor = y[..., 0, :]
    return result


def avg_pool1d(input: Any, kernel_size: int, stride: int | None = None, padding: int = 0) -> Tensor:
    """The mean of every window of a signal; the settings are those of `avg_pool2d`, along one axis.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.avg_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)
    tensor([[2., 1.]])
    """
    step = kernel_size if stride is None else stride
    y: Any = avg_pool2d(as_image("AvgPool1d", floating(input)), (1, kernel_size), (1, step), (0, padding))
    result: Tensor = y[..., 0, :]
    return result


def adaptive_avg_pool1d(input: Any, output_size: int) -> Tensor:
    """The means of `output_size` windows of equal size, without overlap; it must divide the length.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.adaptive_avg_pool1d([[1.0, 3.0, 2.0, 0.0]], 1)
    tensor([[1.5]])
    """
    y: Any = adaptive_avg_pool2d(as_image("AdaptiveAvgPool1d", floating(input)), (1, output_size))
    result: Tensor = y[..., 0, :]
    return result


def as_image(layer: str, x: Any) -> Any:
    """A signal as an image of one row; refuse what is no signal."""
    if x.ndim not in (2, 3):
        raise ValueError(
            f"{layer} takes (n, channels, length) or (channels, length), and the input has shape {x.shape}"
        )
    return np.expand_dims(x, -2)
