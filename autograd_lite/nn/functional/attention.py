"""Attention: each query gets a mean of values, weighted by how well their keys fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.nn.functional.activation import softmax
from autograd_lite.nn.functional.conversion import adapted, floating, tensor_or_array
from autograd_lite.nn.functional.dropout import dropout
from autograd_lite.tensor.tensor import Tensor


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """softmax(Q Kᵀ / √d) V (Vaswani et al. 2017).

    Parameters
    ----------
    query : Tensor or array_like, shape (…, length, d)
    key : Tensor or array_like, shape (…, source, d)
    value : Tensor or array_like, shape (…, source, features)
    attn_mask : array_like, broadcasting to (…, length, source), optional
        Boolean: True where a query may look. Numbers are added to the scores.
    dropout_p : float
        The probability of dropping a weight; 0 in evaluation.
    is_causal : bool
        Whether a query sees only keys that do not come after it.
    scale : float, optional
        1 / √d by default.
    generator : numpy.random.Generator, optional
        Where dropout draws from; the package's own by default.

    Returns
    -------
    Tensor, shape (…, length, features)

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.scaled_dot_product_attention([[0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], [[2.0], [4.0]])
    tensor([[3.]])
    """
    q, k, v = floating(query), floating(key), floating(value)
    if q.ndim < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"attention takes queries (…, length, d), keys (…, source, d) and values (…, source, features), and their "
            f"shapes are {q.shape}, {k.shape} and {v.shape}"
        )
    weights: Any = attention_weights(q, k, attn_mask, is_causal, scale)
    result: Tensor = dropout(weights, dropout_p, True, generator) @ v
    return result


def attention_weights(q: Any, k: Any, mask: Any, is_causal: bool, scale: float | None) -> Tensor:
    """How much each query sees of each value."""
    scores = (q * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)) @ np.swapaxes(k, -1, -2)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=np.bool_), scores, -math.inf)
    if mask is not None:
        mask = tensor_or_array(mask)
        boolean = mask.dtype == np.bool_
        scores = np.where(mask, scores, -math.inf) if boolean else scores + adapted(mask, scores.dtype)
    return softmax(scores)
