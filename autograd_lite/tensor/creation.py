"""Tensors from nothing: NumPy's creation functions, with `requires_grad` and `name`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine import random
from autograd_lite.engine.tracing_protocol import Symbol, array_from
from autograd_lite.tensor.tensor import Tensor

Shape = int | tuple[int, ...]


def constant(a: Any) -> Any:
    """A number or an array that a new tensor is made of: a tensor that requires a gradient would lose its history."""
    return a if isinstance(a, Symbol) else array_from(a)[()]


def zeros(shape: Shape, dtype: Any = float, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor of zeros.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.zeros(2, requires_grad=True)
    tensor([0., 0.], requires_grad=True)
    """
    return Tensor(np.zeros(shape, dtype), requires_grad=requires_grad, name=name)


def ones(shape: Shape, dtype: Any = float, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor of ones.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.ones((1, 2), dtype="float32")
    tensor([[1., 1.]], dtype=float32)
    """
    return Tensor(np.ones(shape, dtype), requires_grad=requires_grad, name=name)


def full(shape: Shape, value: Any, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor of one value.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.full(2, 0.5)
    tensor([0.5, 0.5])
    """
    return Tensor(np.full(shape, constant(value), dtype), requires_grad=requires_grad, name=name)


def arange(*bounds: Any, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """Equally spaced values, from `np.arange`'s bounds.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.arange(3.0)
    tensor([0., 1., 2.])
    """
    return Tensor(np.arange(*map(constant, bounds), dtype=dtype), requires_grad=requires_grad, name=name)


def linspace(start: float, stop: float, num: int = 50, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """`num` equally spaced values from `start` to `stop`, both included.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.linspace(0, 1, 3)
    tensor([0. , 0.5, 1. ])
    """
    return Tensor(np.linspace(constant(start), constant(stop), num), requires_grad=requires_grad, name=name)


def eye(n: int, dtype: Any = float, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """The identity matrix.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.eye(2).shape
    (2, 2)
    """
    return Tensor(np.eye(n, dtype=dtype), requires_grad=requires_grad, name=name)


def randn(*shape: Any, dtype: Any = float, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """Standard normal numbers from the default generator; the lengths are given one by one or as one tuple.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.randn(2, 3).shape, ag.randn((2, 3)).dtype
    ((2, 3), dtype('float64'))
    """
    drawn = random.normal(0.0, 1.0, lengths(shape))
    return Tensor(drawn, dtype, requires_grad=requires_grad, name=name)


def rand(*shape: Any, dtype: Any = float, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """Numbers that are evenly distributed in [0, 1), from the default generator; otherwise like `randn`.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.rand(2, 3).shape
    (2, 3)
    """
    drawn = random.uniform(0.0, 1.0, lengths(shape))
    return Tensor(drawn, dtype, requires_grad=requires_grad, name=name)


def lengths(shape: tuple[Any, ...]) -> Any:
    """A shape that was given as one tuple, or length by length."""
    return shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Tensor:
    """One tensor of several, joined along an axis: `np.concatenate`.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.cat([ag.zeros((2, 1)), ag.ones((2, 2))], dim=1)
    tensor([[0., 1., 1.],
            [0., 1., 1.]])
    """
    joined: Any = np.concatenate(tensors, axis=dim if axis is None else axis)
    return joined if isinstance(joined, Tensor) else Tensor(joined)
