"""Calls as NumPy expressions, with the names that a vocabulary gives."""

from __future__ import annotations

import ast
import operator
from functools import cache
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.memory_planning import Layout
from autograd_lite.compiler.codegen.spelling import function_name, literal
from autograd_lite.compiler.codegen.vocabulary import Vocabulary
from autograd_lite.compiler.ir.forms import OPERATORS, PREFIXES
from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.tracing.traced import astype, get_item, view_as
from autograd_lite.compiler.tracing.tracer import sample

LEVELS = {ast.Pow: 4, ast.Mult: 2, ast.Div: 2, ast.FloorDiv: 2, ast.Mod: 2, ast.MatMult: 2, ast.Add: 1, ast.Sub: 1}
WORDS = {"-": "minus", "+": "plus", "*": "times", "/": "over", "1": "one"}
LONGEST_NAME = 24


class Expressions(Vocabulary):
    """The expressions of a program's calls."""

    def __init__(self, program: Program, layout: Layout) -> None:
        super().__init__(program, layout)
        self.inlined: dict[Variable, str] = {}  # what stands inside the only expression that uses it

    def operand(self, a: Any) -> str:
        """An argument of a call."""
        if isinstance(a, Variable):
            return self.inlined[a] if a in self.inlined else self.name(a)
        if isinstance(a, list | tuple):
            inner = ", ".join(self.operand(part) for part in a)
            return f"[{inner}]" if isinstance(a, list) else f"({inner}{',' * (len(a) == 1)})"
        if isinstance(a, slice):
            return f"slice({', '.join(self.operand(part) for part in (a.start, a.stop, a.step))})"
        return literal(a)

    def index(self, index: Any) -> str:
        """What stands between brackets."""
        texts = []
        for part in index if isinstance(index, tuple) else (index,):
            if isinstance(part, slice):
                ends = ["" if p is None else self.operand(p) for p in (part.start, part.stop)]
                texts.append(":".join(ends) + (f":{self.operand(part.step)}" if part.step is not None else ""))
            else:
                texts.append("..." if part is ... else self.operand(part))
        return ", ".join(texts) + ("," if len(texts) == 1 and isinstance(index, tuple) else "") or "()"

    def expression(self, call: Call, out: str = "") -> str:
        """What computes the result; `out` is the name of the array that it goes into."""
        f, args = call.function, call.args
        settings = [f"{key}={self.operand(v)}" for key, v in call.kwargs.items() if not (key == "dtype" and v is None)]
        if f in OPERATORS and not out and not settings and len(args) == 2:
            sign = OPERATORS[f]
            level = binding(f"a {sign} b")
            left = self.closed(args[0], max(1, level + (sign == "**")))
            right = self.closed(args[1], level + (sign != "**"))
            return f"{left}**{right}" if sign == "**" and f"{left}{right}".isidentifier() else f"{left} {sign} {right}"
        if f in PREFIXES and not out and not settings:
            return f"{PREFIXES[f]}{self.closed(args[0], 3)}"
        if f is get_item or f is operator.getitem:
            return f"{self.closed(args[0])}[{self.index(args[1])}]"
        if f is sample:
            return f"{self.generator(args[0])}.{args[1]}({', '.join(map(self.operand, args[2:]))})"
        if f is astype:
            return f"{self.closed(args[0])}.astype({self.operand(args[1])})"
        if f is view_as:
            return f"{self.closed(args[0])}.view({self.operand(args[1])})"
        if f is np.transpose and len(args) == 1 and not settings:
            return f"{self.closed(args[0])}.T"
        if f is np.reshape and len(args) == 2 and not settings:
            shape = args[1][0] if isinstance(args[1], tuple) and len(args[1]) == 1 else args[1]
            text = self.operand(shape)
            return f"{self.closed(args[0])}.reshape({text[1:-1] if isinstance(shape, tuple) and shape else text})"
        if f is np.dot and out and isinstance(args[0], Variable) and args[0].shape:  # .2 µs quicker than np.dot is
            return f"{self.closed(args[0])}.dot({self.operand(args[1])}, out={out})"
        name = function_name(f)
        if name.startswith("np.frompyfunc"):
            name = self.shared_constant(name, f.__name__.split()[0])
        return f"{name}({', '.join(self.arguments(call) + settings + [f'out={out}'] * bool(out))})"

    def view_text(self, v: Variable) -> str:
        """The expression of a view that is made once; in it, one that serves nothing else."""
        assert v.call is not None
        base = v.call.args[0]
        if base in self.lasting and base not in self.names and base.name is None and self.uses[base] == 1:
            self.inlined[base] = self.view_text(base)
        return self.expression(v.call)

    def arguments(self, call: Call) -> list[str]:
        """The arguments of a call; numbers beside arrays become arrays, where that changes nothing."""
        beside = [a for a in call.args if isinstance(a, Variable)]
        array = next((a for a in beside if a.shape), None)
        if array is None or not isinstance(call.function, np.ufunc):
            return [self.operand(a) for a in call.args]
        alike = array.dtype.kind == "f" and all(a.dtype == array.dtype for a in beside)
        if not alike or call.out.dtype not in (array.dtype, np.bool_):  # some of SciPy's give doubles beside numbers
            return [self.operand(a) for a in call.args]
        number = self.row if call.function in (np.maximum, np.minimum) else self.scalar
        return [number(plain(a), array) if is_number(a) else self.operand(a) for a in call.args]

    def closed(self, a: Any, level: int = 5) -> str:
        """An operand, in brackets where it binds less closely than an operator of some level."""
        text = self.operand(a)
        bare = text.isidentifier() or (isinstance(a, Variable) and a not in self.inlined)
        return text if bare or binding(text) >= level else f"({text})"

    def wish(self, v: Variable) -> str:
        """A number is named after what it is computed by, if that is short."""
        return (v.call and v.shape is None and in_words(self.expression(v.call))) or super().wish(v)


@cache
def binding(text: str) -> int:
    """How closely the last operator of an expression binds: comparisons least, and not with each other."""
    match ast.parse(text, mode="eval").body:
        case ast.BinOp(op=operator):
            return LEVELS.get(type(operator), 0)
        case ast.UnaryOp():
            return 3
        case ast.Compare():
            return 0
    return 5


def in_words(text: str) -> str:
    """A name that says what a short expression is; none for a longer one."""
    name = "_".join(WORDS.get(part, part) for part in text.replace("-", "- ").split())
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else ""


def is_number(a: Any) -> bool:
    """Whether an argument is a number that never changes."""
    return type(a) in (int, float) or (isinstance(a, Variable) and a.kind == "constant" and a.shape == ())


def plain(a: Any) -> Any:
    """A number as Python's own."""
    return a.value.item() if isinstance(a, Variable) else a
