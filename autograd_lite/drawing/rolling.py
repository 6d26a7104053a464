"""Loops: what is called again and again is one box, with an arrow from each pass to the next.

The same place in the program, or the same module, is one box however often it runs. A loop through something that is
not, such as through a list of layers, stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any

from autograd_lite.drawing.folding import Fold, Folds
from autograd_lite.drawing.modules import Scope
from autograd_lite.engine.graph import Node

FROM = 8  # passes, from which on a loop is rolled up by default
SHARED = 3  # calls, from which on the parameters of a module stand in its boxes

Unit = Node | Fold


def rolled(
    nodes: list[Node],
    folds: Folds,
    scopes: Mapping[Node, Scope],
    places: Mapping[Node, Hashable],
    owned: Collection[Node],
    least: int,
) -> None:
    """Put what runs at least `least` times in one place into one box each."""
    passes = loops(nodes, folds, scopes, places, least)
    while bad := crossed(nodes, folds, passes):
        passes = {unit: key for unit, key in passes.items() if key not in bad}
    found: dict[Hashable, Fold] = {}
    for node in nodes:
        unit = folds.get(node, node)
        if (key := passes.get(unit)) is None:
            continue
        call = unit.call if isinstance(unit, Fold) else None
        roll = found.setdefault(key, Fold(call, unit.around if isinstance(unit, Fold) else scopes.get(node, ())))
        roll.units.setdefault(unit, len(roll.units))
        roll.passes[node] = roll.units[unit]
        roll.members.append(node)
    for roll in found.values():
        folds |= dict.fromkeys(roll.members, roll)
    share(nodes, folds, owned)


def loops(
    nodes: list[Node], folds: Folds, scopes: Mapping[Node, Scope], places: Mapping[Node, Hashable], least: int
) -> dict[Unit, Hashable]:
    """The boxes that are passes of a loop, each with what it is a pass of."""
    found: dict[Unit, Hashable] = {}
    for node in nodes:
        unit = folds.get(node, node)
        if unit not in found and node in places and (not isinstance(unit, Fold) or unit.call):
            call = unit.call if isinstance(unit, Fold) else None
            paths = tuple([c.path for c in (unit.around if isinstance(unit, Fold) else scopes.get(node, ()))])
            module = call is not None and not call.function
            found[unit] = (paths, call and call.path, None if module else (places[node], node.function))
    times = Counter(found.values())
    return {unit: key for unit, key in found.items() if times[key] >= least}


def crossed(nodes: list[Node], folds: Folds, passes: Mapping[Unit, Hashable]) -> set[Hashable]:
    """The loops that lead through what is no part of a loop."""
    bits = {key: 1 << i for i, key in enumerate(dict.fromkeys(passes.values()))}
    behind: dict[Node, int] = {}  # the loops that a node hangs on,
    through: dict[Node, int] = {}  # and those among them that it hangs on by way of what is in none
    found = set()
    for node in nodes:
        key = passes.get(folds.get(node, node))
        arguments = [a for a in node.args if type(a) is Node]
        behind[node], through[node] = bits[key] if key else 0, 0
        for a in arguments:
            behind[node] |= behind[a]
            through[node] |= through[a] | (0 if passes.get(folds.get(a, a)) else behind[a])
        if key and through[node] & bits[key]:
            found.add(key)
    return found


def share(nodes: list[Node], folds: Folds, owned: Collection[Node]) -> None:
    """Put the parameters of a module that is called again and again into its box, or into the last of its boxes."""
    calls = Counter(path_of(fold) for fold in set(folds.values()))
    users: dict[Node, set[Fold | None]] = {}
    for node in nodes:
        for a in node.args:
            if type(a) is Node and a in owned and a not in folds:
                users.setdefault(a, set()).add(folds.get(node))
    last = {fold: node.time for node in nodes if (fold := folds.get(node))}
    for a, using in users.items():
        paths = {path_of(fold) for fold in using}
        path = next(iter(paths))
        rolls = [fold for fold in using if fold and fold.passes]
        if len(paths) == 1 and path and (calls[path] >= SHARED or rolls):
            fold = max((fold for fold in using if fold), key=last.__getitem__)
            folds[a] = fold
            fold.members.insert(0, a)


def path_of(fold: Fold | None) -> str:
    """The module whose calls a box stands for."""
    return fold.call.path if fold is not None and fold.call is not None and not fold.call.function else ""


def calls_of(items: Iterable[Any]) -> list[list[Any]]:
    """The boxes of each module that is called again and again: they stand on one rank."""
    calls: dict[str, list[Any]] = {}
    for item in items:
        if isinstance(item, Fold) and (path := path_of(item)):
            calls.setdefault(path, []).append(item)
    return [found for found in calls.values() if len(found) >= SHARED]
