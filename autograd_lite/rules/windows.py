"""What convolution and pooling are made of: an image unfolded into its windows, and back.

Windows have the shape (channels, height · width of a window, rows, columns, n): the batch comes last, because then
NumPy copies and adds whole rows of it at once, and a convolution is one product of matrices. `fold` is the transpose of
`unfold`, so each is the other's gradient.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.engine.accumulation import zeros_like
from autograd_lite.rules.neural import constant, ones
from autograd_lite.rules.registry import Primitive, row

Pair = tuple[int, int]
Padding = tuple[int, int, int, int]  # rows above and below, columns left and right


def padded_size(shape: tuple[int, ...], padding: Padding) -> Pair:
    """The height and the width of images (n, channels, height, width) with their border."""
    top, bottom, left, right = padding
    return shape[2] + top + bottom, shape[3] + left + right


def window_counts(shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Pair:
    """How many windows images have from top to bottom and from left to right."""
    settings = zip(padded_size(shape, padding), kernel, stride, dilation, strict=True)
    rows, columns = ((size - d * (k - 1) - 1) // s + 1 for size, k, s, d in settings)
    return rows, columns


def inside(shape: tuple[int, ...], padding: Padding) -> tuple[slice, ...]:
    """Where the images are in (channels, height, width, n) with their border."""
    top, _, left, _ = padding
    return slice(None), slice(top, top + shape[2]), slice(left, left + shape[3])


def bordered(x: Any, padding: Padding, border: float) -> Any:
    """(n, channels, height, width) as (channels, height, width, n), with a border of one number."""
    x = np.transpose(x, (1, 2, 3, 0))
    if not any(padding):
        return x
    channels, height, width, n = x.shape
    wide = zeros_like(x, (channels, height + padding[0] + padding[1], width + padding[2] + padding[3], n))
    if border:
        wide[...] = border
    wide[:, padding[0] : padding[0] + height, padding[2] : padding[2] + width] = x
    return wide


@Primitive
def unfold(
    x: Any,
    kernel: Pair = (1, 1),
    stride: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    dilation: Pair = (1, 1),
    border: float = 0.0,
) -> Any:
    """The windows of images of shape (n, channels, height, width)."""
    return windows_of(bordered(x, padding, border), kernel, stride, dilation)


def windows_of(wide: Any, kernel: Pair, stride: Pair, dilation: Pair) -> Any:
    """The windows of (channels, height, width, n), whose border is part of it."""
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    (down, along), (apart, beside) = stride, dilation
    views = sliding_window_view(wide, reach, axis=(1, 2))[:, ::down, ::along, :, ::apart, ::beside]
    channels, rows, columns, n = views.shape[:4]
    return np.reshape(np.transpose(views, (0, 4, 5, 1, 2, 3)), (channels, kernel[0] * kernel[1], rows, columns, n))


@Primitive
def fold(
    windows: Any,
    shape: tuple[int, ...] = (),
    kernel: Pair = (1, 1),
    stride: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    dilation: Pair = (1, 1),
) -> Any:
    """Images of `shape` (n, channels, height, width): every window added to where it was seen."""
    n, channels = shape[:2]
    total = zeros_like(windows, (channels, *padded_size(shape, padding), n))
    apart = all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, stride, dilation, strict=True))
    for i, place in enumerate(places(kernel, stride, dilation, windows.shape[2:4])):
        if apart:  # each element of the images is in one window at most
            total[place] = windows[:, i]
        else:
            total[place] += windows[:, i]
    return np.transpose(total[inside(shape, padding)], (3, 0, 1, 2))


def places(kernel: Pair, stride: Pair, dilation: Pair, counts: Pair) -> Iterator[tuple[slice, ...]]:
    """For each element of a window: where it is in the images, for all windows."""
    for i, j in itertools.product(range(kernel[0]), range(kernel[1])):
        axes = zip((i * dilation[0], j * dilation[1]), stride, counts, strict=True)
        yield (slice(None), *(slice(start, start + s * (m - 1) + 1, s if s > 1 else None) for start, s, m in axes))


row(
    unfold,
    lambda g, y, x, kernel=(1, 1), stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1), border=0.0: fold(
        g, shape=x.shape, kernel=kernel, stride=stride, padding=padding, dilation=dilation
    ),
)
row(
    fold,
    lambda g, y, windows, shape=(), kernel=(1, 1), stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1): unfold(
        g, kernel=kernel, stride=stride, padding=padding, dilation=dilation
    ),
)


# Convolution: an affine map of every window.


def by_group(a: Any, groups: int) -> Any:
    """`a` as a stack of matrices: its first axis cut into groups, the others being columns."""
    return np.reshape(a, (groups, a.shape[0] // groups, -1))


def columns(windows: Any, groups: int) -> Any:
    """A column for each window, which holds all its channels, group by group."""
    return np.reshape(windows, (groups, windows.shape[0] // groups * windows.shape[1], -1))


@Primitive
def filtered(windows: Any, weight: Any, bias: Any, groups: int = 1) -> Any:
    """W X + b for every window X; W (out, channels / groups, height, width), b (out,) or None.

    The result has the shape (out, rows, columns, n).
    """
    y = np.matmul(by_group(weight, groups), columns(windows, groups))
    if bias is not None:
        y += np.reshape(bias, (groups, -1, 1))
    return np.reshape(y, (weight.shape[0], *windows.shape[2:]))


row(
    filtered,
    lambda g, y, windows, weight, bias, groups=1: np.reshape(
        np.matmul(np.swapaxes(by_group(weight, groups), 1, 2), by_group(g, groups)), windows.shape
    ),
    lambda g, y, windows, weight, bias, groups=1: np.reshape(
        np.matmul(by_group(g, groups), np.swapaxes(columns(windows, groups), 1, 2)), weight.shape
    ),
    lambda g, y, windows, weight, bias, groups=1: np.matmul(np.reshape(g, (len(bias), -1)), ones(g[0].size, g.dtype)),
)


# Pooling: the largest element of every window.


@functools.lru_cache(maxsize=64)
def within_image(size: Pair, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Any:
    """Which elements of the windows are not border; None: all of them."""
    if not any(padding):
        return None
    wide = np.pad(np.ones(size, np.bool_), (padding[:2], padding[2:]))
    return constant(windows_of(wide[None, :, :, None], kernel, stride, dilation))


@Primitive
def window_max(windows: Any, within: Any) -> Any:
    """The maximum over axis 1; the gradient goes to the first that reaches it, as in PyTorch, `within` the image."""
    return functools.reduce(np.maximum, [windows[:, i] for i in range(windows.shape[1])])


def first_maxima(y: Any, windows: Any, within: Any) -> Any:
    """True where an element is its window's maximum and none before it is."""
    reached = windows == np.expand_dims(y, 1)
    reached = reached if within is None else reached & within
    found, first = reached[:, 0], [reached[:, 0]]
    for i in range(1, windows.shape[1]):
        first.append(reached[:, i] > found)
        found = found | reached[:, i]
    return np.stack(first, axis=1)


row(
    window_max,
    lambda g, y, windows, within: np.where(first_maxima(y, windows, within), np.expand_dims(g, 1), 0),
    None,
)
