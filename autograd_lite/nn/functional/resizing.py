"""Images made larger or smaller, by the nearest number or between four."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.nn.functional.conversion import floating
from autograd_lite.nn.functional.convolution import pair
from autograd_lite.tensor.tensor import Tensor


def interpolate(
    input: Any,
    size: int | tuple[int, int] | None = None,
    scale_factor: float | tuple[float, float] | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Tensor:
    """Images in another size.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, height, width) or (channels, height, width)
    size : int or pair of int, optional
        The new height and width.
    scale_factor : float or pair of float, optional
        How many times as high and wide they are to be, in place of `size`.
    mode : {"nearest", "bilinear"}
    align_corners : bool
        Of "bilinear": whether the corners' centres stay where they are, and not the corners.

    Raises
    ------
    ValueError
        If the input is no image, not one of `size` and `scale_factor` is given, or the mode is not known.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.interpolate([[[1.0, 2.0]]], scale_factor=2)
    tensor([[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]])
    """
    x = floating(input)
    if x.ndim not in (3, 4):
        raise ValueError(f"interpolate takes (n, channels, height, width) or without n, and the input is {x.shape}")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate takes one of size= and scale_factor=")
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f'interpolate: mode is "nearest" or "bilinear", not {mode!r}')
    old: tuple[int, int] = x.shape[-2:]
    if size is not None:
        new = pair("size", size, 1)
        steps = tuple(m / n for m, n in zip(old, new, strict=True))
    else:
        factors: Any = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor, scale_factor)
        new = (math.floor(old[0] * factors[0]), math.floor(old[1] * factors[1]))
        steps = tuple(1 / factor for factor in factors)
    if mode == "nearest":
        rows, columns = (
            np.minimum(np.floor(np.arange(n) * step).astype(int), m - 1)
            for n, m, step in zip(new, old, steps, strict=True)
        )
        chosen: Tensor = x[..., rows, :][..., columns]
        return chosen
    down, along = (
        between(n, m, step, align_corners).astype(x.dtype) for n, m, step in zip(new, old, steps, strict=True)
    )
    y: Tensor = down @ x @ along.T
    return y


def between(new: int, old: int, step: float, align_corners: bool) -> Any:
    """The matrix that makes `new` numbers of `old` ones, each a mean of two neighbours."""
    places = np.arange(new) * ((old - 1) / max(new - 1, 1)) if align_corners else (np.arange(new) + 0.5) * step - 0.5
    places = np.clip(places, 0, old - 1)
    return np.maximum(1 - np.abs(places[:, None] - np.arange(old)), 0)
