"""What a value was computed from: the one way in which the readers of a graph go through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograd_lite.engine.graph import Node


def ancestors(roots: Iterable[Node], enter: Callable[[Node], bool] = lambda node: True) -> list[Node]:
    """`roots` and every node that they were computed from, each once, oldest first.

    A node for which `enter` is false is left out, and so is what only it was computed from.
    """
    found: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found and enter(node):
            found.add(node)
            waiting += [a for a in node.args if type(a) is Node]
    return sorted(found, key=lambda node: node.time)
