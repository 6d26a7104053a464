"""Where every value of a program lives: decided from how long it lives, before anybody writes code.

A value can take the memory of an operand that is used for the last time (*in place*), the memory of the cell that it
is the new content of, a piece of memory that an earlier value has left, or a new one. Views live where their arrays
live. Values that leave the program, and those of functions without ``out=``, are new arrays in every call.
The result, a `Plan`, names memory and says for each variable how it comes into it; a printer turns it into text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from autograd_lite.compiler.ir.forms import CHANGING, Kernel, changed, elementwise, memory_owner, takes_out, view_of
from autograd_lite.compiler.ir.program import Call, Program, Variable, listing


@dataclass(eq=False, slots=True)
class Memory:
    """A piece of memory that lives as long as the program: a cell's, or one of our own."""

    nbytes: int
    cell: Variable | None = None


class Home(NamedTuple):
    """Where a variable lives.

    `how` is "cell", "number", "fresh", "out" (written into memory), "place of" (an operand's memory), "joined" (written
    already, part by part), "view", "lasting" (a view that is made once), "within" (nowhere: it is computed inside the
    only expression that uses it), or "same" (it is another variable under another name).
    """

    how: str
    memory: Memory | None = None
    operand: Variable | None = None


@dataclass(eq=False)
class Plan:
    """A program, and the homes of all its variables; as a string, one call a line with the home of its result.

    Attributes
    ----------
    block : int
        The length of the blocks in which the program goes through its arrays; 0 if it takes them whole.
    plain : bool
        Whether the text is for reading: without memory, numbers as they are, helpers last.
    stretches : dict
        For a variable that is computed where it will be joined with others: the joined array, and where it begins.
    copies : list
        The cells whose new contents have to be copied there at the end.
    heirs : dict
        For a nameless variable, what takes its place last in its section; it lends its name.
    """

    program: Program
    block: int = 0
    plain: bool = False
    homes: dict[Variable, Home] = field(default_factory=dict)
    stretches: dict[Variable, tuple[Variable, int]] = field(default_factory=dict)
    copies: list[tuple[Variable, Variable]] = field(default_factory=list)
    heirs: dict[Variable, Variable] = field(default_factory=dict)

    def memory(self, v: Variable) -> Memory | None:
        """The memory that a variable lies in, if it is ours or a cell's."""
        home = self.homes.get(memory_owner(v))
        return home.memory if home else None

    def stays(self, v: Variable) -> bool:
        """Whether an array is at the same place in every call."""
        home = self.homes.get(v)
        return v.kind in ("cell", "constant") or self.is_lasting(v) or bool(home and home.memory)

    def is_lasting(self, v: Variable) -> bool:
        """Whether it is a view that is made once."""
        return v in self.homes and self.homes[v].how == "lasting"

    def __str__(self) -> str:
        return listing(self.program, self.remark, {})

    def remark(self, v: Variable) -> str:
        """Where a variable lives, in words."""
        how, memory, _ = self.homes[v]
        if memory is None:
            return how
        own = dict.fromkeys(home.memory for home in self.homes.values() if home.memory and not home.memory.cell)
        return f"in {memory.cell.name}" if memory.cell else f"memory {[*own].index(memory) + 1}"


def laid_out(program: Program, block: int = 0) -> Plan:
    """Decide where the values of `program` live; in blocks, in cells too until these get their new contents."""
    plan = Plan(program, block)
    end = len(program.calls)
    last_use = {memory_owner(v): i for i, call in enumerate(program.calls) for v in call.inputs}
    last_use |= {memory_owner(v): end for v in program.results()}
    becoming = {new: cell for cell, new in program.writes if cell.kind == "cell"}
    planning = Planning(plan, last_use, {memory_owner(v) for v in program.outputs}, becoming)
    for cell in cells_of(program):
        plan.homes[cell] = Home("cell", Memory(cell.size * cell.dtype.itemsize, cell))
    for i, call in enumerate(program.calls):
        if call.function is np.concatenate:
            planning.join(i, call)
    for i, call in enumerate(program.calls):
        home = plan.homes[call.out] = planning.home(i, call)
        if home.memory and home.memory.cell:
            planning.held[home.memory.cell] = call.out
        planning.release(i, call)
    for call in reversed(program.calls):
        how, _, before = plan.homes[call.out]
        if how == "place of" and before and before.name is None and before.call and before.call.section == call.section:
            plan.heirs[before] = plan.heirs.get(call.out, call.out)
    cells = [(cell, new) for cell, new in program.writes if cell.kind == "cell"]
    plan.copies += [(cell, new) for cell, new in cells if plan.memory(new) is not plan.memory(cell)]
    plan.homes |= {v: Home("within") for v in computed_within(plan)}
    return plan


def cells_of(program: Program) -> list[Variable]:
    """The cells that a program reads or writes."""
    used = [v for call in program.calls for v in call.inputs] + [cell for cell, _ in program.writes]
    return [v for v in dict.fromkeys(used) if v.kind == "cell"]


def computed_within(plan: Plan) -> Iterator[Variable]:
    """What can stand inside the only expression that uses it: numbers, and views of which a view is made once."""
    calls, homes = plan.program.calls, plan.homes
    reading = [(v, call) for call in calls for v in call.inputs]
    uses, reader = Counter([*(v for v, _ in reading), *plan.program.results()]), dict(reading)
    writing = accumulate(bool(call.out.shape) or isinstance(call.function, Kernel) for call in calls)
    written = {call.out: count for call, count in zip(calls, writing, strict=True)}
    for call in calls:
        v = call.out
        if v not in reader or uses[v] > 1 or v.name is not None or call.fixed or call.function in CHANGING:
            continue
        by = reader[v].out
        unchanged = written[v] == written[by]  # else what the number is computed from may have been
        of_view = plan.is_lasting(v) and plan.is_lasting(by) and not plan.is_lasting(call.args[0])
        if reader[v].errors == call.errors and (of_view or (homes[v].how == "number" and unchanged)):
            yield v


@dataclass(eq=False)
class Planning:
    """What is known while a plan is made: until which call memory is used, and what stands where."""

    plan: Plan
    last_use: dict[Variable, int]  # of a variable's memory, through whatever views
    leaving: set[Variable]
    becoming: dict[Variable, Variable]  # what will be the new content of which cell
    held: dict[Variable, Variable] = field(default_factory=dict)  # what stands in a cell now, if not what stood there
    free: list[Memory] = field(default_factory=list)
    joined: dict[Variable, Memory] = field(default_factory=dict)

    def home(self, i: int, call: Call) -> Home:
        """Where the result of the i-th call shall live."""
        out, plan = call.out, self.plan
        if call.function is changed:
            return Home("same", None, call.args[0])
        if out.dtype is None or (out.shape == () and not call.fixed):
            return Home("number")
        if (base := view_of(call)) is not None:
            fixed = plan.stays(base) and all(v.kind == "constant" for v in call.inputs[1:])
            return Home("lasting" if fixed else "view")
        if out in self.leaving or not takes_out(call):
            return Home("fresh")
        if out in self.joined:
            return Home("joined", self.joined[out])
        if out in plan.stretches:
            return Home("out", self.joined[plan.stretches[out][0]])
        if (cell := self.becoming.get(out)) is not None and self.is_free(cell, i, call):
            return Home("out", plan.memory(cell))
        for operand in replaceable(call):
            if self.dies(operand, i, out) and self.fits(operand, call):
                return Home("place of", plan.memory(operand), operand)
        return Home("out", self.take(out))

    def join(self, i: int, call: Call) -> None:
        """Let the parts of a concatenation be computed where they belong, if all of them can be."""
        parts = call.args[0] if len(call.args) == 1 and not call.kwargs else ()
        owners = [reshaped(part) for part in parts if isinstance(part, Variable)]
        if len(set(owners)) != len(parts) or call.out.shape != (sum(v.size for v in owners),):
            return
        for v in owners:
            taken = v in self.leaving or v in self.becoming or v in self.plan.stretches or v is not memory_owner(v)
            if taken or v.call is None or not takes_out(v.call) or self.last_use[v] != i:
                return
            if v.dtype != call.out.dtype or v.order or not v.shape:
                return
        self.joined[call.out] = Memory(call.out.size * call.out.dtype.itemsize)
        start = 0
        for v in owners:
            self.plan.stretches[v] = (call.out, start)
            start += v.size

    def is_free(self, cell: Variable, i: int, call: Call) -> bool:
        """Whether a cell's old contents are used for the last time by the i-th call, which may overwrite them."""
        held = self.held.get(cell, cell)
        if self.last_use.get(held, -1) > i:
            return False
        reads = [v for v in call.inputs if memory_owner(v) is held]
        return not reads or (elementwise(call) and reads == [held])

    def dies(self, operand: Variable, i: int, out: Variable) -> bool:
        """Whether an operand lies in memory that `out` may take, and is read for the last time by the i-th call."""
        memory = self.plan.memory(operand)
        if memory is None or self.last_use[memory_owner(operand)] > i:
            return False
        lent = self.plan.block and out not in self.becoming and memory.cell in self.becoming.values()
        return memory.cell is None or bool(lent)

    def fits(self, operand: Variable, call: Call) -> bool:
        """Whether the result has the operand's form, and no other operand reads the same memory otherwise."""
        out = call.out
        alike = (operand.shape, operand.dtype, operand.order) == (out.shape, out.dtype, out.order)
        memory = self.plan.memory(operand)
        alone = all(v is operand for v in call.inputs if self.plan.memory(v) is memory)
        return alike and alone and operand is memory_owner(operand)

    def take(self, out: Variable) -> Memory:
        """Free memory of the right size, or new memory."""
        nbytes = out.size * out.dtype.itemsize
        fitting = [m for m in self.free if nbytes <= m.nbytes <= 2 * nbytes + 1024]
        if not fitting:
            return Memory(nbytes)
        best = min(fitting, key=lambda m: m.nbytes)
        self.free.remove(best)
        return best

    def release(self, i: int, call: Call) -> None:
        """Give back the memory of what the i-th call has read for the last time, unless its result has taken it."""
        taken = self.plan.homes[call.out].memory
        for v in dict.fromkeys(memory_owner(v) for v in [*call.inputs, call.out]):
            memory = self.plan.memory(v)
            if memory is None or memory.cell is not None or self.last_use.get(v, i) > i or memory in self.free:
                continue
            if v is call.out or memory is not taken:
                self.free.append(memory)


def replaceable(call: Call) -> list[Variable]:
    """The operands whose place the result may take as far as the function is concerned."""
    f = call.function
    args = call.args if elementwise(call) else call.args[2:] if f is np.where else call.args[: f in CHANGING]
    return [a for a in args if isinstance(a, Variable)]


def reshaped(v: Variable) -> Variable:
    """The variable of which `v` is the same elements in another shape."""
    while v.call is not None and v.call.function is np.reshape and (base := view_of(v.call)) is not None:
        v = base
    return v
