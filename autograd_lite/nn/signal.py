"""Layers of signals, such as sounds and series: (n, channels, length)."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.convolution import filters
from autograd_lite.nn.functional.convolution import check_groups
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor


class Conv1d(Module):
    """At every place, the products of a window of the signal with each filter, summed.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        The length of a window.
    stride, padding, dilation, groups, bias, dtype, generator
        As in `Conv2d`, along one axis.

    Attributes
    ----------
    weight : Parameter, shape (out_channels, in_channels / groups, kernel_size)
    bias : Parameter, shape (out_channels,), or None

    Raises
    ------
    ValueError
        If the settings do not fit each other; in a call, if the input is not (n, in_channels, length) or
        (in_channels, length), or a window does not fit into the signal.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Conv1d(2, 16, 3, padding=1)(np.zeros((5, 2, 8))).shape
    (5, 16, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | str = 0,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels, self.out_channels = operator.index(in_channels), operator.index(out_channels)
        self.kernel_size, self.stride, self.dilation = (
            operator.index(n[0] if isinstance(n, tuple) else n) for n in (kernel_size, stride, dilation)
        )
        self.padding, self.groups = padding, operator.index(groups)
        if min(self.in_channels, self.out_channels, self.kernel_size, self.stride, self.dilation) < 1:
            raise ValueError("Conv1d: channels, kernel_size, stride and dilation are integers of at least 1")
        check_groups(self.in_channels, self.out_channels, self.groups)
        shape = (self.out_channels, self.in_channels // self.groups, self.kernel_size)
        self.weight, self.bias = filters(shape, self.out_channels, bias, dtype, generator)

    def forward(self, input: Any) -> Tensor:
        return F.conv1d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"


class MaxPool1d(Module):
    """The maximum of every window of a signal; of several, the gradient goes to the first, as in PyTorch.

    Parameters
    ----------
    kernel_size, stride, padding, dilation : int
        As in `MaxPool2d`, along one axis.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.MaxPool1d(2)(np.zeros((5, 3, 8))).shape
    (5, 3, 4)
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0, dilation: int = 1) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation

    def forward(self, input: Any) -> Tensor:
        return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(Module):
    """The mean of every window of a signal, a border counting as zeros.

    Parameters
    ----------
    kernel_size, stride, padding : int
        As in `AvgPool2d`, along one axis.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.AvgPool1d(2)(np.zeros((5, 3, 8))).shape
    (5, 3, 4)
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, input: Any) -> Tensor:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool1d(Module):
    """The means of windows of equal size, without overlap; `output_size` must divide the length.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.AdaptiveAvgPool1d(1)(np.zeros((5, 3, 8))).shape
    (5, 3, 1)
    """

    def __init__(self, output_size: int) -> None:
        self.output_size = output_size

    def forward(self, input: Any) -> Tensor:
        return F.adaptive_avg_pool1d(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"
