"""Programs of small functions, run call by call, to see what a pass does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Program, Variable, map_variables
from autograd_lite.compiler.passes.dead_code import without_dead_code
from autograd_lite.compiler.tracing.traced import Traced
from autograd_lite.compiler.tracing.tracer import Tracer

EDGES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -3.5]


def numbers(*shape: int, dtype: Any = np.float32) -> Any:
    """Numbers that begin with those that algebra goes wrong for."""
    x = np.random.default_rng(len(shape)).normal(size=shape).astype(dtype)
    x.flat[: len(EDGES)] = EDGES[: x.size]
    return x


def traced(f: Callable[..., Any], *arrays: Any, kind: str = "cell") -> Program:
    """The program of a function of arrays, as it is before any pass."""
    tracer = Tracer("f")
    handles = []
    for i, array in enumerate(arrays):
        variable = tracer.variable(kind, array, f"x{i}")
        variable.value = array
        handles.append(Traced(tracer, array.copy(), variable))
        tracer.program.inputs.append(variable)
    result = f(*handles)
    results = result if isinstance(result, tuple) else (result,)
    tracer.program.outputs = [a.current() for a in results]
    return tracer.program


def run(program: Program) -> list[Any]:
    """What the calls of a program give, one after the other."""
    values: dict[Variable, Any] = {}

    def value(v: Variable) -> Any:
        return values[v] if v.kind == "call" else v.value

    for call in program.calls:
        args, settings = map_variables(value, call.args), map_variables(value, call.kwargs)
        with np.errstate(all="ignore"):
            result = values[call.out] = call.function(*args, **settings)
        if call.view:
            assert result.base is not None, f"{call} makes no view"
        if call.out.dtype is not None:
            assert (result.shape, result.dtype) == (call.out.shape, call.out.dtype)
    return [value(v) for v in program.outputs]


def bits(a: Any) -> bytes:
    """The bits of an array, but for the signs of NaN, which mean nothing."""
    return bytes(np.where(a == a, a, a.dtype.type(np.nan) if a.dtype.kind in "fc" else 0).tobytes())


def names(program: Program) -> list[str]:
    """The functions that a program calls."""
    return [call.function.__name__ for call in program.calls]


def remaining(improve: Callable[[Program], Program], f: Callable[..., Any], *arrays: Any) -> list[str]:
    """The functions that are called after a pass and the removal of dead code; checks that all bits are the same."""
    wanted = run(traced(f, *arrays))
    program = without_dead_code(improve(traced(f, *arrays)))
    for a, b in zip(run(program), wanted, strict=True):
        assert (a.shape, a.dtype, bits(a)) == (b.shape, b.dtype, bits(b))
        assert a.strides == b.strides
    return names(program)
