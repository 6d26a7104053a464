"""What the walk back tells a trace: which variables of a program are gradients, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_lite.compiler.ir.program import Variable
from autograd_lite.engine.graph import Node


class Gradients:
    """What one walk back computes: which variables are gradients, and of what."""

    def __init__(self, tracer: Any) -> None:
        self.tracer = tracer
        self.sums: dict[Variable, Variable] = {}  # the gradient of each, when it was complete
        self.terms: list[tuple[Variable | None, Variable | None]] = []  # what each, and the rules, have added to it

    def visit(self, node: Node, g: Any) -> None:
        """A gradient is complete; what its node's rules enter belongs to the module that has made the node."""
        of, gradient = self.tracer.held_by(node), self.tracer.held_by(g)
        if of is not None and gradient is not None:
            self.sums[gradient] = of
        if of is not None and of.call is not None:
            self.tracer.note = of.call.note

    def passed(self, node: Node, i: int, g: Any, ga: Any) -> None:
        """A rule has given a part of the gradient of an argument."""
        self.terms.append((self.tracer.held_by(ga), self.tracer.held_by(node.args[i])))

    def named(self) -> Iterator[tuple[Variable, Variable, str]]:
        """Each gradient that a call made, with what it is the gradient of, and how it is told from its parts."""
        for gradient, of in self.terms:
            if of is not None and gradient is not None and gradient not in self.sums:
                yield gradient, of, "_term"
        for gradient, of in self.sums.items():
            yield gradient, of, ""
