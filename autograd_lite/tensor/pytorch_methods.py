"""What a `Tensor` can do because PyTorch's can: functions as methods, and methods that have another name in NumPy.

None of it adds a rule: each is the function that its docstring names. Where the two libraries mean different things by
one name (`max`, `std`, `transpose`, `repeat`, `sort`), NumPy's meaning stays.
"""

# mypy: disable-error-code="no-any-return"
# What NumPy's functions give for tensors are tensors, and NumPy's types do not know of any.

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np

from autograd_lite.engine.array_like import array_of_any
from autograd_lite.engine.hooks import Retained, retained
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import array_from, in_this_run
from autograd_lite.rules import neural
from autograd_lite.rules.indexing import put_item
from autograd_lite.rules.reductions import logsumexp
from autograd_lite.rules.selection import along_axis
from autograd_lite.support.habits import TENSOR, absent
from autograd_lite.tensor.array_methods import ArrayMethods, method

if TYPE_CHECKING:
    from autograd_lite.tensor.tensor import Tensor

numpy: Any = np  # NumPy's types know of no arrays but its own


def methods(*functions: Callable[..., Any]) -> tuple[Callable[..., Tensor], ...]:
    """Each function as a method."""
    return tuple(map(method, functions))


class TopK(NamedTuple):
    """The largest elements along an axis, and where they are."""

    values: Tensor
    indices: Tensor


def converting(dtype: Any) -> Callable[[Any], Tensor]:
    """The method that gives the elements in `dtype`; a tensor that has it already gives itself."""

    def convert(self: Any) -> Tensor:
        return self.astype(dtype, copy=False)

    convert.__doc__ = f"The elements as {np.dtype(dtype)}."
    return convert


def together(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Several integers that were given one by one, or as one sequence."""
    return tuple(map(operator.index, given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given))


def limited(index: Any, lengths: tuple[int, ...], axis: int, name: str) -> tuple[Any, int, tuple[slice, ...]]:
    """Indices along an axis as an array, the axis from 0, and the part of an array whose other axes they run along."""
    index = index if hasattr(index, "shape") else array_of_any(index)
    axis = range(len(lengths))[axis]
    others = zip(index.shape[:axis] + index.shape[axis + 1 :], lengths[:axis] + lengths[axis + 1 :], strict=False)
    if index.ndim != len(lengths) or any(n > m for n, m in others):
        raise ValueError(
            f"{name}: an index of shape {index.shape} does not fit an array of shape {lengths}: it has as many axes, "
            f"and along none but axis {axis} is it longer"
        )
    return index, axis, tuple(slice(None) if i == axis else slice(n) for i, n in enumerate(index.shape))


class PyTorchMethods(ArrayMethods):
    """Methods under PyTorch's names; `Tensor` adds the operators and gradients."""

    __slots__ = ()

    # Functions, element by element.

    exp, exp2, expm1, log, log2 = methods(np.exp, np.exp2, np.expm1, np.log, np.log2)
    log10, log1p, sqrt, square, reciprocal = methods(np.log10, np.log1p, np.sqrt, np.square, np.reciprocal)
    sin, cos, tan, sinh, cosh, tanh = methods(np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh)
    asin, acos, atan = arcsin, arccos, arctan = methods(np.arcsin, np.arccos, np.arctan)
    asinh, acosh, atanh = arcsinh, arccosh, arctanh = methods(np.arcsinh, np.arccosh, np.arctanh)
    abs = absolute = method(np.absolute)
    neg = negative = method(np.negative)
    pow, atan2, maximum, minimum = methods(np.power, np.arctan2, np.maximum, np.minimum)
    sign, floor, ceil, trunc, nan_to_num = methods(np.sign, np.floor, np.ceil, np.trunc, np.nan_to_num)
    isnan, isinf, isfinite = methods(np.isnan, np.isinf, np.isfinite)
    sigmoid, relu, erf = methods(neural.sigmoid, neural.relu, neural.erf)
    softmax, log_softmax, logsumexp = methods(neural.softmax, neural.log_softmax, logsumexp)
    matmul, flip, roll, tril, triu, diag = methods(np.matmul, np.flip, np.roll, np.tril, np.triu, np.diag)
    half, float, double = map(converting, (np.float16, np.float32, np.float64))
    int, long, bool = map(converting, (np.int32, np.int64, np.bool_))

    def rsqrt(self) -> Tensor:
        """1 / √x."""
        return 1 / numpy.sqrt(self)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """The elements limited to [min, max]: `clip`."""
        return self.clip(min, max)

    # Shapes.

    def dim(self) -> Any:
        """The number of axes: `ndim`."""
        return self.ndim

    def numel(self) -> Any:
        """The number of elements: `size`."""
        return self.size

    nelement = numel

    def unsqueeze(self, dim: Any) -> Tensor:
        """One more axis, of length 1, at `dim`: `np.expand_dims`."""
        return numpy.expand_dims(self, operator.index(dim))

    def permute(self, *dims: Any) -> Tensor:
        """The axes in another order, given one by one or as one tuple: `np.transpose`."""
        return numpy.transpose(self, together(dims))

    def expand(self, *sizes: Any) -> Tensor:
        """The elements repeated along axes of length 1, or along new ones before; -1 keeps a length: `np.broadcast_to`.

        Examples
        --------
        >>> import autograd_lite as ag
        >>> ag.tensor([[1.0], [2.0]]).expand(-1, 3)
        tensor([[1., 1., 1.],
                [2., 2., 2.]])
        """
        shape = together(sizes)
        old = (1,) * (len(shape) - self.ndim) + self.shape
        return numpy.broadcast_to(self, tuple(m if n == -1 else n for n, m in zip(shape, old, strict=False)))

    def view(self, *how: Any) -> Tensor:
        """The same memory in another shape; without one, or with this tensor's dtype, in the same.

        Raises
        ------
        ValueError
            If that shape needs the elements in another order in memory, so that they would have to be copied.
        NotImplementedError
            If another dtype is given.
        """
        if not how or how == (self.dtype,):
            return super().view()
        if not all(isinstance(n, list | tuple | np.integer | int) for n in how):
            raise NotImplementedError("Tensor.view: say x.astype(dtype); to read memory as another dtype, detach() it")
        seen = self.reshape(together(how))
        if self.ndim and self.size and not hasattr(seen, "origin"):
            raise ValueError(f"{describe(self.node)} cannot be seen in shape {seen.shape} without a copy: say reshape")
        return seen

    def flatten(self, order: Any = "C", end_dim: Any = -1, **named: Any) -> Tensor:
        """All elements in one axis, in memory of their own; or the axes from one to another, as PyTorch says it.

        Examples
        --------
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> ag.tensor(np.zeros((2, 3, 4))).flatten(1).shape
        (2, 12)
        """
        start = named.pop("start_dim", 0 if end_dim != -1 and order == "C" else order)
        if named:
            raise TypeError(f"flatten() got an unexpected keyword argument {next(iter(named))!r}")
        if isinstance(start, str):
            return super().flatten(start)
        axes = range(self.ndim)
        first, last = axes[start], axes[end_dim]
        return self.reshape(*self.shape[:first], -1, *self.shape[last + 1 :]).copy()

    def contiguous(self) -> Tensor:
        """The elements in C order in memory: this tensor if they are, else a copy."""
        return cast(Any, self) if in_this_run(self.node.value).flags.c_contiguous else self.copy()

    def clone(self) -> Tensor:
        """The same values in memory of their own, recorded: `copy`."""
        return self.copy()

    def cpu(self) -> Self:
        """This tensor: there is no device but the CPU."""
        return self

    # Elements that are chosen.

    def masked_fill(self, mask: Any, value: Any) -> Tensor:
        """`value` where the mask is true, the elements elsewhere: `np.where`."""
        return numpy.where(mask, value, self)

    def gather(self, dim: Any, index: Any) -> Tensor:
        """The elements at `index` along the axis `dim`: `np.take_along_axis`, of the part that `index` runs along.

        Examples
        --------
        >>> import autograd_lite as ag
        >>> ag.tensor([[1.0, 2.0], [3.0, 4.0]]).gather(1, [[1], [0]])
        tensor([[2.],
                [3.]])
        """
        index, dim, part = limited(index, self.shape, operator.index(dim), "gather")
        return numpy.take_along_axis(cast(Any, self)[part], index, dim)

    def scatter_add(self, dim: Any, index: Any, src: Any) -> Tensor:
        """A copy in which the elements of `src` are added at `index` along the axis `dim`, as often as it names them.

        Examples
        --------
        >>> import autograd_lite as ag
        >>> ag.zeros(3).scatter_add(0, [0, 2, 2], ag.ones(3))
        tensor([1., 0., 2.])
        """
        index, dim, _ = limited(index, self.shape, operator.index(dim), "scatter_add")
        src = src if isinstance(src, ArrayMethods) else self.constant(array_from(src, self.dtype))
        if index.ndim != src.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
            raise ValueError(f"scatter_add: an index of shape {index.shape} names more than a source of {src.shape}")
        part: Any = cast(Any, src)[tuple(map(slice, index.shape))]
        return self + put_item(part, *along_axis(index.shape, index, dim), shape=self.shape)

    def topk(self, k: Any, dim: Any = -1, largest: Any = True) -> TopK:
        """The `k` largest elements along an axis, the largest first, and where they are; or the smallest.

        Examples
        --------
        >>> import autograd_lite as ag
        >>> values, indices = ag.tensor([3.0, 1.0, 2.0]).topk(2)
        >>> values, indices
        (tensor([3., 2.]), tensor([0, 2]))
        """
        if not 0 <= operator.index(k) <= self.shape[dim]:
            raise ValueError(f"topk: there are {self.shape[dim]} elements along axis {dim}, and not {k}")
        order = numpy.argsort(self, dim)
        order = numpy.flip(order, dim) if largest else order
        places = numpy.moveaxis(numpy.moveaxis(order, dim, -1)[..., :k], -1, dim)
        return TopK(numpy.take_along_axis(self, places, dim), places)

    # Gradients.

    def retain_grad(self) -> None:
        """Keep the gradient of a computed tensor in its `.grad`, too, when `backward` passes through it.

        Examples
        --------
        >>> import autograd_lite as ag
        >>> h = ag.tensor(3.0, requires_grad=True) * 2
        >>> h.retain_grad()
        >>> (h * h).backward()
        >>> h.grad
        array(12.)
        """
        tensor = cast(Any, self)
        if not tensor.requires_grad:
            raise RuntimeError(f"{describe(self.node)} requires no gradient, so there is none to keep")
        if not tensor.is_leaf and retained(tensor.leaf) is None:
            tensor.register_hook(Retained())

    def requires_grad_(self, requires_grad: Any = True) -> Self:
        """Set `requires_grad`; gives this tensor."""
        cast(Any, self).requires_grad = requires_grad
        return self


absent(PyTorchMethods, TENSOR)
