"""What a `Tensor` can do because NumPy can: conversions, text, and ndarray's methods."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, SupportsIndex, cast

import numpy as np

from autograd_lite.graph import Leaf, Node
from autograd_lite.rules.elementwise import as_constant, astype, clip, copy
from autograd_lite.rules.shaping import reshape
from autograd_lite.rules.table import Recordable

Axis = int | tuple[int, ...] | None


class ArrayMethods(Recordable):
    """What a Tensor can do because NumPy can; `Tensor` adds the handle, the operators and gradients."""

    __slots__ = ("leaf", "node")
    node: Node
    leaf: Leaf | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return cast(tuple[int, ...], self.node.value.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return cast(int, self.node.value.ndim)

    @property
    def size(self) -> int:
        """The number of elements."""
        return cast(int, self.node.value.size)

    @property
    def dtype(self) -> Any:
        """The NumPy dtype."""
        return self.node.value.dtype

    # Values as Python sees them.

    def __len__(self) -> int:
        return len(self.node.value)

    def __iter__(self) -> Iterator[Any]:
        if self.node.value.ndim == 0:
            raise TypeError("a 0-d tensor cannot be iterated over; .item() gives its value")
        return map(cast(Any, self).__getitem__, range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool(np.any(self == x))

    def __bool__(self) -> bool:
        return bool(self.node.value)

    def __float__(self) -> float:
        return float(self.node.value.item())

    def __int__(self) -> int:
        return int(self.node.value.item())

    def __index__(self) -> int:
        return operator.index(cast(SupportsIndex, self.node.value[()]))

    def item(self) -> Any:
        """The value of a tensor of one element, as a Python number."""
        return self.node.value.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self.node.value.tolist()

    def __repr__(self) -> str:
        parts = [np.array2string(np.asarray(self.node.value), separator=", ", prefix="tensor(", threshold=200)]
        if self.node.value.dtype not in (np.float64, np.int64, np.bool_):
            parts.append(f"dtype={self.node.value.dtype}")
        if self.leaf is not None and self.leaf.name:
            parts.append(f"name={self.leaf.name!r}")
        if self.node.function is not None:
            parts.append(f"grad_fn=<{self.node.function.__name__}>")
        elif self.node.needs_grad:
            parts.append("requires_grad=True")
        return f"tensor({', '.join(parts)})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        if self.node.value.ndim == 0:
            return format(self.item(), spec)
        return np.array2string(np.asarray(self.node.value), formatter={"all": lambda v: format(v, spec)})

    # ndarray's methods: each is the NumPy function of that name.

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The sum over `axis`."""
        return self.record_call(np.sum, (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The mean over `axis`."""
        return self.record_call(np.mean, (self,), {"axis": axis, "keepdims": keepdims})

    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
        """The variance over `axis`, divided by n - ddof as NumPy does it."""
        return self.record_call(np.var, (self,), {"axis": axis, "ddof": ddof, "keepdims": keepdims})

    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
        """The standard deviation over `axis`, divided by n - ddof as NumPy does it."""
        return self.record_call(np.std, (self,), {"axis": axis, "ddof": ddof, "keepdims": keepdims})

    def max(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The largest element along `axis`."""
        return self.record_call(np.max, (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The smallest element along `axis`."""
        return self.record_call(np.min, (self,), {"axis": axis, "keepdims": keepdims})

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """The index of the largest element; no gradient."""
        return np.argmax(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """The index of the smallest element; no gradient."""
        return np.argmin(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def any(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """Whether any element is true; no gradient."""
        return np.any(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def all(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """Whether all elements are true; no gradient."""
        return np.all(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def clip(self, min: Any = None, max: Any = None) -> Any:
        """The elements limited to [min, max]."""
        return clip(self, min, max)

    def dot(self, b: Any) -> Any:
        """The product of `np.dot`."""
        return np.dot(self, b)  # type: ignore[call-overload]

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape, given as one tuple or as several lengths."""
        return reshape(self, shape=shape[0] if len(shape) == 1 else shape)

    def ravel(self) -> Any:
        """All elements in one axis."""
        return reshape(self, shape=-1)

    flatten = ravel

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order; reversed if none is given."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return np.transpose(self, axes=order)  # type: ignore[call-overload]

    @property
    def T(self) -> Any:
        """The axes in reversed order."""
        return np.transpose(self)  # type: ignore[call-overload]

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return np.swapaxes(self, -1, -2)  # type: ignore[call-overload]

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """Two axes exchanged."""
        return np.swapaxes(self, axis1, axis2)  # type: ignore[call-overload]

    def squeeze(self, axis: Axis = None) -> Any:
        """Without axes of length 1."""
        return np.squeeze(self, axis=axis)  # type: ignore[call-overload]

    def take(self, indices: Any, axis: int | None = None) -> Any:
        """The elements at `indices` along `axis`."""
        return np.take(self, indices, axis=axis)  # type: ignore[call-overload]

    def astype(self, dtype: Any) -> Any:
        """The elements in another dtype; integers and booleans carry no gradient."""
        dtype = np.dtype(dtype)
        return astype(self, dtype=dtype) if dtype.kind == "f" else as_constant(self, dtype=dtype)

    def copy(self) -> Any:
        """The same values in memory of their own, recorded."""
        return copy(self)
