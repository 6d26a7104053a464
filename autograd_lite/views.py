"""Assigning to a view: where NumPy would change two arrays, a recorded assignment changes one, and so it is refused.

``row = x[0]; row[1] = 5`` changes `x` too if `x` is an array. A tensor's assignment gives the handle `row` a new value
and cannot reach `x`. Nobody should have to remember that, so what shares memory with something that others can still
see takes no assignment. ``x[0] += 1`` is right: Python assigns the changed row to ``x[0]`` itself.
"""

from __future__ import annotations

import dis
import sys
from typing import Any

import numpy as np

from autograd_lite.describe import describe

INTO_PARTS = ("STORE_SUBSCR", "STORE_SLICE")
PASSED_OVER = ("CACHE", "SWAP", "ROT_TWO", "ROT_THREE")


def check_assignable(node: Any) -> None:
    """Refuse to assign to a view of what others can see."""
    if getattr(node.value, "base", None) is not None and (seen := origin(node)) is not None:
        raise RuntimeError(
            f"{describe(node)} is a view of {describe(seen)}: NumPy would change both, a recorded assignment only the "
            "view. Assign through the original, as in x[0, 1] = v instead of x[0][1] = v, or take x[0].copy() first"
        )


def check_updatable(node: Any) -> None:
    """The same for ``+=`` and its like, unless Python assigns the result to the part of the original after it."""
    if getattr(node.value, "base", None) is not None and not assigned_to_a_part(sys._getframe(2)):
        check_assignable(node)


def origin(node: Any) -> Any:
    """What else would change with `node`'s values in NumPy: an argument or array that they are a view of.

    None if there is nothing, or nobody can see it: ``y = (a * b).reshape(2, 3)`` is a view of what is gone already.
    """
    while node.function is not None:
        for i in range(len(node.args)):
            if np.may_share_memory(node.value, getattr(node.args[i], "value", None)):
                if references(node.args, i) > ALONE:
                    return node.args[i]
                node = node.args[i]
                break
        else:
            return None
    base = getattr(node.value, "base", None)
    return None if node.needs_grad or base is None or references((base,), 0) <= ALONE + 2 else base


def references(members: tuple[Any, ...], i: int) -> int:
    """How many places refer to a member, counted in a way that is the same for every member of every tuple."""
    return sys.getrefcount(members[i])


ALONE = references((object(),), 0)  # of an object that nothing but the tuple refers to


def assigned_to_a_part(frame: Any) -> bool:
    """Whether the operator that `frame` is at stands in a statement like ``x[i] += v``."""
    code = frame.f_code.co_code
    for at in range(frame.f_lasti + 2, len(code), 2):
        if (name := dis.opname[code[at]]) not in PASSED_OVER:
            return name in INTO_PARTS
    return False
