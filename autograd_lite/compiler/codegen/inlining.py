"""A plan without memory, for a text that is read: what is used once stands in the expression that uses it."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Home, Memory, Plan, cells_of
from autograd_lite.compiler.ir.forms import Kernel, changed, view_of
from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.tracing.traced import add_at, set_item
from autograd_lite.compiler.tracing.tracer import require_indices

LONGEST = 5  # calls in one expression


def inlined(program: Program) -> Plan:
    """Give each value a name, or a place within what uses it."""
    plan = Plan(program, plain=True)
    for cell in cells_of(program):
        plan.homes[cell] = Home("cell", Memory(cell.size * cell.dtype.itemsize, cell))
    for call in program.calls:
        plan.homes[call.out] = own_home(call)
    plan.copies += [(cell, new) for cell, new in program.writes if cell.kind == "cell" and not is_same(cell, new)]
    inlining = Inlining(plan)
    for call in program.calls:
        if inlining.may_stand_within(call):
            plan.homes[call.out] = Home("within")
    return plan


def own_home(call: Call) -> Home:
    """Where a result lives that has a name."""
    out = call.out
    if call.function is changed:
        return Home("same", None, call.args[0])
    if out.dtype is None or (out.shape == () and not call.fixed):
        return Home("number")
    return Home("fresh" if view_of(call) is None else "view")


def is_same(cell: Variable, new: Variable) -> bool:
    """Whether a cell's new contents are what a kernel has left in it."""
    while new is not cell and new.call is not None and new.call.function is changed:
        new = new.call.args[0]
    return new is cell


class Inlining:
    """How often values are used, and how long their expressions are."""

    def __init__(self, plan: Plan) -> None:
        calls = plan.program.calls
        reading = [(v, call) for call in calls for v in call.inputs]
        self.plan, self.reader = plan, dict(reading)
        self.uses = Counter([*(v for v, _ in reading), *plan.program.results()])
        kernels = accumulate(isinstance(call.function, Kernel) for call in calls)
        self.kernels = {call.out: count for call, count in zip(calls, kernels, strict=True)}
        self.length: dict[Variable, int] = {}

    def may_stand_within(self, call: Call) -> bool:
        """Whether a value is short, nameless, and used once; the square of a name may stand there more often."""
        v = call.out
        within = [a for a in call.inputs if self.plan.homes.get(a) == Home("within")]
        self.length[v] = 1 + sum(self.length[a] for a in within)
        if v not in self.reader or v.name is not None or call.fixed or call.function in (set_item, add_at):
            return False
        if self.uses[v] > 1:
            return self.is_square(call) and not within and v not in self.plan.program.results()
        by = self.reader[v]
        if isinstance(by.function, Kernel) or by.function is require_indices or self.kernels[v] != self.kernels[by.out]:
            return False
        if self.is_start(v, by) and (call.view or not v.shape):
            return False
        together = (call.section, call.note, call.errors) == (by.section, by.note, by.errors)
        return together and self.length[v] < LONGEST

    def is_square(self, call: Call) -> bool:
        """Whether a call is the power of a name."""
        return call.function is np.power and call.args[1] == 2

    def is_start(self, v: Variable, by: Call) -> bool:
        """Whether a value is what another one is assigned into."""
        return by.function in (set_item, add_at) and by.args[0] is v
