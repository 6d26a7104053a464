"""Affine maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.graph import Node, record
from autograd_lite.engine.messages import describe
from autograd_lite.nn.functional.conversion import fed, floating_node, node_of
from autograd_lite.rules import neural
from autograd_lite.tensor.tensor import Tensor, wrap


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b.

    Parameters
    ----------
    input : Tensor or array_like, shape (…, in)
        Without a gradient it takes the dtype of `weight`.
    weight : Tensor or array_like, shape (out, in)
    bias : Tensor or array_like, shape (out,), optional

    Returns
    -------
    Tensor, shape (…, out)

    Raises
    ------
    ValueError
        If the last axis of `input` has not the length `in`.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.linear([[1.0, 2.0]], [[1.0, 1.0], [0.0, 3.0]], [0.5, 0.5])
    tensor([[3.5, 6.5]])
    """
    weight = weight.node if isinstance(weight, Tensor) else floating_node(weight)
    x = fed(input, weight.value.dtype)
    shape = x.value.shape if type(x) is Node else x.shape
    if shape[-1:] != weight.value.shape[1:]:
        raise ValueError(wrong_features(shape, weight))
    if len(shape) == 2 and bias is not None:
        return wrap(record(neural.linear, (x, weight, node_of(bias))))
    rows: Any = np.reshape(wrap(x) if type(x) is Node else x, (-1, shape[-1]))
    y: Any = rows @ wrap(weight).T if bias is None else linear(rows, wrap(weight), bias)
    result: Tensor = y if len(shape) == 2 else y.reshape(*shape[:-1], y.shape[1])
    return result


def wrong_features(shape: tuple[int, ...], weight: Node) -> str:
    """The message for an input that does not fit a weight."""
    if weight.value.ndim != 2:
        return f"a weight has the shape (out, in), and this is a {describe(weight)}"
    outputs, inputs = weight.value.shape
    return (
        f"Linear(in_features={inputs}, out_features={outputs}) got an input of shape {shape}: expected {inputs} "
        f"features in the last axis, got {shape[-1] if shape else 'a single number'} ({describe(weight)})"
    )
