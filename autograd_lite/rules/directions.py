"""What is scaled before it is squared or exponentiated: the directions of vectors, the terms of exponential sums.

Whatever the size of the numbers, nothing overflows on the way to a result that does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.untaken import among, each
from autograd_lite.rules.limits import finite, not_zero, rounded
from autograd_lite.rules.registry import Primitive, row

Axis = int | tuple[int, ...] | None


def power_of_two(length: Any) -> Any:
    """A factor for vectors of about this length, with which their squares are numbers; it rounds nothing."""
    f = np.finfo(length.dtype)
    factor = 2.0 ** (f.maxexp * 2 // 3)
    return np.where(length == np.inf, 1 / factor, np.where(length < float(f.tiny) ** 0.5 / float(f.eps), factor, 1))


@Primitive
def direction(x: Any, length: Any, p: float = 2, axis: Axis = None) -> Any:
    """sign(x) (|x| / ‖x‖)^(p - 1), the slope of the p-norm along `axis`; 0 where `x` or the norm is 0.

    `length` is about the norm, and may have been lost to overflow. The gradient in `x` is that of the whole.
    """
    full = finite(wide(x), wide(x).dtype)
    if p == 2:
        full = full * power_of_two(length).astype(full.dtype)
        return rounded(full / not_zero(np.sqrt(np.sum(full * full, axis=axis, keepdims=True))), x)
    size = np.absolute(full)
    scale = (np.max if p > 0 else np.min)(size, axis=axis, keepdims=True, initial=0 if p > 0 else np.inf)
    size = size / not_zero(scale)
    norm = np.sum(size**p, axis=axis, keepdims=True) ** (1 / p)
    size = np.where(norm == 0, 0, size / not_zero(norm))
    return rounded(np.sign(full) * np.where(size == 0, 0, size ** (p - 1)), x)


def direction_gradient(g: Any, y: Any, x: Any, p: float, axis: Axis) -> Any:
    """(p - 1) ((|x| / ‖x‖)^(p - 2) g - y Σ g y) / ‖x‖, which is 0 / 0 where the norm is 0; ‖x‖ is Σ x y."""
    g, length = wide(g), np.sum(wide(x) * y, axis=axis, keepdims=True)
    along = g if p == 2 else g * (np.absolute(x) / length) ** (p - 2)
    return (p - 1) * (along - y * np.sum(g * y, axis=axis, keepdims=True)) / length


row(
    direction,
    lambda g, y, x, length, p=2, axis=None: direction_gradient(g, y, x, p, axis),
    None,
    flow=lambda taken, i, x, length, p=2, axis=None: among(taken, axis),
)


def in_parts(z: Any, axis: Axis) -> tuple[Any, Axis]:
    """The real and the imaginary parts of complex numbers along a new first axis, and the axes with that one."""
    axes = (axis,) if isinstance(axis, int) else axis
    return np.stack([np.real(z), np.imag(z)]), None if axes is None else (0, *(i % z.ndim + 1 for i in axes))


def complex_direction(z: Any, length: Any, axis: Axis) -> Any:
    """conj(z) / ‖z‖, the slope of the norm of complex numbers, whose absolute values have none at 0."""
    parts, axes = in_parts(z, axis)
    slope = direction(parts, np.expand_dims(length, 0), axis=axes)
    return slope[0] - 1j * slope[1]


@Primitive
def terms(x: Any, total: Any) -> Any:
    """The terms of which `total` is about the logarithm of the sum, times what they have in common; 3 for infinity."""
    return np.minimum(np.exp(x - finite(np.floor(total), x.dtype)), 3)


row(terms, lambda g, y, x, total: g * y, None, flow=each)


def share_gradient(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    """g eˣ / Σ eˣ, given y = log Σ eˣ, which is not exact enough; 0 where all are -inf, even among infinite ones."""
    e = wide(terms(x, y))
    return g / not_zero(np.sum(e, axis=axis, keepdims=True)) * e
