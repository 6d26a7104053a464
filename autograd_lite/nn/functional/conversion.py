"""What functions and layers take: tensors, arrays, lists; how each becomes what is recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import by_value
from autograd_lite.engine.array_like import array_of_any
from autograd_lite.engine.grad_mode import is_grad_enabled
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import TRACES, Symbol, array_from, require
from autograd_lite.rules.elementwise import astype
from autograd_lite.tensor.tensor import Tensor, wrap


def array_of(data: Any) -> Any:
    """`data` as an array of numbers, borrowed if it is one."""
    array = array_from(data)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"cannot compute with {describe(array)}: expected numbers, an array of numbers or a tensor")
    return array


def labels_of(target: Any) -> Any:
    """Class indices as they were given; who uses them says what is wrong with those that are no integers."""
    return target if type(target) is np.ndarray or isinstance(target, (Tensor, Symbol)) else array_of_any(target)


def tensor_or_array(a: Any) -> Any:
    """A tensor, or an array of what else holds numbers; None stays None."""
    return a if a is None or isinstance(a, Tensor) else array_of(a)


def node_of(input: Any) -> Node:
    """The node of a tensor, or a constant one of an array."""
    return input.node if isinstance(input, Tensor) else constant(array_of(input))


def constant(array: Any) -> Node:
    """A node of values that a graph may keep: what is done to a borrowed array afterwards does not reach it."""
    if is_grad_enabled() and not TRACES:
        array = by_value(array)
    return Node(array if array.ndim else array[()])


def operand(data: Any) -> Any:
    """What is recorded of a tensor or an array."""
    return data.node if isinstance(data, Tensor) else data


def equals(setting: Any, number: float) -> bool:
    """Whether a setting is that number; a tensor, in which it may be differentiated, and a symbol are not."""
    if type(setting) is float:  # the most frequent case
        return setting == number
    return not isinstance(setting, (Tensor, Symbol)) and bool(setting == number)


def require_setting(condition: Any, error: Exception) -> None:
    """Raise `error` unless a setting, which may be a tensor, is as it must be."""
    require(condition.node.value if isinstance(condition, Tensor) else condition, error)


def floating_node(input: Any) -> Node:
    """A node of floating numbers: integers and booleans become float64."""
    node = node_of(input)
    if node.value.dtype.kind == "f":
        return node
    check_real(node.value)
    return Node(node.value.astype(np.float64))


def check_real(values: Any) -> None:
    """Refuse complex numbers where their imaginary part would be dropped."""
    if values.dtype.kind == "c":
        raise TypeError(f"cannot compute with {describe(values)}: expected real numbers, such as np.abs of these")


def floating(input: Any) -> Any:
    """As `floating_node`, as a tensor."""
    return wrap(floating_node(input))


def adapted(data: Any, dtype: Any) -> Any:
    """A target or a weight in the dtype of what it meets: an array, or a tensor if it is one."""
    values = data if isinstance(data, Tensor) else array_of(data)
    check_real(values)
    return values if values.dtype == dtype else values.astype(dtype)


def fed(input: Any, dtype: Any) -> Any:
    """What a layer of `dtype` takes in: a node, or an array; without a gradient it takes the layer's dtype."""
    if isinstance(input, Tensor):
        node = input.node
        if node.value.dtype == dtype or node.needs_grad is True or node.value.dtype.kind == "c":
            return node
        return astype(input, dtype=dtype).node
    array = array_of(input)
    return array if array.dtype == dtype else array.astype(dtype)


def tensor_fed(input: Any, dtype: Any) -> Any:
    """As `fed`, as a tensor."""
    operand = fed(input, dtype)
    return wrap(operand if type(operand) is Node else constant(operand))
