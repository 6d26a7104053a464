"""The names in a program's text, and the lines that declare what lives as long as the program.

State, memory, constants and views of them are declared once, when they are first named; all other names are local to
the step.
"""

from __future__ import annotations

import keyword
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Memory, Plan
from autograd_lite.compiler.codegen.spelling import (
    array_name,
    array_text,
    commented,
    function_name,
    literal,
    number_name,
    readable,
)
from autograd_lite.compiler.ir.forms import Kernel
from autograd_lite.compiler.ir.program import Program, Variable
from autograd_lite.compiler.tracing.inputs import Held
from autograd_lite.compiler.tracing.places import Look, Place
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Leaf
from autograd_lite.tensor.tensor import Tensor

RESERVED = {*("np", "math", "scipy", "abs", "complex", "slice", "int"), *keyword.kwlist, *keyword.softkwlist}
RESERVED |= {"state", "aligned", "shared", "blocks", "zero_untaken"}
LONGEST_WRITTEN = 64  # elements of a constant in a text that is read
LARGE = 16_384  # elements: beyond, one row of a constant has to do


@dataclass(eq=False)
class Page:
    """What has been named and declared so far in the text of a program.

    Attributes
    ----------
    names : dict
        What stands for a variable: a name, or the expression of one that stands within another expression.
    once : dict
        The names of what is declared once.
    memory : dict
        The first name of a piece of memory, and the form in which it was declared.
    kernels : dict
        The names of the kernels that are called, and the lengths of the stretches that they change.
    state : dict
        What the text finds under the name `state`: arrays, and the containers of numbers.
    declared : dict of str to list of str
        The lines of each part that comes before the program.
    """

    plan: Plan
    used: set[str]
    names: dict[Variable, str] = field(default_factory=dict)
    once: dict[Hashable, str] = field(default_factory=dict)
    memory: dict[Memory, tuple[str, str]] = field(default_factory=dict)
    kernels: dict[Kernel, tuple[str, set[int]]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, list[str]] = field(default_factory=dict)

    def unused(self, wish: str) -> str:
        """A name that nothing has yet."""
        wish = readable(wish)
        name, i = wish, 1
        while name in self.used:
            i += 1
            name = f"{wish}_{i}"
        self.used.add(name)
        return name

    def declare(self, part: str, key: Hashable, wish: str, text: str = "", comment: str = "") -> str:
        """The name of what `text` makes, or of what is given in the state; declared once for each `key`."""
        if key not in self.once:
            name = self.once[key] = self.unused(wish)
            declaration = f"{name} = " + (text or f'state["{name}"]')
            self.declared.setdefault(part, []).append(commented(declaration, comment))
        return self.once[key]

    def helper(self, name: str, text: str) -> str:
        """The name of a function that the text brings along, below the step."""
        self.declared.setdefault("helpers", [])
        if text not in self.declared["helpers"]:
            self.declared["helpers"].append(text)
        return name

    def given(self, part: str, thing: Any, wish: str, comment: str = "", stands_for: Any = None) -> str:
        """The name of a thing that the program finds in its state."""
        name = self.declare(part, id(thing if stands_for is None else stands_for), wish, "", comment)
        self.state.setdefault(name, thing)
        return name


def opened(plan: Plan) -> Page:
    """A page on which nothing is written yet; the names of functions stand for these."""
    return Page(plan, {*RESERVED, plan.program.name, *names_called(plan.program)})


def names_called(program: Program) -> Iterator[str]:
    """The names of functions and errors that the text needs."""
    for call in program.calls:
        if not isinstance(call.function, Kernel):
            yield function_name(call.function).split(".")[0]
        yield from (type(a).__name__ for a in call.args if isinstance(a, Exception))


# Constants.


def constant(page: Page, v: Variable) -> str:
    """The name of an array or a number that never changes; in a kernel, where it is a number, the number itself."""
    value = v.value
    if page.plan.block or (page.plan.plain and value.shape == ()):
        return literal(value[()])
    if value.shape == ():
        array = isinstance(value, np.ndarray)
        text = f"np.array({literal(value.item())}, {literal(value.dtype)})" if array else literal(value)
        return page.declare("constants", text, number_name(value.item()), text)
    if (short := array_text(value, LONGEST_WRITTEN if page.plan.plain else 8)) is not None:
        return page.declare("constants", short, v.name or array_name(short), short)
    return page.given("constants", value, v.name or "constant", f"{v.dtype} {v.shape}")


def scalar(page: Page, number: Any, beside: Variable) -> str:
    """A Python number beside an array, as an array without axes, which costs NumPy less."""
    text = f"np.array({literal(number)}, {literal(beside.dtype)})"
    return page.declare("constants", text, number_name(number), text)


def row(page: Page, number: Any, beside: Variable) -> str:
    """A number in `maximum` and `minimum`, which are fast on two arrays of one shape only."""
    shape: Any = beside.shape if beside.size <= LARGE else (beside.shape or ())[-1:]
    if shape != beside.shape and shape[-1] < 64:
        return scalar(page, number, beside)
    dtype = literal(beside.dtype)
    text = f"np.full({shape}, {literal(number)}, {dtype})" if number else f"np.zeros({shape}, {dtype})"
    return page.declare("constants", text, number_name(number) if number else "zeros", text)


# State.

NUMBER = Look(  # a tensor without axes
    "{h}.node.value",
    "==",
    lambda tensor, _: tensor.node.value,
    lambda tensor, _, value: setattr(tensor, "node", Node(value[()], tensor.node.needs_grad, tensor.leaf)),
)
GRADIENT = Look("{h}.grad", "is", lambda leaf, _: leaf.grad)


def place(page: Page, v: Variable) -> str:
    """What reads a place, and what is assigned to."""
    container, key = v.place  # type: ignore[misc]
    if isinstance(container, Tensor | Leaf | Held):
        look, wish = (NUMBER, "scalar") if isinstance(container, Tensor) else (GRADIENT, "gradient")
        held = container if isinstance(container, Held) else Held(Place(look, container, None, None, wish))
        wish = v.name or ("value" if held is container else wish)
        return f'{page.given("state", held, wish, stands_for=container)}["value"]'
    name = page.given("state", container, "settings" if "params" in container else "counters")
    return f"{name}[{quoted(key[0])}][{key[1]!r}]" if isinstance(key, tuple) else f"{name}[{quoted(key)}]"


def quoted(key: Any) -> str:
    """A key as it stands between brackets."""
    return f'"{key}"' if isinstance(key, str) and key.isidentifier() else repr(key)


def generator_text(page: Page, generator: Any) -> str:
    """What draws random numbers."""
    if isinstance(generator, np.random.Generator):
        return page.given("state", generator, "generator")
    return f"{page.given('state', generator, 'default_generator')}()"
