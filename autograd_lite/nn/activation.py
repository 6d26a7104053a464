"""Activations as modules; `functional` says what each computes."""

from __future__ import annotations

from typing import Any

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.conversion import node_of
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor, wrap


class Identity(Module):
    """The input itself, as a tensor.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Identity()([1.0, 2.0])
    tensor([1., 2.])
    """

    def forward(self, input: Any) -> Tensor:
        return input if isinstance(input, Tensor) else wrap(node_of(input))


class ReLU(Module):
    """max(x, 0) (Fukushima 1969; Nair and Hinton 2010).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.ReLU()([-1.0, 2.0])
    tensor([0., 2.])
    """

    def forward(self, input: Any) -> Tensor:
        return F.relu(input)


class LeakyReLU(Module):
    """x above 0 and `negative_slope` · x below (Maas, Hannun and Ng 2013).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.LeakyReLU(0.1)([-1.0, 2.0])
    tensor([-0.1,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Tensor:
        return F.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """x above 0 and `alpha` · (eˣ - 1) below (Clevert, Unterthiner and Hochreiter 2015).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.ELU()([-1000.0, 2.0])
    tensor([-1.,  2.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, input: Any) -> Tensor:
        return F.elu(input, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class SELU(Module):
    """λ · elu(x, α) with the λ and α that keep mean 0 and variance 1 (Klambauer et al. 2017).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.SELU()([0.0, 1.0])
    tensor([0.        , 1.05070099])
    """

    def forward(self, input: Any) -> Tensor:
        return F.selu(input)


class GELU(Module):
    """x · Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016).

    Parameters
    ----------
    approximate : {"none", "tanh"}
        "tanh" is faster and differs by less than 5e-4.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.GELU()([-1.0, 1.0])
    tensor([-0.15865525,  0.84134475])
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Tensor:
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya 2017; Ramachandran, Zoph and Le 2017).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.SiLU()([0.0, 1.0])
    tensor([0.        , 0.73105858])
    """

    def forward(self, input: Any) -> Tensor:
        return F.silu(input)


class Softplus(Module):
    """log(1 + exp(β x)) / β, and x itself where β x is above `threshold` (Dugas et al. 2001).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Softplus()([0.0, 1000.0])
    tensor([6.93147181e-01, 1.00000000e+03])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Sigmoid()([0.0, 1000.0])
    tensor([0.5, 1. ])
    """

    def forward(self, input: Any) -> Tensor:
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Tanh()([0.0, 1000.0])
    tensor([0., 1.])
    """

    def forward(self, input: Any) -> Tensor:
        return F.tanh(input)


class Hardtanh(Module):
    """x limited to [min_val, max_val], with gradient 0 at the limits.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Hardtanh(-2.0, 2.0)([-3.0, 0.5])
    tensor([-2. ,  0.5])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = min_val, max_val

    def forward(self, input: Any) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}"


class Softmax(Module):
    """eˣ / Σ eˣ along the axis `dim`: probabilities from scores.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Softmax()([[0.0, 0.0]])
    tensor([[0.5, 0.5]])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """x - log Σ eˣ along the axis `dim`: log-probabilities from scores.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.LogSoftmax()([[0.0, 0.0]])
    tensor([[-0.69314718, -0.69314718]])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
