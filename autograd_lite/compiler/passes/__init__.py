"""The passes: each takes a program to one that computes the same numbers, bit for bit, with less work."""

from collections.abc import Callable, Sequence

from autograd_lite.compiler.ir.program import Program
from autograd_lite.compiler.passes.algebra import simplified
from autograd_lite.compiler.passes.common_subexpressions import without_repetition
from autograd_lite.compiler.passes.constant_folding import with_constants_folded
from autograd_lite.compiler.passes.dead_code import without_dead_code
from autograd_lite.compiler.passes.equivalents import with_cheaper_equivalents
from autograd_lite.compiler.passes.gathering import with_flat_gathers
from autograd_lite.compiler.passes.mathematics import as_mathematics

PASSES = (
    without_dead_code,
    with_cheaper_equivalents,
    with_constants_folded,
    simplified,
    with_flat_gathers,
    without_repetition,
    without_dead_code,
)
LEGIBLE = (*(improve for improve in PASSES if improve is not with_flat_gathers), as_mathematics, without_dead_code)


def optimized(program: Program, passes: Sequence[Callable[[Program], Program]] = PASSES) -> Program:
    """The program after all passes; `program` itself may be changed."""
    for improve in passes:
        program = improve(program)
    return program
