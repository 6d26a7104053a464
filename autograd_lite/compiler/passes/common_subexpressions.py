"""Common subexpressions: what has been computed is not computed again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable, map_parts
from autograd_lite.compiler.passes.rewriting import sweep
from autograd_lite.compiler.tracing.traced import add_at, set_item

FILLS = {np.zeros_like, np.ones_like, np.full_like, np.empty_like}


def without_repetition(program: Program) -> Program:
    """Make equal calls once.

    ::

        a = np.exp(x)           a = np.exp(x)
        b = np.exp(x)
        y = a + b               y = a + a
    """
    filled = filled_in_place(program)
    known: dict[Any, Call] = {}

    def substitute(call: Call) -> Variable | None:
        if call.out in filled or call.function is np.empty_like:
            return None
        found = known.setdefault((call.function, identity(call.args), identity(call.kwargs)), call)
        heard = call.section == "backward" or found.errors == call.errors  # what it would warn of, if it were made
        return found.out if found is not call and heard else None

    return sweep(program, substitute)


def filled_in_place(program: Program) -> set[Variable]:
    """The new arrays that are made to be assigned to: each assignment wants its own."""
    changed = (call.args[0] for call in program.calls if call.function in (set_item, add_at))
    return {v for v in changed if isinstance(v, Variable) and v.call is not None and v.call.function in FILLS}


def identity(tree: Any) -> str:
    """What equal arguments have in common and others do not: 1, 1.0 and True differ, and 0.0 and -0.0."""
    return repr(map_parts(same_part, sorted(tree.items()) if isinstance(tree, dict) else tree))


def same_part(part: Any) -> Any:
    """A number or string as it is; of anything else who it is."""
    if isinstance(part, Variable) and part.kind == "constant" and isinstance(part.value, np.generic):
        return ("constant", part.dtype.str, part.value.tobytes())
    return part if type(part) in (bool, int, float, complex, str, type(None)) else ("object", id(part))
