"""Attention in several heads, and the layer of transformers that is made of it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.dropout import Dropout
from autograd_lite.nn.functional.attention import attention_weights
from autograd_lite.nn.functional.conversion import tensor_fed, tensor_or_array
from autograd_lite.nn.linear import Linear
from autograd_lite.nn.module import Module
from autograd_lite.nn.normalization import LayerNorm
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class MultiheadAttention(Module):
    """Attention in several heads, each with its own projection of queries, keys and values (Vaswani et al. 2017).

    Called with queries (length, n, embed_dim), keys and values (source, n, embed_dim), or with the batch first or
    without one, it gives the output in the form of the queries, and the mean weights (n, length, source).

    Parameters
    ----------
    embed_dim, num_heads : int
        The features, and into how many heads they are cut.
    dropout : float
        In training, the probability of dropping a weight.
    bias : bool
        Whether the projections have a bias.
    batch_first : bool
        Whether the batch is the first axis.
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where the parameters are drawn from; the package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    in_proj_weight : Parameter, shape (3 embed_dim, embed_dim)
        Of queries, keys and values, in this order.
    in_proj_bias : Parameter, shape (3 embed_dim,), or None
    out_proj : Linear

    Raises
    ------
    ValueError
        If the heads do not divide the features; in a call, if the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> x = np.zeros((4, 10, 8))
    >>> output, weights = nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x)
    >>> output.shape, weights.shape
    ((4, 10, 8), (4, 10, 10))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        batch_first: bool = False,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.embed_dim, self.num_heads = operator.index(embed_dim), operator.index(num_heads)
        if self.num_heads < 1 or self.embed_dim % self.num_heads:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.dropout, self.batch_first, self.generator = dropout, batch_first, generator
        self.in_proj_weight = Parameter(np.zeros((3 * self.embed_dim, self.embed_dim)), dtype)
        self.in_proj_bias = Parameter(np.zeros(3 * self.embed_dim), dtype) if bias else None
        init.xavier_uniform_(self.in_proj_weight, generator=generator)
        self.out_proj = Linear(self.embed_dim, self.embed_dim, bias, dtype, generator)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The output and the weights.

        Masks are as in PyTorch: boolean ones are True where one must not look, unlike those of
        `functional.scaled_dot_product_attention`; `key_padding_mask` has the shape (n, source), `attn_mask` the shape
        (length, source) or (n · heads, length, source). `is_causal` makes its own mask.
        """
        given = [tensor_fed(a, self.in_proj_weight.dtype) for a in (query, key, value)]
        if any(a.ndim not in (2, 3) or a.ndim != given[0].ndim or a.shape[-1] != self.embed_dim for a in given):
            raise ValueError(
                f"MultiheadAttention({self.embed_dim}, {self.num_heads}) takes queries, keys and values of "
                f"{self.embed_dim} features, with a batch or without; their shapes are {[a.shape for a in given]}"
            )
        batched = given[0].ndim == 3
        first = [a[None] if not batched else a if self.batch_first else np.swapaxes(a, 0, 1) for a in given]
        q, k, v = (self.heads(a, i) for i, a in enumerate(first))
        weights: Any = attention_weights(q, k, self.mask(attn_mask, key_padding_mask, q, k), is_causal, None)
        used: Any = F.dropout(weights, self.dropout, self.training, self.generator)
        seen = np.swapaxes(used @ v, 1, 2).reshape(q.shape[0], q.shape[2], self.embed_dim)
        output: Any = self.out_proj(seen)
        output = output[0] if not batched else output if self.batch_first else np.swapaxes(output, 0, 1)
        shown = used.mean(axis=1) if average_attn_weights else used
        return output, None if not need_weights else shown if batched else shown[0]

    def heads(self, x: Any, i: int) -> Any:
        """The queries, keys or values (n, heads, length, features of a head) of x (n, length, features)."""
        rows = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        bias: Any = self.in_proj_bias
        weight: Any = self.in_proj_weight
        y: Any = F.linear(x, weight[rows], None if bias is None else bias[rows])
        return np.swapaxes(y.reshape(*y.shape[:2], self.num_heads, -1), 1, 2)

    def mask(self, attn_mask: Any, key_padding_mask: Any, q: Any, k: Any) -> Any:
        """What is added to the scores, (n, heads, length, source) or what broadcasts to it; None: nothing."""
        (n, heads, length, _), source = q.shape, k.shape[2]
        total = None
        for mask, shape in ((attn_mask, (length, source)), (key_padding_mask, (n, 1, 1, source))):
            if mask is not None:
                mask = tensor_or_array(mask)
                mask = np.where(mask, -np.inf, 0.0).astype(q.dtype) if mask.dtype == bool else mask
                mask = mask.reshape((n, heads, length, source) if mask.ndim == 3 else shape)
                total = mask if total is None else total + mask
        return total

    def extra_repr(self) -> str:
        dropout = f", dropout={self.dropout}" if self.dropout else ""
        return f"{self.embed_dim}, {self.num_heads}{dropout}" + (", batch_first=True" if self.batch_first else "")


class TransformerEncoderLayer(Module):
    """Attention of a sequence to itself, then two linear layers, each beside a way around it (Vaswani et al. 2017).

    Parameters
    ----------
    d_model, nhead : int
        The features, and the heads of the attention.
    dim_feedforward : int
        The features between the two linear layers.
    dropout : float
        The probability of dropping an element or a weight in training.
    activation : {"relu", "gelu"} or callable
        Between the two linear layers.
    layer_norm_eps : float
    batch_first : bool
        Whether the batch is the first axis.
    norm_first : bool
        Whether each part normalises what it gets, and not what comes out (Xiong et al. 2020).
    bias : bool
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where the parameters are drawn from; the package's own by default, which `manual_seed` restarts.

    Raises
    ------
    ValueError
        If the heads do not divide the features, or the activation is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)(np.zeros((4, 10, 8))).shape
    (4, 10, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not callable(activation) and activation not in ("relu", "gelu"):
            raise ValueError(f'activation is "relu", "gelu" or a function, not {activation!r}')
        self.activation, self.norm_first = activation, norm_first
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first, dtype, generator)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype, generator)
        self.dropout = Dropout(dropout, generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype, generator)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, generator), Dropout(dropout, generator)

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Tensor:
        """The sequence after the layer; masks are those of `MultiheadAttention`."""
        x: Any = tensor_fed(src, self.linear1.weight.dtype)
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        if self.norm_first:
            x = x + self.attend(self.norm1(x), masks)
            x = x + self.feed(self.norm2(x))
        else:
            x = self.norm1(x + self.attend(x, masks))
            x = self.norm2(x + self.feed(x))
        result: Tensor = x
        return result

    def attend(self, x: Any, masks: dict[str, Any]) -> Any:
        """The attention of a sequence to itself."""
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

    def feed(self, x: Any) -> Any:
        """The two linear layers."""
        activation = getattr(F, self.activation) if isinstance(self.activation, str) else self.activation
        return self.dropout2(self.linear2(self.dropout(activation(self.linear1(x)))))
