"""Constant folding: what does not depend on the arguments is computed now."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable, map_variables
from autograd_lite.compiler.passes.common_subexpressions import FILLS, filled_in_place
from autograd_lite.compiler.passes.rewriting import constant, sweep

LARGEST = 1_000_000  # elements: what is larger is better computed than kept


def with_constants_folded(program: Program) -> Program:
    """Compute now what is made of constants alone, and new arrays that nothing is assigned to.

    ::

        a = np.log(ten)         # log = np.log(ten), known before the step runs
        y = x * a               y = x * log
    """
    filled = filled_in_place(program)

    def substitute(call: Call) -> Variable | None:
        out = call.out
        if out.dtype is None or out.size > LARGEST or out in filled or call.function is np.empty_like:
            return None
        value = filling(call) if call.function in FILLS else folded(call)
        if value is None or (value.shape, value.dtype) != (out.shape, out.dtype):
            return None
        return constant(value, out)

    return sweep(program, substitute)


def folded(call: Call) -> Any:
    """The result of a call on constants; None if one of its arguments is no constant."""
    if not all(v.kind == "constant" for v in call.inputs):
        return None
    args, settings = map_variables(lambda v: v.value, (call.args, call.kwargs))
    with np.errstate(all="ignore"):
        return call.function(*args, **settings)


def filling(call: Call) -> Any:
    """What ``np.zeros_like`` and its kin give, which depends on the form of their argument only."""
    out = call.out
    if out.order or not out.shape:
        return None
    if call.function is np.full_like:
        value = call.args[1] if len(call.args) > 1 else call.kwargs.get("fill_value")
        return np.full(out.shape, value, out.dtype) if isinstance(value, int | float) else None
    return (np.zeros if call.function is np.zeros_like else np.ones)(out.shape, out.dtype)
