"""What a drawing leaves out: nodes that one box stands for, by the calls of modules or because there are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from autograd_lite.drawing.modules import ModuleCall, Scope
from autograd_lite.engine.graph import Node


@dataclass(eq=False)
class Fold:
    """A box that stands for several nodes: a call, all passes of a loop, or what there was no room for."""

    call: ModuleCall | None
    around: Scope = ()  # the modules that the box stands in
    members: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)  # the members that others use
    passes: dict[Node, int] = field(default_factory=dict)  # of a loop: which pass made a member
    label: str = ""  # of blocks that are repeated
    units: dict[Node | Fold, int] = field(default_factory=dict)  # and the boxes that it would be without


Folds = dict[Node, Fold]


def fold_calls(
    nodes: list[Node], scopes: dict[Node, Scope], expand: Collection[str], modules: bool, depth: int | None
) -> Folds:
    """The boxes that stand for calls: of the package's functions that took several steps and, with `modules`, of the
    modules that hold no others or are `depth` deep.
    """
    containers = {call.path for scope in set(scopes.values()) for call in modules_of(scope)[:-1]}
    steps = Counter(call for node in nodes if node.function for call in scopes.get(node, ()))
    folds: dict[Scope, Fold] = {}
    found: Folds = {}
    for node in nodes:
        scope = scopes.get(node, ())
        for level, call in enumerate(scope, 1):
            if call.function:
                foldable = steps[call] > 1
            else:
                foldable = modules and (level >= depth if depth is not None else call.path not in containers)
            if foldable and not any(fnmatchcase(call.path, pattern) for pattern in expand):
                fold = found[node] = folds.setdefault(scope[:level], Fold(call, scope[: level - 1]))
                fold.members.append(node)
                break
    return without_cycles(nodes, found, scopes)


def modules_of(scope: Scope) -> Scope:
    """The calls of modules in a scope."""
    return tuple([call for call in scope if not call.function])


def plans(scopes: dict[Node, Scope]) -> Iterator[tuple[bool, int | None]]:
    """The ways to fold, from everything open to the outermost modules alone."""
    yield False, None
    yield True, None
    deepest = max((len(modules_of(scope)) for scope in scopes.values()), default=0)
    yield from ((True, depth) for depth in range(deepest - 1, 0, -1))


def without_cycles(nodes: list[Node], folds: Folds, scopes: dict[Node, Scope]) -> Folds:
    """Open the boxes that would depend on themselves, and frame what was in them neither, which would bend arrows."""
    again = used_again(nodes, folds)
    for node in [node for node, fold in folds.items() if fold in again]:
        del folds[node], scopes[node]
    return folds


def used_again(nodes: list[Node], folds: Folds) -> set[Fold]:
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


def check_expanded(expand: Collection[str], nodes: list[Node], scopes: dict[Node, Scope]) -> None:
    """Refuse a name that no module has, and no function that took several steps."""
    steps = Counter(call for node in nodes if node.function for call in scopes.get(node, ()))
    paths = {call.path for scope in set(scopes.values()) for call in scope if not call.function or steps[call] > 1}
    for pattern in expand:
        if not any(fnmatchcase(path, pattern) for path in paths):
            known = ", ".join(map(repr, sorted(paths))) or "not known: draw the model itself, or pass model="
            raise ValueError(f"expand={pattern!r} is no module of this graph; its modules are {known}")


def fold_middle(nodes: list[Node], folds: Folds, max_nodes: int) -> str | None:
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


def note_of_modules(nodes: list[Node], folds: Folds) -> Iterator[str]:
    """Say which modules are folded, in the order of the picture."""
    last = {fold: node.time for node in nodes if (fold := folds.get(node)) and fold.call and not fold.call.function}
    paths = list(dict.fromkeys(fold.call.path for fold in ordered(last) if fold.call))
    hidden = sum(folds[node] in last for node in folds)
    if paths:
        some = ", ".join(paths[:4]) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")
        yield (
            f"{hidden:,} of {len(nodes):,} nodes are folded into their modules: {some}; "
            f"expand={paths[0]!r} opens one, collapse=False all"
        )


def ordered(last: dict[Fold, int]) -> Iterable[Fold]:
    """Boxes in the order of the last thing in them."""
    return sorted(last, key=last.__getitem__)
