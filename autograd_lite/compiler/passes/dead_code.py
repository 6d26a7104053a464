"""Dead code: calls whose results nobody reads are not made."""

from __future__ import annotations

from autograd_lite.compiler.ir.program import Program


def without_dead_code(program: Program) -> Program:
    """Leave out what nothing depends on; random numbers are drawn all the same, because the next draw depends on them.

    ::

        a = np.exp(x)
        b = np.tanh(x)          b = np.tanh(x)
        return b                return b
    """
    live = set(program.results())
    for call in reversed(program.calls):
        if call.fixed or call.out in live:
            live.update(call.inputs)
            live.add(call.out)
    program.calls = [call for call in program.calls if call.out in live]
    return program
