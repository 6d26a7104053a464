"""The network of the linear models: an affine function of columns that are standardised inside.

What is learned is how the columns count after their mean is taken away and they are divided by their spread; so steps
are of a size that suits all of them, whatever their units. `coef` and `intercept` are those of the columns as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.nn import Buffer, Module, Parameter
from autograd_lite.nn import functional as F

__all__ = ["Standardised", "moments"]

Array = NDArray[Any]


class Standardised(Module):
    """``((x - center) / spread) @ weight.T + bias``, from zeros.

    Parameters
    ----------
    center, spread : ndarray, shape (features,)
    outputs : int
    intercept : bool
        Whether there is a bias.
    dtype : dtype
    """

    def __init__(self, center: Array, spread: Array, outputs: int, intercept: bool, dtype: Any) -> None:
        self.weight = Parameter(np.zeros((outputs, len(center))), dtype=dtype)
        self.bias = Parameter(np.zeros(outputs), dtype=dtype) if intercept else None
        self.center, self.spread = Buffer(center, dtype=dtype), Buffer(spread, dtype=dtype)

    def forward(self, x: Any) -> Any:
        return F.linear((x - self.center) / self.spread, self.weight, self.bias)

    def coef(self) -> Any:
        """The weights of the columns as they are."""
        return self.weight / self.spread

    def affine(self) -> tuple[Array, Array]:
        """`coef` and the intercept, in double precision."""
        state = {name: array.astype(np.float64) for name, array in self.state_dict().items()}
        coef = state["weight"] / state["spread"]
        bias = state.get("bias", np.zeros(len(coef)))
        return coef, bias - coef @ state["center"]


def moments(x: Any, weight: Array | None, centered: bool) -> tuple[Array, Array]:
    """Mean and spread of the columns, the spread of a constant one being 0; without centering around 0.

    Parameters
    ----------
    x : ndarray or sparse matrix, shape (rows, features)
    weight : ndarray, shape (rows,), optional
    """
    share = np.full(x.shape[0], 1 / x.shape[0]) if weight is None else weight / weight.sum(dtype=np.float64)
    if hasattr(x, "tocsr"):
        x = x.astype(np.float64)
        mean, square = x.T @ share, x.multiply(x).T @ share
        center = mean if centered else np.zeros_like(mean)
        spread = np.sqrt(np.maximum(square - center**2, 0))
    else:
        mean = share @ x.astype(np.float64)
        center = mean if centered else np.zeros_like(mean)
        spread = np.sqrt(share @ (x - center) ** 2)
    rounding = 100 * np.finfo(x.dtype).eps * np.abs(center)  # what is left of a constant column
    return center, np.where(spread > rounding, spread, 0.0)
