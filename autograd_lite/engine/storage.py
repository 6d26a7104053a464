"""Leaves, the memory that they live in, and when it has changed last.

A recorded call holds the leaves that it used, not their values of that time. So a change is stamped with the time, and
a walk that comes to a call from before it refuses to go on. Changes that somebody makes by writing into an array that
was handed out (``w.data[0] = 9``) are found out by comparing, for as long as that array lives.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_lite.engine.messages import describe, describe_call

clock = itertools.count(1).__next__  # sorting nodes by time is a topological order: no walk ever recurses


class Storage:
    """Memory, one leaf's own or an optimizer's flat buffer: the time of its last change."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        self.changed = 0


class Leaf:
    """What a leaf's Node and its Tensor share: neither refers to the other, so a graph has no reference cycle."""

    __slots__ = ("grad", "hooks", "name", "storage", "used")

    def __init__(self, name: str | None = None, storage: Storage | None = None) -> None:
        self.grad: Any = None
        self.hooks: tuple[Callable[[Any], Any], ...] = ()
        self.name = name
        self.storage = storage or Storage()
        self.used: bool | None = False  # whether a step has used `grad`; None: used, and then added to


class Variable(Leaf):
    """What a transform gives to a function in a leaf's place: the function may assign to it, as to what it computes."""

    __slots__ = ()


class Loan:
    """An array that shares a leaf's memory and is in the hands of somebody who may write into it at any time."""

    __slots__ = ("__weakref__", "array", "before", "lent", "storage")

    def __init__(self, storage: Storage, array: Any, lent: Any) -> None:
        self.storage, self.array, self.before = storage, array, array.tobytes()
        self.lent = weakref.ref(lent, self.end)

    def look(self) -> None:
        """Stamp the storage if the values are not what they were."""
        now = self.array.tobytes()
        if now != self.before:
            self.before, self.storage.changed = now, clock()

    def end(self, _: object) -> None:
        """Look for the last time: nobody holds the array any more."""
        self.look()
        LOANS.pop(id(self.array), None)


LOANS: dict[int, Loan] = {}  # by the id of the memory; asking whether there are any costs next to nothing


def lend(storage: Storage, array: Any) -> Any:
    """`array`, the memory of a leaf in `storage`, for somebody to read and to write into."""
    if (loan := LOANS.get(id(array))) is not None and (lent := loan.lent()) is not None:
        return lent
    lent = np.asarray(memoryview(array))  # not a plain view: whatever is a view of it refers to it and keeps it alive
    if array.flags.writeable:
        LOANS[id(array)] = Loan(storage, array, lent)
    return lent


def is_lent(array: Any) -> bool:
    """Whether somebody may write into the memory of `array`."""
    return any(np.may_share_memory(loan.array, array) for loan in LOANS.values())


def notice_changes(nodes: Iterable[Any] | None = None) -> None:
    """Look whether the memory of the leaves among `nodes` has been written to, or that of any leaf."""
    for loan in tuple(LOANS.values()):
        if nodes is None or any(
            getattr(node, "leaf", None) is not None and np.may_share_memory(loan.array, node.value) for node in nodes
        ):
            loan.look()


def leaf_of_view(value: Any, args: Iterable[Any]) -> Leaf | None:
    """For what is a view of a leaf among `args`: a Leaf in the same storage, so that changes of it are noticed."""
    for a in args:
        leaf = getattr(a, "leaf", None)
        if leaf is not None and np.may_share_memory(value, a.value):
            return Leaf(storage=leaf.storage)
    return None


def refuse_changed(node: Any) -> None:
    """Raise if one of the leaves that a recorded call has used has changed since."""
    for a in node.args:
        leaf = getattr(a, "leaf", None)
        if leaf is not None and leaf.storage.changed > node.time:
            raise RuntimeError(
                f"{describe(a)} was changed after {describe_call(node.function, node.args, {})} had used it, so the "
                "gradients of this graph would be wrong: call backward() before the update, or compute the result "
                "again after it"
            )
