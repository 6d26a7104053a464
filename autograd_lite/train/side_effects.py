"""What a step does beside computing: changes of Python objects, and draws from generators that no program has.

A compiled step computes, and does nothing else: a counter would stand still, a list of activations would stay as it
is, a layer left out by a coin toss would stay out. Before `fit` compiles a step it watches one eager step.
"""

from __future__ import annotations

import random
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.compiler.tracing.reads import of_a_library
from autograd_lite.compiler.tracing.state import code_of, empty, reachable

__all__ = ["PythonState"]

ABSENT = object()


class PythonState:
    """What a function can reach and change in Python, as it is now; without tensors and what `own` holds."""

    def __init__(self, function: Callable[..., Any], own: Any) -> None:
        left_out = {id(item) for item in reachable(own)}
        found = [item for item in reachable(function) if id(item) not in left_out]
        self.contents = [(item, contents(item)) for item in found]
        self.drawn = drawn()

    def change(self) -> str | None:
        """What has changed since, in words."""
        for item, before in self.contents:
            after = contents(item)
            for name in [*before, *(after.keys() - before.keys())]:
                if before.get(name, ABSENT) is not after.get(name, ABSENT):
                    return f"the step changes {where(item, name)}, which a compiled step would not do"
        if drawn() != self.drawn:
            return "the step draws from Python's or NumPy's global random generator, which a compiled step would not do"
        return None


def contents(item: Any) -> dict[Any, Any]:
    """What an object refers to, by name or place."""
    if isinstance(item, types.FunctionType):
        cells = zip(item.__code__.co_freevars, item.__closure__ or (), strict=True)
        held = {name: cell.cell_contents for name, cell in cells if not empty(cell)}
        names = set() if of_a_library(item.__code__) else {name for code in code_of(item) for name in code.co_names}
        return held | {name: item.__globals__[name] for name in names & item.__globals__.keys()}
    if isinstance(item, list):
        return dict(enumerate(item))
    if isinstance(item, dict):
        return item.copy()
    if isinstance(item, set):
        return {element: element for element in item}
    return {} if isinstance(item, types.ModuleType) else dict(getattr(item, "__dict__", {}))


def where(item: Any, name: Any) -> str:
    """A place in an object, in words."""
    if isinstance(item, types.FunctionType):
        return f"the variable {name!r}"
    kind = type(item).__name__
    return f"a {kind}" if isinstance(item, list | dict | set) else f"the attribute {name!r} of a {kind}"


def drawn() -> tuple[Any, ...]:
    """Where the generators stand that everybody draws from."""
    legacy: Any = np.random.get_state()  # noqa: NPY002 - looked at, not used
    return random.getstate(), legacy[2:]
