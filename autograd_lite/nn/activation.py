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

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.SiLU()([0.0, 1.0])
    tensor([0.        , 0.73105858])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.silu(input)


class Mish(Module):
    """x · tanh(softplus(x)) (Misra 2019).

    Parameters
    ----------
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Mish()([0.0, 1000.0])
    tensor([   0., 1000.])
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Any) -> Tensor:
        return F.mish(input)


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


class LogSigmoid(Module):
    """log sigmoid(x), exact however large x is.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.LogSigmoid()([-1000.0, 1000.0])
    tensor([-1000.,    -0.])
    """

    def forward(self, input: Any) -> Tensor:
        return F.logsigmoid(input)


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


class Softsign(Module):
    """x / (1 + abs(x)) (Bergstra et al. 2009).

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Softsign()([-1.0, 3.0])
    tensor([-0.5 ,  0.75])
    """

    def forward(self, input: Any) -> Tensor:
        return F.softsign(input)


class GLU(Module):
    """a · sigmoid(b), where a and b are the halves of the input along the axis `dim` (Dauphin et al. 2017).

    Raises
    ------
    ValueError
        In a call, if the axis has no halves.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.GLU()([3.0, 0.0])
    tensor([1.5])
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


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
