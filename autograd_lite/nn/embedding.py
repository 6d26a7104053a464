"""`Embedding`: a table of vectors that are learned."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.functional.embedding import row_number
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class Embedding(Module):
    """A vector for each of the integers 0 to num_embeddings - 1, drawn from the standard normal distribution.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        How many vectors there are, and how long they are.
    padding_idx : int, optional
        The integer that stands for nothing: its vector is zero and gets no gradient.
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        The package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight : Parameter, shape (num_embeddings, embedding_dim)

    Raises
    ------
    TypeError
        In a call, if the input is not made of integers.
    ValueError
        If a number is below 1 or `padding_idx` is none of the integers; in a call, if an index is out of range.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Embedding(10, 3)([[1, 2], [4, 4]]).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.num_embeddings, self.embedding_dim = operator.index(num_embeddings), operator.index(embedding_dim)
        if self.num_embeddings < 1 or self.embedding_dim < 1:
            raise ValueError(f"Embedding needs at least one vector of length 1, not {num_embeddings} x {embedding_dim}")
        self.padding_idx = None if padding_idx is None else row_number(padding_idx, self.num_embeddings)
        self.weight = Parameter(np.zeros((self.num_embeddings, self.embedding_dim)), dtype)
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def forward(self, input: Any) -> Tensor:
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
