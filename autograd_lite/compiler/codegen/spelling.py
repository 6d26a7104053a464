"""How functions, numbers, arrays and names are written in NumPy source."""

from __future__ import annotations

import math
import operator
import unicodedata
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.forms import is_ufunc_method


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


def array_text(value: Any) -> str | None:
    """An expression for an array that has a short one."""
    if not value.size or value.dtype.kind not in "fiub":
        return None
    if not value.flags.c_contiguous and 0 not in value.strides:
        return None  # a product goes another way through it, and rounds differently
    dtype = literal(value.dtype)
    first, shape = value.flat[0], value.shape if value.ndim > 1 else value.size
    if value.ndim == 1 and value.size > 2 and np.array_equal(value, np.arange(value.size)):
        return f"np.arange({value.size}, dtype={dtype})"
    if np.all(value == first) and not np.any(np.signbit(value)):
        return (
            f"np.{'ones' if first else 'zeros'}({shape}, {dtype})"
            if first in (0, 1)
            else (f"np.full({shape}, {literal(first.item())}, {dtype})")
        )
    if value.ndim == 2 and value.shape[0] == value.shape[1] and np.array_equal(value, np.eye(len(value))):
        return f"np.eye({len(value)}, dtype={dtype})"
    if value.size <= 8 and np.isfinite(value).all():
        return f"np.array({value.tolist()}, {dtype})"
    return None


def array_name(text: str) -> str:
    """What to call a constant, from its expression."""
    return text.removeprefix("np.").split("(")[0] if not text.startswith("np.array") else "constant"
