"""Kernels: the equation of an optimizer as a function that works in place, derived by tracing it once.

An optimizer is a pure function ``update(g, p, state, t, **settings) -> (change, new_state)``, element by element. Its
kernel makes the same calls in the same order, so that it gives the same bits, but in blocks that stay in the
processor's cache, on the parameters and the state themselves, and with what lies between in memory that it keeps.
Settings that select a branch of the equation (0, True, None) are part of a kernel; other numbers are its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.blocks import BLOCKS, in_blocks
from autograd_lite.compiler.codegen.memory_planning import laid_out
from autograd_lite.compiler.codegen.spelling import function_name
from autograd_lite.compiler.ir.forms import Kernel, changed, elementwise
from autograd_lite.compiler.ir.program import Call, Program, Variable, map_variables
from autograd_lite.compiler.passes import optimized
from autograd_lite.compiler.passes.dead_code import without_dead_code
from autograd_lite.compiler.runtime.loading import load
from autograd_lite.compiler.tracing.error_handling import as_around
from autograd_lite.compiler.tracing.names import Names
from autograd_lite.compiler.tracing.state import State
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError, astype, set_item
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.engine.accumulation import aligned

BLOCK = 262_144  # elements: the arrays of a step then stay in the cache that the cores share
ROLES: dict[Any, str] = {np.multiply: "factor", np.divide: "factor", np.add: "term", np.subtract: "term"}
Update = Callable[..., tuple[Any, tuple[Any, ...]]]


class Open(Enum):
    """Stands for a number that a kernel gets anew in every call."""

    NONZERO = "a number other than 0"
    ANY = "a number that may be 0"


def opened(value: Any, numbers: list[Any]) -> Any:
    """What a kernel must know of a setting; the numbers in it that it need not know go to `numbers`."""
    if isinstance(value, tuple | list):
        return tuple([opened(part, numbers) for part in value])
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, Number):
        numbers.append(value)
        return Open.NONZERO if value.nonzero else Open.ANY
    if isinstance(value, float | np.floating):
        value = float(value)  # NumPy's own would turn float32 into float64
        if value:
            numbers.append(value)
            return Open.NONZERO
    return value


def split_settings(settings: Mapping[str, Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """What selects a kernel, and the numbers that it is called with."""
    numbers: list[Any] = []
    return tuple([opened(value, numbers) for value in settings.values()]), numbers


def kernel_of(
    update: Update, settings: Mapping[str, Any], dtype: Any, state_names: Sequence[str], size: int, title: str = ""
) -> Kernel:
    """The update of an optimizer, in place.

    Parameters
    ----------
    update : callable
        The equation.
    settings : mapping
        Its settings; of the numbers in them only whether they are 0 counts.
    dtype : dtype
        Of parameters, gradients and state.
    state_names : sequence of str
        What is remembered.
    size : int
        The most elements that it will be called with at once, as far as known: blocks need not be longer.
    title : str
        The name of the optimizer, for the reader.

    Raises
    ------
    TraceError
        If the update does not go element by element, or branches on a value.
    """
    with as_around():
        program, numbers = traced_update(update, settings, dtype, state_names, title or update.__name__)
    plan = laid_out(with_kept_numbers(optimized(program)), block=min(size, BLOCK))
    name, namespace = program.name.lower(), {"np": np, "aligned": aligned}
    source = in_blocks(plan, name)
    file = f"{__file__}: <{program.name}"  # counts as a file of ours where somebody asks whose code is running
    return Kernel(plan, source, load(BLOCKS + source, name, file, namespace), [number.asked for number in numbers])


def enter_kernel(
    kernel: Kernel, g: Any, cells: Sequence[Traced], start: int, stop: int, t: Any, numbers: Sequence[Any]
) -> None:
    """Let a traced function call `kernel` on the stretch from `start` to `stop` of `cells`: parameters and state."""
    tracer = cells[0].tracer
    for number, asked in zip(numbers, kernel.asked, strict=True):
        if asked and isinstance(number, Number):
            number.asked = True

    def enter(function: Any, args: Sequence[Any], value: Any, view: bool = False) -> Any:
        variable: Any = tracer.enter(function, args, {}, value)
        variable.call.fixed, variable.call.view = not view, view
        return variable

    with np.errstate(all="ignore"):
        kernel.run(*tracer.concrete((g, *[cell.value[start:stop] for cell in cells], t, *numbers)))
    for cell in cells:
        if not lies_alone(cell.current()):
            cell.variable = enter(np.copy, (cell,), cell.value)
    done = enter(kernel, (g, *cells, start, stop, t, *numbers), None)
    for cell in cells:
        cell.variable = enter(changed, (cell, done), cell.value, view=True)


def lies_alone(v: Variable) -> bool:
    """Whether nothing else stands for the memory of a variable: it is a cell's, or that of a copy made for a kernel."""
    while v.call is not None and v.call.function is changed:
        v = v.call.args[0]
    return v.kind == "cell" or (v.call is not None and v.call.function is np.copy and v.call.fixed)


# From the equation to a program.


def traced_update(
    update: Update, settings: Mapping[str, Any], dtype: Any, state_names: Sequence[str], title: str
) -> tuple[Program, list[Number]]:
    """The calls of one update, with p + change at the end, and the symbols for the numbers in its settings."""
    tracer = Tracer(title)
    program = tracer.program
    numbers: list[Number] = []

    def given(kind: str, name: str, value: Any) -> Any:
        variable = tracer.variable(kind, value, name)
        variable.value = value
        program.inputs.append(variable)
        return tracer.symbol(value, variable)

    def setting(name: str, known: Any) -> Any:
        if isinstance(known, tuple):
            return tuple([setting(f"{name.removesuffix('s')}{i}", part) for i, part in enumerate(known, 1)])
        if not isinstance(known, Open):
            return known
        numbers.append(given("input", name, tracer.concrete(next(examples))))
        numbers[-1].nonzero = known is Open.NONZERO
        return numbers[-1]

    g = given("input", "g", np.ones(2, dtype))
    p, *state = cells = [given("cell", name, np.ones(2, dtype)) for name in ("p", *state_names)]
    before = [cell.current() for cell in cells]
    t = given("input", "t", 2)
    t.nonzero = True
    key, values = split_settings(settings)
    examples = iter(values)
    symbols = {name: setting(name, known) for name, known in zip(settings, key, strict=True)}
    with Names(tracer, State(tracer, ())):
        change, new_state = update(g, p, tuple(state), t, **symbols)
    after = (p + change, *new_state)
    if len(after) != len(before) or not all(isinstance(a, Traced) and a.shape == (2,) for a in after):
        raise TraceError(f"the update of {title} must give a change and as many arrays as it was given for its state")
    for cell, new in zip(before, after, strict=True):
        if new.current() is not cell:
            program.writes.append((cell, new_content(tracer, cell, new)))
    for call in without_dead_code(program).calls:
        check_element_by_element(call, title)
    return program, numbers


def new_content(tracer: Tracer, cell: Variable, new: Traced) -> Variable:
    """The variable of what is to stand in a cell; a copy where it is also something else, or of another dtype."""
    variable: Variable = new.current()
    if variable.dtype != cell.dtype:
        return tracer.enter(astype, (new, cell.dtype), {}, new.value.astype(cell.dtype))
    if variable.call is None or variable in [other for _, other in tracer.program.writes]:
        return tracer.enter(np.positive, (new,), {}, new.value)
    return variable


def check_element_by_element(call: Call, title: str) -> None:
    """Refuse a call that needs more than the elements in the same place."""
    f, arrays = call.function, [v for v in call.inputs if v.shape]
    fits = (elementwise(call) and getattr(f, "nout", 1) == 1) or f in (np.where, np.clip)
    if arrays and not (fits and call.out.shape == (2,) and all(v.kind != "constant" for v in arrays)):
        raise TraceError(
            f"the update of {title} calls {function_name(f)}, but has to go element by element: parameters "
            "are put side by side and cut into blocks"
        )


def with_kept_numbers(program: Program) -> Program:
    """Put numbers first, and those beside arrays of one dtype into arrays without axes, which cost NumPy less.

    ::

                                lr_array[...] = lr
        a = np.multiply(lr, g)  a = np.multiply(lr_array, g)
    """
    numbers = [call for call in program.calls if not call.out.shape]
    arrays = [call for call in program.calls if call.out.shape]
    users: dict[Variable, list[Call]] = {}
    for call in arrays:
        for v in call.inputs:
            if v.dtype is None:
                users.setdefault(v, []).append(call)
    kept: dict[Variable, Variable] = {}
    for v, calls in users.items():
        dtypes = {a.dtype for call in calls for a in call.inputs if a.shape}
        if len(dtypes) == 1 and (dtype := dtypes.pop()).kind == "f":
            kept[v] = Variable("call", (), dtype, ROLES.get(calls[0].function, "number"))
            numbers.append(Call(set_item, (0.0, (), v), {}, kept[v]))
            numbers[-1].fixed = True  # else it were a number again
    for call in arrays:
        call.args, call.kwargs = map_variables(lambda v: kept.get(v, v), (call.args, call.kwargs))
    program.calls = numbers + arrays
    return program
