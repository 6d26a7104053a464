"""A program as NumPy source: the text that is shown is the text that runs.

The text names the state, the memory that lives as long as the step, the constants and the views, which are made once;
then comes the step itself in the sections forward, backward and update. With a mapping ``state`` it needs nothing but
NumPy. Every value has a name of its own; values that share memory are declared so.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import groupby
from typing import Any, NamedTuple

from autograd_lite.compiler.codegen.blocks import BLOCKS, in_blocks
from autograd_lite.compiler.codegen.expressions import operand
from autograd_lite.compiler.codegen.inlining import inlined
from autograd_lite.compiler.codegen.memory_planning import Plan
from autograd_lite.compiler.codegen.spelling import broken, commented, function_name, on_one_line
from autograd_lite.compiler.codegen.statements import copied, in_errstates, statements
from autograd_lite.compiler.codegen.vocabulary import Page, opened, place
from autograd_lite.compiler.ir.forms import Kernel, makes_numbers, memory_owner
from autograd_lite.compiler.ir.program import Call, Variable
from autograd_lite.compiler.passes.mathematics import as_mathematics

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
TITLES = {
    "state": "state, which outlives the step",
    "memory": "memory: values that are not needed at the same time share it",
    "constants": "constants",
    "views": "views, made once",
}


class Source(NamedTuple):
    """The text of a program, and what it finds under the name `state`: arrays, and the containers of numbers."""

    text: str
    state: dict[str, Any]


def printed(plan: Plan) -> Source:
    """The text of a program whose values have their homes."""
    program, page = plan.program, opened(plan)
    arguments = [operand(page, v) for v in program.inputs]
    lines = [f"    {line}".rstrip() for line in body(page)]
    head = f"def {program.name}({', '.join(arguments)}):"
    above = [*preamble(page, arguments), *([] if plan.plain else kernels(page)), *declarations(page)]
    below = [f"\n{helper.rstrip()}" for helper in page.declared.get("helpers", ())]
    below += [f"\n\n{text.rstrip()}" for text in kernels(page)] if plan.plain else []
    return Source("\n".join([*above, "", "", head, *lines, *below, ""]), page.state)


def body(page: Page) -> Iterator[str]:
    """The lines of the step."""
    program, plan = page.plan.program, page.plan
    read = [v for call in program.calls for v in call.inputs] + program.outputs + [new for _, new in program.writes]
    reads = dict.fromkeys(read)
    yield from (f"{operand(page, v)} = {place(page, v)}" for v in reads if v.kind == "place")
    for section, calls in groupby(program.calls, lambda call: call.section):
        lines = [*section_lines(page, list(calls))]
        if lines:
            yield from ("", f"# {section}", *lines)
    if program.writes:
        yield ""
    yield from (f"{operand(page, cell)}[...] = {operand(page, new)}" for cell, new in plan.copies)
    yield from assignments(page)
    results = [result(page, v) for v in program.outputs]
    yield f"return {', '.join(results)}" if len(results) > 1 else f"return ({''.join(f'{r},' for r in results)})"


def section_lines(page: Page, calls: list[Call]) -> Iterator[str]:
    """The lines of one section: a comment where another module begins, and the shapes."""
    note = ""

    def lines(call: Call) -> Iterator[str]:
        nonlocal note
        *first, last = [*statements(page, call)] or [""]
        if last:
            if call.note != note:
                note = call.note
                yield f"# {on_one_line(note) or page.plan.program.name}"
            shapeless = last.startswith(("    ", "raise"))
            yield from (*first, *broken(commented(last, "" if shapeless else f"{call.out.shape or ''}")))

    return in_errstates(calls, lines)


def preamble(page: Page, arguments: list[str]) -> Iterator[str]:
    """What comes before the step."""
    program = page.plan.program
    forms = [f"{v.dtype} {v.shape}" if v.dtype else "float" for v in program.inputs]
    described = ", ".join([f"{name}: {form}" for name, form in zip(arguments, forms, strict=True)])
    yield f'"""{program.name}({described})"""'
    names = " ".join(function_name(c.function) for c in program.calls if not isinstance(c.function, Kernel))
    modules = [module for module, mark in (("math", "math."), ("scipy.special", "scipy.")) if mark in names]
    yield from ("", *(f"import {module}" for module in modules), "import numpy as np")
    if "memory" in page.declared or (page.kernels and not page.plan.plain):
        yield from ("", SHARED.rstrip("\n"), "", ALIGNED.rstrip("\n"), "")


def kernels(page: Page) -> Iterator[str]:
    """The functions that change arrays in place."""
    if page.plan.plain:
        for kernel, (name, _) in page.kernels.items():
            equation = as_mathematics(deepcopy(kernel.plan.program))
            yield in_blocks(inlined(equation), name, looped=False)
        return
    looped = {kernel: lengths != {kernel.plan.block} for kernel, (_, lengths) in page.kernels.items()}
    if any(looped.values()):
        yield f"{BLOCKS}\n"
    yield from (in_blocks(kernel.plan, name, looped[kernel]) for kernel, (name, _) in page.kernels.items())


def declarations(page: Page) -> Iterator[str]:
    """The lines of what lives as long as the program."""
    for part, title in TITLES.items():
        if part in page.declared:
            yield from ("", f"# {title}", *page.declared[part])


def assignments(page: Page) -> Iterator[str]:
    """The lines that give places their new contents; a list whose elements all change alike takes one line."""
    writes = [(cell, new) for cell, new in page.plan.program.writes if cell.kind == "place"]
    for _, group in groupby(writes, lambda pair: id(list_of(pair[0]))):
        together = list(group)
        whole, texts = list_of(together[0][0]), [(place(page, cell), operand(page, new)) for cell, new in together]
        if whole is not None and len(texts) == len(whole) and len({new for _, new in texts}) == 1:
            yield f"{texts[0][0].rpartition('[')[0]}[:] = [{texts[0][1]}] * {len(texts)}"
        else:
            yield from (f"{target} = {new}" for target, new in texts)


def list_of(cell: Variable) -> Any:
    """The list that a place is an element of."""
    container, key = cell.place  # type: ignore[misc]
    return container[key[0]] if isinstance(key, tuple) and isinstance(container[key[0]], list) else None


def result(page: Page, v: Variable) -> str:
    """A value that leaves the program: a number, or an array in memory of its own."""
    name = operand(page, v)
    if v.shape == ():
        gives_number = v.call is not None and not v.call.view and (page.plan.plain or makes_numbers(v.call.function))
        return name if gives_number else f"{name}[()]"
    owner = memory_owner(v)
    own = owner.kind == "call" and page.plan.homes[owner].how in ("fresh", "number")
    return name if own or v.shape is None else f"{name}{copied(v)}"
