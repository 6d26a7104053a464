"""What must still be so for a program to stand for its function: one expression, asked before every call.

A program holds only for the branches that its function took while it was traced. Those hang on what the code that ran
has read: its places hold what they held, or something immutable of the same value; and on what is no place: the mode of
recording, an optimizer's switches, where the memory of the tensors is.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.tracing.places import ABSENT, NAMES, Place, memory
from autograd_lite.compiler.tracing.state import Exchanged, State
from autograd_lite.compiler.tracing.trace import Trace
from autograd_lite.engine.grad_mode import grad_enabled


class Guard(NamedTuple):
    """One condition, what to say when it does not hold, and the place that it is about with the name of its value."""

    condition: str
    reason: str
    place: Place | None = None
    name: str = ""


class Guards:
    """Conditions, each a Python expression over names of its own."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(NAMES)
        self.bound: dict[int, str] = {}
        self.guards: list[Guard] = []

    def bind(self, thing: Any) -> str:
        """A name for an object."""
        if id(thing) not in self.bound:
            self.bound[id(thing)] = self.fresh(thing)
        return self.bound[id(thing)]

    def fresh(self, thing: Any) -> str:
        """A name of its own for what may be exchanged."""
        name = f"n{len(self.names)}"
        self.names[name] = thing
        return name

    def add(self, reason: str, form: str, *things: Any) -> None:
        """Demand `form`, with a name for each of `things` in its place."""
        self.guards.append(Guard(form.format(*map(self.bind, things)), reason))

    def add_place(self, place: Place, lost: bool = False) -> None:
        """Demand that a place holds what it held; if the function changes it and a program would not, nothing does."""
        if lost:
            self.guards.append(Guard("False", f"{place.what} has changed", place, self.fresh(ABSENT)))
            return
        key = repr(place.key) if type(place.key) in (str, int) else self.bind(place.key)
        name = self.fresh(place.value)
        condition = place.look.condition(self.bind(place.holder), key, name)
        self.guards.append(Guard(condition, f"{place.what} has changed", place, name))

    @property
    def expression(self) -> str:
        """All of them together."""
        return " and ".join(guard.condition for guard in self.guards) or "True"

    def compiled(self) -> Callable[[], bool]:
        """All of them as one function."""
        function: Callable[[], bool] = eval(f"lambda: {self.expression}", self.names)
        return function

    def broken(self) -> list[Guard]:
        """Those that do not hold."""
        return [guard for guard in self.guards if not self.holds(guard)]

    def holds(self, guard: Guard) -> bool:
        """Whether one of them holds."""
        try:
            return bool(eval(guard.condition, self.names))
        except (ValueError, TypeError, LookupError, AttributeError):
            return False

    def renew(self) -> bool:
        """Accept other objects of the same value where something immutable was read; whether all hold then."""
        renewed = {}
        for guard in self.broken():
            if guard.place is None or not equal(now := guard.place.now(), self.names[guard.name]):
                return False
            renewed[guard.name] = now
        self.names.update(renewed)
        return True


def equal(a: Any, b: Any) -> bool:
    """Whether one immutable value can stand for another: 1 is no 1.0, and 0.0 no -0.0."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float | complex | int | str | bytes | np.generic):
        return repr(a) == repr(b)
    if isinstance(a, types.MethodType):
        return a.__func__ is b.__func__ and a.__self__ is b.__self__
    return type(a) in (tuple, frozenset) and len(a) == len(b) and all(map(equal, a, b))


def guards_for(trace: Trace, used: Iterable[Any], gradients: bool) -> Guards:
    """The conditions under which the program of a trace holds, which works on the tensors `used`."""
    guards, state = Guards(), trace.state
    for tensor in {id(tensor): tensor for tensor in (*used, *trace.reading.tensors)}.values():
        guard_tensor(guards, tensor)
    for item in state.stateful:
        guard_groups(guards, state, item)
    for exchanged in state.exchanged:
        guard_exchanged(guards, exchanged)
    lost = {place.identity for place in trace.reading.changed}  # changes that no program makes
    for place in trace.reading.places:
        guards.add_place(place, place.identity in lost)
    if gradients:
        for leaf in state.leaves:
            there = "{}.grad is None" if leaf.grad is None else "{}.grad is not None"
            guards.add("a gradient was there, or was not", there, leaf)
    for place, symbol, _ in trace.inputs.exchanged:
        guard_input(guards, place, symbol)
    guards.add(
        "gradients are recorded now, or no longer", "{}()" if grad_enabled.get() else "not {}()", grad_enabled.get
    )
    return guards


def guard_groups(guards: Guards, state: State, item: Any) -> None:
    """An optimizer has the same groups, with settings that are the same or are read in every call."""
    groups, reason = getattr(item, "param_groups", ()), "there are other parameter groups"
    if groups:
        guards.add(reason, "{}.param_groups is {}", item, groups)
        guards.add(reason, f"len({{}}) == {len(groups)}", groups)
    for index, group in enumerate(groups):
        guards.add(reason, f"{{}}[{index}] is {{}}", groups, group)
        guard_settings(guards, state, f"{type(item).__name__}, group {index}", group)


def guard_input(guards: Guards, place: Place, symbol: Any) -> None:
    """What is read in every call is of the same kind."""
    here, holder, a = place.look.text.format(h="{0}", k="{1}"), place.holder, place.value
    if isinstance(a, np.ndarray):
        same = "type({here}) is {{2}} and {here}.dtype is {{3}} and {here}.shape == {{4}} and {here}.strides == {{5}}"
        form = (type(a), a.dtype, a.shape, a.strides)
        guards.add(f"{place.what} has another form", same.format(here=here), holder, place.key, *form)
        return
    guards.add(f"{place.what} has another type", f"type({here}) is {{2}}", holder, place.key, type(a))
    guard_asked(guards, f"{place.what} has become 0", here, holder, symbol, place.key)


def guard_tensor(guards: Guards, tensor: Any) -> None:
    """A tensor's memory is where it was, it is frozen or not as it was, and has the same hooks."""
    what = f"the tensor {tensor.name!r}" if tensor.name else "a tensor"
    node = tensor.node
    if isinstance(node.value, np.ndarray):
        guards.add(f"{what} has been moved or frozen", "{}.node is {}", tensor, node)
    else:  # a number, which is read in every call
        form = "type({0}.node.value) is {1} and {0}.node.needs_grad is {2} and {0}.node.function is None"
        guards.add(f"{what} has been frozen or computed anew", form, tensor, type(node.value), node.needs_grad)
    if tensor.leaf is not None:
        guards.add(f"{what} has other hooks", "{}.hooks is {}", tensor.leaf, tensor.leaf.hooks)


def guard_exchanged(guards: Guards, exchanged: Exchanged) -> None:
    """What an optimizer or a schedule holds, and a program reads in every call, is of the same kind."""
    container, key, before, symbol = exchanged
    here = f"{{0}}[{key!r}]"
    if isinstance(before, float | int):
        kind = f"isinstance({here}, {{1}})" if type(before) is float else f"type({here}) is {{1}}"
        guards.add(f"{key} has another type", kind, container, type(before))  # np.float64 is a float, too
        guard_asked(guards, f"{key} has become 0", here, container, symbol)
    elif isinstance(before, list | tuple):
        form = f"type({here}) is {{1}} and [*map(type, {here})] == {{2}}"
        guards.add(f"{key} has another form", form, container, type(before), [*map(type, before)])
        for i, (value, one) in enumerate(zip(before, symbol, strict=True)):
            if one is value:
                guards.add(f"{key} has changed", f"{here}[{i}] == {{1}}", container, value)
            guard_asked(guards, f"{key} has become 0", f"{here}[{i}]", container, one)
        guard_counters(guards, here, container, symbol)


def guard_asked(guards: Guards, reason: str, here: str, holder: Any, symbol: Any, *things: Any) -> None:
    """A number on which a branch has depended is not 0."""
    if getattr(symbol, "asked", False):
        guards.add(reason, f"{here} != 0", holder, *things)


def guard_counters(guards: Guards, here: str, container: Any, symbols: Sequence[Any]) -> None:
    """What has counted alike counts as one in the program: it still has to be alike."""
    reason = "parameters that had been updated equally often have not been any more"
    for symbol in {id(symbol): symbol for symbol in symbols}.values():
        alike = [i for i, other in enumerate(symbols) if other is symbol]
        if len(alike) == len(symbols) > 1:
            guards.add(reason, f"{here}.count({here}[0]) == {len(alike)}", container)
        elif len(alike) > 1:
            guards.add(reason, f"len({{{{{here}[i] for i in {{1}}}}}}) == 1", container, alike)


def guard_settings(guards: Guards, state: State, where: str, group: dict[str, Any]) -> None:
    """The settings of an optimizer that are not read in every call."""
    read = {key for container, key, _, _ in state.exchanged if container is group}
    for key, value in group.items():
        if key == "params":
            continue
        reason, here = f"{where}: {key} has changed", f"{{0}}[{key!r}]"
        if isinstance(value, np.ndarray):
            guards.add(reason, f"{here} is {{1}}", group, value)
            guards.add(reason, "memory({}) == {}", value, memory(value))
        elif isinstance(value, list | dict):
            guards.add(reason, f"{here} == {{1}}", group, value.copy())
        elif key not in read:
            guards.add(reason, f"{here} == {{1}} and type({here}) is {{2}}", group, value, type(value))
