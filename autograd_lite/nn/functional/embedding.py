"""Rows of a table, by number."""

from __future__ import annotations

from typing import Any

from autograd_lite.engine.graph import Node, record
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import array_from, known, require_indices
from autograd_lite.nn.functional.conversion import floating_node
from autograd_lite.rules import neural
from autograd_lite.tensor.tensor import Tensor, wrap


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Tensor:
    """The rows of `weight` that `input` names (Bengio et al. 2003).

    The gradient is one array of the weight's shape; what is read of it, however often, is added there in place.

    Parameters
    ----------
    input : Tensor or array_like of int, any shape
        From 0 to rows - 1.
    weight : Tensor or array_like, shape (rows, dim)
    padding_idx : int, optional
        A row that gets no gradient; a negative one counts from the end.

    Returns
    -------
    Tensor, shape (*input.shape, dim)

    Raises
    ------
    TypeError
        If the input is not made of integers.
    ValueError
        If an index is out of range, or the weight is not a matrix.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.embedding([2, 0], [[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    tensor([[2. , 2.5],
            [0. , 0.5]])
    """
    weight = weight.node if isinstance(weight, Tensor) else floating_node(weight)
    if weight.value.ndim != 2:
        raise ValueError(f"embedding: a weight has the shape (rows, dim), and this is a {describe(weight)}")
    rows = weight.value.shape[0]
    if padding_idx is not None:
        padding_idx = row_number(padding_idx, rows)
    indices = input.node.value if isinstance(input, Tensor) else array_from(input)
    check_indices(indices, rows)
    return wrap(record(neural.lookup, (weight, Node(indices)), {"padding_idx": padding_idx}))


def row_number(padding_idx: int, rows: int) -> int:
    """A row counted from the start; refuse one that is not there."""
    if not -rows <= padding_idx < rows:
        raise ValueError(f"padding_idx={padding_idx} is none of the {rows} rows, 0 to {rows - 1}")
    return padding_idx % rows


def check_indices(indices: Any, rows: int) -> None:
    """Refuse what are no numbers of rows; of a symbol, let the program do so."""
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"embedding: indices are integers, and the input is {indices.dtype} of shape {indices.shape}: use "
            "input.astype(int)"
        )
    if not known(indices):
        there = f"there are {rows} rows, 0 to {rows - 1}"
        require_indices(indices, rows, ValueError(f"embedding: an index is out of range: {there}"))
    elif indices.size and not 0 <= indices.min() <= indices.max() < rows:
        wrong = indices[(indices < 0) | (indices >= rows)][0]
        raise ValueError(f"embedding: index {wrong} is out of range: there are {rows} rows, 0 to {rows - 1}")
