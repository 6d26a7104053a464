"""Which node belongs to which module: known exactly where the modules' calls were watched, else told by names.

Nodes carry the time at which they were recorded. A call of a module that was watched began and ended at certain times,
and what was recorded between belongs to it. Without that, parameters tell: `Module.named_parameters` names them after
their place in the tree, "0.weight", and what is computed from them, or between them, belongs there.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from autograd_lite.engine.array_like import array_of_any, is_array_like
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import clock
from autograd_lite.tensor.tensor import Tensor


class Call(NamedTuple):
    """One call of a module: what it is called in the tree, its class (if known), and which of its calls it is."""

    path: str
    kind: str = ""
    number: int = 1


Scope = tuple[Call, ...]  # the calls around a node, the outermost first


class Range(NamedTuple):
    """When a call ran."""

    start: int
    end: int
    call: Call


class Modules:
    """The calls of the modules of `model` that ran inside ``with watched(model)``."""

    def __init__(self, model: Any) -> None:
        self.paths = {id(module): (path, module) for path, module in model.named_modules()}
        self.owned: set[Node] = {tensor.node for _, tensor in model.tensors()}
        self.parameters = {path: count(module) for path, module in model.named_modules()}
        self.ranges: list[Range] = []
        self.started: list[tuple[Any, int]] = []
        self.times: Counter[str] = Counter()
        self.inputs: list[Tensor] = []

    def begin(self, module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """A forward pass begins; what the outermost module is given becomes tensors that can be told from others."""
        if not self.started:
            inputs = as_tensors(module, inputs)
            self.inputs += [a for a in inputs if isinstance(a, Tensor)]
        self.started.append((module, clock()))
        return inputs

    def end(self, module: Any, inputs: Any, output: Any) -> None:
        """A forward pass has ended."""
        while self.started:  # one that raised, and was caught, has not ended
            other, start = self.started.pop()
            if other is module:
                path = self.paths[id(module)][0]
                self.times[path] += 1
                call = Call(path, type(module).__name__, self.times[path])
                if path:
                    self.ranges.append(Range(start, clock(), call))
                return

    def scopes(self, nodes: Iterable[Node]) -> dict[Node, Scope]:
        """The scope of each node, these being sorted by time; a parameter's is where all its uses are."""
        waiting = sorted(self.ranges, reverse=True)
        around: list[Range] = []
        found: dict[Node, Scope] = {}
        for node in nodes:
            if node in self.owned:
                continue
            while waiting and waiting[-1].start < node.time:
                around.append(waiting.pop())
            around = [r for r in around if r.end > node.time]
            scope = found[node] = tuple([r.call for r in around])
            for a in node.args:
                if type(a) is Node and a in self.owned:
                    found[a] = common(found[a], scope) if a in found else scope
        return found


def as_tensors(module: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a module as tensors, called what the module calls them and of its parameters' dtype."""
    dtype = next((p.dtype for p in module.parameters()), None)
    names = [*inspect.signature(module.forward).parameters, *("" for _ in arguments)]

    def tensor(a: Any, name: str) -> Any:
        if isinstance(a, Tensor) or not (isinstance(a, list | tuple) or is_array_like(a)):
            return a
        if (array := array_of_any(a)).dtype.kind not in "biuf":
            return a
        return Tensor(array, dtype if array.dtype.kind == "f" else None, name=name or None)

    return tuple([tensor(a, name) for a, name in zip(arguments, names, strict=False)])


def count(module: Any) -> int:
    """How many numbers a module has to learn."""
    return sum(parameter.size for parameter in module.parameters())


@contextmanager
def watched(model: Any) -> Iterator[Modules]:
    """Note when each module of `model` runs."""
    modules = Modules(model)
    removers = []
    try:
        for _, module in modules.paths.values():
            removers += [
                module.register_forward_pre_hook(modules.begin),
                module.register_forward_hook(modules.end),
            ]
        yield modules
    finally:
        for remove in removers:
            remove()


def common(a: Scope, b: Scope) -> Scope:
    """The calls that two scopes have in common, from the outermost on."""
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return a[:n]


def scopes_by_names(nodes: list[Node]) -> dict[Node, Scope]:
    """The scope of each node as far as the names of parameters tell, `nodes` being sorted by time.

    What uses parameters of one module belongs to it. Anything else belongs to the modules that both what it was
    computed from and what was computed from it have in common.
    """
    named = {node: scope_of_name(node.leaf.name) for node in nodes if is_parameter(node) and node.leaf.name}  # type: ignore[union-attr]
    if not any(named.values()):
        return {}
    before: dict[Node, Scope] = {}
    after: dict[Node, Scope] = {}
    own: dict[Node, Scope] = dict(named)
    for node in nodes:
        arguments = [a for a in node.args if type(a) is Node]
        merge(own, node, [named[a] for a in arguments if a in named])
        merge(before, node, [own[node]] if node in own else [before[a] for a in arguments if a in before])
    for node in reversed(nodes):
        if node in own:
            after[node] = own[node]
        if node in after:
            for a in node.args:
                if type(a) is Node and a not in own:
                    merge(after, a, [after[node]])
    return own | {
        node: common(before[node], after[node])
        for node in nodes
        if node.function is not None and node not in own and node in before and node in after
    }


def merge(scopes: dict[Node, Scope], node: Node, others: Iterable[Scope]) -> None:
    """Let the scope of `node` be what it and others have in common."""
    for other in others:
        scopes[node] = common(scopes[node], other) if node in scopes else other


def is_parameter(node: Node) -> bool:
    """Whether a gradient is wanted of a leaf."""
    return node.function is None and node.needs_grad and node.leaf is not None


def scope_of_name(name: str) -> Scope:
    """The modules around a parameter called "encoder.0.weight": "encoder" and "encoder.0"."""
    parts = name.split(".")[:-1]
    return tuple([Call(".".join(parts[: i + 1])) for i in range(len(parts))])


def parameters_in(members: Iterable[Node]) -> int:
    """How many numbers to learn there are among some nodes."""
    return sum(int(node.value.size) for node in members if is_parameter(node))


def title(call: Call, times: Mapping[str, int]) -> str:
    """What the box of a call is called: "0: Linear", and which call it is where there are several."""
    words = f"{call.path}: {call.kind}" if call.kind else call.path
    return f"{words} (call {call.number})" if times.get(call.path, 1) > 1 else words
