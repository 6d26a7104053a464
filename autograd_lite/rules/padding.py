"""`np.pad` in the modes whose new elements are constants, copies, or simple functions of the old ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.indexing import get_item, set_item
from autograd_lite.rules.joining import join
from autograd_lite.rules.registry import Recordable, adapter
from autograd_lite.rules.shaping import array_of

COPYING = ("edge", "reflect", "symmetric", "wrap")
SUMMARIES: dict[str, Callable[..., Any]] = {"mean": np.mean, "maximum": np.max, "minimum": np.min, "median": np.median}


@adapter(np.pad, "constant_values", "end_values")
def pad(array: Any, pad_width: Any = 0, mode: str = "constant", **settings: Any) -> Any:
    """`array` with new elements before and after each axis."""
    array = array_of(array)
    widths = widths_of(pad_width, array.ndim)
    if mode == "constant":
        return padded_by_constants(array, widths, **settings)
    if mode in COPYING and settings.get("reflect_type", "even") == "even":
        for axis, width in enumerate(widths):
            if width != (0, 0):
                order = np.pad(np.arange(array.shape[axis]), width, mode)  # type: ignore[call-overload]
                array = get_item(array, *(slice(None),) * axis, order)
        return array
    if mode in SUMMARIES or mode == "linear_ramp":
        for axis, width in enumerate(widths):
            before, after = ends(array, axis, width, mode, **pairs_of(settings, array.ndim, axis))
            array = join(before, array, after, axis=axis)
        return array
    setting = f"reflect_type={settings['reflect_type']!r}" if mode in COPYING else f"mode={mode!r}"
    raise NotImplementedError(f"np.pad: {setting} has no gradient rule; pad with np.concatenate")


def widths_of(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """The numbers of new elements (before, after) of every axis, from any form that NumPy takes."""
    if isinstance(pad_width, dict):
        given = {axis % ndim: width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(ndim)]
    pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2)).tolist()
    if any(n < 0 for pair in pairs for n in pair):
        raise ValueError("index can't contain negative values")
    return [(int(before), int(after)) for before, after in pairs]


def pairs_of(settings: dict[str, Any], ndim: int, axis: int) -> dict[str, Any]:
    """The settings of one axis as pairs (before, after)."""
    return {name: (None, None) if value is None else pair(value, ndim, axis) for name, value in settings.items()}


def pair(value: Any, ndim: int, axis: int) -> tuple[Any, Any]:
    """What a setting says of one axis: numbers, or tensors that are differentiated."""
    before, after = np.broadcast_to(array_of(value), (ndim, 2))[axis]
    return (before, after) if isinstance(before, Recordable) else (before.item(), after.item())


def padded_by_constants(array: Any, widths: list[tuple[int, int]], constant_values: Any = 0) -> Any:
    """`array` laid into an array of constants."""
    inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, array.shape, strict=True))
    if isinstance(constant_values, Recordable):
        shape = tuple(before + n + after for (before, after), n in zip(widths, array.shape, strict=True))
        frame = np.broadcast_to(constant_values.astype(array.dtype), shape)  # type: ignore[attr-defined]
    else:
        frame = np.pad(np.zeros(array.shape, array.dtype), widths, constant_values=constant_values)
    return set_item(frame, array, *inner)


def ends(
    array: Any,
    axis: int,
    width: tuple[int, int],
    mode: str,
    stat_length: Any = (None, None),
    end_values: Any = (0, 0),
) -> tuple[Any, Any]:
    """What comes before and after `array` along `axis`: a ramp to the end values, or a summary of what is near."""
    whole, n, found = (slice(None),) * axis, array.shape[axis], []
    for side, count in enumerate(width):
        if mode == "linear_ramp":
            edge = get_item(array, *whole, slice(n - 1, n) if side else slice(0, 1))
            steps = np.arange(count) / count if count else np.zeros(0)  # from the end value to the edge
            shape = tuple(-1 if i == axis else 1 for i in range(array.ndim))
            steps = np.reshape(steps[::-1] if side else steps, shape).astype(array.dtype)
            found.append(end_values[side] + (edge - end_values[side]) * steps)
            continue
        length = n if stat_length[side] is None else min(int(stat_length[side]), n)
        near = get_item(array, *whole, slice(n - length, n) if side else slice(0, length))
        summary = SUMMARIES[mode](near, axis=axis, keepdims=True)
        found.append(np.broadcast_to(summary, (*array.shape[:axis], count, *array.shape[axis + 1 :])))
    return found[0], found[1]
