"""The program: what one call of a function does, as a flat list of calls of NumPy on variables.

A variable gets its value once. What changes from call to call comes in as an *input* (an argument), as a *place* (a
number or an array that somebody else holds and may replace, such as a learning rate) or as a *cell* (an array that
outlives the step, such as parameters, and is changed in place). The new contents of cells and places stand in
`writes`. Everything that reads or improves a program (the passes, the lowering, the printer) works on this alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

Function = Callable[..., Any]


class Variable:
    """A value at one moment of the program.

    Attributes
    ----------
    kind : {"input", "cell", "place", "constant", "call"}
        Where it comes from: `value` is the array of a cell or a constant; `place` is the container and the key that
        a place is read from; `call` made it.
    shape, dtype
        None for what is no array: a Python number, or a tuple of results.
    name : str or None
        What the user calls it.
    bound : int or None
        All elements are known to be at least 0 and smaller than this.
    order : tuple of int
        The axes from the longest stride to the shortest; () for the order in which they stand.
    compact : bool
        Whether the elements lie side by side in that order.
    """

    __slots__ = ("bound", "call", "compact", "dtype", "kind", "name", "order", "place", "shape", "value")

    def __init__(self, kind: str, shape: tuple[int, ...] | None, dtype: Any, name: str | None = None) -> None:
        self.kind, self.shape, self.dtype, self.name = kind, shape, dtype, name
        self.call: Call | None = None
        self.place: tuple[Any, Any] | None = None
        self.value: Any = None
        self.order: tuple[int, ...] = ()
        self.compact = False
        self.bound: int | None = None

    @property
    def size(self) -> int:
        """The number of elements; 1 for a number."""
        return int(np.prod(self.shape)) if self.shape else 1

    def __repr__(self) -> str:
        return f"<{self.name or self.kind} {self.dtype} {self.shape}>"


class Call:
    """``out = function(*args, **kwargs)``; variables may stand anywhere in nested tuples, lists and slices.

    Attributes
    ----------
    section : {"forward", "backward", "update"}
        Which part of a training step it belongs to.
    note : str
        The path of the module that it came from.
    fixed : bool
        Whether it must be made exactly once and where it stands: it draws random numbers, changes a cell or raises.
    view : bool
        Whether the result is a view of the first argument.
    """

    __slots__ = ("args", "fixed", "function", "kwargs", "note", "out", "section", "view")

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Variable) -> None:
        self.function, self.args, self.kwargs, self.out = function, args, dict(kwargs), out
        self.section, self.note, self.fixed, self.view = "forward", "", False, False
        out.call = self

    @property
    def inputs(self) -> list[Variable]:
        """The variables that it reads, in order, repeated if read twice."""
        return variables_in((self.args, self.kwargs))

    def __repr__(self) -> str:
        return f"{self.out!r} = {getattr(self.function, '__name__', self.function)}{self.args}"


class Program:
    """A function as a list of calls."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[Variable] = []
        self.calls: list[Call] = []
        self.outputs: list[Variable] = []
        self.writes: list[tuple[Variable, Variable]] = []  # a cell or a place, and what stands in it afterwards

    def results(self) -> Iterator[Variable]:
        """The variables that are wanted after the last call."""
        yield from self.outputs
        for _, new in self.writes:
            yield new

    def replace(self, old_to_new: Mapping[Variable, Variable]) -> None:
        """Let everything that reads one variable read another."""

        def final(v: Variable) -> Variable:
            while v in old_to_new:
                new = old_to_new[v]
                if new.name is None and new.kind == "call":
                    new.name = v.name
                v = new
            return v

        def substituted(a: Any) -> Any:
            return map_variables(final, a)

        for call in self.calls:
            call.args, call.kwargs = substituted(call.args), substituted(call.kwargs)
        self.outputs = [final(v) for v in self.outputs]
        self.writes = [(cell, final(v)) for cell, v in self.writes]


def variables_in(tree: Any) -> list[Variable]:
    """The variables in nested tuples, lists, dicts and slices."""
    found: list[Variable] = []
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Variable):
            found.append(part)
        elif isinstance(part, (tuple, list)):
            waiting += part[::-1]
        elif isinstance(part, dict):
            waiting += list(part.values())[::-1]
        elif isinstance(part, slice):
            waiting += (part.step, part.stop, part.start)
    return found


def map_parts(change: Callable[[Any], Any], tree: Any) -> Any:
    """The same nested tuples, lists, dicts and slices with other things in them."""
    if isinstance(tree, tuple | list):
        return type(tree)([map_parts(change, part) for part in tree])
    if isinstance(tree, dict):
        return {key: map_parts(change, part) for key, part in tree.items()}
    if isinstance(tree, slice):
        return slice(*[map_parts(change, part) for part in (tree.start, tree.stop, tree.step)])
    return change(tree)


def map_variables(change: Callable[[Variable], Any], tree: Any) -> Any:
    """The same tree with other variables."""
    return map_parts(lambda part: change(part) if isinstance(part, Variable) else part, tree)
