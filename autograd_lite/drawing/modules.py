"""Which node belongs to which module, as the names of parameters tell it.

`Module.named_parameters` names them after their place in the tree, "0.weight", and what is computed from them, or
between them, belongs there. Where the calls were watched (`watching`), it is known exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from autograd_lite.engine.graph import Node


class ModuleCall(NamedTuple):
    """One call of a module: what it is called in the tree, its class (if known), and which of its calls it is; or of a
    function, `kind` being its name, which computes a module's result if `path` is that module's.
    """

    path: str
    kind: str = ""
    number: int = 1
    function: bool = False


Scope = tuple[ModuleCall, ...]  # the calls around a node, the outermost first


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
    return tuple([ModuleCall(".".join(parts[: i + 1])) for i in range(len(parts))])


def parameters_in(members: Iterable[Node]) -> int:
    """How many numbers to learn there are among some nodes."""
    return sum(int(node.value.size) for node in members if is_parameter(node))


def title(call: ModuleCall, times: Mapping[str, int]) -> str:
    """What the box of a call is called: "0: Linear", and which call it is where there are several."""
    if call.function:
        return call.kind
    words = f"{call.path}: {call.kind}" if call.kind else call.path
    return f"{words} (call {call.number})" if times.get(call.path, 1) > 1 else words
