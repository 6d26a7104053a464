"""Gradients of functions of one result: `grad` and `value_and_grad`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.messages import describe
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import is_leaf
from autograd_lite.transforms.recording import Argnums, Recording


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the value of `f` and its gradient, from one forward and one backward pass.

    Parameters
    ----------
    f : callable
        It gives one number. Its differentiated arguments are floats, arrays, tensors or trees of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate; a tuple gives a tuple of gradients.
    has_aux : bool
        `f` returns a pair (value, aux), and so does the new function as its first result.

    Returns
    -------
    callable
        Takes the arguments of `f`; gives (value, gradient), the gradient in the structure, shapes and dtypes of the
        argument. They are arrays, or Tensors with history where they depend on tensors that require a gradient
        (nested transforms, parameters that `f` uses): inside ``no_grad()`` they are always arrays.

    Raises
    ------
    TypeError
        If a differentiated argument is not of a floating dtype, or `f` gives more than one number.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> value, gradient = ag.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(value), gradient
    (5.0, array([2., 4.]))
    """

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        call = Recording(f, args, kwargs, argnums, has_aux)
        gradients = call.pull([one_for(call)])
        result = call.lowered(call.result)
        if has_aux:
            result = result, call.lowered(call.aux)
        return result, call.arranged(gradients)

    return differentiated


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of `f`.

    Parameters
    ----------
    f, argnums, has_aux
        As in `value_and_grad`; with `has_aux` the new function gives (gradient, aux).

    Returns
    -------
    callable
        Takes the arguments of `f`.

    Raises
    ------
    TypeError
        If a differentiated argument is not of a floating dtype, or `f` gives more than one number.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> float(ag.grad(np.sin)(0.0)), float(ag.grad(ag.grad(lambda x: x**3))(2.0))
    (1.0, 12.0)
    >>> ag.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
    {'a': np.float64(3.0), 'b': np.float64(2.0)}
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        result, found = both(*args, **kwargs)
        return (found, result[1]) if has_aux else found

    return gradient


def one_for(call: Recording) -> Any:
    """The seed of a result of one number; an error for any other result."""
    if len(call.outputs) != 1 or not is_leaf(call.result):
        raise TypeError(f"grad needs a function of one number, and {call.name} gives {describe(call.result)}")
    output: Tensor = call.outputs[0]
    if output.size != 1:
        raise TypeError(
            f"grad needs a function of one number, and {call.name} gives {describe(output.node)}: take .sum() or "
            ".mean(), or use jacobian"
        )
    if output.dtype.kind == "c":
        raise TypeError(f"grad needs a real result, and {call.name} gives {describe(output.node)}")
    return np.ones(output.shape, output.dtype)[()]
