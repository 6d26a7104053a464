"""What a drawing shows: boxes for values, modules and what is left out, and arrows between them.

This is the graph as a reader of it sees it, before anything is said about how it looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.drawing.array_cells import argument, printable
from autograd_lite.drawing.arrows import Array, Arrow, Failure, Given, Item, drawn, failing
from autograd_lite.drawing.extent import ENDLESS, NARROW, Size, extents, fits, height_of, width_of
from autograd_lite.drawing.flows import gradients_of
from autograd_lite.drawing.folding import (
    Fold,
    Folds,
    check_expanded,
    fold_calls,
    fold_middle,
    note_of_modules,
    plans,
)
from autograd_lite.drawing.modules import Scope, parameters_in, scopes_by_names, title
from autograd_lite.drawing.repeats import ABOVE, fold_repeats
from autograd_lite.drawing.rolling import FROM, calls_of, rolled
from autograd_lite.drawing.shades import amount, measure, nodes_of, share
from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.rules.elementwise import power_of_constant


class Knowledge(NamedTuple):
    """What is known of a graph besides its nodes; of a function that was watched it is exact."""

    scopes: Callable[[list[Node]], dict[Node, Scope]] = scopes_by_names
    inputs: Collection[Node] = ()
    given: Given = MappingProxyType({})
    parameters: Mapping[str, int] = MappingProxyType({})
    unasked: Collection[Node] = ()
    names: Mapping[Node, str] = MappingProxyType({})
    places: Mapping[Node, Hashable] = MappingProxyType({})
    owned: Collection[Node] = ()
    seconds: Mapping[Node, float] = MappingProxyType({})
    lines: Mapping[Node, str] = MappingProxyType({})
    failed: Node | None = None
    failure: Failure | None = None


class Choice(NamedTuple):
    """What is to be folded."""

    collapse: str | bool | None
    expand: Collection[str]
    depth: int | None
    max_nodes: int
    rankdir: str | None
    roll: bool | None = None


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
    parameters : mapping
        How many numbers each module has to learn, by its path, as far as that is known.
    shows_gradients : bool
    unasked : collection of Node
        Constants of which no gradient was asked for.
    notes : list of str
        What a reader has to be told.
    rankdir : str
        Where the graph runs.
    amounts : dict
        What a box is coloured by, in words, and its share of the largest; empty where the roles have the colours.
    lines : mapping
        The file and the line that made a node, as far as they are known.
    failed : Item or None
        What went wrong.
    """

    items: list[Item]
    arrows: list[Arrow]
    scopes: dict[Item, Scope]
    gradients: dict[Node, Any]
    roles: dict[Item, str]
    titles: dict[Item, tuple[str, str]]
    times: dict[str, int]
    parameters: Mapping[str, int]
    shows_gradients: bool
    unasked: Collection[Item]
    notes: list[str]
    rankdir: str
    amounts: dict[Item, tuple[str, float]]
    lines: Mapping[Node, str]
    failed: Item | None = None


def view_of(root: Node, known: Knowledge, choice: Choice, gradient: bool, notes: list[str], color: Any = None) -> View:
    """Choose what is drawn of the graph of `root`, and compute the gradients that are shown."""
    given = known.failure.given.values() if known.failure else ()
    nodes = ancestors([root, *(a for a in given if type(a) is Node)])
    scopes = known.scopes(nodes)
    folds, rankdir = folded(nodes, scopes, known, choice)
    notes += note_of_modules(nodes, folds)
    if choice.collapse is None and choice.depth is None and not choice.expand and len(set(folds.values())) > ABOVE:
        notes += filter(None, [fold_repeats(nodes, folds)])
        rankdir = "LR" if fits(extent(nodes, folds, scopes, known, choice.max_nodes)[0]) else rankdir
    notes += filter(None, [fold_middle(nodes, folds, choice.max_nodes)])
    items, arrows = drawn(nodes, folds, scopes, known.given)
    if known.failure:
        arrows += failing(known.failure, folds)
        items = [*dict.fromkeys([*items, *(arrow.source for arrow in arrows)]), known.failure]
    wanted = [item for item in items if isinstance(item, Node)]
    for fold in {id(fold): fold for fold in folds.values()}.values():
        outside = {arrow.node for arrow in arrows if arrow.source is fold and arrow.node is not None}
        fold.outputs = [node for node in fold.members if node in outside or node is root]
        wanted += fold.outputs
        if fold.call or fold.label:
            wanted += [node for node in fold.members if node.function is None and node.needs_grad]
    gradients = gradients_of(root, nodes, wanted, folds, arrows, notes) if gradient else None
    times: dict[str, int] = {}
    for call in {call for scope in scopes.values() for call in scope}:
        times[call.path] = max(times.get(call.path, 1), call.number)
    amounts = measured(items, color, known, gradients or {}) if color is not None else {}
    return View(
        items,
        arrows,
        {item: framed(item, scopes) for item in items if isinstance(item, Node | Fold)},
        gradients or {},
        {item: role(item, root, known.inputs) for item in items},
        {item: title_of(item, times, known.names) for item in items},
        times,
        known.parameters,
        gradients is not None,
        known.unasked,
        notes,
        choice.rankdir or rankdir,
        amounts,
        known.lines,
        known.failure or next((item for item in items if known.failed in nodes_of(item)), None),
    )


def measured(
    items: list[Item], color: Any, known: Knowledge, gradients: dict[Node, Any]
) -> dict[Item, tuple[str, float]]:
    """What each box is coloured by, in words, and its share of the largest."""
    of = measure(color, known.seconds, gradients)
    found = {item: value for item in items if (value := of(item)) is not None}
    finite = [abs(value) for value in found.values() if np.isfinite(value)]
    largest = max(finite, default=0.0)
    return {item: (amount(v, color), share(v, largest, color)) for item, v in found.items()}


def framed(item: Node | Fold, scopes: dict[Node, Scope]) -> Scope:
    """The modules around a box."""
    scope = item.around if isinstance(item, Fold) else scopes.get(item, ())
    return tuple([call for call in scope if not call.function])


def folded(nodes: list[Node], scopes: dict[Node, Scope], known: Knowledge, choice: Choice) -> tuple[Folds, str]:
    """What is folded: as it was asked for, or else as little as lets the drawing fit a screen; and where it runs."""
    collapse, expand, depth, limit, rankdir, roll = choice
    if collapse is not False:
        check_expanded(expand, nodes, scopes)
    automatic = collapse is None and depth is None
    for modules, level in plans(scopes) if automatic else [(True, depth)]:
        kept = dict(scopes)
        folds = fold_calls(nodes, kept, expand, modules, level) if collapse is not False else {}
        if roll or (roll is None and collapse is not False):
            rolled(nodes, folds, kept, known.places, known.owned, 2 if roll else FROM)
        across, down = extent(nodes, folds, kept, known, limit)
        if rankdir in ("TB", "BT") or (rankdir is None and not fits(across) and (modules or not automatic)):
            across, way = min((down, "TB"), (across, "LR")) if rankdir is None else (down, rankdir)
        else:
            way = rankdir or "LR"
        if fits(across):
            break
    scopes.clear()
    scopes.update(kept)
    return folds, way


def extent(
    nodes: list[Node], folds: Folds, scopes: dict[Node, Scope], known: Knowledge, limit: int
) -> tuple[Size, Size]:
    """How large a drawing will be, about, from left to right and from the top to the bottom."""
    if len(nodes) - len(folds) + len(set(folds.values())) > limit:
        return ENDLESS, NARROW
    items, arrows = drawn(nodes, folds, scopes, known.given)
    place = {item: i for i, item in enumerate(items)}
    shown = [(" ".join(title_of(item, {}, known.names)), shown_value(item)) for item in items]
    boxes = [(width_of(title, value), height_of(value, nodes[-1].needs_grad)) for title, value in shown]
    edges = [(place[a.source], place[a.target], str(np.shape(a.value) or "")) for a in arrows]
    first = {item: place[calls[0]] for calls in calls_of(items) for item in calls}
    return extents(boxes, edges, [first.get(item, i) for i, item in enumerate(items)])


def shown_value(item: Item) -> Any:
    """The value that a box shows."""
    return item.members[-1].value if isinstance(item, Fold) else getattr(item, "value", 0)


def role(item: Item, root: Node, inputs: Collection[Node]) -> str:
    """What part a box plays."""
    if isinstance(item, Fold):
        if item.passes and not item.call:
            return "output" if root in item.members else "interior"
        if item.call and item.call.function:
            return "output" if root in item.members else "interior"
        return "module" if item.call or item.label else "folded"
    if isinstance(item, Failure):
        return "failed"
    if isinstance(item, Array):
        return "input"
    if item.function is not None:
        return "output" if item is root else "interior"
    if item in inputs:
        return "input"
    if item.needs_grad:
        return "parameter"
    return "input" if item.value.ndim else "constant"


def title_of(item: Item, times: Mapping[str, int], names: Mapping[Node, str]) -> tuple[str, str]:
    """A box's name, which may be empty, and what made its value; an argument has the name of its parameter."""
    if isinstance(item, Failure):
        return item.title, ""
    if isinstance(item, Array):
        return printable(item.name), "" if item.name else "array"
    if isinstance(item, Node):
        name = (item.leaf.name if item.leaf else None) or names.get(item, "")
        return printable(name), spelled(item) if item.function else ""
    if item.label:
        return item.label, ""
    if item.passes:
        words = title(item.call, {}) if item.call else function_name(item.members[-1])
        return (words, f"× {len(item.units):,}") if item.call else ("", f"{words} × {len(item.units):,}")
    functions = Counter(node.function.__name__ for node in item.members if node.function)
    if item.call and item.call.function:
        return "", title(item.call, times)
    if item.call:
        return title(item.call, times), "" if item.call.kind else ", ".join(functions)
    common = [f"{name} ×{times:,}" for name, times in functions.most_common(3)]
    return f"{len(item.members):,} nodes folded", ", ".join(common) + (", …" if len(functions) > 3 else "")


def function_name(node: Node) -> str:
    """What the function that made a node is called."""
    return getattr(node.function, "__name__", str(node.function))


def spelled(node: Node) -> str:
    """A call, with the arguments that are not drawn and the settings: ``power(·, 2)``, ``sum(axis=0)``."""
    if node.function is power_of_constant:
        return f"power(·, {argument(node.kwargs.get('exponent', 1))})"
    name = function_name(node)
    parts = ["·" if type(a) is Node or (isinstance(a, np.ndarray) and a.ndim) else argument(a) for a in node.args]
    said = any(part != "·" for part in parts)
    settings = [
        f"{key}={argument(value)}" for key, value in node.kwargs.items() if value is not None and value is not False
    ]
    return f"{name}({', '.join((parts if said else []) + settings)})" if said or settings else name


def check_known(values: Iterable[Any]) -> None:
    """Refuse to draw what has no values yet."""
    if any(isinstance(value, Symbol) for value in values):
        raise TypeError("a function that is being compiled has no values to draw yet: draw outside of ag.compile")


def learned(fold: Fold, parameters: Mapping[str, int]) -> int:
    """How many numbers to learn a folded box holds: those of its module or, if that is not known, of its members."""
    if fold.call and fold.call.path in parameters:
        return parameters[fold.call.path]
    return parameters_in(fold.members)
