"""Convolution of images."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from autograd_lite.engine.graph import record
from autograd_lite.engine.messages import describe
from autograd_lite.nn.functional.conversion import floating_node, node_of, tensor_fed
from autograd_lite.rules import windows
from autograd_lite.rules.windows import Padding, Pair
from autograd_lite.tensor.tensor import Tensor, wrap

Lengths = int | Sequence[int]


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Lengths = 1,
    padding: Lengths | str = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> Tensor:
    """At every place, the products of a window of the image with each filter, summed (LeCun et al. 1989).

    As everywhere in deep learning the filter is not flipped: it is a cross-correlation.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in, height, width) or (in, height, width)
        Without a gradient it takes the dtype of `weight`.
    weight : Tensor or array_like, shape (out, in / groups, kernel height, kernel width)
    bias : Tensor or array_like, shape (out,), optional
    stride : int or pair of int
        How far a window is from the next, downwards and along.
    padding : int, pair of int, "valid" or "same"
        How many zeros are put around the image, above and below, left and right; "valid" is 0, "same" as many as
        give an output of the input's size (stride 1 only).
    dilation : int or pair of int
        How far apart in the image the elements of a window are.
    groups : int
        The channels are cut into so many groups, and each group of outputs sees one of them.

    Returns
    -------
    Tensor, shape (n, out, rows, columns) or (out, rows, columns)

    Raises
    ------
    ValueError
        If shapes or settings do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> F.conv2d(image, np.ones((1, 1, 2, 2)))
    tensor([[[ 8., 12.],
             [20., 24.]]])
    >>> F.conv2d(image, np.ones((1, 1, 3, 3)), padding="same").shape
    (1, 3, 3)
    """
    weight = weight.node if isinstance(weight, Tensor) else floating_node(weight)
    if weight.value.ndim != 4:
        raise ValueError(f"a filter has the shape (out, in / groups, height, width), and this is a {describe(weight)}")
    outputs, inputs, *kernel = weight.value.shape
    x = tensor_fed(input, weight.value.dtype)
    expected = check_groups(inputs * groups, outputs, groups)
    if x.ndim not in (3, 4) or x.shape[-3] != expected:
        raise ValueError(
            f"Conv2d(in_channels={expected}, out_channels={outputs}) takes (n, {expected}, height, width), and the "
            f"input has shape {x.shape} ({describe(weight)})" + missing_channel(x.shape, expected)
        )
    if x.ndim == 3:
        return conv2d(x[None], wrap(weight), bias, stride, padding, dilation, groups)[0]
    settings = window_settings("Conv2d", x.shape, kernel, stride, padding, dilation)
    seen = record(windows.unfold, (x.node,), settings)
    bias = None if bias is None else node_of(bias)
    y: Any = wrap(record(windows.filtered, (seen, weight, bias), {"groups": groups}))
    result: Tensor = y.transpose(3, 0, 1, 2)
    return result


def check_groups(inputs: int, outputs: int, groups: int) -> int:
    """The number of input channels; refuse channels that cannot be cut into groups."""
    if groups < 1 or inputs % groups or outputs % groups:
        raise ValueError(f"groups={groups} must divide in_channels={inputs} and out_channels={outputs}")
    return inputs


def missing_channel(shape: tuple[int, ...], channels: int) -> str:
    """A hint for grey images that come without their axis of channels, and for channels that come last."""
    if channels == 1 and len(shape) == 3:
        return ": grey images need an axis of channels, x[:, None]"
    if len(shape) == 4 and shape[-1] == channels:
        return ": if the channels come last, x.transpose(0, 3, 1, 2)"
    return ""


def pair(name: str, value: Any, least: int) -> Pair:
    """A setting for both axes: one integer for both, or one for each."""
    both = (value, value) if isinstance(value, int) else tuple(value)
    if len(both) != 2 or any(operator.index(i) < least for i in both):
        raise ValueError(f"{name} is an integer of at least {least}, or a pair of them, not {value!r}")
    return operator.index(both[0]), operator.index(both[1])


def border(padding: Any, kernel: Pair, stride: Pair, dilation: Pair) -> Padding:
    """How many rows above and below and columns left and right `padding` means; "same" puts the odd one last."""
    if padding == "same":
        if stride != (1, 1):
            raise ValueError(f'padding="same" keeps the size, and stride={stride} does not: give numbers')
        (a, b), (c, d) = ((t // 2, t - t // 2) for t in (d * (k - 1) for k, d in zip(kernel, dilation, strict=True)))
        return a, b, c, d
    if isinstance(padding, str) and padding != "valid":
        raise ValueError(f'padding is a number, a pair of numbers, "valid" or "same", not {padding!r}')
    down, along = pair("padding", 0 if padding == "valid" else padding, 0)
    return down, down, along, along


def window_settings(
    layer: str, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any, dilation: Any = 1
) -> dict[str, Any]:
    """The settings of `windows.unfold` for images of `shape`; refuse windows that are larger than the image."""
    kernel, stride = pair("kernel_size", kernel, 1), pair("stride", stride, 1)
    dilation = pair("dilation", dilation, 1)
    padding = border(padding, kernel, stride, dilation)
    if min(windows.window_counts(shape, kernel, stride, padding, dilation)) < 1:
        height, width = windows.padded_size(shape, padding)
        reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        raise ValueError(
            f"{layer}: a window of {reach[0]} x {reach[1]} does not fit into an image of {height} x {width} (padding "
            f"included; the input has shape {shape}): use a smaller kernel or more padding"
        )
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
