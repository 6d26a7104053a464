"""`Conv2d`: the layer that looks at images through windows."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.functional.convolution import Lengths, border, check_groups, pair
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class Conv2d(Module):
    """At every place, the products of a window of the image with each filter, summed (LeCun et al. 1989).

    Filters and biases are drawn uniformly between ±1/√(inputs of an output), as in PyTorch.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or pair of int
        The height and the width of a window.
    stride : int or pair of int
        How far a window is from the next.
    padding : int, pair of int, "valid" or "same"
        How many zeros are put around the image; "valid" is 0, "same" as many as keep its size (stride 1 only).
    dilation : int or pair of int
        How far apart in the image the elements of a window are.
    groups : int
        The channels are cut into so many groups, and each group of outputs sees one of them.
    bias : bool
        Whether a number is added to each output channel.
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where the parameters are drawn from; the package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight : Parameter, shape (out_channels, in_channels / groups, height, width)
    bias : Parameter, shape (out_channels,), or None

    Raises
    ------
    ValueError
        If the settings do not fit each other; in a call, if the input is not (n, in_channels, height, width) or
        (in_channels, height, width), or a window does not fit into the image.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Conv2d(1, 16, 3, padding=1)
    >>> layer
    Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=1)  # 160 parameters
    >>> layer(np.zeros((5, 1, 8, 8))).shape
    (5, 16, 8, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Lengths,
        stride: Lengths = 1,
        padding: Lengths | str = 0,
        dilation: Lengths = 1,
        groups: int = 1,
        bias: bool = True,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels, self.out_channels = operator.index(in_channels), operator.index(out_channels)
        self.groups = operator.index(groups)
        if self.in_channels < 1 or self.out_channels < 1:
            raise ValueError(f"Conv2d needs at least one channel in and out, not {in_channels} and {out_channels}")
        check_groups(self.in_channels, self.out_channels, self.groups)
        self.kernel_size, self.stride = pair("kernel_size", kernel_size, 1), pair("stride", stride, 1)
        self.dilation, self.padding = pair("dilation", dilation, 1), padding
        border(padding, self.kernel_size, self.stride, self.dilation)
        shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        self.weight, self.bias = filters(shape, self.out_channels, bias, dtype, generator)

    def forward(self, input: Any) -> Tensor:
        return F.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding!r}"] if self.padding not in (0, (0, 0), "valid") else []
        parts += [f"dilation={self.dilation}"] if self.dilation != (1, 1) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        return ", ".join(parts)


def filters(
    shape: tuple[int, ...], outputs: int, bias: bool, dtype: Any, generator: np.random.Generator | None
) -> tuple[Parameter, Parameter | None]:
    """Filters of `shape`, and biases: drawn uniformly between ±1/√(the numbers of a filter), as in PyTorch."""
    weight = Parameter(np.zeros(shape), dtype)
    init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    if not bias:
        return weight, None
    offsets = Parameter(np.zeros(outputs), dtype)
    bound = 1 / math.sqrt(math.prod(shape[1:]))
    init.uniform_(offsets, -bound, bound, generator)
    return weight, offsets
