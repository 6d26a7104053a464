"""The text of a kernel: a program that goes element by element, as a function that changes its arrays in place.

Numbers come first, then the loop over blocks that stay in the processor's cache. What lies between goes into scratch
memory of the size of a block, which is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd_lite.compiler.codegen.expressions import operand
from autograd_lite.compiler.codegen.memory_planning import Plan
from autograd_lite.compiler.codegen.statements import in_errstates, statements
from autograd_lite.compiler.codegen.vocabulary import opened

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


def in_blocks(plan: Plan, name: str, looped: bool = True) -> str:
    """The text of a kernel under some name, with or without the loop over blocks."""
    program, page = plan.program, opened(plan)
    page.used |= {name, f"{name}_scratch", f"{name}_numbers"}
    for v in program.inputs:
        page.names[v] = page.unused(str(v.name))
    head = f"def {name}({', '.join(page.names.values())}):"
    calls = {whole: [call for call in program.calls if bool(call.out.shape) is whole] for whole in (False, True)}
    numbers, lines = ([*in_errstates(some, lambda call: statements(page, call))] for some in calls.values())
    lines += [f"{operand(page, cell)}[...] = {operand(page, new)}" for cell, new in plan.copies]
    kept = {part: dict([line.split(" = ") for line in page.declared.get(part, ())]) for part in ("scratch", "numbers")}
    unpacked = {part: [f"{listed(made)} = {name}_{part}"] if made else [] for part, made in kept.items()}
    if looped:
        arrays = [page.names[v] for v in program.inputs if v.shape]
        memory = f"{name}_scratch" if kept["scratch"] else "()"
        loop = f"for {', '.join([*arrays, *kept['scratch']])} in blocks(({', '.join(arrays)}), {memory}, {plan.block}):"
        lines = [loop, *[f"    {line}" for line in lines or ["pass"]]]
    else:
        lines = [*unpacked["scratch"], *lines]
    said = f'"""The t-th step of {program.name}: changes p and what is remembered, by the gradient g."""'
    above = [f"{name}_{part} = {made_of([*made.values()])}" for part, made in kept.items() if made]
    body = [f"    {line}" for line in [said, *unpacked["numbers"], *numbers, *lines]]
    return "\n".join([*above, *["", ""] * bool(above), head, *body, ""])


def listed(names: Collection[str]) -> str:
    """Names that a sequence is unpacked into."""
    return ", ".join(names) if len(names) > 1 else f"({next(iter(names))},)"


def made_of(makers: Sequence[str]) -> str:
    """A list of what some expressions make."""
    first, *others = makers
    return f"[{first} for _ in range({len(makers)})]" if others and {first} == {*others} else f"[{', '.join(makers)}]"
