"""Normalisation: layers that keep the scale of what flows through a network."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.conversion import floating
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Buffer, Parameter
from autograd_lite.tensor.tensor import Tensor


class BatchNorm(Module):
    """What `BatchNorm1d` and `BatchNorm2d` share: everything but the form of their input."""

    forms: tuple[str, ...] = ()  # what may follow (n, num_features)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: Any = None,
    ) -> None:
        self.num_features = n = operator.index(num_features)
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(n), dtype) if affine else None
        self.bias = Parameter(np.zeros(n), dtype) if affine else None
        self.running_mean = Buffer(np.zeros(n), dtype) if track_running_stats else None
        self.running_var = Buffer(np.ones(n), dtype) if track_running_stats else None
        self.num_batches_tracked = Buffer(0) if track_running_stats else None

    def forward(self, input: Any) -> Tensor:
        x = floating(input)
        if x.ndim not in (2 + form.count(",") for form in self.forms) or x.shape[1] != self.num_features:
            expected = " or ".join(f"(n, {self.num_features}{form})" for form in self.forms)
            raise ValueError(
                f"{type(self).__name__}({self.num_features}) takes {expected}, and the input has shape {x.shape}"
            )
        training = self.training or self.running_mean is None
        momentum: Any = self.momentum
        count: Any = self.num_batches_tracked if self.training else None
        if count is not None and momentum is None:
            momentum = 1.0 / (count + 1)
        y = F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, training, momentum, self.eps)
        if count is not None:
            count.data = count + 1
        return y

    def extra_repr(self) -> str:
        parts = [f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"]
        parts += ["affine=False"] if self.weight is None else []
        parts += ["track_running_stats=False"] if self.running_mean is None else []
        return ", ".join(parts)


class BatchNorm1d(BatchNorm):
    """Normalise each channel over the batch, then scale and shift it (Ioffe and Szegedy 2015).

    In training with the mean and the (biased) variance of the batch; in evaluation with running statistics that
    followed them during training.

    Parameters
    ----------
    num_features : int
        The number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        How far the running statistics move in each step; None makes them the average over all steps.
    affine : bool
        Whether there are a weight and a bias for each channel.
    track_running_stats : bool
        If False, the batch's own statistics are used in evaluation too.
    dtype : dtype, optional
        float32 by default.

    Attributes
    ----------
    weight, bias : Parameter, shape (num_features,), or None
    running_mean, running_var : Buffer, shape (num_features,), or None
    num_batches_tracked : Buffer, shape (), int64, or None

    Raises
    ------
    ValueError
        In a call, if the input is not (n, num_features) or (n, num_features, length), or if in training there is
        one value per channel only.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.BatchNorm1d(2)
    >>> np.round(layer([[0.0, 5.0], [2.0, 7.0]]).detach(), 3)
    tensor([[-1., -1.],
            [ 1.,  1.]], dtype=float32)
    >>> layer.running_mean
    tensor([0.1, 0.6], dtype=float32)
    """

    forms = ("", ", length")


class BatchNorm2d(BatchNorm):
    """Normalise each channel of images over the batch and all places, then scale and shift it.

    Parameters, attributes and running statistics are those of `BatchNorm1d`.

    Raises
    ------
    ValueError
        In a call, if the input is not (n, num_features, height, width), or if in training there is one value per
        channel only.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.BatchNorm2d(3)(np.zeros((5, 3, 8, 8))).shape
    (5, 3, 8, 8)
    """

    forms = (", height, width",)


class LayerNorm(Module):
    """Normalise each sample over its last axes, then scale and shift it (Ba, Kiros and Hinton 2016).

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The shape of the last axes.
    eps : float
        Added to the variance.
    elementwise_affine : bool
        Whether there is a weight.
    bias : bool
        Whether there is a bias beside the weight.
    dtype : dtype, optional
        float32 by default.

    Attributes
    ----------
    weight, bias : Parameter, shape `normalized_shape`, or None

    Raises
    ------
    ValueError
        In a call, if the input does not end in `normalized_shape`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> np.round(nn.LayerNorm(2)([[0.0, 2.0], [5.0, 7.0]]).detach(), 3)
    tensor([[-1.,  1.],
            [-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        axes = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
        self.normalized_shape = tuple(operator.index(n) for n in axes)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape), dtype) if elementwise_affine and bias else None

    def forward(self, input: Any) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        parts = [f"{self.normalized_shape}, eps={self.eps}"]
        parts += ["elementwise_affine=False"] if self.weight is None else []
        parts += ["bias=False"] if self.weight is not None and self.bias is None else []
        return ", ".join(parts)
