"""The graph in DOT, graphviz's language: one box per value, one arrow per use."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.ancestry import ancestors
from autograd_lite.graph import Node, backpropagate
from autograd_lite.tensor import Tensor, value_of

FILL = {"parameter": "#cfe8cf", "constant": "#eeeeee", "interior": "#ffffff", "output": "#ffe3b8"}


def role(node: Node, root: Node) -> str:
    """What part a node plays in the graph."""
    if node is root:
        return "output"
    if node.function is not None:
        return "interior"
    return "parameter" if node.needs_grad else "constant"


def numbers(values: Any) -> str:
    """The values of a small array; the range of a larger one; a dash where there are none."""
    if values is None:
        return "—"
    values = np.asarray(values)
    if values.size == 0:
        return "empty"
    if values.size <= 4:
        return ", ".join(f"{v:.4g}" for v in values.ravel())
    return f"{values.min():.3g} … {values.max():.3g}, mean {values.mean():.3g}"


def to_dot(y: Tensor) -> str:
    """The graph that `y` was computed by, with the value and the gradient of every node, as DOT text.

    The gradients are of the sum of `y` and come from a walk of their own: nobody's `.grad` is touched. Arguments
    that are plain arrays or numbers are not drawn.

    Parameters
    ----------
    y : Tensor
        A result; its history is drawn.

    Returns
    -------
    str
        A ``digraph`` to give to graphviz.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.drawing import to_dot
    >>> x = ag.tensor(3.0, requires_grad=True, name="x")
    >>> print(to_dot(x * x))
    digraph {
      rankdir=LR
      node [shape=record style=filled fontname="Helvetica" fontsize=11]
      n0 [label="x|() float64|value 3|grad 6" fillcolor="#cfe8cf"]
      n1 [label="multiply|() float64|value 9|grad 1" fillcolor="#ffe3b8"]
      n0 -> n1
      n0 -> n1
    }
    """
    root = y.node
    nodes = ancestors([root])
    gradients: dict[Node, Any] = {}
    if root.needs_grad:
        with np.errstate(all="ignore"):
            gradients = backpropagate((root,), (np.ones_like(root.value),), value_of, nodes)

    numbered = {node: f"n{i}" for i, node in enumerate(nodes)}
    lines = ["digraph {", "  rankdir=LR", '  node [shape=record style=filled fontname="Helvetica" fontsize=11]']
    for node, identifier in numbered.items():
        named = node.leaf.name if node.leaf is not None and node.leaf.name else None
        kind = node.function.__name__ if node.function is not None else None
        title = ": ".join(part for part in (named, kind) if part) or role(node, root)
        shape = f"{node.value.shape} {node.value.dtype}"
        fields = (title, shape, f"value {numbers(node.value)}", f"grad {numbers(gradients.get(node))}")
        label = "|".join(map(escape, fields))
        lines.append(f'  {identifier} [label="{label}" fillcolor="{FILL[role(node, root)]}"]')
    for node, identifier in numbered.items():
        lines += [f"  {numbered[a]} -> {identifier}" for a in node.args if type(a) is Node]
    return "\n".join([*lines, "}"])


def escape(field: str) -> str:
    """Protect what DOT would read as part of its own syntax."""
    for character in '\\"{}<>|':
        field = field.replace(character, "\\" + character)
    return field
