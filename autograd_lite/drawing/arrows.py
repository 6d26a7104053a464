"""The boxes of a drawing and the arrows between them: what each box was given, and what it came from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_lite.drawing.folding import Fold, Folds
from autograd_lite.drawing.modules import ModuleCall, Scope
from autograd_lite.engine.graph import Node

Given = Mapping[ModuleCall, Mapping[str, Any]]  # of each call, its arrays by the names of its parameters


@dataclass(eq=False)
class Array:
    """An array that a call was given as it is: no tensor, so that nothing is known of it but its values, and what the
    function that takes it calls it.
    """

    value: Any
    name: str = ""


@dataclass(eq=False)
class Failure:
    """A call that raised an error: what was called, what it said, and what it was given."""

    title: str
    words: str
    given: Mapping[str, Any]


Item = Node | Array | Fold | Failure


@dataclass(eq=False)
class Arrow:
    """A value on its way: from the box it is computed in to one that uses it, as its `position`-th argument."""

    source: Item
    target: Item
    value: Any
    node: Node | None
    position: int = -1  # of a folded box: all uses in it
    flow: Any = None  # the gradient that comes back through this use


def drawn(nodes: list[Node], folds: Folds, scopes: dict[Node, Scope], given: Given) -> tuple[list[Item], list[Arrow]]:
    """The boxes and the arrows: one arrow per use, into or out of a folded box one per value, and out of a loop one,
    for what its last pass gives.
    """
    items: dict[Item, None] = {}
    arrows: dict[Hashable, Arrow] = {}
    arguments = Arguments(nodes, folds, scopes, given)
    for node in nodes:
        target = folds.get(node, node)
        for position, source, a in arguments.of(node, target):
            if inside(source, a, target, node):
                continue
            if type(source) is Array:
                items.setdefault(source, None)
            value, origin = (a.value, a) if type(a) is Node else (a, None)
            if isinstance(source, Fold) and source.passes:
                key: Hashable = (source, target)
            else:
                key = (source, target, id(a), -1 if Fold in (type(source), type(target)) else position)
            arrows[key] = Arrow(source, target, value, origin, position if target is node else -1)
        items.pop(target, None)  # a folded box has its place where the last of its nodes was computed
        items[target] = None
    return list(items), list(arrows.values())


def inside(source: Item, a: Any, target: Item, node: Node) -> bool:
    """Whether what goes from one node to another stays in a box: in one pass of a loop, or in the shared parameters of
    a module that has several.
    """
    if not isinstance(source, Fold) or not isinstance(target, Fold):
        return False
    if source is target:
        return source.passes.get(a, source.passes.get(node)) == source.passes.get(node)
    shared = source.call and target.call and source.call.path == target.call.path and not source.call.function
    return bool(shared and a.function is None)


class Arguments:
    """Where what a box is given comes from."""

    def __init__(
        self,
        nodes: list[Node],
        folds: Folds,
        scopes: dict[Node, Scope],
        given: Given,
    ) -> None:
        self.nodes, self.folds, self.scopes, self.given = frozenset(nodes), folds, scopes, given
        self.arrays: dict[int, Array] = {}

    def of(self, node: Node, target: Item) -> Iterator[tuple[int, Item, Any]]:
        """The arguments of a call that are drawn: position, the box that each comes from, and itself.

        Arrays that a folded box makes for itself, a mask or a first state, stay in it; those that it was given do not.
        """
        call = target.call if isinstance(target, Fold) else next(iter(self.scopes.get(node, ())[::-1]), None)
        given = self.given.get(call, {}) if call else {}
        named: list[Any] = []
        for position, a in enumerate(node.args):
            if type(a) is Node:
                yield position, self.folds.get(a, a), a
            elif isinstance(a, np.ndarray) and a.ndim and (target is node or may_be_input(target)):
                name, a = next(((n, b) for n, b in given.items() if same(a, b)), ("", a))
                named.append(a)
                yield position, self.array(a, name), a
        for name, a in given.items() if isinstance(target, Fold) or (call and call.function) else ():
            value = a.value if type(a) is Node else a
            if a not in self.nodes if type(a) is Node else all(a is not b for b in named):
                yield -1, self.array(value, name), value

    def array(self, value: Any, name: str) -> Array:
        """The box of an array, one for all its uses."""
        return self.arrays.setdefault(id(value), Array(value, name))


def failing(failure: Failure, folds: Folds) -> Iterator[Arrow]:
    """What leads to a call that raised an error."""
    for name, a in failure.given.items():
        if type(a) is Node:
            yield Arrow(folds.get(a, a), failure, a.value, a)
        else:
            yield Arrow(Array(a, name), failure, a, None)


def same(a: Any, given: Any) -> bool:
    """Whether an array is what was given, perhaps copied, in another dtype or shape."""
    values = given.value if type(given) is Node else given
    return a is values or (values.size == a.size and bool(np.array_equal(values.ravel(), a.ravel())))


def may_be_input(target: Item) -> bool:
    """Whether an array in a folded box may be its input, because its call was not watched."""
    return isinstance(target, Fold) and target.call is not None and not target.call.kind
