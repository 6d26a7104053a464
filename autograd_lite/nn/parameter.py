"""What a module holds: parameters, which are learned, and buffers, which are only kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.tensor.leaving import taken
from autograd_lite.tensor.tensor import Tensor


class Parameter(Tensor):
    """A leaf that is learned: a module finds it among its attributes, and an optimizer changes it.

    Parameters
    ----------
    data : array_like
        Numbers of any shape; they are copied.
    dtype : dtype, optional
        A floating dtype; float32 by default, whatever the dtype of `data`.
    requires_grad : bool
        False freezes the parameter.
    name : str, optional
        Shown in messages and drawings; `Module.named_parameters` gives one to those that have none.

    Raises
    ------
    TypeError
        If the dtype is not floating and a gradient is required.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Parameter([1, 2])
    tensor([1., 2.], dtype=float32, requires_grad=True)
    """

    __slots__ = ()
    is_parameter = True

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = True, name: str | None = None) -> None:
        if dtype is None:
            data = array_from(taken(data, "a Parameter of a tensor"), np.float32)
        super().__init__(data, dtype, requires_grad, name)


class Buffer(Tensor):
    """A tensor that belongs to a module's state without being learned, such as a running mean.

    It is saved and loaded with the module and follows its dtype. To change it, assign to its ``.data``.

    Parameters
    ----------
    data : array_like
        Numbers of any shape; they are copied.
    dtype : dtype, optional
        By default float32 for floating numbers, so that a buffer never widens the parameters that it meets; integers
        and booleans keep their dtype.
    name : str, optional
        Shown in messages and drawings.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.Buffer([0.5, 1.5])
    tensor([0.5, 1.5], dtype=float32)
    """

    __slots__ = ()

    def __init__(self, data: Any, dtype: Any = None, name: str | None = None) -> None:
        if dtype is None and not isinstance(data, Tensor):
            data = array_from(data)
        super().__init__(data, np.float32 if dtype is None and data.dtype.kind == "f" else dtype, False, name)
