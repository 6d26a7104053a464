"""What the passes share: one sweep over the calls in which a result may be replaced by another variable.

Replacing a variable by an equal one is safe for its values, but not always for its *memory*, and the sweep refuses:

- what leaves the program (an output, the new contents of a cell) must not become a cell, an argument, a constant or
  something else that leaves: who changes one later would change the other;
- what a fixed call may change in place (parameters, by the kernel of an optimizer) is not read instead of a copy of
  it, or of what was computed from it: that may be read when the change has been made;
- the two operands of a product must not become one array: BLAS then takes the routine for symmetric results, which
  rounds differently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.forms import changed, memory_owner, view_of
from autograd_lite.compiler.ir.program import Call, Program, Variable, map_variables

PRODUCTS = {np.dot, np.matmul, np.inner, np.tensordot}


def bases(v: Variable) -> Iterator[Variable]:
    """`v`, what it is a view of, and so on, as far as the values are still the same."""
    yield v
    while v.call is not None and v.call.function is not changed and (base := view_of(v.call)) is not None:
        v = base
        yield v


class Sharing:
    """Which variables may lie in the same memory."""

    def __init__(self, program: Program) -> None:
        self.leaving = {memory_owner(v) for v in [*program.outputs, *(new for _, new in program.writes)] if v.shape}
        self.changing = {memory_owner(v) for call in program.calls if call.fixed for v in call.inputs if v.shape}
        self.partners: dict[Variable, set[Variable]] = defaultdict(set)
        for call in program.calls:
            if call.function in PRODUCTS:
                a, b = (memory_owner(a) if isinstance(a, Variable) else None for a in call.args[:2])
                if a is not None and b is not None and a is not b:
                    self.partners[a].add(b)
                    self.partners[b].add(a)

    def allow(self, old: Variable, new: Variable) -> bool:
        """Whether `new` may stand for `old`; from then on it does."""
        old, new = memory_owner(old), memory_owner(new)
        if old is new:
            return True
        if old in self.changing or new in self.changing or new in self.partners[old]:
            return False
        if old in self.leaving and (new.kind != "call" or new in self.leaving):
            return False
        if old in self.leaving:
            self.leaving.add(new)
        for partner in self.partners.pop(old):
            self.partners[partner].add(new)
            self.partners[new].add(partner)
        return True


def sweep(program: Program, substitute: Callable[[Call], Variable | None]) -> Program:
    """Go through the calls: `substitute` may change a call, or give a variable that stands for its result."""
    sharing, substitutes, calls = Sharing(program), dict[Variable, Variable](), []

    def current(v: Variable) -> Variable:
        return substitutes.get(v, v)

    for call in program.calls:
        if substitutes:
            call.args, call.kwargs = map_variables(current, call.args), map_variables(current, call.kwargs)
        before = (call.function, call.args, call.kwargs)
        read = {base for v in call.inputs for base in bases(v)} if sharing.changing else set()
        new = None if call.fixed else substitute(call)
        if sharing.changing and any(v not in read and memory_owner(v) in sharing.changing for v in call.inputs):
            call.function, call.args, call.kwargs = before
        if new is None or not sharing.allow(call.out, new):
            calls.append(call)
            continue
        substitutes[call.out] = new
        new.bound = new.bound if call.out.bound is None else call.out.bound
        if new.kind == "call":
            new.name = new.name or call.out.name
    program.calls, program.outputs = calls, [current(v) for v in program.outputs]
    program.writes = [(cell, current(v)) for cell, v in program.writes]
    return program


def same_form(new: Variable, old: Variable) -> bool:
    """Whether two arrays have the same shape and dtype, and lie in memory in the same way, without gaps.

    Sums over several axes and products round differently for another way to lie in memory, so equal values alone do
    not make two arrays interchangeable.
    """
    same = (new.shape, new.dtype, new.order) == (old.shape, old.dtype, old.order)
    return same and new.dtype is not None and compact(new)


def compact(v: Variable) -> bool:
    """Whether an array is known to lie in memory without gaps; an argument may lie otherwise in another call."""
    return v.shape is not None and (v.size <= 1 or (v.compact and v.kind != "input"))


def constant(value: Any, like: Variable) -> Variable:
    """A variable for an array that is known now."""
    variable = Variable("constant", like.shape, like.dtype, like.name)
    variable.value, variable.order, variable.compact = value, like.order, value.flags.forc
    return variable
