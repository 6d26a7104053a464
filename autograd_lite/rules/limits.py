"""What keeps rules right at the limits of a dtype: half precision widened, zeros and infinities replaced."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide


def rounded(y: Any, x: Any) -> Any:
    """`y` in half precision if `x` is in that."""
    return y if x.dtype.char != "e" or y.dtype == x.dtype else y.astype(x.dtype)


def in_single(body: Callable[..., Any]) -> Callable[..., Any]:
    """`body`, which computes what it gives in half precision in single."""

    @functools.wraps(body)
    def widened(x: Any, *args: Any, **settings: Any) -> Any:
        if x.dtype.char != "e":
            return body(x, *args, **settings)
        return body(wide(x), *[wide(a) if hasattr(a, "dtype") else a for a in args], **settings).astype(x.dtype)

    return widened


def finite(x: Any, dtype: Any) -> Any:
    """`x` with the largest numbers of `dtype` for infinities, of which the differences are numbers."""
    largest = np.finfo(dtype).max
    return np.minimum(np.maximum(x, -largest), largest)


def not_zero(x: Any) -> Any:
    """`x` with 1 for 0, to divide by."""
    return np.where(x == 0, 1, x)
