"""autograd_lite: write plain NumPy; the engine records it and derives every gradient.

Examples
--------
>>> import numpy as np
>>> import autograd_lite as ag
>>> x = ag.tensor([[1.0, 2.0]], requires_grad=True)
>>> y = np.tanh(x @ np.array([[0.5], [-0.25]])).sum()
>>> y.backward()
>>> x.grad
array([[ 0.5 , -0.25]])
"""

from numpy import (
    abs,
    arccos,
    arcsin,
    arctan,
    average,
    broadcast_to,
    clip,
    concatenate,
    cos,
    cosh,
    dot,
    exp,
    exp2,
    expand_dims,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    matmul,
    max,
    maximum,
    mean,
    min,
    minimum,
    moveaxis,
    outer,
    power,
    ravel,
    reshape,
    sin,
    sinh,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    sum,
    swapaxes,
    take,
    take_along_axis,
    tan,
    tanh,
    tile,
    transpose,
    var,
    where,
)

from autograd_lite import autograd, nn, optim
from autograd_lite.creation import arange, eye, full, linspace, ones, zeros
from autograd_lite.data import DataLoader
from autograd_lite.modes import enable_grad, is_grad_enabled, no_grad
from autograd_lite.random import default_generator, manual_seed
from autograd_lite.rules.neural import (
    elu,
    erf,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softplus,
)
from autograd_lite.rules.reductions import logsumexp
from autograd_lite.tensor import Tensor
from autograd_lite.train import History, evaluate, fit

__version__ = "0.1.0"

tensor = Tensor  # one function and class: `ag.tensor(data)` reads like NumPy, `ag.Tensor` is the type

__all__ = [
    "DataLoader",
    "History",
    "Tensor",
    "abs",
    "arange",
    "arccos",
    "arcsin",
    "arctan",
    "autograd",
    "average",
    "broadcast_to",
    "clip",
    "concatenate",
    "cos",
    "cosh",
    "default_generator",
    "dot",
    "elu",
    "enable_grad",
    "erf",
    "evaluate",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fit",
    "full",
    "is_grad_enabled",
    "leaky_relu",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "manual_seed",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "moveaxis",
    "nn",
    "no_grad",
    "ones",
    "optim",
    "outer",
    "power",
    "ravel",
    "relu",
    "reshape",
    "sigmoid",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensor",
    "tile",
    "transpose",
    "var",
    "where",
    "zeros",
]
