"""Rectifiers: activations that treat numbers above 0, or between limits, otherwise than those beyond.

They take tensors, arrays and lists of any shape and give a tensor of the same shape and floating dtype. None of them
overflows, at whatever argument. ``relu'(0) = 0``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.graph import record
from autograd_lite.nn.functional.conversion import (
    floating,
    floating_node,
    node_of,
    operand,
    require_setting,
    tensor_fed,
    tensor_or_array,
)
from autograd_lite.rules import neural
from autograd_lite.tensor.tensor import Tensor, wrap

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def relu(input: Any) -> Tensor:
    """max(x, 0) (Fukushima 1969; Nair and Hinton 2010).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.relu([-1.0, 0.0, 2.0])
    tensor([0., 0., 2.])
    """
    return wrap(record(neural.relu, (node_of(input),)))


def leaky_relu(input: Any, negative_slope: Any = 0.01) -> Tensor:
    """x above 0 and `negative_slope` · x below (Maas, Hannun and Ng 2013); it may be learned (He et al. 2015).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.leaky_relu([-1.0, 2.0], 0.1)
    tensor([-0.1,  2. ])
    """
    return wrap(record(neural.leaky_relu, (node_of(input), operand(negative_slope))))


def prelu(input: Any, weight: Any) -> Tensor:
    """x above 0 and `weight` · x below, with one learned weight, or one for each channel (He et al. 2015).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, …)
        Of any shape if there is one weight.
    weight : Tensor or array_like, shape (1,) or (channels,)

    Raises
    ------
    ValueError
        If the weights are as many as neither one nor the channels.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.prelu([[-1.0, -1.0, 2.0]], [0.1, 0.2, 0.3])
    tensor([[-0.1, -0.2,  2. ]])
    """
    slope = tensor_or_array(weight)
    x = tensor_fed(input, slope.dtype)
    if slope.ndim != 1 or slope.shape[0] not in (1, *x.shape[1:2]):
        raise ValueError(f"prelu takes one weight, or one for each channel of {x.shape}, and not {slope.shape}")
    if slope.shape[0] > 1:
        slope = slope.reshape(-1, *(1,) * (x.ndim - 2))
    return wrap(record(neural.leaky_relu, (x.node, operand(slope))))


def elu(input: Any, alpha: Any = 1.0) -> Tensor:
    """x above 0 and `alpha` · (eˣ - 1) below (Clevert, Unterthiner and Hochreiter 2015); it may be learned.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.elu([-1000.0, 2.0])
    tensor([-1.,  2.])
    """
    return wrap(record(neural.elu, (floating_node(input), operand(alpha))))


def selu(input: Any) -> Tensor:
    """λ · elu(x, α) with the λ and α that keep mean 0 and variance 1 (Klambauer et al. 2017).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.selu([0.0, 1.0])
    tensor([0.        , 1.05070099])
    """
    y: Tensor = SELU_SCALE * elu(input, SELU_ALPHA)
    return y


def hardtanh(input: Any, min_val: Any = -1.0, max_val: Any = 1.0) -> Tensor:
    """x limited to [min_val, max_val]; the gradient is 0 at the limits, as in PyTorch.

    Raises
    ------
    ValueError
        If `min_val` is not below `max_val`.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.hardtanh([-3.0, 0.5, 1.0])
    tensor([-1. ,  0.5,  1. ])
    """
    error = ValueError(f"hardtanh: min_val must be below max_val, not {min_val} and {max_val}")
    require_setting(min_val < max_val, error)
    x = floating(input)
    y: Any = np.where(x <= min_val, min_val, np.where(x >= max_val, max_val, x))
    result: Tensor = y
    return result


def relu6(input: Any) -> Tensor:
    """x limited to [0, 6] (Krizhevsky 2010); the gradient is 0 at the limits, as in PyTorch.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.relu6([-1.0, 2.0, 7.0])
    tensor([0., 2., 6.])
    """
    return hardtanh(input, 0.0, 6.0)


def hardswish(input: Any) -> Tensor:
    """x · relu6(x + 3) / 6, which is like `silu` and needs no exponential (Howard et al. 2019).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.hardswish([-4.0, 0.0, 1.0, 4.0])
    tensor([-0.        ,  0.        ,  0.66666667,  4.        ])
    """
    x = floating(input)
    y: Tensor = x * (relu6(x + 3) / 6)  # in this order, which does not overflow
    return y
