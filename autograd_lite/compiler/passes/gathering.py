"""Reading by index as `take`: on indices that are known to be in range it needs no check and no copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.tracing.traced import get_item


def with_flat_gathers(program: Program) -> Program:
    """Let one index into all elements stand for an index into rows and one into columns.

    ::

        picked = scores[arange(n), labels]
                                                flat_index = row_starts + labels
                                                picked = scores.reshape(-1)[flat_index]

    Only where the program has made sure that the labels are in range, because a negative one means something else.
    """
    calls: list[Call] = []
    for call in program.calls:
        calls += [*flattened(call), call]
    program.calls = calls
    return program


def flattened(call: Call) -> list[Call]:
    """The calls that prepare a flat index for `call`, which then uses it; none if it reads in another way."""
    if call.function is not get_item or call.view or not isinstance(call.args[0], Variable):
        return []
    x, index = call.args
    if not isinstance(index, tuple) or len(index) != 2 or x.shape is None or len(x.shape) != 2 or x.order:
        return []
    rows, columns = index
    if not (isinstance(rows, Variable) and rows.kind == "constant" and isinstance(columns, Variable)):
        return []
    if columns.bound is None or columns.bound > x.shape[1] or not counts(rows.value, x.shape[0], columns):
        return []
    starts = Variable("constant", rows.shape, columns.dtype)
    starts.name, starts.value = "row_starts", rows.value.astype(columns.dtype) * x.shape[1]
    flat_index = Variable("call", rows.shape, columns.dtype, "flat_index")
    flat_index.bound = x.size
    flat = Variable("call", (x.size,), x.dtype)
    prepared = [
        Call(np.add, (starts, columns), {}, flat_index),
        Call(np.reshape, (x, (-1,)), {}, flat),
    ]
    prepared[1].view = True
    for new in prepared:
        new.section, new.note, new.errors = call.section, call.note, call.errors
    call.args = (flat, flat_index)
    return prepared


def counts(rows: Any, n: int, columns: Variable) -> bool:
    """Whether `rows` are 0, 1, … beside the columns."""
    return rows.shape == (n,) == columns.shape and bool(np.array_equal(rows, np.arange(n)))
