"""One trace: a function is run once, on symbols, with what it can read looked at before and afterwards."""

from __future__ import annotations

import gc
import operator
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.codegen.spelling import readable
from autograd_lite.compiler.codegen.vocabulary import RESERVED
from autograd_lite.compiler.ir.program import Program, Variable
from autograd_lite.compiler.runtime.results import Result, without_axes
from autograd_lite.compiler.tracing.inputs import Inputs
from autograd_lite.compiler.tracing.names import Names
from autograd_lite.compiler.tracing.places import MEMORY, Place, memory, same
from autograd_lite.compiler.tracing.reads import Ran, of_a_library
from autograd_lite.compiler.tracing.state import OWN_RANDOM_NUMBERS, State, code_of, reachable
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.compiler.tracing.walk import Walk
from autograd_lite.engine.grad_mode import watcher
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import TRACES, Symbol, current_trace
from autograd_lite.engine.warnings import CompileWarning
from autograd_lite.tensor.tensor import Tensor, plain, wrap
from autograd_lite.tensor.trees import children, flatten, is_leaf

MOST = 1000  # objects that are looked at before it is known which code runs
LARGE = 1 << 14  # bytes of an array that is read in every call from the first on, as comparing it would take long


class Expected(NamedTuple):
    """What the first call has to give, as the trace has computed it: results, and the contents of cells."""

    results: list[Any]
    cells: list[tuple[Any, Any]]


class Trace:
    """A function, run once for its program.

    Attributes
    ----------
    program : Program
        What it did, not improved yet.
    state : State
        What it works on.
    places : list of Place
        What it can have read, with what was there before.
    changed : list of Place
        Those that it has changed itself.
    tensors : list of Tensor
        Those that it can have come to.
    results : list of Result
    unfinished : list of bool
        Whether eager mode could derive a result further.
    rebuild : callable
        Puts results into the container in which the function gives them.
    kept : list of Leaf
        Whose gradients follow after the results.
    expected : Expected
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        names: Iterator[str],
        keep_grads: bool,
        varying: Iterable[Place],
        large: bool,
    ) -> None:
        name = getattr(f, "__name__", "step")
        self.tracer = Tracer(name if readable(name) == name and name not in RESERVED else "step")
        self.names, self.keep_grads = names, keep_grads
        self.kept: list[Leaf] = []
        self.given: list[tuple[Tensor, Node, Variable]] = []
        self.roots = [f, *objects_in((args, dict(kwargs)))]
        functions = [item for item in reachable(*self.roots) if isinstance(item, types.FunctionType)]
        self.spaces = {id(item.__globals__) for item in functions}
        self.may_run = [code for item in functions for code in code_of(item)]
        before = Walk(self.roots, Ran(self.may_run), most=MOST)
        memories = {id(a): memory(a) for a, _ in before.arrays}
        positions = {id(i): position(i) for i in before.iterators}
        read = [place for a, place in before.arrays if place and getattr(a, "nbytes", 0) > LARGE] if large else []
        self.inputs = Inputs([*varying, *read])
        self.state = State(self.tracer, [f, args, dict(kwargs)])
        try:
            seen = self.run(f, args, kwargs)
            after = self.walk_again()
            if after.ran.unseeded:
                raise TraceError(OWN_RANDOM_NUMBERS)
            if any(position(i) is None or positions.get(id(i), -1) != position(i) for i in after.iterators):
                raise TraceError(
                    "the function can take from an iterator, which a compiled program would not do: take what it gives "
                    "outside, and pass it"
                )
            self.look_at_places(before, after, memories)
            self.look_at_filled(before, after)
        except BaseException:
            before.put_back()
            raise
        if seen.printed is not None:
            while_tracing(f"{name} prints", "return what is to be seen, and print it outside", seen.printed)

    def run(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Names:
        """Run the function on symbols; the places of arrays and numbers are as before afterwards."""
        with tracing(self.tracer), self.state.generators_kept(), without_collection():
            try:
                self.state.exchange()
                self.inputs.exchange(self.tracer)
                given = self.symbols((args, dict(kwargs)))
                with Names(self.tracer, self.state) as seen:
                    result = f(*given[0], **given[1])
                self.check_arguments()
                self.take_results(result)
                self.program.writes = [*self.state.writes(), *self.inputs.writes()]
                self.expected = self.expectation()
            finally:
                self.inputs.restore()
                self.state.restore()
        return seen

    @property
    def program(self) -> Program:
        """What the function did."""
        return self.tracer.program

    # Arguments and results.

    def symbols(self, tree: Any) -> Any:
        """The arguments, with symbols for arrays and floats: an array comes as a tensor without gradient."""
        leaves, rebuild = flatten(tree)
        given: list[Any] = []
        for leaf in leaves:
            if isinstance(leaf, bool | int):
                given.append(leaf)
                continue
            value = plain(leaf)
            if isinstance(value, Traced):  # a leaf that has been found as state: the value that counts is the argument
                value = next(node.value for tensor, node, _ in self.state.handles if tensor is leaf)
            variable = self.tracer.variable("input", value, next(self.names, None))
            self.program.inputs.append(variable)
            if isinstance(leaf, float | complex) and not isinstance(leaf, np.generic):
                given.append(Number(self.tracer, leaf, variable))
                continue
            array = value.view() if isinstance(value, np.ndarray) else value
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
        self.one = isinstance(result, Tensor)
        walked = self.tracer.walked
        self.unfinished = [isinstance(a, Tensor) and a.requires_grad and a.node not in walked for a in leaves]
        results = [Result(a, isinstance(a, Tensor), without_axes(plain(a))) for a in leaves]
        values = [plain(result.value) for result in results if not result.is_constant]
        if self.keep_grads:
            for leaf, g in self.state.gradients():
                self.kept.append(leaf)
                values.append(g)
        self.symbols_out = [v if isinstance(v, Traced | Number) else self.tracer.call(np.copy, (v,)) for v in values]
        self.program.outputs += [symbol.current() for symbol in self.symbols_out]
        self.results = [result if result.is_constant else result._replace(value=None) for result in results]

    def expectation(self) -> Expected:
        """What the trace has computed."""
        cells = [(variable.value, np.array(traced.value)) for variable, traced in self.state.cells]
        return Expected([np.array(symbol.value) for symbol in self.symbols_out], cells)

    # What was read.

    def walk_again(self) -> Walk:
        """All that the code that ran can have read."""
        codes = self.tracer.codes.values()
        ran = Ran(code for _, code in codes) if codes else Ran(self.may_run)
        spaces = {id(vars(m)) for m in list(sys.modules.values()) if isinstance(m, types.ModuleType)} | self.spaces
        namespaces = [(s, code) for s, code in codes if is_users(code) and id(s) in spaces]
        walk = Walk(self.roots, ran, namespaces)
        known = {id(item.__code__) for item in walk.found.values() if isinstance(item, types.FunctionType)}
        inner = {id(constant) for _, code in namespaces for constant in code.co_consts}
        lost = [code for _, code in namespaces if code.co_freevars and id(code) not in known | inner]
        if lost:  # closures that the walk has not come to: whoever holds the code is one
            holders = [f for code in lost for f in gc.get_referrers(code) if isinstance(f, types.FunctionType)]
            walk = Walk([*self.roots, *holders], ran, namespaces)
        return walk

    def look_at_places(self, before: Walk, after: Walk, memories: Mapping[int, Any]) -> None:
        """Find what counts, with what was there before; refuse a function that leaves symbols somewhere."""
        exchanged = {(id(e.container), e.key) for e in self.state.exchanged}
        self.places: list[Place] = []
        self.changed: list[Place] = []
        for identity, place in after.places.items():
            was = before.places.get(identity, place)
            if not was.holds(place.value):
                self.changed.append(was)
            looked_after = identity in self.inputs.identities or (id(place.holder), place.key) in exchanged
            if not looked_after and not after.ran.only_stores(place.key):
                self.places.append(was)
        strange = [p for p in after.places.values() if holds_symbol(p.value)]
        if strange:
            raise TraceError(f"the step changes {strange[0].what}, which a compiled step would not do")
        cells = {id(variable.value) for variable, _ in self.state.cells} | self.state.roots.keys()
        for a, found in after.arrays:
            if id(a) in cells or (found is not None and found.identity in self.inputs.identities):
                continue
            where = found.what if found else f"a {type(a).__name__}"
            now = memory(a)
            was = Place(MEMORY, a, None, memories.get(id(a), now), where)
            self.places.append(was)
            if not was.holds(now):
                self.changed.append(was)
        self.tensors = after.tensors

    def look_at_filled(self, before: Walk, after: Walk) -> None:
        """Warn of what the function puts somewhere without looking at it; refuse symbols there."""
        for key, (place, name) in after.filled.items():
            now = tuple(place.value)
            if key not in before.kept or same(now, before.kept[key][1]):
                continue
            if any(map(holds_symbol, now)):
                raise TraceError(f"the step changes {place.what}, which a compiled step would not do")
            advice = "give back what is to be kept, and put it there outside"
            while_tracing(f"{self.program.name} puts something into {place.what}", advice, after.ran.filled[name])


def while_tracing(what: str, instead: str, where: tuple[str, int]) -> None:
    """Warn of an effect that a program does not have."""
    message = f"{what} while it is traced, and not when its program runs: {instead}"
    warnings.warn_explicit(message, CompileWarning, *where)


def holds_symbol(value: Any) -> bool:
    """Whether a symbol has been left somewhere."""
    if type(value) in (tuple, list):
        return any(map(holds_symbol, value))
    return isinstance(value, Symbol) or (isinstance(value, Tensor) and isinstance(value.node.value, Symbol))


def is_users(code: types.CodeType) -> bool:
    """Whether code can have globals that somebody changes."""
    return code.co_filename in ("<frozen os>",) or not (of_a_library(code) or code.co_varnames[:1] == ("_cls",))


def objects_in(tree: Any) -> Iterator[Any]:
    """What stands in arguments beside numbers, arrays, tensors and the containers that are taken apart."""
    if is_leaf(tree):
        return
    parts = children(tree)
    if not parts and not isinstance(tree, dict | list | tuple):
        yield tree
    for _, part in parts:
        yield from objects_in(part)


def position(iterator: Any) -> Any:
    """How far an iterator has come; None if it cannot be told."""
    if isinstance(iterator, types.GeneratorType):
        return iterator.gi_frame and iterator.gi_frame.f_lasti
    hint = operator.length_hint(iterator, -1)
    return None if hint < 0 else hint


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
