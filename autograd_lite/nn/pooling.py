"""Pooling layers: they make images smaller."""

from __future__ import annotations

from typing import Any

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.convolution import Lengths
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor


class MaxPool2d(Module):
    """The maximum of every window; of several, the gradient goes to the first, as in PyTorch.

    Parameters
    ----------
    kernel_size : int or pair of int
        The height and the width of a window.
    stride : int or pair of int, optional
        How far a window is from the next; by default its size.
    padding : int or pair of int
        How much border is put around the image, at most half a window; it is never the maximum.
    dilation : int or pair of int
        How far apart in the image the elements of a window are.

    Raises
    ------
    ValueError
        In a call, if the input is not (n, channels, height, width) or (channels, height, width), or the windows do
        not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.MaxPool2d(2)(np.zeros((5, 3, 8, 8))).shape
    (5, 3, 4, 4)
    """

    def __init__(
        self, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0, dilation: Lengths = 1
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation

    def forward(self, input: Any) -> Tensor:
        return F.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        dilation = "" if self.dilation == 1 else f", dilation={self.dilation}"
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}{dilation}"


class AvgPool2d(Module):
    """The mean of every window, a border counting as zeros.

    Parameters
    ----------
    kernel_size, stride, padding
        As in `MaxPool2d`.

    Raises
    ------
    ValueError
        As in `MaxPool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.AvgPool2d(3, stride=2, padding=1)(np.zeros((5, 3, 8, 8))).shape
    (5, 3, 4, 4)
    """

    def __init__(self, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, input: Any) -> Tensor:
        return F.avg_pool2d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """The means of windows of equal size, without overlap; with `output_size` 1, of the whole image (Lin et al. 2014).

    Parameters
    ----------
    output_size : int or pair of int
        The number of rows and columns; in a call it must divide the height and the width.

    Raises
    ------
    ValueError
        In a call, if the input is not (n, channels, height, width) or (channels, height, width), or its size is no
        multiple of `output_size`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.AdaptiveAvgPool2d(1)(np.zeros((5, 3, 8, 8))).shape
    (5, 3, 1, 1)
    """

    def __init__(self, output_size: Lengths) -> None:
        self.output_size = output_size

    def forward(self, input: Any) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"
