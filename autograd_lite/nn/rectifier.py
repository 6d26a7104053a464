"""Rectifiers as modules; `functional` says what each computes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class ReLU(Module):
    """max(x, 0) (Fukushima 1969; Nair and Hinton 2010).

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.ReLU()([-1.0, 2.0])
    tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.relu(input)


class LeakyReLU(Module):
    """x above 0 and `negative_slope` · x below (Maas, Hannun and Ng 2013).

    Parameters
    ----------
    negative_slope : float, or Parameter
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.LeakyReLU(0.1)([-1.0, 2.0])
    tensor([-0.1,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Any) -> Tensor:
        return F.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class PReLU(Module):
    """x above 0 and `weight` · x below, the weight being learned (He et al. 2015).

    Parameters
    ----------
    num_parameters : int
        One weight for all, or one for each channel, which are the input's axis 1.
    init : float
        What they start from.
    dtype : dtype, optional
        float32 by default.

    Attributes
    ----------
    weight : Parameter, shape (num_parameters,)

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.PReLU()([-1.0, 2.0])
    tensor([-0.25,  2.  ], dtype=float32, grad_fn=<leaky_relu>)
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = None) -> None:
        self.num_parameters = operator.index(num_parameters)
        self.weight = Parameter(np.full(self.num_parameters, init), dtype)

    def forward(self, input: Any) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class ELU(Module):
    """x above 0 and `alpha` · (eˣ - 1) below (Clevert, Unterthiner and Hochreiter 2015).

    Parameters
    ----------
    alpha : float
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.ELU()([-1000.0, 2.0])
    tensor([-1.,  2.])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Any) -> Tensor:
        return F.elu(input, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class SELU(Module):
    """λ · elu(x, α) with the λ and α that keep mean 0 and variance 1 (Klambauer et al. 2017).

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.SELU()([0.0, 1.0])
    tensor([0.        , 1.05070099])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.selu(input)


class Hardtanh(Module):
    """x limited to [min_val, max_val], with gradient 0 at the limits.

    Parameters
    ----------
    min_val, max_val : float
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Hardtanh(-2.0, 2.0)([-3.0, 0.5])
    tensor([-2. ,  0.5])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Any) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}"


class ReLU6(Module):
    """x limited to [0, 6], with gradient 0 at the limits (Krizhevsky 2010).

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.ReLU6()([-1.0, 2.0, 7.0])
    tensor([0., 2., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.relu6(input)


class Hardswish(Module):
    """x · relu6(x + 3) / 6 (Howard et al. 2019).

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Hardswish()([0.0, 1.0])
    tensor([0.        , 0.66666667])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.hardswish(input)
