"""What a drawing leaves out: nodes that one box stands for, by the calls of modules or because there are too many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from autograd_lite.drawing.modules import Call, Scope
from autograd_lite.engine.graph import Node


@dataclass(eq=False)
class Fold:
    """A box that stands for several nodes: a call of a module, or (without a call) what there was no room for."""

    call: Call | None
    around: Scope = ()  # the modules that the box stands in
    members: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)  # the members that others use


def fold_modules(
    nodes: list[Node], scopes: dict[Node, Scope], expand: Collection[str], depth: int | None
) -> dict[Node, Fold]:
    """The boxes that stand for calls of modules: those that hold no others or, with `depth`, those that deep."""
    containers = {call.path for scope in set(scopes.values()) for call in scope[:-1]}
    folds: dict[Scope, Fold] = {}
    found: dict[Node, Fold] = {}
    for node in nodes:
        scope = scopes.get(node, ())
        for level, call in enumerate(scope, 1):
            foldable = level >= depth if depth is not None else call.path not in containers
            if foldable and not any(fnmatchcase(call.path, pattern) for pattern in expand):
                fold = found[node] = folds.setdefault(scope[:level], Fold(call, scope[: level - 1]))
                fold.members.append(node)
                break
    return found


def used_again(nodes: list[Node], folds: dict[Node, Fold]) -> set[Fold]:
    """The boxes that would depend on themselves: modules that were used several times where only names tell."""
    bits = {fold: 1 << i for i, fold in enumerate(dict.fromkeys(folds.values()))}
    needed: dict[Node, int] = {}  # the boxes behind each node, a bit for each
    found = set()
    for node in nodes:
        own = folds.get(node)
        needed[node] = bits[own] if own else 0
        for a in node.args:
            if type(a) is Node:
                needed[node] |= needed[a]
                if own and folds.get(a) is not own and needed[a] & bits[own]:
                    found.add(own)
    return found


def check_expanded(expand: Collection[str], scopes: dict[Node, Scope]) -> None:
    """Refuse a name that no module has."""
    paths = {call.path for scope in set(scopes.values()) for call in scope}
    for pattern in expand:
        if not any(fnmatchcase(path, pattern) for path in paths):
            known = ", ".join(map(repr, sorted(paths))) or "not known: draw the model itself, or pass model="
            raise ValueError(f"expand={pattern!r} is no module of this graph; its modules are {known}")


def fold_middle(nodes: list[Node], folds: dict[Node, Fold], max_nodes: int) -> str | None:
    """Fold the middle of a graph that has more than `max_nodes` boxes, in the order of time, and say so."""
    last: dict[Node | Fold, int] = {}
    for node in nodes:
        last[folds.get(node, node)] = node.time
    if len(last) <= max_nodes:
        return None
    order = sorted(last, key=last.__getitem__)
    first = max_nodes // 2
    rest = Fold(None)
    hidden = set(order[first : len(order) - (max_nodes - 1 - first)])
    for node in nodes:
        if folds.get(node, node) in hidden:
            folds[node] = rest
            rest.members.append(node)
    return (
        f"{len(rest.members):,} of {len(nodes):,} nodes are folded into one box, so that the picture stays readable; "
        f"max_nodes={len(last)} draws them all"
    )


def note_of_modules(nodes: list[Node], folds: dict[Node, Fold]) -> str:
    """Say which modules are folded, in the order of the picture."""
    last = {fold: node.time for node in nodes if (fold := folds.get(node))}
    paths = list(dict.fromkeys(fold.call.path for fold in sorted(last, key=last.__getitem__) if fold.call))
    some = ", ".join(paths[:4]) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")
    return (
        f"{len(folds):,} of {len(nodes):,} nodes are folded into their modules: {some}; "
        f"expand={paths[0]!r} opens one, collapse=False all"
    )
