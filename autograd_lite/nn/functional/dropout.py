"""Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.random import draw
from autograd_lite.engine.settings import constant
from autograd_lite.nn.functional.conversion import floating
from autograd_lite.tensor.tensor import Tensor


def dropout(input: Any, p: float = 0.5, training: bool = True, generator: np.random.Generator | None = None) -> Tensor:
    """Set each element to 0 with probability `p` and multiply the others by 1 / (1 - p) (Srivastava et al. 2014).

    Parameters
    ----------
    input : Tensor or array_like, any shape
    p : float
        From 0 to 1.
    training : bool
        If False, the input itself is the result.
    generator : numpy.random.Generator, optional
        The package's own by default, which `manual_seed` restarts.

    Raises
    ------
    ValueError
        If `p` is not a probability.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.dropout(np.ones(5), 0.5, generator=np.random.default_rng(0))
    tensor([2., 2., 2., 0., 0.])
    """
    p = constant("dropout", "p", p)
    check_probability("dropout", p)
    x: Any = floating(input)
    y: Tensor = x
    if not training or p == 0:
        return y
    y = x * ((draw(generator, x.shape, np.float32) >= p) * x.dtype.type(1 / (1 - p) if p < 1 else 0))
    return y


def dropout2d(
    input: Any, p: float = 0.5, training: bool = True, generator: np.random.Generator | None = None
) -> Tensor:
    """Set each channel to 0 as a whole with probability `p`, and multiply the others by 1 / (1 - p).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, channels, height, width) or (channels, height, width)
    p, training, generator
        As in `dropout`.

    Raises
    ------
    ValueError
        If `p` is not a probability, or the input is no image.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.dropout2d(np.ones((4, 1, 2)), 0.5, generator=np.random.default_rng(0))[:, 0]
    tensor([[2., 2.],
            [2., 2.],
            [2., 2.],
            [0., 0.]])
    """
    x: Any = floating(input)
    if x.ndim not in (3, 4):
        raise ValueError(f"dropout2d takes (n, channels, height, width) or without n, and the input is {x.shape}")
    kept = dropout(np.ones((*x.shape[:-2], 1, 1), x.dtype), p, training, generator)
    y: Tensor = x * kept
    return y


def check_probability(name: str, p: float) -> None:
    """Refuse what is no probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p is the probability of dropping an element, from 0 to 1, not {p}")
