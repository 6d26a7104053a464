"""Normalisation over the batch and over the features."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.engine.graph import record
from autograd_lite.engine.messages import describe
from autograd_lite.engine.settings import check_constant
from autograd_lite.nn.functional.conversion import floating, operand, tensor_fed, tensor_or_array
from autograd_lite.rules import neural
from autograd_lite.rules.limits import rounded
from autograd_lite.tensor.tensor import Tensor, wrap

Axes = int | tuple[int, ...]


def batch_norm(
    input: Any,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: Any = 0.1,
    eps: Any = 1e-5,
) -> Tensor:
    """(x - mean) / √(variance + ε) · weight + bias, channel by channel (Ioffe and Szegedy 2015).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, …)
    running_mean, running_var : Tensor, shape (channels,), optional
        Used when not training. When training, the mean and variance of the batch are used, and these two move
        towards them, the variance being divided by n - 1 for that.
    weight, bias : Tensor, shape (channels,), optional
    training : bool
    momentum : float
        How far the running statistics move, from 0 to 1.
    eps : float

    Raises
    ------
    ValueError
        If the input has fewer than two axes, there are no statistics to use, or training is to go by a single
        value per channel, whose variance says nothing.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.batch_norm([[0.0, 5.0], [2.0, 5.0]], training=True, eps=0.0001)
    tensor([[-0.99995,  0.     ],
            [ 0.99995,  0.     ]])
    """
    running_mean, running_var = tensor_or_array(running_mean), tensor_or_array(running_var)
    weight, bias = tensor_or_array(weight), tensor_or_array(bias)
    reference = next((t for t in (weight, running_mean) if t is not None), None)
    given = floating(input) if reference is None else tensor_fed(input, reference.dtype)
    x = wide(given)
    if x.ndim < 2:
        raise ValueError(f"batch_norm takes (n, channels, …), not {describe(x.node)}")
    axis = 0 if x.ndim == 2 else (0, *range(2, x.ndim))
    channels = (-1, *(1,) * (x.ndim - 2))
    check_constant("batch_norm", "momentum", momentum)
    if training:
        n = x.size // max(x.shape[1], 1)
        if n < 2:
            raise ValueError(
                f"batch_norm needs more than one value per channel when training, and the input has shape {x.shape}: "
                "use a larger batch, or eval() to use the running statistics"
            )
        mean, variance = statistics(x, axis)
        if running_mean is not None and running_var is not None:
            move(running_mean, mean, momentum)
            move(running_var, variance * (n / (n - 1)), momentum)
        y = standardize(x, mean, variance, axis, eps)
    elif running_mean is None or running_var is None:
        raise ValueError("batch_norm: without training=True it needs running_mean and running_var")
    else:
        y = (x - running_mean.reshape(*channels)) / np.sqrt(running_var.reshape(*channels) + eps)
    return affine(rounded(y, given), weight, bias, channels)


def layer_norm(
    input: Any, normalized_shape: int | tuple[int, ...], weight: Any = None, bias: Any = None, eps: Any = 1e-5
) -> Tensor:
    """(x - mean) / √(variance + ε) · weight + bias, sample by sample (Ba, Kiros and Hinton 2016).

    Parameters
    ----------
    input : Tensor or array_like, shape (…, *normalized_shape)
    normalized_shape : int or tuple of int
        The shape of the last axes, over which mean and variance are taken.
    weight, bias : Tensor, shape `normalized_shape`, optional
    eps : float

    Raises
    ------
    ValueError
        If the input does not end in `normalized_shape`.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.layer_norm([[0.0, 2.0], [5.0, 5.0]], 2, eps=0.0001)
    tensor([[-0.99995,  0.99995],
            [ 0.     ,  0.     ]])
    """
    weight, bias = tensor_or_array(weight), tensor_or_array(bias)
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    given = floating(input) if weight is None else tensor_fed(input, weight.dtype)
    x = wide(given)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"layer_norm: the input has shape {x.shape}, which does not end in {shape}")
    axis = tuple(range(-len(shape), 0))
    return affine(rounded(standardize(x, *statistics(x, axis), axis, eps), given), weight, bias, shape)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: Any = 1e-5) -> Tensor:
    """Normalise each sample over groups of channels, then scale and shift each channel (Wu and He 2018).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, …)
    num_groups : int
        Into how many groups the channels are cut; as many as channels is instance normalisation.
    weight, bias : Tensor, shape (channels,), optional
    eps : float

    Raises
    ------
    ValueError
        If the groups do not divide the channels.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.group_norm([[0.0, 2.0, 5.0, 5.0]], 2, eps=0.0001)
    tensor([[-0.99995,  0.99995,  0.     ,  0.     ]])
    """
    weight, bias = tensor_or_array(weight), tensor_or_array(bias)
    given = floating(input) if weight is None else tensor_fed(input, weight.dtype)
    if given.ndim < 2 or num_groups < 1 or given.shape[1] % num_groups:
        raise ValueError(f"group_norm: {num_groups} groups do not divide the channels of an input {given.shape}")
    x = wide(given).reshape(given.shape[0], num_groups, -1)
    y = standardize(x, *statistics(x, -1), -1, eps).reshape(given.shape)
    return affine(rounded(y, given), weight, bias, (-1, *(1,) * (given.ndim - 2)))


def rms_norm(
    input: Any, normalized_shape: int | tuple[int, ...], weight: Any = None, eps: float | None = None
) -> Tensor:
    """x / √(mean of x² + ε) · weight, sample by sample (Zhang and Sennrich 2019).

    Parameters
    ----------
    input : Tensor or array_like, shape (…, *normalized_shape)
    normalized_shape : int or tuple of int
        The shape of the last axes, over which the mean is taken.
    weight : Tensor, shape `normalized_shape`, optional
    eps : float, optional
        The distance from 1 to the next number of the input's dtype by default.

    Raises
    ------
    ValueError
        If the input does not end in `normalized_shape`.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.rms_norm([[3.0, 4.0, 0.0, 0.0]], 4)
    tensor([[1.2, 1.6, 0. , 0. ]])
    """
    weight = tensor_or_array(weight)
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    given = floating(input) if weight is None else tensor_fed(input, weight.dtype)
    x = wide(given)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"rms_norm: the input has shape {x.shape}, which does not end in {shape}")
    axis = tuple(range(-len(shape), 0))
    least = float(np.finfo(given.dtype).eps) if eps is None else eps
    y = x / np.sqrt(np.mean(x * x, axis=axis, keepdims=True) + least)
    return affine(rounded(y, given), weight, None, shape)


def statistics(x: Any, axis: Axes) -> tuple[Any, Any]:
    """The mean and the variance, which keep their axes."""
    settings = {"axis": axis, "keepdims": True}
    return wrap(record(np.mean, (x.node,), settings)), wrap(record(np.var, (x.node,), settings))


def standardize(x: Any, mean: Any, variance: Any, axis: Axes, eps: Any) -> Any:
    """(x - mean) / √(variance + ε)."""
    return wrap(record(neural.standardize, (x.node, mean.node, variance.node, operand(eps)), {"axis": axis}))


def move(running: Tensor, latest: Any, momentum: Any) -> None:
    """Let a running statistic follow the latest one."""
    with no_grad():
        running.data = (1 - momentum) * running + momentum * latest.reshape(-1)


def affine(y: Any, weight: Any, bias: Any, shape: tuple[int, ...]) -> Tensor:
    """y · weight + bias, each of which may be None; `shape` is theirs beside y."""
    if weight is not None:
        y = y * (weight if len(shape) == weight.ndim else weight.reshape(shape))
    if bias is not None:
        y = y + (bias if len(shape) == bias.ndim else bias.reshape(shape))
    result: Tensor = y
    return result
