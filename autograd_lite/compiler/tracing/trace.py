"""One trace: a function is run once, on symbols, and what it does with NumPy becomes a program."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.codegen.spelling import readable
from autograd_lite.compiler.codegen.vocabulary import RESERVED
from autograd_lite.compiler.ir.program import Program
from autograd_lite.compiler.runtime.results import Results, results_of
from autograd_lite.compiler.tracing.error_handling import as_around
from autograd_lite.compiler.tracing.inputs import Inputs
from autograd_lite.compiler.tracing.names import Names
from autograd_lite.compiler.tracing.places import Place
from autograd_lite.compiler.tracing.reading import Before, Reading, while_tracing
from autograd_lite.compiler.tracing.state import State, reachable
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.engine.grad_mode import watcher
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import TRACES, Symbol, current_trace
from autograd_lite.tensor.tensor import Tensor, plain, wrap
from autograd_lite.tensor.trees import children, flatten, is_leaf


class Expected(NamedTuple):
    """What the first call has to give, as the trace has computed it: results, and the contents of cells."""

    results: list[Any]
    cells: list[tuple[Any, Any]]


class Trace(NamedTuple):
    """What one run of a function has shown: its program, not improved yet, and what it works on, reads and gives."""

    program: Program
    state: State
    inputs: Inputs
    reading: Reading
    results: Results
    expected: Expected


def traced(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    names: Iterator[str],
    keep_grads: bool,
    varying: Iterable[Place],
    large: bool,
) -> Trace:
    """Run a function once for its program; where that fails, everything is put back."""
    objects = reachable(f, args, dict(kwargs))
    before = Before([f, *objects_in((args, dict(kwargs)))], objects)
    name = getattr(f, "__name__", "step")
    tracer = Tracer(name if readable(name) == name and name not in RESERVED else "step")
    state, inputs = State(tracer, objects), Inputs([*varying, *(before.large_arrays() if large else ())])
    try:
        with tracing(tracer), state.generators_kept(), without_collection(), symbols_in_place(tracer, state, inputs):
            arguments = Arguments(tracer, state, names)
            given = arguments.symbols((args, dict(kwargs)))
            with Names(tracer, state) as seen:
                result = f(*given[0], **given[1])
            arguments.check()
            refuse_changed(tracer)
            results, symbols = results_of(result, tracer.walked, state.gradients() if keep_grads else {})
            symbols = [v if isinstance(v, Symbol) else tracer.call(np.copy, (v,)) for v in symbols]
            tracer.program.outputs = [symbol.current() for symbol in symbols]
            tracer.program.writes = [*state.writes(), *inputs.writes()]
            expected = Expected([np.array(symbol.value) for symbol in symbols], state.contents())
        elsewhere = inputs.identities | state.identities
        reading = before.reading(tracer.codes.values(), elsewhere, state.arrays, tracer.program.name)
    except BaseException:
        before.put_back()
        raise
    if seen.printed is not None:
        while_tracing(f"{name} prints", "return what is to be seen, and print it outside", seen.printed)
    return Trace(tracer.program, state, inputs, reading, results, expected)


class Arguments:
    """What a function is called with while it is traced."""

    def __init__(self, tracer: Tracer, state: State, names: Iterator[str]) -> None:
        self.tracer, self.state, self.names = tracer, state, names
        self.given: list[tuple[Tensor, Node, str]] = []

    def symbols(self, tree: Any) -> Any:
        """The arguments, with symbols for arrays and floats: an array comes as a tensor without gradient."""
        leaves, rebuild = flatten(tree)
        return rebuild([leaf if isinstance(leaf, bool | int) else self.symbol(leaf) for leaf in leaves])

    def symbol(self, leaf: Any) -> Any:
        """A symbol for one of them."""
        value = plain(leaf)
        if isinstance(value, Traced):  # a leaf that has been found as state: the value that counts is the argument
            value = next(node.value for tensor, node, _ in self.state.handles if tensor is leaf)
        variable = self.tracer.variable("input", value, next(self.names, None))
        self.tracer.program.inputs.append(variable)
        if isinstance(leaf, float | complex) and not isinstance(leaf, np.generic):
            return Number(self.tracer, leaf, variable)
        array = value.view() if isinstance(value, np.ndarray) else value
        if isinstance(array, np.ndarray):
            array.flags.writeable = False  # it belongs to the caller
        node = Node(Traced(self.tracer, array, variable))
        if isinstance(leaf, Tensor) and leaf.requires_grad:
            node = Node(node.value, True, Leaf(leaf.name))
        tensor = wrap(node)
        self.given.append((tensor, node, variable.name or "x"))
        return tensor

    def check(self) -> None:
        """Refuse to assign to an argument: it is the caller's in eager mode, and the program's own here."""
        for tensor, node, name in self.given:
            if tensor.node is not node:
                raise TraceError(
                    f"the function changes its argument {name} in place, and a compiled program leaves alone what its "
                    f"caller has: write {name} = {name} + v for {name} += v, and return what the caller wants"
                )


def refuse_changed(tracer: Tracer) -> None:
    """Refuse a function that computes with an array and changes it then: eager mode takes it as it was."""
    for array, before in tracer.read:
        if array.tobytes() != before:
            raise TraceError(
                f"an array of shape {array.shape} is changed in place after the function has computed with it: change "
                "a copy, or make it a tensor or a buffer"
            )


def objects_in(tree: Any) -> Iterator[Any]:
    """What stands in arguments beside numbers, arrays, tensors and the containers that are taken apart."""
    if is_leaf(tree):
        return
    parts = children(tree)
    if not parts and not isinstance(tree, dict | list | tuple):
        yield tree
    for _, part in parts:
        yield from objects_in(part)


@contextmanager
def tracing(tracer: Tracer) -> Iterator[None]:
    """Let the package know of a trace."""
    tokens = current_trace.set(tracer), watcher.set(tracer)
    TRACES.append(tracer)
    try:
        with as_around():
            yield
    finally:
        TRACES.remove(tracer)
        watcher.reset(tokens[1])
        current_trace.reset(tokens[0])


@contextmanager
def symbols_in_place(tracer: Tracer, state: State, inputs: Inputs) -> Iterator[None]:
    """Let symbols stand in the places of arrays and numbers; afterwards these are as before."""
    try:
        state.exchange()
        inputs.exchange(tracer)
        yield
    finally:
        inputs.restore()
        state.restore()


@contextmanager
def without_collection() -> Iterator[None]:
    """Without the garbage collector: what it would call is no part of the function."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
