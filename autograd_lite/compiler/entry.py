"""One program of a compiled function: traced for one signature, and run with the state that it was traced with."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.array_like import NUMBERS
from autograd_lite.compiler.guards import guards_for
from autograd_lite.compiler.history import NONE, History, Record, tensor_of
from autograd_lite.compiler.loading import load
from autograd_lite.compiler.lowering import lay_out
from autograd_lite.compiler.names import Names
from autograd_lite.compiler.passes import improved
from autograd_lite.compiler.printer import Printed
from autograd_lite.compiler.program import Variable
from autograd_lite.compiler.shortcut import shortcut_to
from autograd_lite.compiler.spelling import readable
from autograd_lite.compiler.state import OWN_RANDOM_NUMBERS, State, ours, reachable
from autograd_lite.compiler.trace import Tracer
from autograd_lite.compiler.traced import Number, Traced, TraceError
from autograd_lite.compiler.vocabulary import RESERVED
from autograd_lite.graph import Node
from autograd_lite.modes import grad_enabled, watcher
from autograd_lite.storage import Leaf, Storage, clock
from autograd_lite.symbols import TRACES, Symbol, array_from, current_trace, in_this_run
from autograd_lite.tensor import Tensor, plain, wrap
from autograd_lite.transforms.trees import flatten, map_leaves

Leaves = list[Any]


class Entry:
    """A function's program for one signature."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        leaves: Leaves,
        structure: Any,
        keep_grads: bool,
        names: Sequence[str],
    ) -> None:
        self.structure, self.keep_grads = structure, keep_grads
        args, kwargs = map_leaves(leaf_of, (args, dict(kwargs)))
        self.kinds = [form(leaf) for leaf in leaves]
        self.signature = ", ".join(f"{dtype} {shape}" if dtype else "float" for shape, dtype, *_ in self.kinds) or "()"
        name = getattr(f, "__name__", "step")
        self.tracer = Tracer(name if readable(name) == name and name not in RESERVED else "step")
        self.names = argument_names(names, args)
        self.state = State(self.tracer, [f, args, dict(kwargs)])
        self.leaf_grads: list[Leaf] = []
        self.given: list[tuple[Tensor, Node, Variable]] = []
        with tracing(self.tracer), self.state.generators_kept():
            try:
                self.state.exchange()
                given = self.symbols((args, dict(kwargs)))
                with Names(self.tracer, self.state) as seen:
                    result = f(*given[0], **given[1])
                if seen.makes_generators:
                    raise TraceError(OWN_RANDOM_NUMBERS)
                self.check_arguments()
                self.take_results(result)
                self.tracer.program.writes = list(self.state.writes())
            finally:
                self.state.restore()
        self.program = improved(self.tracer.program)
        self.check_gradients()
        self.printed = Printed(self.program, lay_out(self.program))
        namespace: dict[str, Any] = {"state": self.printed.state, "__name__": "compiled"}
        self.step = load(self.printed.text, self.program.name, f"<compiled {self.program.name}", namespace)
        self.find_what_changes()
        used = self.used_tensors()
        functions = [item for item in reachable(f) if isinstance(item, types.FunctionType) and not ours(item)]
        self.guards = guards_for(self.state, used, functions, keep_grads)
        if not grad_enabled.get():
            self.guards.add("gradients are recorded now", "not {}()", grad_enabled.get)
        self.holds_now = self.guards.compiled()
        self.history = History(f, [tensor for tensor in used if tensor.requires_grad])
        self.shortcut: Callable[..., Any] | None = None
        one_by_one = isinstance(structure, int) and all(dtype and not grad for _, dtype, grad, _ in self.kinds)
        if one_by_one and isinstance(result, Tensor) and not (keep_grads or self.results[0].without_axes):
            history = self.history if self.unfinished[0] else None
            self.shortcut = shortcut_to(self.step, self.kinds, self.guards, self.storages, history)
        del self.tracer, self.state, self.names, self.given  # the trace holds a copy of every array of the state

    # Tracing.

    def symbols(self, tree: Any) -> Any:
        """The arguments, with symbols for arrays and floats: an array comes as a tensor without gradient."""
        leaves, rebuild = flatten(tree)
        names = iter(self.names)
        given: list[Any] = []
        for leaf in leaves:
            if isinstance(leaf, bool | int):
                given.append(leaf)
                continue
            value = plain(leaf)
            if isinstance(value, Traced):  # a leaf that has been found as state: the value that counts is the argument
                value = next(node.value for tensor, node, _ in self.state.handles if tensor is leaf)
            variable = self.tracer.variable("input", value, next(names, None))
            self.tracer.program.inputs.append(variable)
            if isinstance(leaf, float | complex) and not isinstance(leaf, np.generic):
                given.append(Number(self.tracer, leaf, variable))
                continue
            array = np.asarray(value).view()[()]
            if isinstance(array, np.ndarray):
                array.flags.writeable = False  # it belongs to the caller
            node = Node(Traced(self.tracer, array, variable))
            if isinstance(leaf, Tensor) and leaf.requires_grad:
                node = Node(node.value, True, Leaf(leaf.name))
            given.append(wrap(node))
            self.given.append((given[-1], node, variable))
        return rebuild(given)

    def check_arguments(self) -> None:
        """Refuse to assign to an argument: it is the caller's in eager mode, and the program's own here."""
        for tensor, node, variable in self.given:
            if tensor.node is not node:
                name = variable.name or "x"
                raise TraceError(
                    f"the function changes its argument {name} in place, and a compiled program leaves alone what its "
                    f"caller has: write {name} = {name} + v for {name} += v, and return what the caller wants"
                )

    def take_results(self, result: Any) -> None:
        """Enter what the function gives, and the gradients if they are to be kept."""
        leaves, self.rebuild = flatten(result)
        walked = self.tracer.walked
        self.unfinished = [isinstance(a, Tensor) and a.requires_grad and a.node not in walked for a in leaves]
        self.results = [Result(a, isinstance(a, Tensor), without_axes(plain(a))) for a in leaves]
        values = [plain(result.value) for result in self.results if not result.is_constant]
        if self.keep_grads:
            for leaf, g in self.state.gradients():
                self.leaf_grads.append(leaf)
                values.append(g)
        for value in values:
            symbol = value if isinstance(value, Traced | Number) else self.tracer.call(np.copy, (value,))
            self.tracer.program.outputs.append(symbol.current())
        self.results = [result if result.is_constant else result._replace(value=None) for result in self.results]

    def check_gradients(self) -> None:
        """Refuse to accumulate into gradients that are not kept."""
        read = {v for call in self.program.calls for v in call.inputs}
        for v in read:
            if v.place is not None and v.place[1] == "grad" and not self.keep_grads:
                raise TraceError(
                    f"the gradient of {v.place[0].name or 'a tensor'} from before the call is used, and a compiled "
                    "call does not keep gradients: call optimizer.zero_grad() in the function before backward(), or "
                    "compile with keep_grads=True"
                )

    # What a call has to do beside running the program.

    def find_what_changes(self) -> None:
        """The storages of leaves that the program writes."""
        written = {cell for cell, _ in self.program.writes}
        storages = [tensor.leaf.storage for tensor in self.tensors_in(written) if tensor.leaf is not None]
        storages += [item.storage for item in self.state.stateful if hasattr(item, "storage")]
        self.storages: list[Storage] = list(dict.fromkeys(storages))

    def used_tensors(self) -> list[Tensor]:
        """The tensors whose cells the program reads or writes."""
        reads = {v for call in self.program.calls for v in call.inputs} | set(self.program.outputs)
        return self.tensors_in(reads | {cell for cell, _ in self.program.writes})

    def tensors_in(self, cells: set[Variable]) -> list[Tensor]:
        """The tensors that lie in some of `cells`."""
        roots = {id(traced) for cell, traced in self.state.cells if cell in cells}
        return [tensor for tensor, node, _ in self.state.handles if id(self.state.nodes[node].value.root) in roots]

    # Calling.

    def accepts(self, leaves: Leaves, structure: Any) -> bool:
        """Whether these arguments have the signature of this program."""
        if structure != self.structure or len(leaves) != len(self.kinds):
            return False
        return all(form(a) == kind for a, kind in zip(leaves, self.kinds, strict=True))

    def holds(self) -> bool:
        """Whether what the program was traced with is still so."""
        try:
            return self.holds_now()
        except (ValueError, TypeError, LookupError, AttributeError):
            return False

    def run(self, leaves: Leaves) -> Any:
        """Run the program."""
        results = iter(self.step(*[plain(a) for a in leaves]))
        if self.storages:
            now = clock()
            for storage in self.storages:
                storage.changed = now
        history = self.history(leaves) if any(self.unfinished) else NONE
        handles = [
            result.of_this_call(results, history if unfinished else NONE)
            for result, unfinished in zip(self.results, self.unfinished, strict=True)
        ]
        for leaf, g in zip(self.leaf_grads, results, strict=True):
            leaf.grad, leaf.used = np.asarray(g), False
        return self.rebuild(handles)


class Result(NamedTuple):
    """One leaf of what a function gives: whether it is a tensor, and an array although it has no axes."""

    value: Any
    is_tensor: bool
    without_axes: bool

    @property
    def is_constant(self) -> bool:
        """Whether it is a number of Python that is the same in all calls."""
        return isinstance(self.value, bool | int | float | complex) and not isinstance(self.value, np.generic)

    def of_this_call(self, values: Iterator[Any], history: Record) -> Any:
        """The result, made of the next of the values that a program has given, if it is made of any."""
        if self.is_constant:
            return self.value
        value = np.asarray(next(values)) if self.without_axes else next(values)
        return tensor_of(value, history) if self.is_tensor else value


def without_axes(value: Any) -> bool:
    """Whether a value is an array, and no number, although it has no axes."""
    value = in_this_run(value)
    return isinstance(value, np.ndarray) and not value.ndim


def leaf_of(a: Any) -> Any:
    """A number, an array or a tensor in the arguments; arrays of other libraries become NumPy's."""
    return a if isinstance(a, (Tensor, Symbol, *NUMBERS)) else array_from(a)


def form(leaf: Any) -> tuple[Any, Any, bool, Any]:
    """Shape and dtype of an argument, None for a Python number; whether it requires a gradient; how it lies in memory.

    Sums and products round by how an array lies in memory, and what is a view of it hangs on that, too.
    """
    value = plain(leaf)
    if not hasattr(value, "dtype"):
        return None, None, False, type(value)
    grad = isinstance(leaf, Tensor) and leaf.requires_grad
    return value.shape, value.dtype, grad, () if value.flags.c_contiguous else value.strides


def argument_names(names: Sequence[str], args: tuple[Any, ...]) -> Iterator[str]:
    """A name for each number or array in the arguments, from the names in the function's definition."""
    for i, a in enumerate(args):
        leaves = [leaf for leaf in flatten(a)[0] if not isinstance(leaf, bool | int)]
        name = names[i] if i < len(names) else f"argument_{i}"
        yield from [name] if len(leaves) == 1 else [f"{name}_{k}" for k in range(len(leaves))]


@contextmanager
def tracing(tracer: Tracer) -> Iterator[None]:
    """Let the package know of a trace."""
    tokens = current_trace.set(tracer), watcher.set(tracer)
    TRACES.append(tracer)
    try:
        yield
    finally:
        TRACES.remove(tracer)
        watcher.reset(tokens[1])
        current_trace.reset(tokens[0])
