"""Places in Python's state that a function can read: how to look there, and what is there."""

from __future__ import annotations

import array
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.array_like import is_array_like

ABSENT = object()


class Look(NamedTuple):
    """A way of reading a place: in words, with h for its holder and k for the key, and in deed.

    Two things that it has given are the same if `match` says so: they are one object ("is"), they are equal ("=="), or
    they are sequences of the very same objects ("same").
    """

    text: str
    match: str
    read: Callable[[Any, Any], Any]
    write: Callable[[Any, Any, Any], None] | None = None

    def condition(self, holder: str, key: str, value: str) -> str:
        """The expression that says whether `value` is there."""
        here = self.text.format(h=holder, k=key)
        return f"same({here}, {value})" if self.match == "same" else f"{here} {self.match} {value}"


class Place(NamedTuple):
    """Something that can have been read."""

    look: Look
    holder: Any
    key: Any
    value: Any
    what: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """What two places have in common that are the same."""
        return self.look, id(self.holder), self.key

    def now(self) -> Any:
        """What is there now; ABSENT if the place is gone."""
        try:
            return self.look.read(self.holder, self.key)
        except (ValueError, TypeError, LookupError, AttributeError):
            return ABSENT

    def holds(self, value: Any) -> bool:
        """Whether something is what is meant to be there."""
        match = {"is": operator.is_, "==": operator.eq, "same": same}[self.look.match]
        return bool(match(value, self.value))

    def put(self, value: Any) -> None:
        """Put something else there."""
        assert self.look.write is not None
        self.look.write(self.holder, self.key, value)


def contents(cell: Any, _: Any = None) -> Any:
    """What a closure's variable holds; ABSENT if nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return ABSENT


def assign_cell(cell: Any, _: Any, value: Any) -> None:
    """Give a closure's variable a value."""
    cell.cell_contents = value


def refill(container: Any, _: Any, value: tuple[Any, ...]) -> None:
    """Let a container hold what it held."""
    container.clear()
    (container.update if isinstance(container, set) else container.extend)(value)


def same(things: Any, before: tuple[Any, ...]) -> bool:
    """Whether a container holds the very same things."""
    return len(things) == len(before) and all(map(operator.is_, things, before))


def memory(a: Any, _: Any = None) -> Any:
    """The bytes of what holds numbers, with what they mean."""
    if isinstance(a, np.ndarray):
        return a.shape, a.dtype, a.strides, a.tobytes()
    a = a if isinstance(a, array.array | memoryview) or not is_array_like(a) else np.asarray(a)
    return a.tobytes() if hasattr(a, "tobytes") else bytes(a)


ITEM = Look("{h}[{k}]", "is", operator.getitem, operator.setitem)
MISSING = Look("({k} not in {h})", "is", lambda h, k: k not in h)
ATTRIBUTE = Look("getattr({h}, {k}, ABSENT)", "is", lambda h, k: getattr(h, k, ABSENT), setattr)
OF_CLASS = Look("{h}.__dict__[{k}]", "is", lambda h, k: h.__dict__[k], setattr)
NOT_OF_CLASS = Look("{k}.isdisjoint({h}.__dict__)", "is", lambda h, k: k.isdisjoint(h.__dict__))
NONE_OF = Look("{k}.isdisjoint({h})", "is", lambda h, k: k.isdisjoint(h))
CELL = Look("{h}.cell_contents", "is", lambda h, _: h.cell_contents, assign_cell)
EMPTY = Look("contents({h})", "is", contents)
CODE = Look("{h}.__code__", "is", lambda h, _: h.__code__)
DEFAULTS = Look("{h}.__defaults__", "is", lambda h, _: h.__defaults__)
KEYWORDS = Look("{h}.__kwdefaults__", "is", lambda h, _: h.__kwdefaults__)
KIND = Look("{h}.__class__", "is", lambda h, _: h.__class__)
BASES = Look("{h}.__mro__", "is", lambda h, _: h.__mro__)
LENGTH = Look("len({h})", "==", lambda h, _: len(h))
VALUES = Look("{h}.values()", "same", lambda h, _: tuple(h.values()))
KEYS = Look("{h}", "same", lambda h, _: tuple(h))
CONTENTS = Look("{h}", "same", lambda h, _: tuple(h), refill)
CONTEXT = Look("{h}.get()", "is", lambda h, _: h.get())
MISSES = Look("{h}.cache_info().misses", "==", lambda h, _: h.cache_info().misses)
NOT_OF_THREAD = Look("{k}.isdisjoint(vars({h}))", "is", lambda h, k: k.isdisjoint(vars(h)))
UNSET = Look("{h}.get({k})", "is", lambda h, k: h.get(k))
MEMORY = Look("memory({h})", "==", memory)
NAMES: dict[str, Any] = {
    "same": same,
    "contents": contents,
    "memory": memory,
    "ABSENT": ABSENT,
}  # what the conditions call
