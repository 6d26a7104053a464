"""The program: what one call of a function does, as a flat list of calls of NumPy on variables.

A variable gets its value once. What changes from call to call comes in as an *input* (an argument), as a *place* (a
number or an array that somebody else holds and may replace, such as a learning rate) or as a *cell* (an array that
outlives the step, such as parameters, and is changed in place). The new contents of cells and places stand in
`writes`. Everything that reads or improves a program (the passes, the lowering, the printer) works on this alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

Function = Callable[..., Any]


@dataclass(eq=False, repr=False, slots=True)
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
    order : tuple of int
        The axes from the longest stride to the shortest; () for the order in which they stand.
    compact : bool
        Whether the elements lie side by side in that order.
    bound : int or None
        All elements are known to be at least 0 and smaller than this.
    """

    kind: str
    shape: tuple[int, ...] | None
    dtype: Any
    name: str | None = None
    call: Call | None = None
    place: tuple[Any, Any] | None = None
    value: Any = None
    order: tuple[int, ...] = ()
    compact: bool = False
    bound: int | None = None

    @property
    def size(self) -> int:
        """The number of elements; 1 for a number."""
        return prod(self.shape or ())

    def __repr__(self) -> str:
        return f"<{self.name or self.kind} {self.dtype} {self.shape}>"


@dataclass(eq=False, repr=False, slots=True)
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
    errors : tuple
        The settings of the `np.errstate` that it stands in.
    """

    function: Function
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Variable
    section: str = "forward"
    note: str = ""
    fixed: bool = False
    view: bool = False
    errors: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        self.out.call = self

    @property
    def inputs(self) -> list[Variable]:
        """The variables that it reads, in order, repeated if read twice."""
        return variables_in((self.args, self.kwargs))

    def __repr__(self) -> str:
        return f"{self.out!r} = {called(self.function)}{self.args}"


@dataclass(eq=False)
class Program:
    """A function as a list of calls; as a string, one call a line."""

    name: str
    inputs: list[Variable] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    outputs: list[Variable] = field(default_factory=list)
    writes: list[tuple[Variable, Variable]] = field(default_factory=list)  # a cell or a place, and what it holds then

    def results(self) -> list[Variable]:
        """The variables that are wanted after the last call."""
        return [*self.outputs, *(new for _, new in self.writes)]

    def __str__(self) -> str:
        return listing(self, form, {})


def form(v: Variable) -> str:
    """The shape of an array; nothing for a number."""
    return f"{v.shape or ''}"


class Label(str):
    """What a variable is called in a listing, without quotation marks."""

    __repr__ = str.__str__


def listing(program: Program, remark: Callable[[Variable], str], labels: dict[Variable, Label]) -> str:
    """A program, one call a line, with a remark on each result; `labels` are what variables are called already.

    What has no name is numbered, as the value v1 and the constant c2.
    """

    def label(v: Variable) -> Label:
        if v not in labels:
            count = 1 + sum(other.name == v.name for other in labels)
            if v.name:
                text = v.name if count == 1 else f"{v.name}_{count}"
            elif v.place:
                text = "{}[{}]".format(*v.place[1]) if isinstance(v.place[1], tuple) else v.place[1]
            else:
                text = v.value if v.kind == "constant" and not v.shape else f"{'v' if v.call else 'c'}{count}"
            labels[v] = Label(text)
        return labels[v]

    def line(call: Call) -> str:
        args = [repr(a) for a in map_variables(label, call.args)]
        args += [f"{key}={a!r}" for key, a in map_variables(label, call.kwargs).items()]
        text = f"{label(call.out)} = {called(call.function)}({', '.join(args)})"
        return f"    {text:<60} {remark(call.out)}".rstrip()

    head = f"{program.name}({', '.join(map(label, program.inputs))}):"
    lines = [line(call) for call in program.calls]
    lines += [f"    {label(cell)} becomes {label(new)}" for cell, new in program.writes]
    return "\n".join([head, *lines, f"    return {', '.join(map(label, program.outputs))}".rstrip()])


def called(function: Any) -> str:
    """The name of a function, and of the ufunc whose method it is."""
    owner = getattr(function, "__self__", None)
    return f"{f'{owner.__name__}.' if isinstance(owner, np.ufunc) else ''}{getattr(function, '__name__', function)}"


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


def variables_in(tree: Any) -> list[Variable]:
    """The variables in nested tuples, lists, dicts and slices; a walk of its own, because it is made very often."""
    found: list[Variable] = []
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Variable):
            found.append(part)
        elif isinstance(part, tuple | list):
            waiting += part[::-1]
        elif isinstance(part, dict):
            waiting += list(part.values())[::-1]
        elif isinstance(part, slice):
            waiting += (part.step, part.stop, part.start)
    return found
