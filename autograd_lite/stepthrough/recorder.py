"""Who sees the calls of a forward pass, and the rules that one walk back calls.

The walk is the engine's own: nothing is computed in another way for the sake of the picture.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.debugging.anomaly import user_line
from autograd_lite.engine.accumulation import Sparse, Together
from autograd_lite.engine.grad_mode import enable_grad, watched_by
from autograd_lite.engine.graph import TABLE, Node, backpropagate
from autograd_lite.engine.interception import Interpreter
from autograd_lite.stepthrough.replay import Again
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import node_value

ASSIGNMENT = re.compile(r":\d+: ([A-Za-z_]\w*) = ")  # as `user_line` gives it


class RuleCall(NamedTuple):
    """A rule that the walk has called, and what it gave."""

    position: int
    rule: Any
    g: Any
    y: Any
    values: tuple[Any, ...]
    settings: dict[str, Any]
    result: Any


class WalkRecorder(Interpreter):
    """Sees the calls of a forward pass with their lines, and the rules that one walk back calls."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}
        self.visits: dict[Node, list[RuleCall]] = {}
        self.root: Node | None = None
        self.called: Again | None = None

    def recorded(self, node: Node) -> None:
        """Remember the user's line."""
        self.lines[node.time] = user_line()

    def assigned(self, nodes: Sequence[Node]) -> dict[Node, str]:
        """The variables that the lines of `nodes` assign to, each for the last call of its line."""
        found: dict[Node, str] = {}
        computed = [node for node in nodes if node.function is not None]
        for node, later in itertools.zip_longest(computed, computed[1:]):
            line = self.lines.get(node.time, "")
            if line and (later is None or self.lines.get(later.time) != line):
                match = ASSIGNMENT.search(line)
                found |= {node: match[1]} if match else {}
        return found

    def walk(self, roots: Sequence[Node]) -> WalkRecorder | None:
        """A walk begins; one inside a rule (of a checkpoint) is not watched."""
        return self if roots[0] is self.root else None

    def visit(self, node: Node, g: Any) -> None:
        """What a rule gets is remembered with what it gives."""

    def passed(self, node: Node, i: int, g: Any, ga: Any) -> None:
        """Remember what a rule gave."""
        values = tuple([node_value(a) if type(a) is Node else a for a in node.args])
        kept = ga.added_to(None, False, values[i]) if type(ga) is Sparse else np.array(ga)[()]
        rules = TABLE[node.function].rules  # type: ignore[index]
        rule = rules.rule if isinstance(rules, Together) else rules[i]
        call = RuleCall(i, rule, np.array(g)[()], node.value, values, dict(node.kwargs), kept)
        self.visits.setdefault(node, []).append(call)

    def gradients(self, root: Node, nodes: Sequence[Node]) -> dict[Node, Any]:
        """Walk back from `root` and give every gradient; nobody's `.grad` is touched."""
        self.root = root
        with watched_by(self), np.errstate(all="ignore"):
            return backpropagate((root,), (np.ones_like(root.value),), node_value, nodes)

    def run(self, f: Callable[..., Any], args: Sequence[Any]) -> Any:
        """Call `f` and remember the line of each recorded call; no number leaves the graph."""
        self.called = Again(f, args)
        with enable_grad(), watched_by(self), differentiating(None):
            return f(*args)
