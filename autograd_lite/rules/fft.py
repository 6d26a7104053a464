"""Discrete Fourier transforms. They are linear, and their matrices symmetric: a transform is its own transpose.

`rules/complex.py` says what the gradient of a complex number is. The transforms over several axes go axis by axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.rules.registry import adapter, row

Axes = Sequence[int] | None
OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def resize(x: Any, length: int, axis: int) -> Any:
    """`x` with its end along `axis` cut off or filled with zeros, which is the transpose of the other."""
    missing = length - x.shape[axis]
    if missing > 0:
        shape = list(x.shape)
        shape[axis] = missing
        return np.concatenate([x, np.zeros(shape, x.dtype)], axis=axis)
    return x[(*(slice(None),) * (axis % x.ndim), slice(length))] if missing else x


def multiplicity(n: int, like: Any, axis: int) -> Any:
    """How often the terms of half a spectrum occur in the whole of length `n`: twice, but for the first and middle."""
    times = np.full(n // 2 + 1, 2, like.dtype)
    times[0] = 1
    if n % 2 == 0:
        times[-1] = 1
    return np.reshape(times, (-1,) + (1,) * (like.ndim - 1 - axis % like.ndim))


def half_to_real_gradient(g: Any, a: Any, axis: int, norm: Any) -> Any:
    """The transpose of `irfft`: half of the spectrum of `g`, each term as often as it was used."""
    n = g.shape[axis]
    half = resize(np.fft.ifft(g, axis=axis, norm=norm), n // 2 + 1, axis)
    return resize(half * multiplicity(n, half, axis), a.shape[axis], axis)


row(
    np.fft.fft,
    lambda g, y, a, n=None, axis=-1, norm=None: resize(np.fft.fft(g, axis=axis, norm=norm), a.shape[axis], axis),
)
row(
    np.fft.ifft,
    lambda g, y, a, n=None, axis=-1, norm=None: resize(np.fft.ifft(g, axis=axis, norm=norm), a.shape[axis], axis),
)
row(
    np.fft.rfft,
    lambda g, y, a, n=None, axis=-1, norm=None: resize(
        np.fft.fft(g, n=int(n or a.shape[axis]), axis=axis, norm=norm), a.shape[axis], axis
    ),
)
row(np.fft.irfft, lambda g, y, a, n=None, axis=-1, norm=None: half_to_real_gradient(g, a, axis, norm))


@adapter(np.fft.hfft, alone=True)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The transform of a signal with Hermitian symmetry, of which half is given."""
    return np.fft.irfft(np.conjugate(a), n, axis, OPPOSITE[norm])  # type: ignore[arg-type]


@adapter(np.fft.ihfft, alone=True)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The inverse of `hfft`."""
    return np.conjugate(np.fft.rfft(a, n, axis, OPPOSITE[norm]))  # type: ignore[arg-type]


def lengths_of(a: Any, s: Axes, axes: Axes) -> list[tuple[int | None, int]]:
    """The length and the number of each axis to transform, as NumPy's functions over several axes take them."""
    if axes is None:
        axes = range(-(a.ndim if s is None else len(s)), 0)
    if len({axis % a.ndim for axis in axes}) < len(axes):
        raise NotImplementedError("a transform that names an axis twice has no gradient rule")
    if s is None:
        return [(None, axis) for axis in axes]
    return [(a.shape[axis] if n == -1 else n, axis) for n, axis in zip(s, axes, strict=True)]


def over_axes(first: Callable[..., Any], others: Callable[..., Any], inverse: bool = False) -> Callable[..., Any]:
    """The transform over several axes: `first` along the last of them and `others` along the rest.

    A transform to real numbers is `inverse`: it comes last.
    """

    def transform(a: Any, s: Axes = None, axes: Axes = None, norm: str | None = None) -> Any:
        *rest, last = lengths_of(a, s, axes)
        steps = [(others, *step) for step in rest]
        for function, n, axis in [*steps, (first, *last)] if inverse else [(first, *last), *steps[::-1]]:
            a = function(a, n=n, axis=axis, norm=norm)
        return a

    return transform


def over_two_axes(transform: Callable[..., Any]) -> Callable[..., Any]:
    """The transform over the last two axes, if no others are named."""
    return lambda a, s=None, axes=(-2, -1), norm=None: transform(a, s, axes, norm)


for first, others, inverse, several, two in (
    (np.fft.fft, np.fft.fft, False, np.fft.fftn, np.fft.fft2),
    (np.fft.ifft, np.fft.ifft, False, np.fft.ifftn, np.fft.ifft2),
    (np.fft.rfft, np.fft.fft, False, np.fft.rfftn, np.fft.rfft2),
    (np.fft.irfft, np.fft.ifft, True, np.fft.irfftn, np.fft.irfft2),
):
    transform = adapter(several, alone=True)(over_axes(first, others, inverse))
    adapter(two, alone=True)(over_two_axes(transform))


def shifted(x: Any, axes: int | Axes, sign: int) -> Any:
    """`x` rolled by half its length along `axes`, all of them if None."""
    chosen = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    for axis in chosen:
        x = np.roll(x, sign * (x.shape[axis] // 2), axis)
    return x


@adapter(np.fft.fftshift, moves=True)
def fftshift(x: Any, axes: int | Axes = None) -> Any:
    """The zero frequency in the middle."""
    return shifted(x, axes, 1)


@adapter(np.fft.ifftshift, moves=True)
def ifftshift(x: Any, axes: int | Axes = None) -> Any:
    """The inverse of `fftshift`."""
    return shifted(x, axes, -1)
