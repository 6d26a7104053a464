"""The text of a kernel: the calls of one update, computed in place, block by block.

Numbers come first; what is combined with arrays goes into an array without axes, which costs NumPy less. Then comes the
loop over the blocks. A result goes into the cell that it is the new content of, as soon as nobody reads the old one;
else into the place of an operand that is read for the last time; else into scratch memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.forms import OPERATORS, PREFIXES, elementwise
from autograd_lite.compiler.program import Call, Program, Variable
from autograd_lite.compiler.spelling import function_name, literal
from autograd_lite.compiler.traced import astype

COMMUTATIVE = {np.add, np.multiply}
AUGMENTED = {np.add, np.subtract, np.multiply, np.divide}
LEVELS = {"**": 4, "*": 2, "/": 2, "//": 2, "%": 2, "+": 1, "-": 1}  # how closely an operator binds; a sign: 3
WORDS = {"-": "minus", "+": "plus", "*": "times", "/": "over", "1": "one"}
LONGEST_NAME = 24
ROLES = {np.multiply: "factor", np.divide: "factor", np.add: "term", np.subtract: "term"}  # where a number is used
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


def is_number(v: Variable) -> bool:
    """Whether a variable is one number, and not one for each element."""
    return v.shape is None or v.shape == ()


def element_by_element(call: Call) -> bool:
    """Whether a call can be made block by block, and into given memory."""
    f = call.function
    return (elementwise(call) and getattr(f, "nout", 1) == 1) or f in (np.where, np.clip)


def in_words(text: str) -> str:
    """A name that says what a short expression is; none for a longer one."""
    name = "_".join(WORDS.get(part, part) for part in text.replace("-", "- ").split())
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else ""


class Memory:
    """A cell, or a piece of scratch memory, and the value in it."""

    __slots__ = ("dtype", "holds", "name")

    def __init__(self, name: str, dtype: Any, holds: Variable) -> None:
        self.name, self.dtype, self.holds = name, dtype, holds


class Text:
    """The text of a kernel."""

    def __init__(self, program: Program, title: str, name: str, length: int) -> None:
        self.program, self.title, self.function, self.length = program, title, name, length
        self.texts = {v: str(v.name) for v in program.inputs}  # what stands in the text for a variable
        self.levels: dict[Variable, int] = {}  # how closely the last operator binds in such a text
        self.used = {*self.texts.values(), "np", "aligned", "blocks", name, f"{name}_scratch", f"{name}_numbers"}
        self.uses: dict[Variable, list[Call]] = {}
        self.last_use: dict[Variable, int] = {}
        for i, call in enumerate(program.calls):
            for v in call.inputs:
                self.uses.setdefault(v, []).append(call)
                self.last_use[v] = i
        self.last_use.update({new: len(program.calls) for _, new in program.writes})
        self.scratch: list[Memory] = []
        self.numbers: dict[str, Any] = {}  # arrays without axes, which are kept: making one costs more than filling it
        self.homes = {v: Memory(str(v.name), v.dtype, v) for v in program.inputs if v.kind == "cell"}
        self.becoming = {new: self.homes[cell] for cell, new in program.writes}
        self.rewritten = set(self.becoming.values())

    def write(self) -> str:
        """The text."""
        numbers: list[str] = []
        arrays: list[str] = []
        for i, call in enumerate(self.program.calls):
            if is_number(call.out):
                numbers += self.number(call)
            else:
                arrays += self.array(i, call)
        for v in self.texts:
            if v not in self.levels and is_number(v) and (dtype := self.beside(v)):
                numbers.append(f"{self.texts[v]} = np.array({self.texts[v]}, {literal(dtype)})")
        for new, home in self.becoming.items():
            if self.homes[new] is not home:
                arrays.append(f"{home.name}[...] = {self.texts[new]}")
        names = [str(v.name) for v in self.program.inputs if not is_number(v)]
        scratch = [memory.name for memory in self.scratch]
        kept = f"{self.function}_scratch" if scratch else "()"
        if self.numbers:
            filled = ", ".join(self.numbers)
            numbers.insert(0, f"{filled if len(self.numbers) > 1 else f'({filled},)'} = {self.function}_numbers")
        lines = [
            f"def {self.function}({', '.join(str(v.name) for v in self.program.inputs)}):",
            f'    """The t-th step of {self.title}: changes p and what is remembered, by the gradient g."""',
            *[f"    {line}" for line in numbers],
            f"    for {', '.join(names + scratch)} in blocks(({', '.join(names)}), {kept}, {self.length}):",
            *[f"        {line}" for line in arrays or ["pass"]],
        ]
        memories = [f"aligned({self.length}, {literal(m.dtype)})" for m in self.scratch]
        zeros = [f"np.zeros((), {literal(dtype)})" for dtype in self.numbers.values()]
        declared = {kept: memories, f"{self.function}_numbers": zeros}
        above = [f"{name} = [{', '.join(parts)}]" for name, parts in declared.items() if parts]
        return "\n".join([*above, *["", ""] * bool(above), *lines, ""])

    def unused(self, wishes: Iterator[str]) -> str:
        """The first of some names that nothing has yet."""
        name = next(wish for wish in wishes if wish not in self.used)
        self.used.add(name)
        return name

    # Numbers, which are computed once.

    def number(self, call: Call) -> list[str]:
        """The line of a number; none where it stands within the only expression that reads it."""
        out, uses = call.out, self.uses[call.out]
        text, level = self.formula(call)
        alone = len(uses) == 1
        if alone and is_number(uses[0].out) and not out.name:
            self.texts[out], self.levels[out] = text, level
            return []
        wish = out.name or in_words(text) or next((ROLES[use.function] for use in uses if use.function in ROLES), "c")
        name = self.texts[out] = self.unused(f"{wish}_{i}" if i > 1 else wish for i in range(1, 1000))
        if alone and (dtype := self.beside(out)):
            self.levels[out] = 5
            self.numbers[name] = dtype
            return [f"{name}[...] = {text}"]
        return [f"{name} = {text}"]

    def beside(self, number: Variable) -> Any:
        """The dtype that a Python number takes on beside the arrays that it meets; None if there is not one."""
        calls = [call for call in self.uses.get(number, ()) if not is_number(call.out)]
        dtypes = {v.dtype for call in calls for v in call.inputs if v is not number and v.shape}
        return dtypes.pop() if number.dtype is None and len(dtypes) == 1 and "f" in [d.kind for d in dtypes] else None

    def formula(self, call: Call) -> tuple[str, int]:
        """An expression of numbers, and how closely its last operator binds."""
        f, args = call.function, call.args
        if f in OPERATORS and not call.kwargs:
            sign = OPERATORS[f]
            level = LEVELS.get(sign, 0)
            right_first = sign == "**"
            left, right = self.operand(args[0], level + right_first), self.operand(args[1], level + (not right_first))
            hugging = sign == "**" and f"{left}{right}".isidentifier()
            return f"{left}**{right}" if hugging else f"{left} {sign} {right}", level
        if f in PREFIXES and not call.kwargs:
            return f"{PREFIXES[f]}{self.operand(args[0], 3)}", 3
        return self.called(call), 5

    def operand(self, a: Any, level: int = 0) -> str:
        """An argument, in brackets where it binds less closely than `level`."""
        if isinstance(a, Variable):
            text = literal(a.value) if a.kind == "constant" else self.texts[a]
            return f"({text})" if self.levels.get(a, 5) < level else text
        if isinstance(a, tuple | list):
            return f"({', '.join(self.operand(part) for part in a)},)"
        text = literal(a)
        return f"({text})" if text.startswith("-") and level > 2 else text

    def called(self, call: Call, out: str = "") -> str:
        """A call of NumPy."""
        settings = [f"{key}={self.operand(value)}" for key, value in call.kwargs.items()] + (
            [f"out={out}"] if out else []
        )
        return f"{function_name(call.function)}({', '.join([*map(self.operand, call.args), *settings])})"

    # Arrays, which are computed block by block.

    def array(self, i: int, call: Call) -> Iterator[str]:
        """The lines of the i-th call."""
        memory = self.home(i, call)
        before, memory.holds = memory.holds, call.out
        self.homes[call.out], self.texts[call.out] = memory, memory.name
        target, f, args = memory.name, call.function, call.args
        if f in COMMUTATIVE and args[1] is before:
            args = args[::-1]
        if f is np.where:
            condition, a, b = map(self.operand, args)
            if b != target:
                yield f"np.copyto({target}, {b})"
            yield f"np.copyto({target}, {a}, where={condition})"
        elif f in (astype, np.copy, np.positive):
            casting = ', casting="unsafe"' if f is astype else ""
            yield f"np.copyto({target}, {self.operand(args[0])}{casting})"
        elif f in AUGMENTED and args[0] is before and not call.kwargs:
            yield f"{target} {OPERATORS[f]}= {self.operand(args[1])}"
        else:
            yield self.called(call, target)

    def home(self, i: int, call: Call) -> Memory:
        """The memory that the i-th call writes into."""
        becoming = self.becoming.get(call.out)
        if becoming is not None and self.may_replace(becoming, i, call):
            return becoming
        operands = [self.homes[v] for v in call.inputs if v in self.homes]
        passing = [] if becoming else [memory for memory in operands if memory in self.rewritten]
        for memory in dict.fromkeys([*passing, *[m for m in operands if m in self.scratch], *self.scratch]):
            if self.may_replace(memory, i, call):  # what is to stay does not take another's place
                return memory
        name = self.unused(chr(c) for c in range(ord("a"), ord("z")))
        self.scratch.append(Memory(name, call.out.dtype, call.out))
        return self.scratch[-1]

    def may_replace(self, memory: Memory, i: int, call: Call) -> bool:
        """Whether the i-th call may overwrite what stands in `memory`."""
        last = self.last_use.get(memory.holds, -1)
        if memory.dtype != call.out.dtype or last > i:
            return False
        others = call.args[:2] if call.function is np.where else () if element_by_element(call) else call.args
        return last < i or memory.holds not in others
