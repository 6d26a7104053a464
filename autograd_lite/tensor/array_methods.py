"""What a `Tensor` can do because NumPy can: conversions, text, and ndarray's methods."""

# mypy: disable-error-code="no-any-return"
# What NumPy's functions give for tensors are tensors, and NumPy's types do not know of any.

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

import numpy as np

from autograd_lite.engine.tracing_protocol import in_this_run
from autograd_lite.rules.elementwise import as_constant, astype, copy
from autograd_lite.rules.shaping import reshape
from autograd_lite.rules.where_and_extrema import clip
from autograd_lite.support.habits import absent, spelled
from autograd_lite.tensor.aliasing import Handle
from autograd_lite.tensor.leaving import give, keep

if TYPE_CHECKING:
    from autograd_lite.tensor.tensor import Tensor

Axis = int | tuple[int, ...] | None
numpy: Any = np  # NumPy's types know of no arrays but its own
OF_ARRAYS = (
    *("base", "byteswap", "ctypes", "dump", "dumps", "flags", "getfield", "setfield", "setflags", "strides"),
    *("tobytes", "tofile"),
)  # what ndarray has because it is memory
INSTEAD = {name: f"x.detach().numpy().{name}" for name in OF_ARRAYS} | {"resize": "x = np.resize(x, shape)"}


def method(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """The method that is a NumPy function with the tensor for its first argument."""
    name = function.__name__

    def call(self: Any, *args: Any, **settings: Any) -> Any:
        return function(self, *args, **(settings and spelled(name, settings)))

    call.__name__, call.__doc__ = name, f"`{'np' if hasattr(np, name) else 'ag'}.{name}` of this tensor."
    return call


def rounding(rounded: Callable[[Any], int]) -> Callable[[Any], int]:
    """A method that gives a whole number near a tensor without axes."""

    def call(self: Any) -> int:
        if self.ndim:
            raise TypeError(
                f"only a tensor without axes becomes a Python number, not one of shape {self.shape}: use np.round"
            )
        number = rounded(self.node.value.item())
        if self.node.needs_grad:
            give(self.node)
        return number

    return call


class ArrayMethods(Handle):
    """What a Tensor can do because NumPy can; `Tensor` adds the operators and gradients."""

    __slots__ = ()

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

    @property
    def itemsize(self) -> int:
        """The number of bytes of one element."""
        return cast(int, self.node.value.itemsize)

    @property
    def nbytes(self) -> int:
        """The number of bytes of all elements."""
        return cast(int, self.node.value.nbytes)

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
        number = float(self.node.value.item())
        if self.node.needs_grad:
            give(self.node)
        return number

    def __int__(self) -> int:
        number = int(self.node.value.item())
        if self.node.needs_grad:
            give(self.node)
        return number

    def __complex__(self) -> complex:
        number = complex(self.node.value.item())
        if self.node.needs_grad:
            give(self.node)
        return number

    def __index__(self) -> int:
        return operator.index(cast(SupportsIndex, self.node.value[()]))

    def __divmod__(self, other: Any) -> Any:
        return numpy.divmod(self, other)

    def __rdivmod__(self, other: Any) -> Any:
        return numpy.divmod(other, self)

    def __round__(self, ndigits: int | None = None) -> Any:
        return rounding(round)(self) if ndigits is None else numpy.round(self, ndigits)

    __floor__, __ceil__, __trunc__ = rounding(math.floor), rounding(math.ceil), rounding(math.trunc)

    def item(self, *index: Any) -> Any:
        """The value of a tensor of one element, or of the element at `index`, as a Python number."""
        keep(self.node, ".item()")
        return self.node.value.item(*index)

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        keep(self.node, ".tolist()")
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
            return format(self.node.value.item(), spec)
        return np.array2string(np.asarray(self.node.value), formatter={"all": lambda v: format(v, spec)})

    # ndarray's methods: each is the NumPy function of that name. The most frequent ones go straight to their rows.

    def sum(self, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Tensor:
        """The sum over `axis`."""
        if dtype is out is None and not more:
            return self.record_call(np.sum, (self,), {"axis": axis, "keepdims": keepdims})
        return numpy.sum(self, **spelled("sum", more, axis=axis, dtype=dtype, out=out, keepdims=keepdims))

    def mean(
        self, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **more: Any
    ) -> Tensor:
        """The mean over `axis`."""
        if dtype is out is None and not more:
            return self.record_call(np.mean, (self,), {"axis": axis, "keepdims": keepdims})
        return numpy.mean(self, **spelled("mean", more, axis=axis, dtype=dtype, out=out, keepdims=keepdims))

    def max(self, axis: Axis = None, out: Any = None, keepdims: bool = False, **more: Any) -> Tensor:
        """The largest element along `axis`."""
        if out is None and not more:
            return self.record_call(np.max, (self,), {"axis": axis, "keepdims": keepdims})
        return numpy.max(self, **spelled("max", more, axis=axis, out=out, keepdims=keepdims))

    def min(self, axis: Axis = None, out: Any = None, keepdims: bool = False, **more: Any) -> Tensor:
        """The smallest element along `axis`."""
        if out is None and not more:
            return self.record_call(np.min, (self,), {"axis": axis, "keepdims": keepdims})
        return numpy.min(self, **spelled("min", more, axis=axis, out=out, keepdims=keepdims))

    var, std, prod = method(np.var), method(np.std), method(np.prod)
    cumsum, cumprod = method(np.cumsum), method(np.cumprod)
    any, all, argmax, argmin = method(np.any), method(np.all), method(np.argmax), method(np.argmin)
    argsort, argpartition, searchsorted = method(np.argsort), method(np.argpartition), method(np.searchsorted)
    nonzero, round = method(np.nonzero), method(np.round)
    dot, trace, diagonal = method(np.dot), method(np.trace), method(np.diagonal)
    swapaxes, squeeze, ravel, repeat = method(np.swapaxes), method(np.squeeze), method(np.ravel), method(np.repeat)
    take, choose, put = method(np.take), method(np.choose), method(np.put)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **more: Any) -> Tensor:
        """The elements limited to [min, max]."""
        return clip(self, min, max) if out is None and not more else numpy.clip(self, min, max, out, **more)

    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Tensor:
        """The parts along `axis` for which the condition holds."""
        return numpy.compress(condition, self, axis, out)

    def reshape(self, *shape: Any, order: str = "C", **more: Any) -> Tensor:
        """The same elements in another shape, given as one tuple or as several lengths."""
        if not shape:
            raise TypeError("reshape() takes a shape: one tuple or several lengths")
        shape = shape[0] if len(shape) == 1 else shape
        return reshape(self, shape=shape) if order == "C" and not more else numpy.reshape(self, shape, order, **more)

    def conj(self) -> Tensor:
        """The complex conjugate; of real numbers, this tensor itself."""
        return numpy.conjugate(self) if self.dtype.kind == "c" else cast(Any, self)

    conjugate = conj

    def flatten(self, order: str = "C") -> Tensor:
        """All elements in one axis, in memory of their own."""
        return copy(numpy.ravel(self, order))

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order; reversed if none is given."""
        return numpy.transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)

    @property
    def T(self) -> Tensor:
        """The axes in reversed order."""
        return numpy.transpose(self)

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
        return numpy.swapaxes(self, -1, -2)

    @property
    def flat(self) -> Tensor:
        """The elements in one axis, to be read; ``x.ravel()``."""
        return numpy.ravel(self)

    @property
    def real(self) -> Tensor:
        """The real part: a tensor of real numbers itself."""
        return numpy.real(self) if self.dtype.kind == "c" else cast(Any, self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part, 0 for real numbers."""
        return numpy.imag(self) if self.dtype.kind == "c" else numpy.zeros_like(self)

    def astype(
        self, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
    ) -> Tensor:
        """The elements in another dtype; integers and booleans carry no gradient. Without `copy`, itself if it fits."""
        dtype = np.dtype(dtype)
        if (order, casting, subok) != ("K", "unsafe", True):
            np.empty(0, self.dtype).astype(dtype, order, casting, subok)  # refused as NumPy does
        if not copy and dtype == self.dtype:
            return cast(Any, self)
        return astype(self, dtype=dtype) if dtype.kind in "fc" else as_constant(self, dtype=dtype)

    def copy(self, order: str = "C") -> Tensor:
        """The same values in memory of their own, recorded."""
        plain = order == "C" and in_this_run(self.node.value).flags.c_contiguous
        return copy(self) if plain else numpy.copy(self, order)

    def view(self, *how: Any) -> Tensor:
        """The same memory, in its own dtype only."""
        if how:
            raise NotImplementedError("Tensor.view: say x.reshape(shape) or x.astype(dtype)")
        return cast(Any, self)[...]

    def to_device(self, device: str, *, stream: None = None) -> Any:
        """Itself: there is no device but "cpu"."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"there is no device but 'cpu', and none {device!r}")
        return self

    # Methods that change the array: the handle takes the new values, as with ``x[...] = v``.

    def fill(self, value: Any) -> None:
        """Give all elements one value."""
        if np.ndim(value):
            raise ValueError("fill() takes one number; to assign an array write x[...] = values")
        cast(Any, self)[...] = value

    def sort(self, axis: int = -1, kind: Any = None, order: None = None, *, stable: bool | None = None) -> None:
        """Sort along `axis`."""
        cast(Any, self)[...] = numpy.sort(self, operator.index(axis), kind, order, stable=stable)

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect", order: None = None) -> None:
        """Bring the elements that a sort would put at `kth` to their places."""
        cast(Any, self)[...] = numpy.partition(self, kth, operator.index(axis), kind, order)


absent(ArrayMethods, INSTEAD)
