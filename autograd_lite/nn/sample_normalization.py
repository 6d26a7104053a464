"""Normalisation of each sample by itself: in groups of channels, channel by channel, or by the mean square."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.conversion import floating
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class GroupNorm(Module):
    """Normalise each sample over groups of channels, then scale and shift each channel (Wu and He 2018).

    Parameters
    ----------
    num_groups, num_channels : int
        The channels, and into how many groups they are cut.
    eps : float
        Added to the variance.
    affine : bool
        Whether there are a weight and a bias for each channel.
    dtype : dtype, optional
        float32 by default.

    Attributes
    ----------
    weight, bias : Parameter, shape (num_channels,), or None

    Raises
    ------
    ValueError
        If the groups do not divide the channels; in a call, if the input is not (n, num_channels, …).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.GroupNorm(2, 6)(np.zeros((5, 6, 8, 8))).shape
    (5, 6, 8, 8)
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, dtype: Any = None
    ) -> None:
        self.num_groups, self.num_channels, self.eps = operator.index(num_groups), operator.index(num_channels), eps
        if self.num_groups < 1 or self.num_channels % self.num_groups:
            raise ValueError(f"num_groups={num_groups} must divide num_channels={num_channels}")
        self.weight = Parameter(np.ones(self.num_channels), dtype) if affine else None
        self.bias = Parameter(np.zeros(self.num_channels), dtype) if affine else None

    def forward(self, input: Any) -> Tensor:
        x = floating(input)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                f"{type(self).__name__}({self.extra_repr()}) takes (n, {self.num_channels}, …), and the input has "
                f"shape {x.shape}"
            )
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"


class InstanceNorm(GroupNorm):
    """What `InstanceNorm1d` and `InstanceNorm2d` share: everything but the form of their input."""

    axes: int

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: Any = None,
    ) -> None:
        if track_running_stats:
            raise NotImplementedError(f"{type(self).__name__} keeps no running statistics: use BatchNorm for those")
        self.momentum = momentum
        super().__init__(num_features, num_features, eps, affine, dtype)

    def forward(self, input: Any) -> Tensor:
        x: Any = floating(input)
        if x.ndim == self.axes - 1:
            one: Any = super().forward(x[None])
            single: Tensor = one[0]
            return single
        if x.ndim != self.axes:
            raise ValueError(f"{type(self).__name__} takes {self.axes} axes, and the input has shape {x.shape}")
        return super().forward(x)

    def extra_repr(self) -> str:
        return f"{self.num_channels}, eps={self.eps}"


class InstanceNorm1d(InstanceNorm):
    """Normalise each channel of each signal over its length (Ulyanov, Vedaldi and Lempitsky 2016).

    Parameters
    ----------
    num_features : int
        The number of channels.
    eps : float
        Added to the variance.
    momentum, track_running_stats
        Accepted as PyTorch's are; there are no running statistics, and True is refused.
    affine : bool
        Whether there are a weight and a bias for each channel.
    dtype : dtype, optional
        float32 by default.

    Raises
    ------
    ValueError
        In a call, if the input is not (n, num_features, length) or (num_features, length).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.InstanceNorm1d(3)(np.zeros((5, 3, 8))).shape
    (5, 3, 8)
    """

    axes = 3


class InstanceNorm2d(InstanceNorm):
    """Normalise each channel of each image over its places; the settings are those of `InstanceNorm1d`.

    Raises
    ------
    ValueError
        In a call, if the input is not (n, num_features, height, width) or (num_features, height, width).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.InstanceNorm2d(3)(np.zeros((5, 3, 8, 8))).shape
    (5, 3, 8, 8)
    """

    axes = 4


class RMSNorm(Module):
    """Divide each sample by the root of its mean square over its last axes, then scale it (Zhang and Sennrich 2019).

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The shape of the last axes.
    eps : float, optional
        Added to the mean; the distance from 1 to the next number of the input's dtype by default.
    elementwise_affine : bool
        Whether there is a weight.
    dtype : dtype, optional
        float32 by default.

    Attributes
    ----------
    weight : Parameter, shape `normalized_shape`, or None

    Raises
    ------
    ValueError
        In a call, if the input does not end in `normalized_shape`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.RMSNorm(8)(np.zeros((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: Any = None,
    ) -> None:
        axes = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
        self.normalized_shape, self.eps = tuple(operator.index(n) for n in axes), eps
        self.weight = Parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None

    def forward(self, input: Any) -> Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}"
