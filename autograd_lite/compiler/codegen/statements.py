"""The lines of a program's calls: most are one expression, and some functions have lines of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.expressions import closed, expression, index_text, operand
from autograd_lite.compiler.codegen.memory_planning import Home
from autograd_lite.compiler.codegen.spelling import function_name, literal, refusal
from autograd_lite.compiler.codegen.vocabulary import Page, generator_text
from autograd_lite.compiler.ir.forms import CHANGING, QUIET, Kernel, gathers, view_of
from autograd_lite.compiler.ir.program import Call, Variable
from autograd_lite.compiler.tracing.traced import add_at, astype, set_item
from autograd_lite.compiler.tracing.tracer import draw, require, require_indices
from autograd_lite.engine.untaken import zero_untaken
from autograd_lite.rules.operators import SIGNS

BY_COLUMNS = {np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum}  # they round alike in every loop
AUGMENTED = {np.add, np.subtract, np.multiply, np.divide}
COMMUTATIVE = {np.add, np.multiply}
Lines = Iterator[str]


def in_errstates(calls: Iterable[Call], lines: Callable[[Call], Iterable[str]]) -> Lines:
    """The lines of calls, in `np.errstate` where the calls were."""
    for errors, group in groupby(calls, lambda call: call.errors):
        together = list(group)
        found = [line for call in together for line in lines(call)]
        if errors and found and not is_quiet(together):
            settings = ", ".join([f'{key}="{how}"' for key, how in errors])
            found = [f"with np.errstate({settings}):", *[f"    {line}" for line in found]]
        yield from found


def is_quiet(calls: list[Call]) -> bool:
    """Whether calls of the walk back warn of nothing unless numbers overflow: they need no `np.errstate`."""
    return all(call.section == "backward" and (call.function in QUIET or not call.out.shape) for call in calls)


def statements(page: Page, call: Call) -> Lines:
    """The lines of one call."""
    f, out = call.function, call.out
    home = page.plan.homes[out]
    if isinstance(f, Kernel):
        yield kernel_call(page, f, *call.args)
    elif f is require:
        yield from refusal(f"not {closed(page, call.args[0])}", call.args[1])
    elif f is require_indices:
        yield from range_check(page, *call.args)
    elif home.how == "joined":
        operand(page, out)
    elif page.plan.is_lasting(out) and page.plan.is_lasting(call.args[0]):
        operand(page, out)  # a view of a view is named now, so that naming the last of many is no deep recursion
    elif f in CHANGING and not (page.plan.plain and f is zero_untaken):
        yield from change(page, call)
    elif home.how in ("number", "fresh", "view"):
        yield f"{operand(page, out)} = {expression(page, call)}"
    elif home.how in ("out", "place of"):
        yield from into_memory(page, call)


def kernel_call(page: Page, kernel: Kernel, *args: Any) -> str:
    """The line that lets a kernel change the same stretch of some arrays."""
    if kernel not in page.kernels:
        page.kernels[kernel] = page.unused(kernel.__name__), set()
    name, lengths = page.kernels[kernel]
    lengths.add(args[0].size)
    arrays = sum(bool(v.shape) for v in kernel.plan.program.inputs)
    g, *cells, start, stop = args[: arrays + 2]
    cut = "" if (start, stop) == (0, cells[0].size) else f"[{start}:{stop}]"
    texts = [operand(page, g), *[f"{operand(page, cell)}{cut}" for cell in cells]]
    return f"{name}({', '.join([*texts, *[operand(page, number) for number in args[arrays + 2 :]]])})"


def range_check(page: Page, indices: Variable, n: int, error: Exception) -> Lines:
    """The lines that make sure of indices: read as unsigned numbers, negative ones are very large."""
    name = operand(page, indices)
    if page.plan.plain:
        yield from refusal(f"np.any(({name} < 0) | ({name} >= {n}))", error)
        return
    if indices.dtype.kind == "i":
        unsigned = page.unused(f"unsigned_{name}")
        yield f"{unsigned} = {name}.view(np.u{indices.dtype.name})"
        name = unsigned
    yield from refusal(f"{name}.item({name}.argmax()) >= {n}", error)


# What changes an array.


def change(page: Page, call: Call) -> Lines:
    """The lines that put the first argument where the result lives, and change it there."""
    f, (x, index, value), out = call.function, call.args, call.out
    home, start, name = page.plan.homes[out], operand(page, x), operand(page, out)
    number = home.how == "number"
    if page.plan.homes.get(x) == Home("within"):
        yield f"{name} = {start}"
    elif home.memory is None:
        wrapped = start if f is zero_untaken else f"np.array({start})"
        yield f"{name} = {wrapped if number else start + copied(out)}"
    elif not (is_there(page, x, out) or index is ... or index == ()):
        yield f"np.copyto({name}, {start})"
    if f is set_item:
        yield f"{name}[{index_text(page, index)}] = {operand(page, value)}"
    elif f is add_at:
        yield f"np.add.at({name}, {operand(page, index)}, {operand(page, value)})"
    elif number:  # zero_untaken, as below
        yield f"if np.isnan({name}) and {closed(page, index)} == 0 and not {closed(page, value)}:"
        yield f"    {name} = np.{out.dtype.name}(0)"
    else:
        yield f"if np.isnan(np.add.reduce({name}, axis=None)):"
        mask = f"np.isnan({name}) & ({operand(page, index)} == 0) & ~{operand(page, value)}"
        yield f"    np.copyto({name}, 0, where={mask})"


def is_there(page: Page, a: Any, out: Variable) -> bool:
    """Whether an argument lies already where the result is to be."""
    return isinstance(a, Variable) and page.plan.memory(a) is page.plan.memory(out)


def copied(v: Variable) -> str:
    """What stands behind an array of the form of `v` for a copy that lies in memory in the same way."""
    return '.copy("K")' if v.order else ".copy()"


# What is written into memory.


def into_memory(page: Page, call: Call) -> Lines:
    """The lines of a call whose result goes into memory that is there."""
    f, out = call.function, call.out
    if f in WRITERS:
        yield from WRITERS[f](page, call)
    elif gathers(call):
        x, index = call.args
        mode = "clip" if index.bound is not None and index.bound <= x.shape[0] else "raise"
        yield f'{operand(page, x)}.take({operand(page, index)}, axis=0, out={operand(page, out)}, mode="{mode}")'
    elif goes_by_columns(page, call):
        for i in range(out.shape[1]):  # type: ignore[index]
            x, y, result = (column(page, v, i) for v in (*call.args, out))
            yield f"{function_name(f)}({x}, {y}, out={result})"
    else:
        yield augmented(page, call) or expression(page, call, operand(page, out))


def choice(page: Page, call: Call) -> Lines:
    """``np.where``."""
    (mask, a, b), out = call.args, call.out
    mask, a, start, target = *[operand(page, part) for part in (mask, a, b)], operand(page, out)
    if not is_there(page, b, out):
        yield f"np.copyto({target}, {start})"
    yield f"np.copyto({target}, {a}, where={mask})"


def copying(page: Page, call: Call) -> Lines:
    """A copy, in another dtype or shape."""
    f, x, out = call.function, call.args[0], call.out
    text, target = operand(page, x), operand(page, out)
    place = f"{target}.reshape({x.shape})" if f is np.reshape else target
    how = "" if f is not astype or np.can_cast(x.dtype, out.dtype) else ', casting="unsafe"'
    if place != text:
        yield f"np.copyto({place}, {text}{how})"


def drawing(page: Page, call: Call) -> Lines:
    """Random numbers."""
    generator, _, dtype = call.args
    yield f"{generator_text(page, generator)}.random(out={operand(page, call.out)}, dtype={literal(dtype)})"


def filling(page: Page, call: Call) -> Lines:
    """Zeros or ones."""
    yield f"{operand(page, call.out)}.fill({int(call.function is np.ones_like)})"


WRITERS: dict[Any, Callable[[Page, Call], Lines]] = {
    np.where: choice,
    **dict.fromkeys((astype, np.copy, np.positive, np.reshape), copying),
    draw: drawing,
    **dict.fromkeys((np.zeros_like, np.ones_like), filling),
}


def augmented(page: Page, call: Call) -> str:
    """In a kernel, whose names are local: the operator that changes its left side, which is quicker than a function."""
    if not page.plan.block or call.function not in AUGMENTED or call.kwargs:
        return ""
    a, b, target = *[operand(page, a) for a in call.args], operand(page, call.out)
    if b == target and call.function in COMMUTATIVE:
        a, b = b, a
    return f"{a} {SIGNS[call.function]}= {b}" if a == target else ""


def goes_by_columns(page: Page, call: Call) -> bool:
    """Whether a result of two or three columns is made faster one by one: NumPy would go through it row by row."""
    shape, arrays = call.out.shape or (), [v for v in (*call.args, call.out) if isinstance(v, Variable)]
    if call.function not in BY_COLUMNS or call.kwargs or len(shape) != 2 or len(arrays) != 3:
        return False
    n, k = shape
    stretched = ((n, 1), (1, k), (k,))
    if not 1 < k < 4 < n or not any(v.shape in stretched for v in arrays):
        return False
    return all(v.shape in (shape, *stretched) and not v.order and page.plan.stays(v) for v in arrays)


def column(page: Page, v: Variable, i: int) -> str:
    """What stands in the i-th column: a view of it, of the only column, or of one number for all rows."""
    shape: Any = v.shape
    base = view_of(v.call) if v.call else None
    if shape[-1] == 1 and base is not None and base.shape == shape[:1]:
        return operand(page, base)
    name, last = operand(page, v), 0 if shape[-1] == 1 else i
    rows = len(shape) == 2 and shape[0] > 1
    text = f"{name}[:, {last}]" if rows else f"{name}[{'0, ' * (len(shape) - 1)}{last}, ...]"
    return page.declare("views", text, f"{name}_{last}", text, f"{shape[:1] if rows else ()}")
