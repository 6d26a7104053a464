"""Reading and assigning parts of an array: integers, slices, integer arrays and boolean masks.

An index stands spread out in a row's arguments, ``get_item(x, *index)``, so that tensors may occur in it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import Sparse, wide, zeros_like
from autograd_lite.engine.array_like import array_of_any
from autograd_lite.engine.tracing_protocol import array_from, array_to_fill, indexed
from autograd_lite.engine.untaken import Chooses, passes
from autograd_lite.rules.registry import Primitive, Recordable, entered, row


def spread_index(index: Any) -> tuple[Any, ...]:
    """An index as a row takes it: its parts as separate arguments, sequences as arrays, tensors as their nodes."""
    return tuple([index_part(i) for i in (index if isinstance(index, tuple) else (index,))])


def index_part(part: Any) -> Any:
    """One part of an index; an empty sequence holds integers."""
    if isinstance(part, list | tuple | range):
        return array_of_any(part) if len(part) else np.zeros(0, np.intp)
    return part.node if isinstance(part, Recordable) else entered(part)


BASIC = (slice, int, np.integer, np.bool_, type(None), type(...))


def repeats(index: tuple[Any, ...]) -> bool:
    """Whether an index may name an element twice: it holds an array, or a sequence, of integers."""
    return not all(isinstance(i, BASIC) or getattr(i, "dtype", None) == np.bool_ for i in index)


def add_at(index: tuple[Any, ...], g: Any, total: Any) -> None:
    """Add `g` to the elements of `total` that `index` names, as often as it names them."""
    if repeats(index):
        sums = wide(total)
        np.add.at(sums, index, g)
        if sums is not total:
            total[...] = sums
    else:
        total[index] += g


@Primitive
def get_item(x: Any, *index: Any) -> Any:
    """``x[index]``."""
    return indexed(x, index)


@Primitive
def put_item(g: Any, *index: Any, shape: tuple[int, ...] = ()) -> Any:
    """The transpose of reading: zeros of `shape` with `g` added where `index` points."""
    total = zeros_like(g, shape)
    add_at(index, g, total)
    return total


@Primitive
def set_item(x: Any, value: Any, *index: Any) -> Any:
    """A copy of `x` in which ``x[index] = value``."""
    x = array_to_fill(x)
    x[index] = value
    return x


def put_gradient(g: Any, x: Any, *index: Any) -> Any:
    """Recorded, an array of zeros with `g` in its place; on arrays the walk adds `g` in place."""
    if isinstance(g, Recordable):
        return put_item(g, *index, shape=x.shape)
    return Sparse(partial(add_at, index, g))


def assigned(g: Any, x: Any, *index: Any) -> Any:
    """The gradient of an assigned value: of elements that are named twice, the last assignment counts."""
    index = tuple(array_from(getattr(i, "data", i)) if hasattr(i, "dtype") else i for i in index)
    if not repeats(index):
        return indexed(g, index)
    shape = indexed(np.empty(x.shape, np.bool_), index).shape
    numbers = np.arange(math.prod(shape)).reshape(shape)
    last = set_item(np.zeros(x.shape, numbers.dtype), numbers, *index)
    return indexed(g, index) * (indexed(last, index) == numbers)


row(
    get_item,
    lambda g, y, x, *index: put_gradient(g, x, *index),
    put=lambda view, x, *index: set_item(x, view, *index),
    flow=Chooses(),
)
row(put_item, lambda g, y, x, *index, shape=(): indexed(g, index), flow=passes)
row(
    set_item,
    lambda g, y, x, value, *index: set_item(g, 0.0, *index),
    lambda g, y, x, value, *index: assigned(g, x, *index),
    flow=Chooses(),
)
