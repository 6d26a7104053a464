"""Layers that only change the shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd_lite.nn.functional.conversion import node_of
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor, wrap


class Flatten(Module):
    """Make one axis of those from `start_dim` to `end_dim`; the first axis, the samples, stays by default.

    Parameters
    ----------
    start_dim, end_dim : int
        Both included; negative ones count from the end.

    Raises
    ------
    ValueError
        In a call, if the input has no such axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Flatten()(np.zeros((5, 8, 8))).shape
    (5, 64)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Tensor:
        x = input if isinstance(input, Tensor) else wrap(node_of(input))
        shape, ndim = x.shape, x.ndim
        start = self.start_dim + ndim * (self.start_dim < 0)
        end = self.end_dim + ndim * (self.end_dim < 0)
        if not 0 <= start <= end < ndim:
            raise ValueError(f"{type(self).__name__}({self.extra_repr()}) does not fit an input of shape {shape}")
        y: Tensor = x.reshape(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])
        return y

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Make several axes of one.

    Parameters
    ----------
    dim : int
        Which axis.
    unflattened_size : tuple of int
        The lengths of the new ones; -1 stands for what is left.

    Raises
    ------
    ValueError
        In a call, if the lengths do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Unflatten(1, (8, 8))(np.zeros((5, 64))).shape
    (5, 8, 8)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Tensor:
        x = input if isinstance(input, Tensor) else wrap(node_of(input))
        axis = range(x.ndim)[self.dim]
        lengths = tuple(self.unflattened_size)
        if -1 in lengths and (rest := -math.prod(lengths)):
            lengths = tuple(x.shape[axis] // rest if n == -1 else n for n in lengths)
        if math.prod(lengths) != x.shape[axis]:
            raise ValueError(f"Unflatten({self.extra_repr()}) does not fit an input of shape {x.shape}")
        y: Tensor = x.reshape(*x.shape[:axis], *lengths, *x.shape[axis + 1 :])
        return y

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
