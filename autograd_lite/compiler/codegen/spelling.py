"""How functions, numbers, arrays, names and lines are written in NumPy source."""

from __future__ import annotations

import ast
import math
import operator
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from textwrap import wrap
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.forms import is_ufunc_method
from autograd_lite.rules.operators import BINARY, SIGN

WIDTH = 112
COMMENTS_AT = 64
LEVELS = {op.syntax: op.level for op in BINARY}
WORDS = {"-": "minus", "+": "plus", "*": "times", "/": "over", "1": "one"}
LONGEST_NAME = 24


def readable(path: str) -> str:
    """A path in the module tree as a name: "0.weight" becomes "weight_0", "encoder.bias" "encoder_bias"."""
    parts = path.split(".")
    if parts[0][:1].isdigit() and len(parts) > 1:
        parts = [parts[-1], *parts[:-1]]
    name = unicodedata.normalize("NFKC", "_".join(parts))  # as Python reads names
    name = "".join([c if f"a{c}".isidentifier() else "_" for c in name]) or "v"
    return name if name.isidentifier() else f"_{name}"


def on_one_line(text: str) -> str:
    """`text` for a comment: what would end the line, or not be seen, is written with a backslash."""
    return "".join([c if c.isprintable() else repr(c)[1:-1] for c in text])


def function_name(f: Any) -> str:
    """How a function is called in source."""
    name: str = f.__name__
    if is_ufunc_method(f):
        return f"{function_name(f.__self__)}.{name}"
    if isinstance(f, np.ufunc):
        if name.endswith(" (vectorized)"):  # made by np.frompyfunc
            return f"np.frompyfunc(math.{name.split()[0]}, {f.nin}, {f.nout})"
        return f"np.{name}" if getattr(np, name, None) is f else f"scipy.special.{name.lstrip('_')}"
    if f is operator.abs:
        return "abs"
    module: str = getattr(f, "__module__", None) or "numpy"
    if module == "builtins":
        return name
    return f"{module.replace('numpy', 'np', 1)}.{name}"


def literal(a: Any) -> str:
    """A setting or a number in source."""
    if isinstance(a, np.dtype):
        return "np.bool_" if a == np.bool_ else f"np.{a.name}"
    if isinstance(a, np.generic):
        return f"{literal(a.dtype)}({literal(a.item())})"
    if isinstance(a, type):
        return f"np.{a.__name__}" if issubclass(a, np.generic) else a.__name__
    if isinstance(a, float) and not math.isfinite(a):
        return "np.nan" if math.isnan(a) else "np.inf" if a > 0 else "-np.inf"
    if isinstance(a, complex):
        return f"complex({literal(a.real)}, {literal(a.imag)})"
    return "..." if a is ... else repr(a)


def array_text(value: Any, longest: int = 8) -> str | None:
    """A short expression that makes an array with the very same bytes, if there is one."""
    if not value.size or value.dtype.kind not in "fiub":
        return None
    if not value.flags.c_contiguous and 0 not in value.strides:
        return None  # a product goes another way through it, and rounds differently

    def is_made(other: Any) -> bool:
        return bool(other.tobytes() == value.tobytes())

    form, dtype = value.shape if value.ndim > 1 else value.size, literal(value.dtype)
    n, first = len(value), value.flat[0]
    if value.shape == (n,) and n > 2 and value.dtype.kind != "b" and is_made(np.arange(n, dtype=value.dtype)):
        return f"np.arange({n}, dtype={dtype})"
    if np.all(value == first) and is_made(np.full(value.shape, first)):
        filled = {"0.0": "zeros", "1.0": "ones"}.get(repr(float(first)))
        return f"np.{filled}({form}, {dtype})" if filled else f"np.full({form}, {literal(first.item())}, {dtype})"
    if value.shape == (n, n) and is_made(np.eye(n, dtype=value.dtype)):
        return f"np.eye({n}, dtype={dtype})"
    return f"np.array({value.tolist()}, {dtype})" if value.size <= longest and np.isfinite(value).all() else None


def array_name(text: str) -> str:
    """What to call a constant, from its expression."""
    return text.removeprefix("np.").split("(")[0] if not text.startswith("np.array") else "constant"


def number_name(number: Any) -> str:
    """What to call a number."""
    digits = f"c{number:g}".replace(".", "_").replace("-", "minus_").replace("+", "")
    return {0: "zero", 1: "one", 2: "two"}.get(number, digits)


def in_words(text: str) -> str:
    """A name that says what a short expression is; none for a longer one."""
    name = "_".join(WORDS.get(part, part) for part in text.replace("-", "- ").split())
    return name if name.isidentifier() and len(name) <= LONGEST_NAME else ""


@cache
def binding(text: str) -> int:
    """How closely the last operator of an expression binds: comparisons least, and not with each other."""
    match ast.parse(text, mode="eval").body:
        case ast.BinOp(op=operator):
            return LEVELS.get(type(operator), 0)
        case ast.UnaryOp():
            return SIGN
        case ast.Compare():
            return 0
    return 5


def commented(line: str, comment: str) -> str:
    """A line with a comment behind it, comments standing below each other."""
    return f"{line:<{COMMENTS_AT}}  # {comment}" if comment else line


def broken(line: str) -> Iterator[str]:
    """A line, in three if it is too long and is one call."""
    code, _, comment = line.partition("  # ")
    code = code.rstrip()
    head, _, rest = code.partition("(")
    depths = list(accumulate((c == "(") - (c == ")") for c in rest[:-1]))
    if len(code) <= WIDTH or not code.endswith(")") or min(depths, default=0) < 0:
        yield line
        return
    yield f"{head}("
    yield from (f"    {part}" for part in wrap(rest[:-1], WIDTH, break_long_words=False, break_on_hyphens=False))
    yield commented(")", comment)


def refusal(condition: str, error: Exception) -> Iterator[str]:
    """The lines that raise an error under a condition."""
    as_it_stands = {"expand_tabs": False, "replace_whitespace": False, "drop_whitespace": False}
    parts = [repr(line) for line in wrap(str(error), 90, **as_it_stands, break_on_hyphens=False)]  # type: ignore[arg-type]
    yield f"if {condition}:"
    if len("".join(parts)) < 80:
        yield f"    raise {type(error).__name__}({''.join(parts)})"
        return
    yield f"    raise {type(error).__name__}("
    yield from (f"        {part}" for part in parts)
    yield "    )"
