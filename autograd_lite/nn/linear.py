"""`Linear`: the affine layer."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class Linear(Module):
    """x Wᵀ + b, with W and b from the uniform distribution between ±1/√in_features, as in PyTorch.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
        Whether there is a b.
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where W and b are drawn from; the package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight : Parameter, shape (out_features, in_features)
    bias : Parameter, shape (out_features,), or None

    Raises
    ------
    ValueError
        If a number of features is below 1; in a call, if the last axis of the input has not the length
        `in_features`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Linear(3, 2)
    >>> layer
    Linear(in_features=3, out_features=2)  # 8 parameters
    >>> layer(np.zeros((5, 3))).shape, layer(np.zeros((4, 5, 3))).shape, layer([0, 0, 0]).shape
    ((5, 2), (4, 5, 2), (2,))
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_features, self.out_features = operator.index(in_features), operator.index(out_features)
        if self.in_features < 1 or self.out_features < 1:
            raise ValueError(f"Linear needs at least one feature in and out, not {in_features} and {out_features}")
        self.weight = Parameter(np.zeros((self.out_features, self.in_features)), dtype)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), generator=generator)
        self.bias: Parameter | None = None
        if bias:
            self.bias = Parameter(np.zeros(self.out_features), dtype)
            bound = 1 / math.sqrt(self.in_features)
            init.uniform_(self.bias, -bound, bound, generator)

    def forward(self, input: Any) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        settings = f"in_features={self.in_features}, out_features={self.out_features}"
        return settings if self.bias is not None else f"{settings}, bias=False"
