"""One program of a compiled function: made for one signature, and run with the state that it was traced with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.inlining import inlined
from autograd_lite.compiler.codegen.memory_planning import laid_out
from autograd_lite.compiler.codegen.printer import Source, printed
from autograd_lite.compiler.ir.program import Program
from autograd_lite.compiler.passes import LEGIBLE, optimized
from autograd_lite.compiler.runtime.guards import Guards, guards_for
from autograd_lite.compiler.runtime.loading import load
from autograd_lite.compiler.runtime.results import NONE, ResultHistory, Results
from autograd_lite.compiler.runtime.shortcut import shortcut_to
from autograd_lite.compiler.tracing.places import Place
from autograd_lite.compiler.tracing.state import State
from autograd_lite.compiler.tracing.trace import Expected, traced
from autograd_lite.compiler.tracing.traced import TraceError
from autograd_lite.engine.array_like import NUMBERS
from autograd_lite.engine.storage import Storage, clock
from autograd_lite.engine.tracing_protocol import Symbol, array_from
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.tensor.trees import flatten, map_leaves

Leaves = list[Any]
Form = tuple[Any, Any, bool, Any]


@dataclass(eq=False)
class Executable:
    """A function's program for one signature.

    Attributes
    ----------
    structure, forms
        What it accepts: how the arguments are arranged, and what `form` says of each.
    guards : Guards
        What must still be so.
    source : Source
        The text of `step`, and the state that it works on.
    storages : list of Storage
        The memory that it writes.
    changed : list of Place
        What the function itself has changed while it was traced.
    expected : Expected or None
        What the first run has to give.
    """

    name: str
    structure: Any
    forms: list[Form]
    guards: Guards
    source: Source
    step: Callable[..., Any]
    results: Results
    history: ResultHistory
    storages: list[Storage]
    changed: list[Place]
    expected: Expected | None

    @property
    def signature(self) -> str:
        """The dtypes and shapes of the arguments."""
        return ", ".join(f"{dtype} {shape}" if dtype else "float" for shape, dtype, *_ in self.forms) or "()"

    @cached_property
    def holds_now(self) -> Callable[[], bool]:
        """The guards as one function."""
        return self.guards.compiled()

    @cached_property
    def shortcut(self) -> Callable[..., Any] | None:
        """The quickest way, where arguments stand one by one and one tensor is given."""
        one_by_one = isinstance(self.structure, int) and all(dtype and not grad for _, dtype, grad, _ in self.forms)
        if not one_by_one or not self.results.is_one_tensor:
            return None
        history = self.history if self.results.unfinished else None
        return shortcut_to(self.step, self.forms, self.guards, self.storages, history)

    def accepts(self, leaves: Leaves, structure: Any) -> bool:
        """Whether these arguments have the signature of this program."""
        if structure != self.structure or len(leaves) != len(self.forms):
            return False
        return all(form(a) == known for a, known in zip(leaves, self.forms, strict=True))

    def holds(self) -> bool:
        """Whether what the program was traced with is still so."""
        try:
            return self.holds_now()
        except (ValueError, TypeError, LookupError, AttributeError):
            return False

    def run(self, leaves: Leaves) -> Any:
        """Run the program."""
        return self.handed_out(self.step(*[plain(a) for a in leaves]), leaves)

    def run_first(self, leaves: Leaves) -> tuple[Any, bool]:
        """Run the program for the first time, after a trace on these arguments; and whether it gives what that gave."""
        assert self.expected is not None
        (wanted, cells), self.expected = self.expected, None
        results = self.step(*[plain(a) for a in leaves])
        if all(map(same_bits, results, wanted)) and all(same_bits(cell, value) for cell, value in cells):
            return self.handed_out(results, leaves), True
        for cell, value in cells:
            cell[...] = value
        return self.handed_out([w[()] for w in wanted], leaves), False

    def handed_out(self, values: Sequence[Any], leaves: Leaves) -> Any:
        """What a call gives, for the arrays and numbers that the program gave."""
        if self.storages:
            now = clock()
            for storage in self.storages:
                storage.changed = now
        return self.results.of_this_call(values, self.history(leaves) if self.results.unfinished else NONE)


def build(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    leaves: Leaves,
    structure: Any,
    keep_grads: bool,
    names: Sequence[str],
    varying: Iterable[Place] = (),
    large: bool = True,
) -> Executable:
    """A function as a program: traced, improved, laid out, printed, loaded, with the conditions that it depends on."""
    args, kwargs = map_leaves(leaf_of, (args, dict(kwargs)))
    forms = [form(leaf) for leaf in leaves]
    trace = traced(f, args, kwargs, argument_names(names, args), keep_grads, varying, large)
    program = optimized(trace.program)
    if not keep_grads:
        refuse_accumulating(program)
    source = printed(laid_out(program))
    namespace: dict[str, Any] = {"state": source.state, "__name__": "compiled"}
    step = load(source.text, program.name, f"<compiled {program.name}", namespace)
    used = tensors_used(program, trace.state)
    guards = guards_for(trace, used, keep_grads)
    history = ResultHistory(f, [tensor for tensor in used if tensor.requires_grad])
    storages, changed = storages_written(program, trace.state), trace.reading.changed
    return Executable(
        program.name, structure, forms, guards, source, step, trace.results, history, storages, changed, trace.expected
    )


def plain_source(f: Callable[..., Any], args: tuple[Any, ...], names: Sequence[str]) -> Source:
    """A function as a program to be read: the mathematics alone."""
    args = map_leaves(leaf_of, args)
    program = traced(f, args, {}, argument_names(names, args), False, (), large=False).program
    refuse_accumulating(program)
    return printed(inlined(optimized(program, LEGIBLE)))


def refuse_accumulating(program: Program) -> None:
    """Refuse to accumulate into gradients that are not kept."""
    for v in {v for call in program.calls for v in call.inputs}:
        if v.place is not None and v.place[1] == "grad":
            raise TraceError(
                f"the gradient of {v.place[0].name or 'a tensor'} from before the call is used, and a compiled "
                "call does not keep gradients: call optimizer.zero_grad() in the function before backward(), or "
                "compile with keep_grads=True"
            )


def storages_written(program: Program, state: State) -> list[Storage]:
    """The storages of leaves that the program writes."""
    written = {cell for cell, _ in program.writes}
    storages = [tensor.leaf.storage for tensor in state.tensors_in(written) if tensor.leaf is not None]
    storages += [item.storage for item in state.stateful if hasattr(item, "storage")]
    return list(dict.fromkeys(storages))


def tensors_used(program: Program, state: State) -> list[Tensor]:
    """The tensors whose cells the program reads or writes."""
    reads = {v for call in program.calls for v in call.inputs} | set(program.outputs)
    return state.tensors_in(reads | {cell for cell, _ in program.writes})


def same_bits(a: Any, b: Any) -> bool:
    """Whether two results are the same, bit for bit; all NaNs are one."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.tobytes() == b.tobytes():
        return True
    if a.dtype.kind == "c":
        return same_bits(a.real, b.real) and same_bits(a.imag, b.imag)
    return np.where(a == a, a, np.nan).tobytes() == np.where(b == b, b, np.nan).tobytes()


# The arguments.


def leaf_of(a: Any) -> Any:
    """A number, an array or a tensor in the arguments; arrays of other libraries become NumPy's."""
    return a if isinstance(a, (Tensor, Symbol, *NUMBERS)) else array_from(a)


def form(leaf: Any) -> Form:
    """Shape and dtype of an argument, None for a Python number; whether it requires a gradient; how it lies in memory.

    Sums and products round by how an array lies in memory, and what is a view of it hangs on that, too.
    """
    value = plain(leaf)
    if not hasattr(value, "dtype"):
        return None, None, False, type(value)
    grad = isinstance(leaf, Tensor) and leaf.requires_grad
    if not value.ndim:
        return (), value.dtype, grad, type(value)  # an array without axes computes in another way than a number
    return value.shape, value.dtype, grad, () if value.flags.c_contiguous else value.strides


def argument_names(names: Sequence[str], args: tuple[Any, ...]) -> Iterator[str]:
    """A name for each number or array in the arguments, from the names in the function's definition."""
    for i, a in enumerate(args):
        leaves = [leaf for leaf in flatten(a)[0] if not isinstance(leaf, bool | int)]
        name = names[i] if i < len(names) else f"argument_{i}"
        yield from [name] if len(leaves) == 1 else [f"{name}_{k}" for k in range(len(leaves))]
