"""The transpose of a convolution: every number of a small image paints a window of a large one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.graph import record
from autograd_lite.nn.functional.conversion import tensor_fed, tensor_or_array
from autograd_lite.nn.functional.convolution import Lengths, pair
from autograd_lite.rules import windows
from autograd_lite.tensor.tensor import Tensor, wrap


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> Tensor:
    """The transpose of `conv2d` with the same weight and settings (Zeiler et al. 2010).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in, height, width) or (in, height, width)
        Without a gradient it takes the dtype of `weight`.
    weight : Tensor or array_like, shape (in, out / groups, kernel height, kernel width)
    bias : Tensor or array_like, shape (out,), optional
    stride, padding, dilation : int or pair of int
        As in the convolution whose transpose this is.
    output_padding : int or pair of int
        Rows and columns more at the end, because images of several sizes give the same size with a stride.
    groups : int

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
    >>> F.conv_transpose2d([[[1.0, 2.0]]], np.ones((1, 1, 1, 2)), stride=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    weight = tensor_or_array(weight)
    x = tensor_fed(input, weight.dtype)
    if weight.ndim != 4 or x.ndim not in (3, 4) or x.shape[-3] != weight.shape[0] or weight.shape[0] % groups:
        raise ValueError(
            f"ConvTranspose2d takes (n, in, height, width) and a weight (in, out / groups, height, width), in being a "
            f"multiple of groups={groups}; their shapes are {x.shape} and {weight.shape}"
        )
    if x.ndim == 3:
        images: Any = conv_transpose2d(x[None], weight, bias, stride, padding, output_padding, groups, dilation)
        single: Tensor = images[0]
        return single
    kernel, (n, inputs, *size) = weight.shape[2:], x.shape
    outputs = weight.shape[1] * groups
    steps, apart = pair("stride", stride, 1), pair("dilation", dilation, 1)
    border, more = pair("padding", padding, 0), pair("output_padding", output_padding, 0)
    if any(m >= max(s, d) for m, s, d in zip(more, steps, apart, strict=True)):
        raise ValueError(f"output_padding={output_padding} must be smaller than stride={stride} or dilation={dilation}")
    large = tuple(
        (m - 1) * s - 2 * p + d * (k - 1) + o + 1
        for m, s, p, d, k, o in zip(size, steps, border, apart, kernel, more, strict=True)
    )
    if min(large) < 1:
        raise ValueError(f"ConvTranspose2d: padding={padding} leaves nothing of an image of {size[0]} x {size[1]}")
    numbers = x.transpose(1, 2, 3, 0).reshape(groups, inputs // groups, -1)
    painted = np.swapaxes(weight.reshape(groups, inputs // groups, -1), 1, 2) @ numbers
    seen: Any = painted.reshape(outputs, kernel[0] * kernel[1], *size, n)
    settings = {
        "shape": (n, outputs, *large),
        "kernel": tuple(kernel),
        "stride": steps,
        "padding": (border[0], border[0], border[1], border[1]),
        "dilation": apart,
    }
    y: Any = wrap(record(windows.fold, (seen.node,), settings))
    result: Tensor = y if bias is None else y + tensor_or_array(bias).reshape(-1, 1, 1)
    return result
