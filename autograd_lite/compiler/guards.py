"""What must still be so for a program to stand for its function: one expression, asked before every call.

A program holds only for the branches that its function took while it was traced. Those hang on what is not in the
arrays: a module's mode and settings, an optimizer's switches, which tensors there are and where their memory is, and
what the function's closure and globals refer to.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Any

from autograd_lite.compiler.state import State, code_of, empty


class Guards:
    """Conditions, each a Python expression over names of its own, with what to say when it does not hold."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.conditions: list[tuple[str, str]] = []

    def bind(self, thing: Any) -> str:
        """A name for an object."""
        name = f"n{len(self.names)}"
        self.names[name] = thing
        return name

    def add(self, reason: str, form: str, *things: Any) -> None:
        """Demand `form`, with a name for each of `things` in its place."""
        self.conditions.append((form.format(*map(self.bind, things)), reason))

    def compiled(self) -> Callable[[], bool]:
        """All of them as one function."""
        text = " and ".join(condition for condition, _ in self.conditions) or "True"
        function: Callable[[], bool] = eval(f"lambda: {text}", self.names)
        return function

    def broken(self) -> str:
        """What is no longer so."""
        for condition, reason in self.conditions:
            try:
                if eval(condition, self.names):
                    continue
            except (ValueError, TypeError, LookupError, AttributeError):
                pass
            return reason
        return "nothing"


def guards_for(state: State, used: Iterable[Any], functions: Iterable[Any], gradients: bool) -> Guards:
    """The conditions under which a program of `state` holds; `used` are the tensors that it reads or changes."""
    guards = Guards()
    for tensor in used:
        if tensor.node.value.ndim:
            what = f"the tensor {tensor.name!r}" if tensor.name else "a tensor"
            guards.add(f"{what} has been moved or frozen", "{}.node is {}", tensor, tensor.node)
    for module in state.modules:
        kind = type(module).__name__
        guards.add(f"a {kind} has other attributes (its mode, say)", "{} == {}", vars(module), snapshot(module))
    for item in state.stateful:
        for index, group in enumerate(getattr(item, "param_groups", ())):
            groups = item.param_groups
            guards.add("there are other parameter groups", "{}.__len__() == {}", groups, len(groups))
            guard_settings(guards, state, f"{type(item).__name__}, group {index}", group)
        steps = getattr(item, "steps", None)
        if isinstance(steps, list) and len(set(steps)) == 1:
            reason = "not all parameters have been updated equally often"
            guards.add(reason, "{0}.count({0}[0]) == {1}", steps, len(steps))
    for function in functions:
        guard_references(guards, function)
    if gradients:
        for leaf in state.leaves:
            there = "{}.grad is None" if leaf.grad is None else "{}.grad is not None"
            guards.add("a gradient was there, or was not", there, leaf)
    return guards


def snapshot(module: Any) -> dict[str, Any]:
    """A module's attributes; lists and dicts in it may be changed afterwards."""
    return {key: v.copy() if isinstance(v, list | dict) else v for key, v in vars(module).items()}


def guard_settings(guards: Guards, state: State, where: str, group: dict[str, Any]) -> None:
    """The settings of an optimizer that are not read in every call."""
    read = {key: symbol for container, key, _, symbol in state.exchanged if container is group}
    for key, value in group.items():
        if key == "params":
            continue
        if key not in read:
            guards.add(f"{where}: {key} has changed", f"{{}}[{key!r}] == {{}}", group, value)
        elif getattr(read[key], "asked", False):
            guards.add(f"{where}: {key} has become 0", f"{{}}[{key!r}] != 0", group)


def guard_references(guards: Guards, function: Any) -> None:
    """What the closure and the globals of a user's function refer to."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if not empty(cell):
            guards.add(f"the variable {name!r} has changed", "{}.cell_contents is {}", cell, cell.cell_contents)
    names = {name for code in code_of(function) for name in code.co_names}
    for name in sorted(names & function.__globals__.keys()):
        value = function.__globals__[name]
        if not isinstance(value, types.ModuleType | type | types.BuiltinFunctionType):
            guards.add(f"the global {name!r} has changed", f"{{}}[{name!r}] is {{}}", function.__globals__, value)
