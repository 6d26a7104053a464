"""The state that a function works on, found from the function itself, and exchanged for symbols while it is traced.

Tensors, modules and optimizers are found by going through what the function refers to: its arguments, its closure,
the globals that its code names, and the attributes of what these hold. Tracing puts symbols in the places of their
arrays and numbers; afterwards everything is put back, and a place in which something else has been left is written by
the program.
"""

from __future__ import annotations

import pickle
import random
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import numpy as np

from autograd_lite.compiler.ir.program import Variable
from autograd_lite.compiler.tracing.places import ITEM
from autograd_lite.compiler.tracing.reads import Wrapper, of_a_library
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.compiler.tracing.walk import is_module
from autograd_lite.engine.graph import Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.random import default_generator, set_default_generator
from autograd_lite.engine.storage import Leaf, Storage
from autograd_lite.tensor.aliasing import Handle
from autograd_lite.tensor.tensor import Tensor

OWN_RANDOM_NUMBERS = (
    "the function draws random numbers itself, with a generator of NumPy or of Python, and they would be the same in "
    "every call: draw them by ag.random.normal, uniform, integers, multinomial or permutation"
    ", draw them outside and pass them in, or use ag.nn.functional.dropout"
)
COMPILER = __name__.rpartition(".tracing")[0]
NOTHING = (str, bytes, int, float, complex, type(None), np.ndarray, np.generic, np.dtype, np.ufunc, type, Node, Leaf)


def code_of(function: Any) -> Iterator[types.CodeType]:
    """The code of a function, and of the functions inside it."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]


def referred_to(item: Any) -> Iterable[Any]:
    """What an object refers to, as far as a function may find tensors through it."""
    if isinstance(item, Wrapper):
        yield item.f
    elif isinstance(item, types.FunctionType):
        if item.__closure__:
            yield from (cell.cell_contents for cell in item.__closure__ if not empty(cell))
        yield from item.__defaults__ or ()
        yield from (item.__kwdefaults__ or {}).values()
        if not of_a_library(item.__code__):
            names = {name for code in code_of(item) for name in code.co_names}
            for name in names & item.__globals__.keys():
                value = item.__globals__[name]
                if isinstance(value, types.ModuleType):
                    yield from (vars(value)[n] for n in names & vars(value).keys())
                else:
                    yield value
    elif isinstance(item, types.MethodType):
        yield from (item.__func__, item.__self__)
    elif isinstance(item, dict):
        yield from list(item.values())
    elif isinstance(item, list | tuple | set | frozenset):
        yield from item
    elif not isinstance(item, types.ModuleType | types.BuiltinFunctionType) and not of_the_compiler(type(item)):
        yield from list(getattr(item, "__dict__", {}).values())
        for kind in type(item).__mro__:
            for name in getattr(kind, "__slots__", ()) if not isinstance(getattr(kind, "__slots__", ()), str) else ():
                yield getattr(item, name, None)
            for value in list(vars(kind).values()):
                if isinstance(value, types.FunctionType) and not of_a_library(value.__code__):
                    yield value


def of_the_compiler(kind: type) -> bool:
    """Whether a class is that of a kernel or the like, which hold nothing of the user's."""
    return str(kind.__module__).startswith(COMPILER)


def empty(cell: Any) -> bool:
    """Whether a closure's cell has no value yet."""
    try:
        return cell.cell_contents is None
    except ValueError:
        return True


def reachable(*roots: Any) -> list[Any]:
    """All objects that can be reached from `roots` and may hold state, each once, in the order of finding."""
    found: dict[int, Any] = {}
    waiting = list(reversed(roots))
    while waiting:
        item = waiting.pop()
        if isinstance(item, NOTHING) or id(item) in found:
            continue
        found[id(item)] = item
        if not isinstance(item, Tensor):
            waiting += reversed(list(referred_to(item)))
    return list(found.values())


class Exchanged(NamedTuple):
    """A place that holds a symbol while tracing: its container and key, what was there, and the symbol."""

    container: Any
    key: Any
    before: Any
    symbol: Any


class State:
    """What a function works on.

    Attributes
    ----------
    tensors, modules, optimizers : list
        What was found.
    """

    def __init__(self, tracer: Tracer, objects: Iterable[Any]) -> None:
        self.tracer, objects = tracer, list(objects)
        self.tensors = [item for item in objects if isinstance(item, Tensor) and item.node.function is None]
        # asked of their classes, because an attribute of an object may be anything, an exception too
        self.modules = [item for item in objects if is_module(type(item))]
        self.stateful = [item for item in objects if hasattr(type(item), "traced_places")]
        self.generators = [g for g in objects if isinstance(g, np.random.Generator | np.random.RandomState)]
        self.plain_generators: list[Any] = [random, *(g for g in objects if type(g) is random.Random)]
        self.exchanged: list[Exchanged] = []
        self.handles: list[tuple[Tensor, Node, Leaf | None]] = []
        self.nodes: dict[Node, Node] = {}
        self.known: set[int] = set()  # the ids of the tensors among them
        self.leaves: dict[Leaf, Leaf] = {}
        self.roots: dict[int, list[Traced]] = {}
        self.cells: list[tuple[Variable, Traced]] = []
        self.stamps: dict[Storage, int] = {}

    # Putting symbols in.

    def exchange(self) -> None:
        """Put symbols in the places of everything that was found."""
        for module in self.modules:
            list(module.named_parameters())  # gives the parameters their names
        for item in self.stateful:
            for container, key in item.traced_places():
                self.exchange_place(container, key)
        for tensor in self.tensors:
            self.exchange_tensor(tensor)

    def exchange_place(self, container: Any, key: Any) -> None:
        """Put a symbol in the place of a number, numbers in a list or a tuple, or an array."""
        before = container[key]
        if isinstance(before, np.ndarray):
            symbol: Any = self.cell(before, {"values": "parameters"}.get(key, key) if isinstance(key, str) else None)
        elif isinstance(before, list | tuple):
            symbol = self.numbers(container, key, before)
        else:
            symbol = self.number((container, key), before, str(key) if isinstance(key, str) else "t")
        self.exchanged.append(Exchanged(container, key, before, symbol))
        container[key] = list(symbol) if isinstance(before, list) else symbol

    def numbers(self, container: Any, key: Any, before: Any) -> Any:
        """A symbol for each number of a list or a tuple; whole numbers in a list count, and equal ones together."""
        counting: dict[int, Any] = {}
        symbols = []
        for i, v in enumerate(before):
            counts = isinstance(before, list) and type(v) is int
            name = key if isinstance(before, list) else f"{key}_{i}"
            symbol = counting[v] if counts and v in counting else self.number((container, (key, i)), v, name)
            symbols.append(symbol)
            if counts:
                counting[v] = symbol
        return tuple(symbols) if isinstance(before, tuple) else symbols

    def number(self, place: tuple[Any, Any], value: Any, name: str) -> Any:
        """A number that is read anew in every call; other things stay what they are."""
        if not isinstance(value, float | int) or isinstance(value, bool):
            return value
        variable = self.tracer.variable("place", value, name)
        variable.place = place
        return Number(self.tracer, value, variable, nonzero=bool(value))

    def cell(self, array: Any, name: str | None) -> Traced:
        """An array that outlives the step: a view of one that is known, or a new one."""
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        for root in self.roots.get(id(owner), []):
            if (view := self.view(root, array)) is not None:
                return view
        variable = self.tracer.variable("cell", array, name)
        variable.value = array
        traced = Traced(self.tracer, array.copy("K"), variable)
        self.roots.setdefault(id(owner), []).append(traced)
        self.cells.append((variable, traced))
        return traced

    def view(self, root: Traced, array: Any) -> Traced | None:
        """`array` as a stretch of a flat cell, in the array's shape."""
        original = next(variable.value for variable, traced in self.cells if traced is root)
        start, odd = divmod(array.ctypes.data - original.ctypes.data, original.itemsize)
        if original is array:
            return root
        if original.ndim != 1 or odd or array.dtype != original.dtype or not array.flags.c_contiguous:
            return None
        if not 0 <= start <= start + array.size <= original.size:
            return None
        stretch: Any = root[int(start) : int(start + array.size)]
        view: Traced = stretch if array.ndim == 1 else stretch.reshape(array.shape)
        return view

    def exchange_tensor(self, tensor: Tensor) -> None:
        """Let a leaf hold a symbol, and what is a view of it show that."""
        if id(tensor) in self.known:
            return
        self.known.add(id(tensor))
        node, leaf = tensor.node, tensor.leaf
        self.handles.append((tensor, node, leaf))
        if self.is_view(tensor):
            self.exchange_view(tensor)
            return
        self.exchange_leaf(tensor, node, leaf)
        for view in tensor.living_views():
            if id(view) not in self.known and self.is_view(view):
                self.exchange_tensor(cast(Tensor, view))

    def is_view(self, tensor: Handle) -> bool:
        """Whether a tensor shows the memory of a leaf."""
        return hasattr(tensor, "origin") and tensor.root.node.function is None

    def exchange_view(self, tensor: Tensor) -> None:
        """Let a view show the symbol of what it is a view of."""
        node = tensor.node
        self.exchange_tensor(cast(Tensor, tensor.origin.base))
        tensor.read_again()
        if (leaf := self.stand_in(tensor.leaf)) is not None:
            tensor.node, tensor.leaf = Node(tensor.node.value, tensor.node.needs_grad, leaf), leaf
        self.nodes[node] = tensor.node

    def exchange_leaf(self, tensor: Tensor, node: Node, leaf: Leaf | None) -> None:
        """Let a leaf hold a symbol."""
        if node not in self.nodes:
            symbol: Any
            name = leaf.name if leaf else None
            if isinstance(node.value, np.ndarray):
                symbol = self.cell(node.value, name)
                symbol.current().name = symbol.current().name or name
            else:
                variable = self.tracer.variable("place", node.value, name)
                variable.place = (tensor, "0-d")
                symbol = Traced(self.tracer, np.array(node.value)[()], variable)
            self.nodes[node] = Node(symbol, node.needs_grad, self.stand_in(leaf))
        tensor.node, tensor.leaf = self.nodes[node], self.stand_in(leaf)

    def stand_in(self, leaf: Leaf | None) -> Leaf | None:
        """A leaf for the time of the trace."""
        if leaf is None:
            return None
        if leaf not in self.leaves:
            self.stamps[leaf.storage] = leaf.storage.changed
            other = self.leaves[leaf] = Leaf(leaf.name, leaf.storage)
            other.hooks = leaf.hooks
            if leaf.grad is not None:
                variable = self.tracer.variable("place", leaf.grad, f"{leaf.name or 'leaf'}_grad")
                variable.place = (leaf, "grad")
                other.grad = Traced(self.tracer, np.array(leaf.grad)[()], variable)
        return self.leaves[leaf]

    # Taking them out again.

    def writes(self) -> Iterator[tuple[Variable, Variable]]:
        """What the function has left in its places, where it is not what was there."""
        for tensor, node, _ in self.handles:
            yield from self.tensor_writes(tensor, node)
        for variable, traced in self.cells:
            if traced.current() is not variable:
                yield variable, traced.current()
        for place in self.exchanged:
            yield from self.place_writes(place)

    def place_writes(self, place: Exchanged) -> Iterator[tuple[Variable, Variable]]:
        """The numbers of a place that have changed; what a program cannot leave there is refused."""
        container, key, before, symbol = place
        after = container.get(key)
        if after is symbol:
            return
        if isinstance(before, list | tuple) and type(after) is type(before) and len(after) == len(before):
            changed = {(key, i): new for i, (old, new) in enumerate(zip(symbol, after, strict=True)) if new is not old}
        else:
            changed = {key: after}
        for where, new in changed.items():
            if not isinstance(new, Number) or isinstance(before, tuple):
                raise TraceError(f"{key!r} has become {describe(after)} while tracing, and was {describe(before)}")
            variable = self.tracer.variable("place", before)
            variable.place = (container, where)
            yield variable, new.current()

    def tensor_writes(self, tensor: Tensor, node: Node) -> Iterator[tuple[Variable, Variable]]:
        """What has become of a tensor that now refers to another node."""
        before = self.nodes[node]
        if tensor.node is before or self.is_view(tensor):
            return
        value = tensor.node.value
        if tensor.node.function is not None:
            raise TraceError(
                f"{describe(node)} has a history after the call, which would grow from call to call: change it inside "
                "no_grad()"
            )
        if value.shape != before.value.shape or value.dtype != before.value.dtype:
            raise TraceError(f"{describe(node)} has got another shape or dtype in the call")
        if not isinstance(value, Traced):
            value = self.tracer.call(np.positive, (value,))
        if value.ndim:
            before.value.become(value)
        elif value.current() is not before.value.current():
            yield before.value.current(), value.current()

    @property
    def identities(self) -> set[Any]:
        """The places that have been looked after, as the walk tells them apart."""
        return {(ITEM, id(e.container), e.key) for e in self.exchanged}

    @property
    def arrays(self) -> set[int]:
        """The ids of the arrays that have been looked after, and of what they are views of."""
        return {id(variable.value) for variable, _ in self.cells} | self.roots.keys()

    def contents(self) -> list[tuple[Any, Any]]:
        """The arrays of the cells, each with what the function has left there."""
        return [(variable.value, np.array(traced.value)) for variable, traced in self.cells]

    def tensors_in(self, variables: set[Variable]) -> list[Tensor]:
        """The tensors that lie in some of `variables`: in cells, or in places of numbers."""
        roots = {id(traced) for cell, traced in self.cells if cell in variables}
        numbers = {id(v.place[0]) for v in variables if v.place is not None and isinstance(v.place[0], Tensor)}
        return [
            tensor
            for tensor, node, _ in self.handles
            if id(self.nodes[node].value.root) in roots or id(tensor) in numbers
        ]

    def gradients(self) -> dict[Leaf, Any]:
        """The leaves that have a gradient after the call, each with it."""
        return {leaf: other.grad for leaf, other in self.leaves.items() if other.grad is not None}

    @contextmanager
    def generators_kept(self) -> Iterator[None]:
        """Refuse random numbers that the function draws by itself: they would be the same in every call."""
        default = default_generator()
        every: list[Any] = [*self.generators, default, np.random.mtrand._rand]
        generators = {id(g): getattr(g, "bit_generator", None) or g._bit_generator for g in every}.values()
        before = [pickle.dumps(bits.state) for bits in generators]
        plain = [(g, g.getstate()) for g in self.plain_generators]
        try:
            yield
        finally:
            drawn = any(pickle.dumps(bits.state) != was for bits, was in zip(generators, before, strict=True))
            drawn = drawn or any(g.getstate() != was for g, was in plain)
            for bits, was in zip(generators, before, strict=True):
                bits.state = pickle.loads(was)
            for g, was in plain:
                g.setstate(was)
            reseeded = default_generator() is not default
            set_default_generator(default)
        if reseeded:
            raise TraceError("the function calls ag.manual_seed, which a compiled step would not do: call it outside")
        if drawn:
            raise TraceError(OWN_RANDOM_NUMBERS)

    def restore(self) -> None:
        """Put everything back as it was."""
        for container, key, before, _ in self.exchanged:
            container[key] = before
        for tensor, node, leaf in self.handles:
            tensor.node, tensor.leaf = node, leaf
        for storage, stamp in self.stamps.items():
            storage.changed = stamp
