"""Activations that are smooth: nonlinear functions, element by element or along one axis.

They take tensors, arrays and lists of any shape and give a tensor of the same shape and floating dtype. None of them
overflows, at whatever argument.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.engine.graph import record
from autograd_lite.engine.settings import constant
from autograd_lite.nn.functional.conversion import equals, floating, floating_node, node_of, require_setting
from autograd_lite.rules import neural
from autograd_lite.tensor.tensor import Tensor, wrap


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """x · Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016).

    Parameters
    ----------
    approximate : {"none", "tanh"}
        "tanh" computes x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), which is faster.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.gelu([-1.0, 1.0])
    tensor([-0.15865525,  0.84134475])
    """
    x = floating(input)
    if approximate == "none":
        centred = wrap(record(neural.erf, ((x / math.sqrt(2)).node,)))
    elif approximate == "tanh":
        limited = np.clip(x, -10, 10)  # beyond, the tanh is ±1, and a cube would overflow
        centred = tanh(math.sqrt(2 / math.pi) * (limited + 0.044715 * limited**3))
    else:
        raise ValueError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    y: Tensor = x * (0.5 + 0.5 * centred)
    return y


def silu(input: Any) -> Tensor:
    """x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya 2017; Ramachandran, Zoph and Le 2017).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.silu([-1000.0, 0.0, 1.0])
    tensor([-0.        ,  0.        ,  0.73105858])
    """
    x = floating(input)
    y: Tensor = x * sigmoid(x)
    return y


def softplus(input: Any, beta: Any = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(β x)) / β, a smooth relu (Dugas et al. 2001).

    Parameters
    ----------
    beta : float or Tensor
        β, above 0: the larger, the closer to relu.
    threshold : float
        Where β x is larger, the result is x itself. Above 20 that changes nothing that can be seen.

    Raises
    ------
    ValueError
        If `beta` is not positive.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.softplus([-1000.0, 0.0, 1000.0])
    tensor([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    require_setting(beta > 0, ValueError(f"softplus: beta must be positive, not {beta}"))
    x, threshold = floating(input), constant("softplus", "threshold", threshold)
    scaled = x if equals(beta, 1) else beta * x
    y: Any = wrap(record(neural.softplus, (scaled.node,)))
    if not equals(beta, 1):
        y = y / beta
    if threshold < 20 or beta != 1:  # β x may overflow before x does
        y = np.where(scaled > (threshold if threshold < 20 else 800), x, y)
    result: Tensor = y
    return result


def mish(input: Any) -> Tensor:
    """x · tanh(softplus(x)) (Misra 2019).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.mish([0.0, 1000.0])
    tensor([   0., 1000.])
    """
    x = floating(input)
    y: Tensor = x * tanh(softplus(x))
    return y


def sigmoid(input: Any) -> Tensor:
    """1 / (1 + e⁻ˣ).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.sigmoid([-1000.0, 0.0, 1000.0])
    tensor([0. , 0.5, 1. ])
    """
    return wrap(record(neural.sigmoid, (floating_node(input),)))


def logsigmoid(input: Any) -> Tensor:
    """log sigmoid(x), exact however large x is.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.logsigmoid([-1000.0, 0.0])
    tensor([-1.00000000e+03, -6.93147181e-01])
    """
    y: Tensor = -softplus(-floating(input))
    return y


def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.tanh([0.0, 1000.0])
    tensor([0., 1.])
    """
    return wrap(record(np.tanh, (node_of(input),)))


def softsign(input: Any) -> Tensor:
    """x / (1 + abs(x)) (Bergstra et al. 2009).

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.softsign([-1.0, 3.0])
    tensor([-0.5 ,  0.75])
    """
    x = floating(input)
    y: Tensor = x / (1 + abs(x))
    return y


def glu(input: Any, dim: int = -1) -> Tensor:
    """a · sigmoid(b), where a and b are the halves of the input along the axis `dim` (Dauphin et al. 2017).

    Raises
    ------
    ValueError
        If the axis has no halves.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.glu([3.0, 4.0, 0.0, 1000.0])
    tensor([1.5, 4. ])
    """
    x = floating(input)
    if not x.ndim or x.shape[dim] % 2:
        raise ValueError(f"glu: the axis {dim} of an input of shape {x.shape} has no halves")
    a, b = np.split(x, 2, axis=dim)
    y: Any = a * sigmoid(b)
    result: Tensor = y
    return result


def softmax(input: Any, dim: int = -1, *, axis: int | None = None) -> Tensor:
    """eˣ / Σ eˣ along the axis `dim`, which may be called `axis`: probabilities from scores.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.softmax([[0.0, 0.0], [1000.0, 0.0]])
    tensor([[0.5, 0.5],
            [1. , 0. ]])
    """
    return wrap(record(neural.softmax, (floating_node(input),), {"axis": one_of(dim, axis)}))


def log_softmax(input: Any, dim: int = -1, *, axis: int | None = None) -> Tensor:
    """x - log Σ eˣ along the axis `dim`, which may be called `axis`: log-probabilities from scores.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.log_softmax([[0.0, 0.0], [1000.0, 0.0]])
    tensor([[-6.93147181e-01, -6.93147181e-01],
            [ 0.00000000e+00, -1.00000000e+03]])
    """
    return wrap(record(neural.log_softmax, (floating_node(input),), {"axis": one_of(dim, axis)}))


def one_of(dim: int, axis: int | None) -> int:
    """The axis that was given under either name; refuse two."""
    if axis is not None and dim != -1:
        raise TypeError("dim= and axis= are two words for one thing; give one of them")
    return dim if axis is None else axis
