"""Batches of the rows of sparse matrices: each batch is made dense, the whole never is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import issparse

from autograd_lite.data.loader import DataLoader

__all__ = ["SparseLoader", "dense", "issparse"]

LARGEST = 2**27  # elements of a dense matrix


class SparseLoader:
    """A `DataLoader` whose first array is a sparse matrix in rows (CSR); it draws the orders that one draws."""

    def __init__(self, x: Any, *arrays: Any, **settings: Any) -> None:
        self.x, self.rest = x, DataLoader(np.arange(x.shape[0]), *arrays, **settings)
        self.arrays, self.batch_size = (x, *arrays), self.rest.batch_size

    def __len__(self) -> int:
        return len(self.rest)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for rows, *others in self.rest:
            yield (self.x[rows].toarray(), *others)


def dense(estimator: Any, x: Any) -> Any:
    """The matrix as an array; refused where that would be large."""
    if not issparse(x):
        return x
    if x.shape[0] * x.shape[1] > LARGEST:
        raise ValueError(
            f"{type(estimator).__name__}: solver='lbfgs' makes X dense, which would be {x.shape[0]:,} × "
            f"{x.shape[1]:,} numbers: use solver='adam', which makes one batch of rows at a time dense"
        )
    return x.toarray()
