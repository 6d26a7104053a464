"""Blocks that come again and again in a chain of modules: one box for all of them, "Linear, Tanh × 30"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.drawing.folding import Fold, Folds
from autograd_lite.engine.graph import Node

ABOVE = 40  # boxes; below that, all can be looked at
LEAST = 4  # times


def fold_repeats(nodes: list[Node], folds: Folds) -> str | None:
    """Fold the blocks that are repeated, except the first and the last of a chain, and say so."""
    words = []
    for chain in chains(nodes, folds):
        start, period, times = repeated([kind_of(fold) for fold in chain])
        if times >= LEAST:
            among = chain[start : start + period * times]
            label = f"{', '.join(fold.call.kind for fold in among[:period] if fold.call)} × {times:,}"
            block = Fold(None, among[0].around, label=label)
            for node in nodes:
                if folds.get(node) in among:
                    folds[node] = block
                    block.members.append(node)
            words.append(label)
    return f"repeated blocks are one box: {'; '.join(words)}; collapse='module' draws them all" if words else None


def kind_of(fold: Fold) -> Any:
    """What makes two boxes alike: their class, and the shape of what they give."""
    return fold.call and fold.call.kind, fold.members[-1].value.shape


def chains(nodes: list[Node], folds: Folds) -> list[list[Fold]]:
    """The boxes of modules each of which leads to the next one alone."""
    before: dict[Any, set[Any]] = {}
    after: dict[Any, set[Any]] = {}
    for node in nodes:
        unit = folds.get(node, node)
        for a in node.args:
            if type(a) is Node and (source := folds.get(a, a)) is not unit:
                before.setdefault(unit, set()).add(source)
                after.setdefault(source, set()).add(unit)
    found: list[list[Fold]] = []
    for fold in dict.fromkeys(folds[node] for node in nodes if node in folds and node.function):
        chain = found[-1] if found else []
        linked = chain and before.get(fold) == {chain[-1]} and after.get(chain[-1]) == {fold}
        if fold.call is None or fold.call.function or fold.passes:
            continue
        if linked and chain[-1].around == fold.around:
            chain.append(fold)
        else:
            found.append([fold])
    return found


def repeated(kinds: Sequence[Any]) -> tuple[int, int, int]:
    """Where the longest repetition begins, how long what is repeated is, and how often it comes; the last stays out."""
    best = (0, 1, 1)
    count = len(kinds) - 1
    for period in range(1, count // LEAST + 1):
        start = 0
        for i in range(count - period + 1):
            if i + period < count and kinds[i] == kinds[i + period]:
                continue
            times = (i - start) // period + 1
            if times * period > best[1] * best[2]:
                best = (start, period, times)
            start = i + 1
    return best
