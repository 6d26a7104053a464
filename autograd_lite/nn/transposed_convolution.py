"""`ConvTranspose2d`: the layer that makes images larger."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.convolution import filters
from autograd_lite.nn.functional.convolution import Lengths, check_groups, pair
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor


class ConvTranspose2d(Module):
    """Every number of an image paints a window of a larger one, with each filter (Zeiler et al. 2010).

    It is the transpose of a `Conv2d` with the same settings; what that makes of its output's size is the input's.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation : int or pair of int
        As in `Conv2d`.
    output_padding : int or pair of int
        Rows and columns more at the end, because images of several sizes give the same size with a stride.
    groups, bias, dtype, generator
        As in `Conv2d`.

    Attributes
    ----------
    weight : Parameter, shape (in_channels, out_channels / groups, height, width)
    bias : Parameter, shape (out_channels,), or None

    Raises
    ------
    ValueError
        If the settings do not fit each other; in a call, if the input is not (n, in_channels, height, width) or
        (in_channels, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.ConvTranspose2d(16, 3, 2, stride=2)(np.zeros((5, 16, 4, 4))).shape
    (5, 3, 8, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Lengths,
        stride: Lengths = 1,
        padding: Lengths = 0,
        output_padding: Lengths = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Lengths = 1,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels, self.out_channels = operator.index(in_channels), operator.index(out_channels)
        self.groups = operator.index(groups)
        if self.in_channels < 1 or self.out_channels < 1:
            raise ValueError(f"ConvTranspose2d needs a channel in and out, not {in_channels} and {out_channels}")
        check_groups(self.in_channels, self.out_channels, self.groups)
        self.kernel_size, self.stride = pair("kernel_size", kernel_size, 1), pair("stride", stride, 1)
        self.padding, self.output_padding, self.dilation = padding, output_padding, pair("dilation", dilation, 1)
        shape = (self.in_channels, self.out_channels // self.groups, *self.kernel_size)
        self.weight, self.bias = filters(shape, self.out_channels, bias, dtype, generator)

    def forward(self, input: Any) -> Tensor:
        settings = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        return F.conv_transpose2d(input, self.weight, self.bias, *settings)

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
