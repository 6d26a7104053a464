"""A program as NumPy source: the text that is shown is the text that runs.

The text names the state, the memory that lives as long as the step, the constants and the views, which are made once;
then comes the step itself in the sections forward, backward and update. With a mapping ``state`` it needs nothing but
NumPy. Every value has a name of its own; values that share memory are declared so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from textwrap import wrap
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.expressions import Expressions
from autograd_lite.compiler.codegen.memory_planning import Layout
from autograd_lite.compiler.codegen.spelling import function_name, literal, on_one_line
from autograd_lite.compiler.codegen.vocabulary import commented
from autograd_lite.compiler.ir.forms import QUIET, Source, changed, gathers, makes_numbers, memory_owner, view_of
from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.tracing.traced import add_at, astype, set_item
from autograd_lite.compiler.tracing.tracer import draw, require, require_indices
from autograd_lite.engine.untaken import zero_untaken

WIDTH = 112

ALIGNED = '''
def aligned(shape, dtype, order=None):
    """Memory that begins at a multiple of 64 bytes, where NumPy is fastest."""
    nbytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return shared(raw[start : start + nbytes], shape, dtype, order)
'''
SHARED = '''
def shared(memory, shape, dtype, order=None):
    """An array in memory that is there; `order` names its axes from the longest stride to the shortest."""
    flat = memory.transpose(np.argsort(memory.strides)[::-1]).reshape(-1).view(np.uint8)
    assert np.may_share_memory(flat, memory) or not memory.size
    flat = flat[: int(np.prod(shape)) * np.dtype(dtype).itemsize].view(dtype)
    if order is None:
        return flat.reshape(shape)
    return flat.reshape([shape[i] for i in order]).transpose(np.argsort(order))
'''
CHANGING = (set_item, add_at, zero_untaken)
BY_COLUMNS = {np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum}  # they round alike in every loop
TITLES = {
    "state": "state, which outlives the step",
    "memory": "memory: values that are not needed at the same time share it",
    "constants": "constants",
    "views": "views, made once",
}


class Printed(Expressions):
    """The text of a program, and what it needs to run.

    Attributes
    ----------
    text : str
    """

    def __init__(self, program: Program, layout: Layout) -> None:
        super().__init__(program, layout)
        self.sources: dict[Source, str] = {}
        self.lengths: dict[Source, set[int]] = {}
        self.text = self.write()

    # Statements.

    def statements(self, call: Call) -> Iterator[str]:
        """The lines of one call."""
        out, f = call.out, call.function
        if f is require:
            yield from refusal(f"not {self.closed(call.args[0])}", call.args[1])
            return
        if f is require_indices:
            yield from self.range_check(*call.args)
            return
        if isinstance(f, Source):
            yield self.called_in_place(f, call.args)
            return
        if f is changed:
            self.names[out] = self.name(call.args[0])
            if call.args[0].kind == "cell" or call.args[0] in self.lasting:
                self.lasting.add(out)
            return
        how = self.layout.homes[out].how
        if how == "joined":
            self.target(out)
            return
        if how == "view" and self.lasts(call):
            self.lasting.add(out)
        elif how == "number" and out in self.passing:
            self.inlined[out] = self.expression(call)
        elif how in ("number", "fresh", "view"):
            if f in CHANGING:
                number = how == "number"
                start = self.operand(call.args[0])
                start = (
                    start if number and f is zero_untaken else f"np.array({start})" if number else start + copied(out)
                )
                yield f"{self.name(out)} = {start}"
                yield from self.changing(call, self.name(out), number)
            else:
                yield f"{self.name(out)} = {self.expression(call)}"
        else:
            yield from self.into_memory(call)

    def called_in_place(self, f: Source, args: tuple[Any, ...]) -> str:
        """The line that calls a function which changes the same stretch of some arrays."""
        if f not in self.sources:
            self.sources[f] = self.unused(f.name)
        self.lengths.setdefault(f, set()).add(args[0].size)
        g, cells, (start, stop, *numbers) = args[0], args[1 : f.arrays], args[f.arrays :]
        cut = "" if (start, stop) == (0, cells[0].size) else f"[{start}:{stop}]"
        texts = [self.name(g), *[f"{self.name(cell)}{cut}" for cell in cells], *map(self.operand, numbers)]
        return f"{self.sources[f]}({', '.join(texts)})"

    def range_check(self, indices: Variable, n: int, error: Exception) -> Iterator[str]:
        """The lines that make sure of indices: read as unsigned numbers, negative ones are very large."""
        name = self.name(indices)
        if indices.dtype.kind == "i":
            unsigned = self.unused(f"unsigned_{name}")
            yield f"{unsigned} = {name}.view(np.u{indices.dtype.name})"
            name = unsigned
        yield from refusal(f"{name}.item({name}.argmax()) >= {n}", error)

    def lasts(self, call: Call) -> bool:
        """Whether a view is of an array that is at the same place in every call, and is taken at a fixed place."""
        base, *rest = call.inputs
        return self.stays(base) and all(v.kind == "constant" for v in rest)

    def stays(self, v: Variable) -> bool:
        """Whether an array is at the same place in every call."""
        home = self.layout.homes.get(v)
        return v.kind in ("cell", "constant") or v in self.lasting or (home is not None and home.memory is not None)

    def changing(self, call: Call, name: str, number: bool = False) -> Iterator[str]:
        """The lines that change an array, or a number."""
        _, index, value = call.args
        if call.function is set_item:
            yield f"{name}[{self.index(index)}] = {self.operand(value)}"
        elif call.function is add_at:
            yield f"np.add.at({name}, {self.operand(index)}, {self.operand(value)})"
        elif number:  # zero_untaken, as below
            yield f"if np.isnan({name}) and {self.operand(index)} == 0 and not {self.operand(value)}:"
            yield f"    {name} = np.{call.out.dtype.name}(0)"
        else:
            yield f"if np.isnan(np.add.reduce({name}, axis=None)):"
            mask = f"np.isnan({name}) & ({self.operand(index)} == 0) & ~{self.operand(value)}"
            yield f"    np.copyto({name}, 0, where={mask})"

    def into_memory(self, call: Call) -> Iterator[str]:
        """The lines of a call whose result goes into memory that is there."""
        f, args, memory = call.function, call.args, self.layout.homes[call.out].memory

        def same(a: Any) -> bool:
            return isinstance(a, Variable) and self.layout.memory(a) is memory

        values = [self.operand(a) for a in args] if f in (np.where, astype, np.copy, np.positive, np.reshape) else []
        before = same(args[0]) if f in CHANGING else False
        start = self.operand(args[0]) if f in CHANGING else ""
        target = self.target(call.out)
        if f in CHANGING:
            if not before and args[1] is not ...:
                yield f"np.copyto({target}, {start})"
            yield from self.changing(call, target)
        elif f is np.where:
            if not same(args[2]):
                yield f"np.copyto({target}, {values[2]})"
            yield f"np.copyto({target}, {values[1]}, where={values[0]})"
        elif f in (astype, np.copy, np.positive):
            how = "" if f is not astype or np.can_cast(args[0].dtype, args[1]) else ', casting="unsafe"'
            yield f"np.copyto({target}, {values[0]}{how})"
        elif f is np.reshape:
            yield f"np.copyto({target}.reshape({args[0].shape}), {values[0]})"
        elif f is draw:
            yield f"{self.generator(args[0])}.random(out={target}, dtype={literal(args[2])})"
        elif f in (np.zeros_like, np.ones_like):
            yield f"{target}.fill({int(f is np.ones_like)})"
        elif gathers(call):
            x, index = args
            mode = "clip" if index.bound is not None and index.bound <= x.shape[0] else "raise"
            yield f'{self.name(x)}.take({self.name(index)}, axis=0, out={target}, mode="{mode}")'
        elif self.goes_by_columns(call):
            for i in range(call.out.shape[1]):  # type: ignore[index]
                x, y, out = (self.column(v, i) for v in (*args, call.out))
                yield f"{function_name(f)}({x}, {y}, out={out})"
        else:
            yield self.expression(call, target)

    def goes_by_columns(self, call: Call) -> bool:
        """Whether a result of two or three columns is made faster one by one: NumPy would go through it row by row."""
        shape, arrays = call.out.shape or (), [v for v in (*call.args, call.out) if isinstance(v, Variable)]
        if call.function not in BY_COLUMNS or call.kwargs or len(shape) != 2 or len(arrays) != 3:
            return False
        n, k = shape
        stretched = ((n, 1), (1, k), (k,))
        if not 1 < k < 4 < n or not any(v.shape in stretched for v in arrays):
            return False
        return all(v.shape in (shape, *stretched) and not v.order and self.stays(v) for v in arrays)

    def column(self, v: Variable, i: int) -> str:
        """What stands in the i-th column: a view of it, of the only column, or of one number for all rows."""
        shape: Any = v.shape
        base = view_of(v.call) if v.call else None
        if shape[-1] == 1 and base is not None and base.shape == shape[:1]:
            return self.name(base)
        name, last = self.name(v), 0 if shape[-1] == 1 else i
        if len(shape) == 2 and shape[0] > 1:
            return self.view(f"{name}[:, {last}]", f"{name}_{last}", f"{shape[:1]}")
        return self.view(f"{name}[{'0, ' * (len(shape) - 1)}{last}, ...]", f"{name}_{last}", "()")

    # The whole.

    def write(self) -> str:
        """The text."""
        program = self.program
        arguments = [self.name(v) for v in program.inputs]
        self.passing = set(self.numbers_in_passing())
        reads = dict.fromkeys([v for call in program.calls for v in call.inputs] + program.outputs)
        body = [f"{self.name(v)} = {self.place(v)}" for v in reads if v.kind == "place"]
        for section, calls in sections(program.calls):
            lines = list(self.section(calls))
            if section == "backward" and any(call.function not in QUIET for call in calls if call.out.shape != ()):
                lines = ['with np.errstate(all="ignore"):', *(f"    {line}" for line in lines)]
            if lines:
                body += ["", f"# {section}", *lines]
        body += [""] if program.writes else []
        body += [f"{self.name(cell)}[...] = {self.name(new)}" for cell, new in self.layout.copies]
        body += self.assignments()
        results = [self.result(v) for v in program.outputs]
        body.append(
            f"return {', '.join(results)}" if len(results) > 1 else f"return ({''.join(f'{r},' for r in results)})"
        )
        step = [f"def {program.name}({', '.join(arguments)}):", *(f"    {line}".rstrip() for line in body)]
        return "\n".join([*self.preamble(arguments), "", "", *step, ""])

    def numbers_in_passing(self) -> Iterator[Variable]:
        """The numbers that can stand inside the only expression that uses them: nothing is written before it."""
        calls = self.program.calls
        for i, call in enumerate(calls):
            if self.layout.homes[call.out].how == "number" and self.uses[call.out] == 1 and not call.fixed:
                if call.function in CHANGING:
                    continue
                for later in calls[i + 1 :]:
                    if self.layout.homes[later.out].how != "number" or later.fixed:
                        break
                    if call.out in later.inputs:
                        yield call.out
                        break

    def section(self, calls: list[Call]) -> Iterator[str]:
        """The lines of one section: a comment where another module begins, and the shapes."""
        note = ""
        for call in calls:
            lines = list(self.statements(call))
            if lines and call.note != note:
                note = call.note
                yield f"# {on_one_line(note) or self.program.name}"
            yield from lines[:-1]
            if lines:
                plain_line = lines[-1].startswith(("    ", "raise"))
                yield from broken(commented(lines[-1], "" if plain_line else f"{call.out.shape or ''}"))

    def preamble(self, arguments: list[str]) -> Iterator[str]:
        """What comes before the step."""
        described = [
            f"{name}: {f'{v.dtype} {v.shape}' if v.dtype else 'float'}"
            for name, v in zip(arguments, self.program.inputs, strict=True)
        ]
        yield f'"""{self.program.name}({", ".join(described)})"""'
        names = " ".join(function_name(c.function) for c in self.program.calls if not isinstance(c.function, Source))
        modules = [module for module, mark in (("math", "math."), ("scipy.special", "scipy.")) if mark in names]
        yield from ("", *(f"import {module}" for module in modules), "import numpy as np")
        if self.declared["memory"] or self.sources:
            yield from ("", SHARED.rstrip("\n"), "", ALIGNED.rstrip("\n"), "")
        looped = {f: lengths != {f.length} for f, lengths in self.lengths.items()}
        yield from (f"{prelude}\n" for prelude in dict.fromkeys(f.prelude for f in looped if looped[f]))
        yield from (f.text(name, looped[f]) for f, name in self.sources.items())
        for part, title in TITLES.items():
            if self.declared[part]:
                yield from ("", f"# {title}", *self.declared[part])

    def assignments(self) -> Iterator[str]:
        """The lines that give places their new contents; a list whose elements all change alike takes one line."""
        lists: dict[int, list[tuple[Variable, Variable]]] = {}
        for place, new in self.program.writes:
            if place.kind == "place":
                container, key = place.place  # type: ignore[misc]
                if isinstance(key, tuple) and isinstance(container[key[0]], list):
                    lists.setdefault(id(container[key[0]]), []).append((place, new))
                else:
                    yield f"{self.place(place)} = {self.name(new)}"
        for entries in lists.values():
            place, new = entries[0]
            container, key = place.place  # type: ignore[misc]
            if len(entries) == len(container[key[0]]) and len({new for _, new in entries}) == 1:
                yield f"{self.place(place).rpartition('[')[0]}[:] = [{self.name(new)}] * {len(entries)}"
            else:
                yield from (f"{self.place(place)} = {self.name(new)}" for place, new in entries)

    def result(self, v: Variable) -> str:
        """A value that leaves the program: a number, or an array in memory of its own."""
        if v.shape == ():
            gives_number = v.call is not None and not v.call.view and makes_numbers(v.call.function)
            return self.name(v) if gives_number else f"{self.name(v)}[()]"
        owner = memory_owner(v)
        own = owner.kind == "call" and self.layout.homes[owner].how in ("fresh", "number")
        return self.name(v) if own or v.shape is None else f"{self.name(v)}{copied(v)}"


def copied(v: Variable) -> str:
    """What stands behind an array of the form of `v` for a copy that lies in memory in the same way."""
    return '.copy("K")' if v.order else ".copy()"


def refusal(condition: str, error: Exception) -> Iterator[str]:
    """The lines that raise an error under a condition."""
    yield f"if {condition}:"
    words, lines = str(error).split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 90:
            lines.append("")
        lines[-1] += word + " "
    parts = [repr(line) for line in [*lines[:-1], lines[-1][:-1]]]
    if len(parts) == 1 and len(parts[0]) < 80:
        yield f"    raise {type(error).__name__}({parts[0]})"
        return
    yield f"    raise {type(error).__name__}("
    yield from (f"        {part}" for part in parts)
    yield "    )"


def broken(line: str) -> Iterator[str]:
    """A line, in three if it is too long and is one call."""
    code, _, comment = line.partition("  # ")
    code = code.rstrip()
    head, _, rest = code.partition("(")
    depths = list(accumulate((c == "(") - (c == ")") for c in rest[:-1]))
    if len(code) <= WIDTH or not code.endswith(")") or min(depths, default=0) < 0:
        yield line
        return
    yield f"{head}("
    yield from (f"    {part}" for part in wrap(rest[:-1], WIDTH, break_long_words=False, break_on_hyphens=False))
    yield commented(")", comment)


def sections(calls: Iterable[Call]) -> Iterator[tuple[str, list[Call]]]:
    """The calls in stretches of one section."""
    stretch: list[Call] = []
    for call in calls:
        if stretch and call.section != stretch[0].section:
            yield stretch[0].section, stretch
            stretch = []
        stretch.append(call)
    if stretch:
        yield stretch[0].section, stretch
