"""One interface for all who see what the engine does: calls, walks back, and Python code that runs.

Nobody is eager mode. `detect_anomaly` and the step-through watch the calls that are recorded and the walks; `compile`
traces every call and whatever code runs. They tell the engine who they are by `watcher`, and each is an `Interpreter`
that says what is to be done; nothing else asks who it is.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Visitor(Protocol):
    """Who sees one walk back."""

    def visit(self, node: Any, g: Any) -> None:
        """The walk comes to `node`, whose gradient `g` is complete."""

    def passed(self, node: Any, i: int, g: Any, ga: Any) -> None:
        """The rule of a node gives `ga` for its i-th argument, from its own gradient `g`."""


class Interpreter:
    """Who sees what the engine does; this one lets it pass."""

    def process(self, function: Any, args: tuple[Any, ...], settings: Mapping[str, Any]) -> None:
        """`function` is about to be called; only a trace is told of it, which may refuse."""

    def recorded(self, node: Any) -> None:
        """A call has been made, and recorded for a walk back."""

    def walk(self, roots: Sequence[Any]) -> Visitor | None:
        """A walk back begins: give who is to see it."""

    def ran(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        """Python runs some code, with these globals; only a trace is told of it."""
