"""What stands for variables in a program's text, and its calls as NumPy expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Memory
from autograd_lite.compiler.codegen.spelling import binding, function_name, in_words, literal
from autograd_lite.compiler.codegen.vocabulary import Page, constant, generator_text, row, scalar
from autograd_lite.compiler.ir.forms import view_of
from autograd_lite.compiler.ir.program import Call, Variable
from autograd_lite.compiler.tracing.traced import astype, get_item, view_as
from autograd_lite.compiler.tracing.tracer import sample
from autograd_lite.engine.untaken import zero_untaken
from autograd_lite.rules.operators import PREFIXES, SIGNS

WISHES = {np.dot: "product", np.matmul: "product", np.multiply: "product", np.subtract: "difference", np.add: "total"}
WISHES |= {np.divide: "quotient", np.add.reduce: "total", get_item: "taken", astype: "cast", np.negative: "minus"}
WISHES |= {np.maximum.reduce: "largest", np.greater: "mask", np.copy: "copied", np.square: "squares"}
WISHES |= {np.sum: "total", np.max: "largest", np.min: "smallest", np.any: "found", np.all: "all_hold"}
WISHES |= {operator.pow: "power", zero_untaken: "term"}

UNTAKEN = '''
def zero_untaken(gradient, arrived, depends):
    """A gradient, 0 where 0 times infinity has made a NaN of what nothing depends on."""
    return np.where(np.isnan(gradient) & (arrived == 0) & ~depends, np.zeros_like(gradient), gradient)
'''


# Variables.


def operand(page: Page, a: Any) -> str:
    """An argument of a call."""
    if isinstance(a, Variable):
        if a not in page.names:
            page.names[a] = reference(page, a)
        return page.names[a]
    if isinstance(a, list | tuple):
        inner = ", ".join([operand(page, part) for part in a])
        return f"[{inner}]" if isinstance(a, list) else f"({inner}{',' * (len(a) == 1)})"
    if isinstance(a, slice):
        return f"slice({', '.join([operand(page, part) for part in (a.start, a.stop, a.step)])})"
    return literal(a)


def reference(page: Page, v: Variable) -> str:
    """What stands for a variable: a name, or an expression where it is computed within another one."""
    how, memory, other = page.plan.homes.get(v) or (v.kind, None, None)
    if how == "constant":
        return constant(page, v)
    if how == "cell":
        return page.given("state", v.value, v.name or "v", f"{v.dtype} {v.shape}")
    if how == "same":
        return operand(page, other)
    if how == "within":
        return expression(page, call_of(v))
    if how == "lasting":
        text = expression(page, call_of(v))
        return page.declare("views", text, v.name or wish(page, v), text, f"{v.shape}")
    if memory is None:
        return page.unused(v.name or wish(page, v))
    if memory.cell is not None:
        return operand(page, memory.cell)
    return block_memory(page, v, memory) if page.plan.block else own_memory(page, v, memory)


def call_of(v: Variable) -> Call:
    """The call that makes a value."""
    assert v.call is not None
    return v.call


def wish(page: Page, v: Variable) -> str:
    """A name for what nobody has named: a view after its array, a number after its expression if that is short."""
    if v.call is None:
        return "v"
    if v.shape is None and (words := in_words(expression(page, v.call))):
        return words
    f = v.call.function
    base = view_of(v.call)
    while base is not None and base in page.plan.homes and page.plan.homes[base].how == "within":
        base = view_of(call_of(base))
    if base is None:
        return WISHES.get(f, getattr(f, "__name__", "v"))
    name = operand(page, base)
    if f is get_item:
        index = v.call.args[1]
        numbers = [str(i) for i in (index if isinstance(index, tuple) else (index,)) if type(i) is int and i >= 0]
        return "_".join([name, *(numbers or ["part"])])
    suffix = {np.transpose: "T", np.reshape: "flat" if v.shape and len(v.shape) == 1 else "reshaped"}
    return f"{name}_{suffix.get(f, 'view')}"


def own_memory(page: Page, v: Variable, memory: Memory) -> str:
    """The name of a value in memory that lives as long as the program; what takes its place lends its name."""
    if v in page.plan.heirs:
        return operand(page, page.plan.heirs[v])
    if v in page.plan.stretches:
        joined, start = page.plan.stretches[v]
        shape = f".reshape({', '.join(map(str, v.shape or ()))})" if len(v.shape or ()) > 1 else ""
        text = f"{operand(page, joined)}[{start}:{start + v.size}]{shape}"
        return page.declare("memory", v, v.name or wish(page, v), text)
    form = f"{v.shape}, {literal(v.dtype)}{f', {v.order}' if v.order else ''}"
    first, formed = page.memory.get(memory, ("", ""))
    text = f"aligned({form})" if not first else first if form == formed else f"shared({first}, {form})"
    name = page.declare("memory", v, v.name or wish(page, v), text)
    page.memory.setdefault(memory, (name, form))
    return name


def block_memory(page: Page, v: Variable, memory: Memory) -> str:
    """The name of memory that a kernel keeps: for a block, or for a number as an array without axes."""
    if not v.shape:
        number = operand(page, call_of(v).args[2])
        name = f"{number}_array" if number in page.used else in_words(number) or str(v.name)
        return page.declare("numbers", v, name, f"np.zeros((), {literal(v.dtype)})")
    letter = next((letter for letter in ascii_lowercase if letter not in page.used), "a")
    return page.declare("scratch", (memory, v.dtype), letter, f"aligned({page.plan.block}, {literal(v.dtype)})")


# Calls.


def index_text(page: Page, index: Any) -> str:
    """What stands between brackets."""
    texts = []
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, slice):
            ends = ["" if p is None else operand(page, p) for p in (part.start, part.stop)]
            texts.append(":".join(ends) + (f":{operand(page, part.step)}" if part.step is not None else ""))
        else:
            texts.append(operand(page, part))
    comma = len(texts) == 1 and isinstance(index, tuple) and not isinstance(index[0], slice)
    return ", ".join(texts) + ("," if comma else "") or "()"


def infix(page: Page, sign: str, a: Any, b: Any) -> str:
    """Two operands with an operator between them."""
    level = binding(f"a {sign} b")
    left, right = closed(page, a, max(1, level + (sign == "**"))), closed(page, b, level + (sign != "**"))
    return f"{left}**{right}" if sign == "**" and f"{left}{right}".isidentifier() else f"{left} {sign} {right}"


def reshaping(page: Page, x: Any, shape: Any) -> str:
    """``x.reshape(shape)``."""
    shape = shape[0] if isinstance(shape, tuple) and len(shape) == 1 else shape
    text = operand(page, shape)
    return f"{closed(page, x)}.reshape({text[1:-1] if isinstance(shape, tuple) and shape else text})"


METHODS: dict[tuple[Any, int], Callable[..., str]] = {  # of a function with so many arguments, and no settings
    (get_item, 2): lambda page, x, index: f"{closed(page, x)}[{index_text(page, index)}]",
    (operator.getitem, 2): lambda page, x, index: f"{closed(page, x)}[{index_text(page, index)}]",
    (astype, 2): lambda page, x, dtype: f"{closed(page, x)}.astype({literal(dtype)})",
    (view_as, 2): lambda page, x, dtype: f"{closed(page, x)}.view({literal(dtype)})",
    (np.transpose, 1): lambda page, x: f"{closed(page, x)}.T",
    (np.reshape, 2): reshaping,
}


def expression(page: Page, call: Call, out: str = "") -> str:
    """What computes the result; `out` is the name of the array that it goes into."""
    f, args = call.function, call.args
    settings = [f"{key}={operand(page, v)}" for key, v in call.kwargs.items() if not (key == "dtype" and v is None)]
    if not settings and not out:
        if f in SIGNS and len(args) == 2:
            return infix(page, SIGNS[f], *args)
        if f in PREFIXES:
            return f"{PREFIXES[f]}{closed(page, args[0], 3)}"
        if (f, len(args)) in METHODS and isinstance(args[0], Variable):
            return METHODS[f, len(args)](page, *args)
    if f is sample:
        return f"{generator_text(page, args[0])}.{args[1]}({', '.join([operand(page, a) for a in args[2:]])})"
    if f is np.dot and out and isinstance(args[0], Variable) and args[0].shape:  # .2 µs quicker than np.dot is
        return f"{closed(page, args[0])}.dot({operand(page, args[1])}, out={out})"
    name = page.helper(f.__name__, UNTAKEN) if f is zero_untaken else function_name(f)
    if name.startswith("np.frompyfunc"):
        name = page.declare("constants", name, f.__name__.split()[0], name)
    return f"{name}({', '.join([*arguments(page, call), *settings, *([f'out={out}'] if out else [])])})"


def arguments(page: Page, call: Call) -> list[str]:
    """The arguments of a call; numbers beside arrays become arrays, where that changes nothing."""
    beside = [a for a in call.args if isinstance(a, Variable)]
    array = next((a for a in beside if a.shape), None)
    if array is None or not isinstance(call.function, np.ufunc) or page.plan.block or page.plan.plain:
        return [operand(page, a) for a in call.args]
    alike = array.dtype.kind == "f" and all(a.dtype == array.dtype for a in beside)
    if not alike or call.out.dtype not in (array.dtype, np.bool_):  # some of SciPy's give doubles beside numbers
        return [operand(page, a) for a in call.args]
    number = row if call.function in (np.maximum, np.minimum) else scalar
    return [number(page, plain(a), array) if is_number(a) else operand(page, a) for a in call.args]


def closed(page: Page, a: Any, level: int = 5) -> str:
    """An operand, in brackets where it binds less closely than an operator of some level."""
    text = operand(page, a)
    return text if text.isidentifier() or binding(text) >= level else f"({text})"


def is_number(a: Any) -> bool:
    """Whether an argument is a number that never changes."""
    return type(a) in (int, float) or (isinstance(a, Variable) and a.kind == "constant" and a.shape == ())


def plain(a: Any) -> Any:
    """A number as Python's own."""
    return a.value.item() if isinstance(a, Variable) else a
