"""What a graph hangs on, and the same graph on other inputs."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.graph import Node


def found_outside(nodes: Iterable[Node], start: int, stop: Iterable[Node] = (), first: bool = False) -> list[Node]:
    """The nodes from before `start` that require a gradient and that `nodes` were computed from, oldest first."""
    seen, outside = set(stop), []
    waiting = [node for node in nodes if node.needs_grad]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.time < start:
            outside.append(node)
            if first:
                break
        else:
            waiting.extend([a for a in node.args if type(a) is Node and a.needs_grad])
    return sorted(outside, key=lambda node: node.time)


def transplanted(roots: Iterable[Node], replaced: dict[Node, Node]) -> list[Node]:
    """The graph of `roots` with the same calls and values, in which others stand for the nodes in `replaced`."""
    roots, twins, oldest = tuple(roots), dict(replaced), min((node.time for node in replaced), default=0)
    for node in ancestors(roots, lambda node: node.needs_grad and node.time > oldest and node not in replaced):
        args = tuple([twins.get(a, a) if type(a) is Node else a for a in node.args])
        if all(map(operator.is_, args, node.args)):
            continue
        twin = twins[node] = Node(node.value, leaf=node.leaf)
        if any(type(a) is Node and a.needs_grad for a in args):
            twin.function, twin.args, twin.kwargs, twin.needs_grad = node.function, args, node.kwargs, True
    return [twins.get(root, root) for root in roots]
