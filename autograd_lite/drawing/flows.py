"""What flows back through each arrow: the gradient that one use of a value contributes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd_lite.drawing.arrows import Arrow
from autograd_lite.drawing.folding import Folds
from autograd_lite.engine.accumulation import Sparse, cast, unbroadcast
from autograd_lite.engine.grad_mode import watcher
from autograd_lite.engine.graph import Node, backpropagate
from autograd_lite.engine.interception import Interpreter
from autograd_lite.engine.messages import describe
from autograd_lite.tensor.tensor import node_value


class Flows(Interpreter):
    """Sees one walk, and adds up what goes from a node to its i-th argument for the arrow ``of(node, i)``, if any."""

    def __init__(self, root: Node, of: Callable[[Node, int], Arrow | None]) -> None:
        self.root, self.of = root, of

    def walk(self, roots: Sequence[Node]) -> Flows | None:
        """A walk begins; one inside a rule (of a checkpoint) is another. Who watches already may object."""
        if self.outer is not None and roots[0] is self.root:
            self.outer.walk(roots)
        return self if roots[0] is self.root else None

    def visit(self, node: Node, g: Any) -> None:
        """The gradients of nodes are what the walk gives."""

    def passed(self, node: Node, i: int, g: Any, ga: Any) -> None:
        """Add what a rule gave."""
        if (arrow := self.of(node, i)) is None:
            return
        value = node.args[i].value
        flow = ga.added_to(None, False, value) if type(ga) is Sparse else np.array(ga)  # may be added to in place
        flow = cast(unbroadcast(flow, value.shape) if flow.shape != value.shape else flow, value.dtype)
        arrow.flow = flow if arrow.flow is None else arrow.flow + flow

    def gradients(self, wanted: Collection[Node]) -> dict[Node, Any]:
        """Walk back from the root; nobody's `.grad` is touched."""
        self.outer = watcher.get()
        token = watcher.set(self)
        try:
            with np.errstate(all="ignore"):
                return backpropagate((self.root,), (np.ones_like(self.root.value),), node_value, wanted)
        finally:
            watcher.reset(token)


def gradients_of(
    root: Node, nodes: list[Node], wanted: list[Node], folds: Folds, arrows: list[Arrow], notes: list[str]
) -> dict[Node, Any] | None:
    """The gradients of the sum of `root`, and what flows through each arrow; None, and a note that says why, where
    there cannot be any.

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
    drawn = {(arrow.target, arrow.node, arrow.position): arrow for arrow in arrows if arrow.node is not None}

    def use(node: Node, i: int) -> Arrow | None:
        target = folds.get(node, node)
        return drawn.get((target, node.args[i], i if target is node else -1))

    flows = Flows(root, use)
    try:
        found = flows.gradients(wanted)
    except Exception as error:  # a drawing is what one looks at to understand an error
        notes.append(f"no gradients: {error}")
        return None
    if root.value.ndim:
        notes.append(f"gradients are those of the sum of the output, whose shape is {root.value.shape}")
    return found
