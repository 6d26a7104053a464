"""The stages of a program, for reading: what becomes of a function on its way to text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograd_lite.compiler.codegen.memory_planning import laid_out
from autograd_lite.compiler.codegen.printer import printed
from autograd_lite.compiler.ir.program import Label, Variable, form, listing
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.runtime.compiled import positional_names
from autograd_lite.compiler.tracing.trace import traced


def stages(f: Callable[..., Any], *args: Any) -> Iterator[tuple[str, str]]:
    """The name and the text of each stage: the trace, what each pass makes of it that changes it, the plan, the source.

    A value has the same name in all of them but the last.
    """
    program = traced(f, args, {}, iter(positional_names(f)), keep_grads=False, varying=(), large=False).program
    labels: dict[Variable, Label] = {}
    shown = listing(program, form, labels)
    yield "trace", shown
    for improve in PASSES:
        program, before = improve(program), shown
        shown = listing(program, form, labels)
        if shown != before:
            yield improve.__name__, shown
    plan = laid_out(program)
    yield "laid_out", listing(program, plan.remark, labels)
    yield "printed", printed(plan).text
