"""What a drawing shows: boxes for values, modules and what is left out, and arrows between them.

This is the graph as a reader of it sees it, before anything is said about how it looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_lite.drawing.array_cells import argument, printable
from autograd_lite.drawing.folding import Fold, check_expanded, fold_middle, fold_modules, note_of_modules, used_again
from autograd_lite.drawing.modules import Scope, parameters_in, title
from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node, backpropagate
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.rules.elementwise import power_of_constant
from autograd_lite.tensor.tensor import node_value


@dataclass(eq=False)
class Array:
    """An array that a call was given as it is: no tensor, so that nothing is known of it but its values."""

    value: Any


Item = Node | Array | Fold


@dataclass(eq=False)
class Arrow:
    """A value on its way: from the box it is computed in to one that uses it."""

    source: Item
    target: Item
    value: Any
    node: Node | None


@dataclass
class View:
    """Everything that is drawn.

    Attributes
    ----------
    items : list
        The boxes, in the order in which they were computed.
    arrows : list of Arrow
    scopes : dict
        The modules around each box, as far as it stands in any.
    gradients : dict
        Those that are known; what is not in it was not computed.
    roles : dict
        Of each box: input, parameter, constant, interior, output, module or folded.
    titles : dict
        Of each box: its name, which may be empty, and what made its value.
    times : dict
        How often each module was called, by its path.
    parameters : dict
        How many numbers each module has to learn, by its path, as far as that is known.
    shows_gradients : bool
    notes : list of str
        What a reader has to be told.
    """

    items: list[Item]
    arrows: list[Arrow]
    scopes: dict[Item, Scope]
    gradients: dict[Node, Any]
    roles: dict[Item, str]
    titles: dict[Item, tuple[str, str]]
    times: dict[str, int]
    parameters: dict[str, int]
    shows_gradients: bool
    notes: list[str]


def view_of(
    root: Node,
    scopes: Callable[[list[Node]], dict[Node, Scope]],
    collapse: Callable[[int], bool],
    expand: Collection[str],
    depth: int | None,
    max_nodes: int,
    gradient: bool,
    inputs: Collection[Node],
    parameters: dict[str, int],
) -> View:
    """Choose what is drawn of the graph of `root`, and compute the gradients that are shown."""
    nodes = ancestors([root])
    known = scopes(nodes)
    notes: list[str] = []
    folds: dict[Node, Fold] = {}
    if collapse(len(nodes)):
        check_expanded(expand, known)
        folds = fold_modules(nodes, known, expand, depth)
        again = used_again(nodes, folds)
        for node in [node for node, fold in folds.items() if fold in again]:
            del folds[node], known[node]  # neither in a box nor in a frame, which would bend arrows back
    if folds:
        notes.append(note_of_modules(nodes, folds))
    if note := fold_middle(nodes, folds, max_nodes):
        notes.append(note)
    items, arrows = drawn(nodes, folds)
    wanted = [item for item in items if isinstance(item, Node)]
    for fold in {id(fold): fold for fold in folds.values()}.values():
        outside = {arrow.node for arrow in arrows if arrow.source is fold and arrow.node is not None}
        fold.outputs = [node for node in fold.members if node in outside or node is root]
        wanted += fold.outputs
        wanted += [node for node in fold.members if fold.call and node.function is None and node.needs_grad]
    gradients = gradients_of(root, nodes, wanted, notes) if gradient else None
    times: dict[str, int] = {}
    for scope in set(known.values()):
        for call in scope:
            times[call.path] = max(times.get(call.path, 1), call.number)
    return View(
        items,
        arrows,
        {
            item: item.around if isinstance(item, Fold) else known.get(item, ())
            for item in items
            if not isinstance(item, Array)
        },
        gradients or {},
        {item: role(item, root, inputs) for item in items},
        {item: title_of(item, times) for item in items},
        times,
        parameters,
        gradients is not None,
        notes,
    )


# What is drawn.


def drawn(nodes: list[Node], folds: dict[Node, Fold]) -> tuple[list[Item], list[Arrow]]:
    """The boxes and the arrows: one arrow per use, and into or out of a folded box one per value."""
    items: dict[Item, None] = {}
    arrays: dict[int, Array] = {}
    arrows: list[Arrow] = []
    seen: set[tuple[Item, Item, int]] = set()
    for node in nodes:
        target = folds.get(node, node)
        for source, a in sources(node, target, folds, arrays):
            key = source, target, id(a)
            if source is target or (key in seen and Fold in (type(source), type(target))):
                continue
            seen.add(key)
            if type(source) is Array:
                items[source] = None
            arrows.append(Arrow(source, target, a.value if type(a) is Node else a, a if type(a) is Node else None))
        items.pop(target, None)  # a folded box has its place where the last of its nodes was computed
        items[target] = None
    return list(items), arrows


def sources(node: Node, target: Item, folds: dict[Node, Fold], arrays: dict[int, Array]) -> Iterator[tuple[Item, Any]]:
    """The arguments of a call that are drawn, and the box that each comes from."""
    for a in node.args:
        if type(a) is Node:
            yield folds.get(a, a), a
        elif isinstance(a, np.ndarray) and a.ndim and (target is node or may_be_input(target)):
            yield arrays.setdefault(id(a), Array(a)), a


def may_be_input(target: Item) -> bool:
    """Whether an array in a folded box may be its input: where calls were watched, inputs are tensors, others masks."""
    return isinstance(target, Fold) and target.call is not None and not target.call.kind


def role(item: Item, root: Node, inputs: Collection[Node]) -> str:
    """What part a box plays."""
    if isinstance(item, Fold):
        return "module" if item.call else "folded"
    if isinstance(item, Array):
        return "input"
    if item.function is not None:
        return "output" if item is root else "interior"
    if item in inputs:
        return "input"
    if item.needs_grad:
        return "parameter"
    return "input" if item.value.ndim else "constant"


def title_of(item: Item, times: dict[str, int]) -> tuple[str, str]:
    """A box's name, which may be empty, and what made its value."""
    if isinstance(item, Array):
        return "", "array"
    if isinstance(item, Node):
        name = (item.leaf.name if item.leaf else None) or ""
        return printable(name), spelled(item) if item.function else ""
    functions = Counter(node.function.__name__ for node in item.members if node.function)
    if item.call:
        return title(item.call, times), "" if item.call.kind else ", ".join(functions)
    common = [f"{name} ×{times:,}" for name, times in functions.most_common(3)]
    return f"{len(item.members):,} nodes folded", ", ".join(common) + (", …" if len(functions) > 3 else "")


def spelled(node: Node) -> str:
    """A call, with the arguments that are not drawn and the settings: ``power(·, 2)``, ``sum(axis=0)``."""
    if node.function is power_of_constant:
        return f"power(·, {argument(node.kwargs.get('exponent', 1))})"
    name = getattr(node.function, "__name__", str(node.function))
    parts = ["·" if type(a) is Node or (isinstance(a, np.ndarray) and a.ndim) else argument(a) for a in node.args]
    said = any(part != "·" for part in parts)
    settings = [
        f"{key}={argument(value)}" for key, value in node.kwargs.items() if value is not None and value is not False
    ]
    return f"{name}({', '.join((parts if said else []) + settings)})" if said or settings else name


# Gradients.


def gradients_of(root: Node, nodes: list[Node], wanted: list[Node], notes: list[str]) -> dict[Node, Any] | None:
    """The gradients of the sum of `root`; None, and a note that says why, where there cannot be any.

    The walk is the one that `backward` takes, but its results go to nobody's ``.grad``. Hooks run as in any walk.
    """
    changed = {
        a: None
        for node in nodes
        for a in node.args
        if type(a) is Node and a.leaf and a.leaf.storage.changed > node.time
    }
    if changed:
        names = [a.leaf.name or describe(a) for a in changed if a.leaf]
        some = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        notes.append(
            f"changed since this graph was computed: {some}. The values shown for them are today's, and there are no "
            "gradients: compute the result again to see them"
        )
        return None
    if not root.needs_grad:
        notes.append("no gradients: nothing in this graph requires one")
        return None
    try:
        found = backpropagate((root,), (np.ones_like(root.value),), node_value, wanted)
    except Exception as error:  # a drawing is what one looks at to understand an error
        notes.append(f"no gradients: {error}")
        return None
    if root.value.ndim:
        notes.append(f"gradients are those of the sum of the output, whose shape is {root.value.shape}")
    return found


def check_known(values: Iterable[Any]) -> None:
    """Refuse to draw what has no values yet."""
    if any(isinstance(value, Symbol) for value in values):
        raise TypeError("a function that is being compiled has no values to draw yet: draw outside of ag.compile")


def learned(fold: Fold, parameters: dict[str, int]) -> int:
    """How many numbers to learn a folded box holds: those of its module or, if that is not known, of its members."""
    if fold.call and fold.call.path in parameters:
        return parameters[fold.call.path]
    return parameters_in(fold.members)
