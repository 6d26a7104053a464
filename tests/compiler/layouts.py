"""Whether a layout is sound: what is written never lies where something lies that is read afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Plan, laid_out
from autograd_lite.compiler.ir.forms import CHANGING, elementwise, memory_owner
from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.runtime.loading import load


def sound(program: Program) -> Plan:
    """The layout of a program, which overwrites nothing that is still wanted."""
    plan = laid_out(program)
    assert list(conflicts(program, plan)) == []
    return plan


def loaded(text: str, name: str, file: str, namespace: dict[str, Any]) -> Any:
    """A program that runs, whose views are views and no copies."""
    function = load(text, name, file, namespace)
    views = text.partition("# views, made once\n")[2].partition("\n\n")[0].splitlines()
    names = {line.partition(" = ")[0] for line in views}
    owners = [a for key, a in namespace.items() if isinstance(a, np.ndarray) and key not in names]
    for view in names:
        array = namespace[view]
        assert not array.size or any(np.may_share_memory(array, a) for a in owners), f"{view} is a copy in\n{text}"
    return function


def conflicts(program: Program, plan: Plan) -> Iterator[str]:
    """What is overwritten while it is still wanted, in words."""
    wanted = wanted_after(program)
    lying = [cell for cell, home in plan.homes.items() if home.how == "cell"]
    for call, still in zip(program.calls, wanted, strict=True):
        out = call.out
        home = plan.homes[out]
        if home.how not in ("out", "place of", "joined"):
            continue
        assert home.memory is not None
        assert home.memory.nbytes >= out.size * out.dtype.itemsize, f"{call} does not fit into its memory"
        for other in lying:
            if not overlap(plan, other, out):
                continue
            if other in still and not joined(plan, other, out):
                yield f"{call} overwrites {other}"
            elif other in map(memory_owner, call.inputs) and not may_replace(plan, call, other):
                yield f"{call} overwrites its operand {other}"
        lying.append(out)


def wanted_after(program: Program) -> list[set[Variable]]:
    """For each call, whose memory is read after it."""
    now = set(map(memory_owner, program.results()))
    sets = []
    for call in reversed(program.calls):
        sets.append(set(now))
        now |= {memory_owner(v) for v in call.inputs}
    return sets[::-1]


def overlap(plan: Plan, a: Variable, b: Variable) -> bool:
    """Whether two arrays lie in the same bytes."""
    if plan.homes[a].memory is not plan.homes[b].memory:
        return False
    (first, start), (second, other) = (plan.stretches.get(v, (None, 0)) for v in (a, b))
    apart = first is second is not None and (start + a.size <= other or other + b.size <= start)
    return a.size > 0 < b.size and not apart


def joined(plan: Plan, part: Variable, whole: Variable) -> bool:
    """Whether one array lies where it belongs in the other."""
    return plan.stretches.get(part, (None, 0))[0] is whole


def may_replace(plan: Plan, call: Call, operand: Variable) -> bool:
    """Whether a call may write over an operand that it reads: element by element, in the same form."""
    if joined(plan, operand, call.out):
        return True
    out = call.out
    alike = (operand.shape, operand.dtype, operand.order) == (out.shape, out.dtype, out.order)
    whole = all(v is operand for v in call.inputs if memory_owner(v) is operand)
    takes = elementwise(call) or (call.function in CHANGING and call.args[0] is operand) or call.function is np.where
    return alike and whole and takes
