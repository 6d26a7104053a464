"""A program that goes element by element, printed as a function that works in place on blocks of its arrays.

Numbers come first, then the loop over blocks that stay in the processor's cache. What lies between goes into scratch
memory of the size of a block, which is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from string import ascii_lowercase
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.expressions import in_words
from autograd_lite.compiler.codegen.memory_planning import Layout
from autograd_lite.compiler.codegen.printer import Printed
from autograd_lite.compiler.codegen.spelling import literal
from autograd_lite.compiler.ir.forms import OPERATORS
from autograd_lite.compiler.ir.program import Call, Program, Variable

COMMUTATIVE = {np.add, np.multiply}
AUGMENTED = {np.add, np.subtract, np.multiply, np.divide}
BLOCKS = '''
def blocks(arrays, scratch, length):
    """Stretches of arrays that stay in the processor's cache, each with scratch memory of its size."""
    size = arrays[0].size
    if size == length:
        return [(*arrays, *scratch)]
    if size < length:
        return [(*arrays, *[memory[:size] for memory in scratch])]
    cuts = [slice(start, min(start + length, size)) for start in range(0, size, length)]
    return [(*[a[cut] for a in arrays], *[memory[: cut.stop - cut.start] for memory in scratch]) for cut in cuts]
'''


class InBlocks(Printed):
    """The text of a function that changes the cells of a program in place."""

    def __init__(
        self, program: Program, layout: Layout, title: str, function: str, length: int, looped: bool = True
    ) -> None:
        self.title, self.function, self.length, self.looped = title, function, length, looped
        self.kept: dict[str, dict[str, str]] = {"scratch": {}, "numbers": {}}  # names of memory, and what makes it
        self.scratch: dict[Any, str] = {}
        super().__init__(program, layout)

    def write(self) -> str:
        """The text."""
        calls, inputs, function = self.program.calls, self.program.inputs, self.function
        self.used |= {function, *[f"{function}_{part}" for part in self.kept]}
        self.names = {v: self.unused(str(v.name)) for v in inputs}
        head = f"def {function}({', '.join(self.names.values())}):"
        self.passing = set(self.numbers_in_passing())
        lines = [f'"""The t-th step of {self.title}: changes p and what is remembered, by the gradient g."""']
        numbers = [line for call in calls if not call.out.shape for line in self.statements(call)]
        lines += [*self.unpacked("numbers"), *numbers]
        arrays = [line for call in calls if call.out.shape for line in self.statements(call)]
        arrays += [f"{self.name(cell)}[...] = {self.name(new)}" for cell, new in self.layout.copies]
        lines += self.loop(arrays) if self.looped else [*self.unpacked("scratch"), *arrays]
        above = [f"{function}_{part} = {made_of(made.values())}" for part, made in self.kept.items() if made]
        return "\n".join([*above, *["", ""] * bool(above), head, *[f"    {line}" for line in lines], ""])

    def loop(self, lines: list[str]) -> Iterator[str]:
        """The lines in a loop over blocks."""
        arrays, scratch = [self.names[v] for v in self.program.inputs if v.shape], self.kept["scratch"]
        memory = f"{self.function}_scratch" if scratch else "()"
        yield f"for {', '.join([*arrays, *scratch])} in blocks(({', '.join(arrays)}), {memory}, {self.length}):"
        yield from (f"    {line}" for line in lines or ["pass"])

    def unpacked(self, part: str) -> Iterator[str]:
        """The line that gives memory its names."""
        if names := self.kept[part]:
            yield f"{', '.join(names) if len(names) > 1 else f'({next(iter(names))},)'} = {self.function}_{part}"

    def numbers_in_passing(self) -> Iterator[Variable]:
        """The numbers that one other number needs, and nothing else."""
        for call in self.program.calls:
            if not call.out.shape:
                yield from (v for v in call.inputs if v.call and self.uses[v] == 1 and not v.name)

    def into_memory(self, call: Call) -> Iterator[str]:
        """The lines of a call whose result goes into memory that is there; operators are quicker than functions."""
        if call.function in AUGMENTED and not call.kwargs:
            (a, b), target = map(self.operand, call.args), self.target(call.out)
            if b == target and call.function in COMMUTATIVE:
                a, b = b, a
            if a == target:
                yield f"{a} {OPERATORS[call.function]}= {b}"
                return
        if not call.out.shape:
            yield f"{self.target(call.out)}[()] = {self.operand(call.args[2])}"
            return
        yield from super().into_memory(call)

    # Names.

    def target(self, v: Variable) -> str:
        """The name of the memory that a value is written into."""
        memory: Any = self.layout.homes[v].memory
        if v not in self.names:
            self.names[v] = self.name(memory.cell) if memory.cell else self.own(v, memory)
        return self.names[v]

    def own(self, v: Variable, memory: Any) -> str:
        """The name of memory of our own: of a block, or of an array without axes."""
        if not v.shape:
            number = self.operand(v.call.args[2])  # type: ignore[union-attr]
            name = self.unused(f"{number}_array" if number in self.used else in_words(number) or str(v.name))
            self.kept["numbers"][name] = f"np.zeros((), {literal(v.dtype)})"
            return name
        if (memory, v.dtype) not in self.scratch:
            name = self.unused(next((letter for letter in ascii_lowercase if letter not in self.used), "a"))
            self.kept["scratch"][name] = f"aligned({self.length}, {literal(v.dtype)})"
            self.scratch[memory, v.dtype] = name
        return self.scratch[memory, v.dtype]

    def constant(self, v: Variable) -> str:
        """A number that never changes stands where it is needed."""
        return literal(v.value[()])

    def arguments(self, call: Call) -> list[str]:
        """The arguments of a call."""
        return [self.operand(a) for a in call.args]


def made_of(makers: Collection[str]) -> str:
    """A list of what some expressions make."""
    first, *others = makers
    return f"[{first} for _ in range({len(makers)})]" if others and {first} == {*others} else f"[{', '.join(makers)}]"
