"""A program as one would write it down: the same numbers by shorter expressions, for who reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.passes.common_subexpressions import FILLS
from autograd_lite.compiler.passes.equivalents import REDUCTIONS
from autograd_lite.compiler.passes.rewriting import sweep
from autograd_lite.compiler.tracing.traced import get_item, set_item
from autograd_lite.compiler.tracing.tracer import draw, sample

WORDS = {reduction: function for function, reduction in REDUCTIONS.items()}
DEFAULTS = {"axis": None, "dtype": None}
LARGEST_WHOLE = 1e6


def as_mathematics(program: Program) -> Program:
    """Call what reads best.

    ::

        a = np.add.reduce(x, axis=None)       a = np.sum(x)
        b = np.dot(x, w)                      b = x @ w
        c = np.multiply(x, x)                 c = x**2
        d = np.multiply(x, np.float64(2.0))   d = x * 2
        e = np.multiply(np.ones(3), d)        e = d
    """
    for call in program.calls:
        if all(how == "ignore" for _, how in call.errors):
            call.errors = ()  # a warning that is switched off changes no number
        if call.function is set_item:
            call.fixed = False  # it gives a changed copy
        if call.function is draw:
            call.function, call.args = sample, (call.args[0], "random", *call.args[1:])
    return sweep(program, shortened)


def shortened(call: Call) -> Variable | None:
    """Write a call as one reads it; or give what it is equal to."""
    f, args = call.function, call.args
    if f in WORDS:
        call.function = WORDS[f]
        call.kwargs = {key: a for key, a in call.kwargs.items() if key not in DEFAULTS or a is not None}
    elif f in FILLS and call.kwargs.get("shape") == args[0].shape:
        call.kwargs = {key: a for key, a in call.kwargs.items() if key not in ("shape", "order")}
    elif f is np.dot and len(args) == 2 and all(len(getattr(a, "shape", None) or ()) in (1, 2) for a in args):
        call.function = np.matmul
    elif f is np.square or (f is np.multiply and args[0] is args[1] and args[0].dtype.kind in "iuf"):
        call.function, call.args = np.power, (args[0], 2)
    elif f is set_item and args[1] in ((), ...) and not call.out.shape:
        return args[2] if isinstance(args[2], Variable) else None
    elif f is np.where:
        call.args = tuple(double(a) for a in args)
    elif isinstance(f, np.ufunc) and f.signature is None and not call.kwargs:
        call.args = tuple(python_number(a, call) for a in args)
        return without_effect(call)
    return None


def without_effect(call: Call) -> Variable | None:
    """The operand that a call gives as it is: times 1, or added to zeros that an array was made of."""
    if call.function not in (np.multiply, np.add):
        return None
    for a, b in (call.args, call.args[::-1]):
        nothing = a == 1 if call.function is np.multiply else isinstance(a, Variable) and part_of_zeros(a)
        if isinstance(b, Variable) and not isinstance(a, bool) and nothing and is_form_of(b, call.out):
            return b
    return None


def is_form_of(v: Variable, out: Variable) -> bool:
    """Whether two values have the same shape and dtype."""
    return (v.shape, v.dtype) == (out.shape, out.dtype)


def part_of_zeros(v: Variable) -> bool:
    """Whether a value is read from an array that is 0 everywhere."""
    if v.call is None or v.call.function is not get_item:
        return False
    x = v.call.args[0]
    return isinstance(x, Variable) and x.call is not None and x.call.function is np.zeros_like


def double(a: Any) -> Any:
    """A number of double precision as Python's own."""
    number = isinstance(a, Variable) and a.kind == "constant" and a.shape == () and a.dtype == np.float64
    return float(a.value) if number else a


def python_number(a: Any, call: Call) -> Any:
    """An argument of a ufunc; a number that stands beside others of its dtype as Python's own."""
    if not isinstance(a, Variable) or a.kind != "constant" or a.shape is None or a.dtype.kind != "f" or not a.size:
        return a
    others = [v for v in call.inputs if v.kind != "constant" and v.shape is not None]
    if (
        all(v.dtype != a.dtype for v in others)
        or np.broadcast_shapes(*[v.shape or () for v in others]) != call.out.shape
    ):
        return a
    number = a.value.flat[0].item()
    if a.value.tobytes() != np.full(a.shape, number, a.dtype).tobytes():
        return a
    whole = abs(number) < LARGEST_WHOLE and repr(number) == f"{number:.0f}.0"
    return int(number) if whole and number else number
