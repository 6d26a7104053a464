"""`EmbeddingBag`: the sum, mean or maximum of the vectors of several integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.embedding import Embedding
from autograd_lite.tensor.tensor import Tensor

MODES = ("sum", "mean", "max")


class EmbeddingBag(Embedding):
    """An `Embedding` whose vectors are combined, bag by bag.

    Called with integers (bags, length); or with integers in a row and the places `offsets` at which bags begin, of
    which empty ones give zeros.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
    mode : {"mean", "sum", "max"}
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        The package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight : Parameter, shape (num_embeddings, embedding_dim)

    Raises
    ------
    ValueError
        If the mode is not known; in a call, if the input has other axes, or an index is out of range.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> bag = nn.EmbeddingBag(10, 3)
    >>> bag([[1, 2], [4, 4]]).shape, bag([1, 2, 4, 4, 5], [0, 3]).shape
    ((2, 3), (2, 3))
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        mode: str = "mean",
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"EmbeddingBag: mode is one of {', '.join(MODES)}, not {mode!r}")
        super().__init__(num_embeddings, embedding_dim, None, dtype, generator)
        self.mode = mode

    def forward(self, input: Any, offsets: Any = None) -> Tensor:
        rows: Any = super().forward(input)
        if rows.ndim != 2 + (offsets is None):
            raise ValueError(
                "EmbeddingBag takes integers (bags, length), or (length,) and the offsets at which bags begin; the "
                f"input has shape {rows.shape[:-1]}, and there are {'no' if offsets is None else 'such'} offsets"
            )
        if offsets is None:
            result: Tensor = getattr(rows, self.mode)(axis=1)
            return result
        starts = [int(i) for i in offsets]
        bags = [rows[i:j] for i, j in zip(starts, [*starts[1:], len(rows)], strict=True)]
        together: Any = np.stack([getattr(b, self.mode)(axis=0) if len(b) else b.sum(axis=0) for b in bags])
        combined: Tensor = together
        return combined

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, mode={self.mode!r}"
