"""Whole matrices of derivatives, from one recorded forward pass: `jacobian` and `hessian`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.transforms.gradients import grad
from autograd_lite.transforms.products import Linearization
from autograd_lite.transforms.recording import Argnums, Recording, derivative_dtype


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns all derivatives of all results of `f`.

    It runs `f` once and then walks back: once for each number in the result (twice for a complex one); or, where there
    are fewer numbers in the arguments, once that is recorded, and through that recording once for each of these.

    Parameters
    ----------
    f : callable
        It gives an array, a number or a tree of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate; a tuple gives a tuple of Jacobians.

    Returns
    -------
    callable
        Takes the arguments of `f`; gives an array of shape ``result.shape + argument.shape`` in the dtype of the
        argument, or in the complex one for a complex result; for trees the tree of the result, with the tree of the
        argument in the place of each leaf.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [1., 1.]])
    """

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = Recording(f, args, kwargs, argnums)
        rows, columns = sum(y.size for y in call.outputs), sum(x.size for x in call.inputs)
        return call.rebuild_result(by_rows(call) if rows <= columns else by_columns(call))

    return matrix


def by_rows(call: Recording) -> list[Any]:
    """For each leaf of the result its block of rows, one walk per row."""
    blocks = []
    for j, y in enumerate(call.outputs):
        if not y.requires_grad:
            blocks.append(call.arranged([np.zeros(y.shape + x.shape, entry_dtype(x, y)) for x in call.inputs]))
            continue
        rows = [row_of(call, seeds, j) for seeds in unit_seeds(call.outputs, j)]
        blocks.append(
            call.arranged(
                [
                    joined([row[i] for row in rows], y.shape + x.shape, entry_dtype(x, y))
                    for i, x in enumerate(call.inputs)
                ]
            )
        )
    return blocks


def row_of(call: Recording, seeds: list[Any], j: int) -> list[Any]:
    """One row; of a complex result a walk gives the real part, and another one with -i for the seed the imaginary."""
    row = call.pull(seeds)
    if call.outputs[j].dtype.kind != "c":
        return row
    imaginary = call.pull([*seeds[:j], seeds[j] * -1j, *seeds[j + 1 :]])
    return [a + b * 1j for a, b in zip(row, imaginary, strict=True)]


def entry_dtype(x: Tensor, y: Tensor) -> Any:
    """The dtype of ∂y/∂x: that of `x`, complex for a complex result."""
    return np.result_type(x.dtype, 1j) if y.dtype.kind == "c" else x.dtype


def by_columns(call: Recording) -> list[Any]:
    """The same blocks, one walk per column through the recording of one walk."""
    linear = Linearization(call)
    columns = [[linear.push(seeds) for seeds in unit_seeds(call.inputs, i)] for i in range(len(call.inputs))]
    return [
        call.arranged(
            [
                np.moveaxis(
                    joined([c[j] for c in columns[i]], x.shape + y.shape, entry_dtype(x, y)),
                    range(x.ndim),
                    range(-x.ndim, 0),
                )
                for i, x in enumerate(call.inputs)
            ]
        )
        for j, y in enumerate(call.outputs)
    ]


def unit_seeds(tensors: Sequence[Tensor], k: int) -> Iterator[list[Any]]:
    """For each element of the k-th tensor: 1 there and 0 everywhere else, as one seed for each tensor."""
    zeros = [np.zeros(t.shape, derivative_dtype(t)) for t in tensors]
    for index in np.ndindex(tensors[k].shape):
        unit = zeros[k].copy()
        unit[index] = 1
        yield [*zeros[:k], unit, *zeros[k + 1 :]]


def joined(parts: list[Any], shape: tuple[int, ...], dtype: Any) -> Any:
    """Rows of equal shape as one array of `shape`; a Tensor if they are Tensors."""
    if any(isinstance(part, Tensor | Symbol) for part in parts):
        stacked: Any = np.stack(parts)
        return np.reshape(stacked if stacked.dtype == dtype else stacked.astype(dtype), shape)
    return np.array(parts, dtype).reshape(shape)


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns all second derivatives of `f`: the gradient is recorded once and walked n times.

    Parameters
    ----------
    f : callable
        It gives one number.
    argnums : int or tuple of int
        Which positional arguments to differentiate; a tuple gives a tuple of tuples.

    Returns
    -------
    callable
        Takes the arguments of `f`; gives an array of shape ``argument.shape + argument.shape``, for trees a tree of
        trees.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)
