"""Calls with a gradient of their own: how `custom_vjp` and `checkpoint` stand in a graph.

Both are one row of the table, `call_custom`. Its arrays are the tensors that went into the call; its one setting is
the call itself, which knows how to compute the results and how to go back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.graph import Node, record
from autograd_lite.engine.tracing_protocol import array_copied, array_from, known
from autograd_lite.rules.registry import Primitive, row
from autograd_lite.tensor.tensor import Tensor, wrap


class OpaqueCall:
    """One such call; subclasses say how it goes forward and back."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f, self.name = f, getattr(f, "__name__", type(f).__name__)
        self.layout: list[tuple[tuple[int, ...], Any]] = []
        self.ready: Any = None

    def __repr__(self) -> str:
        return self.name

    def forward(self, arrays: Sequence[Any]) -> list[Any]:
        """The floating and complex arrays that the call gives."""
        raise NotImplementedError

    def back(self, cotangents: list[Any], results: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        """The gradient in each of `values`, from the gradients in the results: on arrays, or recorded on Tensors."""
        raise NotImplementedError

    def value(self, arrays: Sequence[Any]) -> Any:
        """The results as one array."""
        ready, self.ready = self.ready, None
        return self.pack(self.forward(arrays)) if ready is None else ready

    def gradients(self, g: Any, y: Any, values: Sequence[Any]) -> Sequence[Any]:
        """The gradient in each of `values`."""
        return self.back(self.unpack(g), self.unpack(y), values)

    def pack(self, results: Sequence[Any]) -> Any:
        """Several arrays in one, because a node has one value; of a dtype that holds the numbers of each exactly."""
        self.layout = [(np.shape(a), array_from(a).dtype) for a in results]
        if len(results) == 1:
            return owned(results[0])
        return np.concatenate([np.ravel(a) for a in results])

    def unpack(self, packed: Any) -> list[Any]:
        """The arrays, or Tensors, in a packed one."""
        if len(self.layout) == 1:
            return [packed]
        ends = np.cumsum([math.prod(shape) for shape, _ in self.layout]).tolist()
        starts = [0, *ends[:-1]]
        return [
            part_of(packed[start:end], shape, dtype)
            for start, end, (shape, dtype) in zip(starts, ends, self.layout, strict=True)
        ]

    def recorded(self, nodes: Iterable[Node]) -> list[Tensor]:
        """The results as Tensors of one call on `nodes`."""
        return self.unpack(wrap(record(call_custom, tuple(nodes), {"call": self})))


def part_of(packed: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """A result in its own shape and dtype."""
    part = np.reshape(packed, shape)
    if part.dtype.kind == "c" != dtype.kind:
        part = np.real(part)
    return part if part.dtype == dtype else part.astype(dtype)


def owned(a: Any) -> Any:
    """An array that nobody else has, whoever has made `a`; a symbol's memory is the program's business."""
    return array_copied(a)[()] if known(a) else array_from(a)[()]


def frozen(a: Any) -> Any:
    """An array as it is now, which nobody can change; anything else as it is."""
    return protected(a.copy()) if isinstance(a, np.ndarray) else a


def protected(a: Any) -> Any:
    """A view of an array through which it cannot be changed; anything else as it is."""
    if isinstance(a, np.ndarray):
        a = a.view()
        a.flags.writeable = False
    return a


@Primitive
def call_custom(*arrays: Any, call: Any = None) -> Any:
    """The results of `call` on `arrays`, in one array."""
    return call.value(arrays)


row(call_custom, together=lambda g, y, *arrays, call=None: call.gradients(g, y, arrays))
