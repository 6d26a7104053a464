"""Where every value of a program lives: decided from how long it lives, before anybody writes code.

A value can take the memory of an operand that is used for the last time (*in place*), the memory of the cell that it
is the new content of, a piece of memory that an earlier value has left, or a new one. Views live where their arrays
live. Values that leave the program, and those of functions without ``out=``, are new arrays in every call.
The result, a `Layout`, names memory and says for each variable how it comes into it; a printer turns it into text.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd_lite.compiler.ir.forms import elementwise, memory_owner, takes_out, view_of
from autograd_lite.compiler.ir.program import Call, Program, Variable

CHANGING = ("set_item", "add_at", "zero_untaken")  # functions that give their first argument, changed


class Memory:
    """A piece of memory that lives as long as the program: a cell's, or one of our own."""

    __slots__ = ("cell", "nbytes")

    def __init__(self, nbytes: int, cell: Variable | None = None) -> None:
        self.nbytes, self.cell = nbytes, cell


class Home(NamedTuple):
    """Where a variable lives: `how` is "number", "fresh", "view", "out", "place of" an operand, or "joined" already."""

    how: str
    memory: Memory | None = None
    operand: Variable | None = None


class Layout:
    """The homes of all variables of a program, and the copies into cells that are left for the end.

    Attributes
    ----------
    stretches : dict
        For a variable that is computed where it will be joined with others: the joined array, and where it begins.
    """

    def __init__(self) -> None:
        self.homes: dict[Variable, Home] = {}
        self.stretches: dict[Variable, tuple[Variable, int]] = {}
        self.copies: list[tuple[Variable, Variable]] = []

    def memory(self, v: Variable) -> Memory | None:
        """The memory that a variable lies in, if it is ours or a cell's."""
        home = self.homes.get(memory_owner(v))
        return home.memory if home else None


def lay_out(program: Program, in_cells: bool = False) -> Layout:
    """Decide where the values of `program` live; `in_cells` too, until these get their new contents."""
    return Allocation(program, in_cells).layout


class Allocation:
    """One pass over the calls of a program."""

    def __init__(self, program: Program, in_cells: bool) -> None:
        self.program, self.layout, self.in_cells = program, Layout(), in_cells
        self.last_use: dict[Variable, int] = {}  # of a variable's memory, through whatever views
        self.free: list[Memory] = []
        self.joined: dict[Variable, Memory] = {}
        end = len(program.calls)
        for v in program.outputs:
            self.last_use[memory_owner(v)] = end
        for _, v in program.writes:
            self.last_use[memory_owner(v)] = end
        for i, call in enumerate(program.calls):
            for v in call.inputs:
                owner = memory_owner(v)
                self.last_use[owner] = max(i, self.last_use.get(owner, 0))
        self.cells = {cell: Memory(cell.size * cell.dtype.itemsize, cell) for cell in self.all_cells()}
        self.leaving = {memory_owner(v) for v in program.outputs}
        self.becoming = {new: cell for cell, new in program.writes if cell.kind == "cell"}
        self.held = {cell: cell for cell in self.cells}  # what stands in a cell now
        for cell, memory in self.cells.items():
            self.layout.homes[cell] = Home("cell", memory)
        for i, call in enumerate(program.calls):
            if call.function is np.concatenate:
                self.join(i, call)
        for i, call in enumerate(program.calls):
            home = self.layout.homes[call.out] = self.home(i, call)
            if home.memory and home.memory.cell:
                self.held[home.memory.cell] = call.out
            self.release(i, call)
        for cell, new in program.writes:
            if cell.kind == "cell" and self.layout.memory(new) is not self.cells[cell]:
                self.layout.copies.append((cell, new))

    def all_cells(self) -> list[Variable]:
        """The cells that are read or written."""
        read = [v for call in self.program.calls for v in call.inputs] + [cell for cell, _ in self.program.writes]
        return list(dict.fromkeys(v for v in read if v.kind == "cell"))

    def home(self, i: int, call: Call) -> Home:
        """Where the result of the i-th call shall live."""
        out = call.out
        if out.dtype is None or (out.shape == () and not call.fixed):
            return Home("number")
        if view_of(call) is not None:
            return Home("view")
        if out in self.leaving or not takes_out(call):
            return Home("fresh")
        if out in self.joined:
            return Home("joined", self.joined[out])
        if out in self.layout.stretches:
            return Home("out", self.joined[self.layout.stretches[out][0]])
        if (cell := self.becoming.get(out)) is not None and self.cell_is_free(cell, i, call):
            return Home("out", self.cells[cell])
        for operand in self.replaceable(call):
            if self.dies(operand, i, out) and self.fits(operand, call):
                return Home("place of", self.layout.memory(operand), operand)
        return Home("out", self.take(out))

    def join(self, i: int, call: Call) -> None:
        """Let the parts of a concatenation be computed where they belong, if all of them can be."""
        parts = call.args[0] if len(call.args) == 1 and not call.kwargs else ()
        owners = [reshaped(part) for part in parts if isinstance(part, Variable)]
        if len(set(owners)) != len(parts) or call.out.shape != (sum(v.size for v in owners),):
            return
        for owner in owners:
            taken = owner in self.leaving or owner in self.becoming or owner in self.layout.stretches
            taken = taken or owner is not memory_owner(owner)
            if taken or owner.call is None or not takes_out(owner.call) or self.last_use[owner] != i:
                return
            if owner.dtype != call.out.dtype or owner.order or not owner.shape:
                return
        self.joined[call.out] = Memory(call.out.size * call.out.dtype.itemsize)
        start = 0
        for owner in owners:
            self.layout.stretches[owner] = (call.out, start)
            start += owner.size

    def cell_is_free(self, cell: Variable, i: int, call: Call) -> bool:
        """Whether a cell's old contents are used for the last time by the i-th call, which may overwrite them."""
        held = self.held[cell]
        if self.last_use.get(held, -1) > i:
            return False
        reads = [v for v in call.inputs if memory_owner(v) is held]
        return not reads or (elementwise(call) and reads == [held])

    def replaceable(self, call: Call) -> list[Variable]:
        """The operands whose place the result may take as far as the function is concerned."""
        direct = [a for a in call.args if isinstance(a, Variable)]
        if elementwise(call):
            return direct
        if call.function is np.where:
            return [a for a in call.args[2:] if isinstance(a, Variable)]
        return direct[:1] if getattr(call.function, "__name__", "") in CHANGING else []

    def dies(self, operand: Variable, i: int, out: Variable) -> bool:
        """Whether an operand lies in memory that `out` may take, and is read for the last time by the i-th call."""
        memory = self.layout.memory(operand)
        if memory is None or self.last_use[memory_owner(operand)] > i:
            return False
        lent = self.in_cells and out not in self.becoming and memory.cell in self.becoming.values()
        return memory.cell is None or lent

    def fits(self, operand: Variable, call: Call) -> bool:
        """Whether the result has the operand's form, and no other operand reads the same memory otherwise."""
        owner, out = memory_owner(operand), call.out
        if (operand.shape, operand.dtype, operand.order) != (out.shape, out.dtype, out.order) or operand is not owner:
            return False
        memory = self.layout.memory(owner)
        return all(v is operand for v in call.inputs if self.layout.memory(v) is memory)

    def take(self, out: Variable) -> Memory:
        """Free memory of the right size, or new memory."""
        nbytes = out.size * out.dtype.itemsize
        fitting = [m for m in self.free if nbytes <= m.nbytes <= 2 * nbytes + 1024]
        if fitting:
            best = min(fitting, key=lambda m: m.nbytes)
            self.free.remove(best)
            return best
        return Memory(nbytes)

    def release(self, i: int, call: Call) -> None:
        """Give back the memory of what the i-th call has read for the last time."""
        for v in dict.fromkeys(memory_owner(v) for v in [*call.inputs, call.out]):
            home = self.layout.homes.get(v)
            if home is None or home.memory is None or home.memory.cell is not None:
                continue
            taken_over = home.memory is self.memory_taken(call, v)
            if self.last_use.get(v, i) <= i and not taken_over and home.memory not in self.free:
                self.free.append(home.memory)

    def memory_taken(self, call: Call, v: Variable) -> Memory | None:
        """The memory that the call's result has taken over from an operand."""
        if v is call.out:
            return None
        return self.layout.memory(call.out) if view_of(call) is None else None


def reshaped(v: Variable) -> Variable:
    """The variable of which `v` is the same elements in another shape."""
    while v.call is not None and v.call.function is np.reshape and (base := view_of(v.call)) is not None:
        v = base
    return v
