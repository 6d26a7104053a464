"""The names in a program's text, and the lines that declare what lives as long as the program.

State, memory, constants and views of them are declared once, when they are first named; all other names are local to
the step.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Layout, Memory
from autograd_lite.compiler.codegen.spelling import array_name, array_text, function_name, literal, readable
from autograd_lite.compiler.ir.forms import Source, view_of
from autograd_lite.compiler.ir.program import Program, Variable
from autograd_lite.compiler.tracing.inputs import Held
from autograd_lite.compiler.tracing.traced import astype, get_item
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Leaf
from autograd_lite.tensor.tensor import Tensor

RESERVED = {
    "np",
    "math",
    "scipy",
    "abs",
    "complex",
    "slice",
    "state",
    "aligned",
    "shared",
    "blocks",
    "int",
    *keyword.kwlist,
    *keyword.softkwlist,
}
WISHES = {np.dot: "product", np.matmul: "product", np.multiply: "product", np.subtract: "difference", np.add: "total"}
WISHES |= {np.divide: "quotient", np.add.reduce: "total", get_item: "taken", astype: "cast", np.negative: "minus"}
WISHES |= {np.maximum.reduce: "largest", np.greater: "mask", np.copy: "copied", np.square: "squares"}
COMMENTS_AT = 64
LARGE = 16_384  # elements: beyond, one row of a constant has to do


class Scalar(dict[str, Any]):
    """A tensor without axes as a container: its number stands under "value"."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __getitem__(self, key: str) -> Any:
        return self.tensor.node.value

    def __setitem__(self, key: str, value: Any) -> None:
        self.tensor.node = Node(value[()], self.tensor.node.needs_grad, self.tensor.leaf)


class Gradient(dict[str, Any]):
    """A leaf's gradient as a container."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf

    def __getitem__(self, key: str) -> Any:
        return self.leaf.grad


class Vocabulary:
    """Names for the variables of a program.

    Attributes
    ----------
    state : dict
        What the text finds under the name `state`: arrays, and the containers of numbers.
    declared : dict of str to list of str
        The lines of each part that comes before the step.
    """

    def __init__(self, program: Program, layout: Layout) -> None:
        self.program, self.layout = program, layout
        self.names: dict[Variable, str] = {}
        self.used: set[str] = {*RESERVED, program.name, *names_called(program)}
        self.state: dict[str, Any] = {}
        self.declared: dict[str, list[str]] = {"state": [], "memory": [], "constants": [], "views": []}
        self.lasting: set[Variable] = set()  # views that are made once
        self.views: dict[str, str] = {}  # their names
        self.containers: dict[int, str] = {}
        self.constants: dict[str, str] = {}
        self.owners: dict[Memory, Variable] = {}
        self.uses = Counter(v for call in program.calls for v in call.inputs)
        self.uses.update(program.results())
        self.followers: dict[Variable, Variable] = {}
        for call in program.calls:
            home = layout.homes[call.out]
            before = home.operand if home.how == "place of" else None
            nameless = before is not None and before.name is None and before.call is not None
            if nameless and before.call.section == call.section:  # type: ignore[union-attr]
                self.followers[before] = call.out  # type: ignore[index]

    def unused(self, wish: str) -> str:
        """A name that nothing has yet."""
        wish = readable(wish)
        name, i = wish, 1
        while name in self.used:
            i += 1
            name = f"{wish}_{i}"
        self.used.add(name)
        return name

    def declare(self, part: str, line: str, comment: str = "") -> None:
        """Enter a line that comes before the step."""
        self.declared[part].append(commented(line, comment))

    def name(self, v: Variable) -> str:
        """The name of a variable."""
        if v not in self.names:
            if v in self.lasting:
                self.names[v] = self.view(self.view_text(v), v.name or self.wish(v), f"{v.shape}")
                return self.names[v]
            self.names[v] = self.constant(v) if v.kind == "constant" else self.unused(v.name or self.wish(v))
            if v.kind == "cell":
                name = self.names[v]
                self.state[name] = v.value
                self.declare("state", f'{name} = state["{name}"]', f"{v.dtype} {v.shape}")
        return self.names[v]

    def view(self, text: str, wish: str, shape: str) -> str:
        """The name of a view that is made once."""
        if text not in self.views:
            self.views[text] = self.unused(wish)
            self.declare("views", f"{self.views[text]} = {text}", shape)
        return self.views[text]

    def view_text(self, v: Variable) -> str:
        """The expression of a view; the printer says it."""
        raise NotImplementedError

    def wish(self, v: Variable) -> str:
        """A name for what nobody has named: a view after its array, anything else after its function."""
        if v.call is None:
            return "v"
        f = v.call.function
        if (base := view_of(v.call)) is None:
            return WISHES.get(f, getattr(f, "__name__", "v"))
        suffix = {np.transpose: "T", np.reshape: "flat" if v.shape and len(v.shape) == 1 else "reshaped"}
        if f is get_item:
            index = v.call.args[1]
            numbers = [str(i) for i in (index if isinstance(index, tuple) else (index,)) if type(i) is int and i >= 0]
            return "_".join([self.name(base), *(numbers or ["part"])])
        return f"{self.name(base)}_{suffix.get(f, 'view')}"

    # Constants.

    def constant(self, v: Variable) -> str:
        """The name of an array or a number that never changes."""
        value = v.value
        if value.shape == ():
            text = literal(value.item() if isinstance(value, np.ndarray) else value)
            text = f"np.array({text}, {literal(value.dtype)})" if isinstance(value, np.ndarray) else text
            return self.shared_constant(text, number_name(value.item()))
        if (short := array_text(value)) is not None:
            return self.shared_constant(short, v.name or array_name(short))
        name = self.unused(v.name or "constant")
        self.state[name] = value
        self.declare("constants", f'{name} = state["{name}"]', f"{v.dtype} {v.shape}")
        return name

    def scalar(self, number: Any, beside: Variable) -> str:
        """A Python number beside an array, as an array without axes, which costs NumPy less."""
        return self.shared_constant(f"np.array({literal(number)}, {literal(beside.dtype)})", number_name(number))

    def row(self, number: Any, beside: Variable) -> str:
        """A number in `maximum` and `minimum`, which are fast on two arrays of one shape only."""
        shape: Any = beside.shape if beside.size <= LARGE else (beside.shape or ())[-1:]
        if shape != beside.shape and shape[-1] < 64:
            return self.scalar(number, beside)
        if number == 0:
            return self.shared_constant(f"np.zeros({shape}, {literal(beside.dtype)})", "zeros")
        text = f"np.full({shape}, {literal(number)}, {literal(beside.dtype)})"
        return self.shared_constant(text, number_name(number))

    def shared_constant(self, text: str, wish: str) -> str:
        """The name of a constant that is declared once."""
        if text not in self.constants:
            self.constants[text] = self.unused(wish)
            self.declare("constants", f"{self.constants[text]} = {text}")
        return self.constants[text]

    # State.

    def container(self, container: Any, wish: str, stand_in: Any = None) -> str:
        """The name of what holds a number that is read in every call."""
        if id(container) not in self.containers:
            name = self.containers[id(container)] = self.unused(wish)
            self.state[name] = container if stand_in is None else stand_in
            self.declare("state", f'{name} = state["{name}"]')
        return self.containers[id(container)]

    def place(self, v: Variable) -> str:
        """What reads a place, and what is assigned to."""
        container, key = v.place  # type: ignore[misc]
        if isinstance(container, Tensor):
            return f'{self.container(container, v.name or "scalar", Scalar(container))}["value"]'
        if isinstance(container, Leaf):
            return f'{self.container(container, v.name or "gradient", Gradient(container))}["value"]'
        if isinstance(container, Held):
            return f'{self.container(container, v.name or "value")}["value"]'
        name = self.container(container, "settings" if "params" in container else "counters")
        return f"{name}[{quoted(key[0])}][{key[1]!r}]" if isinstance(key, tuple) else f"{name}[{quoted(key)}]"

    def generator(self, generator: Any) -> str:
        """What draws random numbers."""
        if isinstance(generator, np.random.Generator):
            return self.container(generator, "generator")
        return f"{self.container(generator, 'default_generator')}()"

    # Memory.

    def target(self, v: Variable) -> str:
        """The name of a value that is written into memory; a nameless one shares the name of what takes its place."""
        if v in self.names:
            return self.names[v]
        memory = self.layout.homes[v].memory
        assert memory is not None
        if memory.cell is not None:
            self.names[v] = self.name(memory.cell)
            return self.names[v]
        follower = v
        while follower in self.followers and follower.name is None:
            follower = self.followers[follower]
        if follower is not v and follower not in self.names:
            self.target(follower)
        if follower is not v:
            self.names[v] = self.names[follower]
            return self.names[v]
        if v in self.layout.stretches:
            joined, start = self.layout.stretches[v]
            name = self.names[v] = self.unused(v.name or self.wish(v))
            shape = f".reshape({', '.join(map(str, v.shape or ()))})" if len(v.shape or ()) > 1 else ""
            self.declare("memory", f"{name} = {self.target(joined)}[{start}:{start + v.size}]{shape}")
            return name
        name = self.names[v] = self.unused(v.name or self.wish(v))
        form = f"{v.shape}, {literal(v.dtype)}{f', {v.order}' if v.order else ''}"
        owner = self.owners.setdefault(memory, v)
        if owner is v:
            self.declare("memory", f"{name} = aligned({form})")
        elif (owner.shape, owner.dtype, owner.order) == (v.shape, v.dtype, v.order):
            self.declare("memory", f"{name} = {self.names[owner]}")
        else:
            self.declare("memory", f"{name} = shared({self.names[owner]}, {form})")
        return name


def names_called(program: Program) -> Iterator[str]:
    """The names of functions and errors that the text needs."""
    for call in program.calls:
        if not isinstance(call.function, Source):
            yield function_name(call.function).split(".")[0]
        yield from (type(a).__name__ for a in call.args if isinstance(a, Exception))


def number_name(number: Any) -> str:
    """What to call a number."""
    digits = f"c{number:g}".replace(".", "_").replace("-", "minus_").replace("+", "")
    return {0: "zero", 1: "one", 2: "two"}.get(number, digits)


def quoted(key: Any) -> str:
    """A key as it stands between brackets."""
    return f'"{key}"' if isinstance(key, str) and key.isidentifier() else repr(key)


def commented(line: str, comment: str) -> str:
    """A line with a comment behind it, comments standing below each other."""
    return f"{line:<{COMMENTS_AT}}  # {comment}" if comment else line
