"""How a call that NumPy hands over is answered.

NumPy is the oracle. The function itself runs on the values of the tensors, so what it gives is the value, and what it
refuses is refused in its words. Where a gradient is wanted, the function's form is recorded as well, and takes that
value: the form says what the derivative is, and no more. Where none is wanted, a tensor is an array, and every function
runs as it does on arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.engine.array_like import NATIVE
from autograd_lite.engine.grad_mode import grad_enabled
from autograd_lite.engine.graph import TABLE
from autograd_lite.engine.messages import describe_call
from autograd_lite.engine.settings import check_constant, rebuilt
from autograd_lite.engine.storage import clock
from autograd_lite.engine.tracing_protocol import TRACES, current_trace, in_this_run
from autograd_lite.rules.arguments import (
    copied,
    is_array,
    mapped,
    of_this_run,
    read_only_values,
    shares,
)
from autograd_lite.rules.elementwise import astype, copy
from autograd_lite.rules.registry import (
    ADAPTERS,
    ANY,
    ASSIGNING,
    FAMILIAR,
    NOT_GIVEN,
    PLAIN,
    RENAMED,
    Form,
    Function,
    Recordable,
    defaults_of,
    entered,
    holds_tensors,
    name_of,
    refuse,
    refuse_setting,
    row_form,
    row_of,
    tensors_in,
)
from autograd_lite.rules.shaping import array_of

Settings = Mapping[str, Any]
SEQUENCES = {"arrays", "tup", "condlist", "choicelist", "choices"}  # the parameters that take several arrays
HARMLESS = {"dtype", "order", "subok", "casting", "signature", "kind", "stable", "device", "copy"}  # say how, not what
FAILURES = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


def answer(one: Recordable, function: Function, types: Any, args: tuple[Any, ...], kwargs: Settings) -> Any:
    """What a function of NumPy gives for tensors, of which `one` is one: ``Tensor.__array_function__``."""
    for a in (*args, *kwargs.values()) if kwargs else args:
        if type(a) not in FAMILIAR and (type(a) is not np.ndarray or a.dtype not in NATIVE) and function not in PLAIN:
            args, kwargs = admitted(function, args, kwargs)
            break
    row = row_of(function) if function in TABLE and TABLE[function].rules else None
    if row and row.arrays <= len(args) <= len(row.positional) and kwargs.keys() <= row.names:
        arrays, settings = row_form(function, args, kwargs)
        if {list, tuple}.isdisjoint(map(type, arrays)):
            return one.record_row(function, arrays, settings)
        return ProtocolCall(one, function, row, args, kwargs).answer()
    if function in PLAIN:
        return function(*read_only_values(args), **read_only_values(kwargs))
    form = ADAPTERS.get(function, row)
    if form and form.alone and form is not row and form.understands(args, kwargs):
        try:
            return form.compute(*args, **kwargs)
        except (*FAILURES, NotImplementedError):  # NumPy says what is wrong
            return ProtocolCall(one, function, form, args, kwargs).answer()
    if function in ASSIGNING:
        return ProtocolCall(one, function, form, args, kwargs).assign()
    constant = form is None and function in TABLE
    if constant and kwargs.get("out") is None and len(args) <= by_keyword(function, None)[1]:
        return wrapped(one, TABLE[function].body(*read_only_values(args), **read_only_values(kwargs)))
    return ProtocolCall(one, function, form, args, kwargs, constant).answer()


def admitted(function: Function, args: tuple[Any, ...], kwargs: Settings) -> tuple[tuple[Any, ...], Settings]:
    """The arguments of a call with arrays of other libraries as NumPy's; what is written into stays itself."""
    first = ADAPTERS[function].positional[0] if function in ASSIGNING else ""
    written = {"out", first}
    entering = [a if first and not i else entered(a) for i, a in enumerate(args)]
    return tuple(entering), {name: a if name in written else entered(a) for name, a in kwargs.items()}


class ProtocolCall:
    """A call of one of NumPy's functions, by a form if it has one.

    Attributes
    ----------
    args, settings
        The arguments by position as far as the form takes them so, and all others by keyword.
    wanted : bool
        Whether it is to be differentiated.
    """

    def __init__(
        self,
        one: Recordable,
        function: Function,
        form: Form | None,
        args: tuple[Any, ...],
        kwargs: Settings,
        constant: bool = False,
    ) -> None:
        self.one, self.function, self.form = one, function, form
        names, count = by_keyword(function, form)
        if len(args) > count + len(names):
            raise TypeError(f"{name_of(function)} takes {count + len(names)} arguments, and {len(args)} were given")
        self.args, self.settings = args[:count], {**dict(zip(names, args[count:], strict=False)), **kwargs}
        wanted = not constant and grad_enabled.get()
        self.wanted = bool(wanted) and any(t.node.needs_grad for t in tensors_in((self.args, self.settings)))

    def __str__(self) -> str:
        trees = [mapped(lambda a: getattr(a, "node", a), tree) for tree in (self.args, self.settings)]
        return describe_call(self.function, *trees)

    # The value.

    def answer(self) -> Any:
        """The value by NumPy, and its history by the form if a gradient is wanted or it is a view of the values."""
        form, out = self.form, self.settings.pop("out", None)
        self.settings.pop("overwrite_input", None)
        if self.wanted:
            self.check(out)
        traced = bool(TRACES and current_trace.get())
        moved = traced and form is not None and form.moves
        writing = {} if out is None or (traced and holds_tensors(out)) else {"out": copied(out)}
        expected = self.value(of_this_run if moved else read_only_values, writing)
        if out is not None and not holds_tensors(out):
            return expected
        if form and (self.wanted or moved or shares(expected, (self.args, self.settings))):
            result = self.formed(form, expected, math.inf if moved else clock())
        else:
            result = self.constant(expected)
        return result if out is None else assigned(out, result)

    def value(self, values: Function, writing: Settings) -> Any:
        """What NumPy gives."""
        try:
            return self.function(*values(self.args), **values(self.settings), **writing)
        except Exception as error:
            if "read-only" in str(error):
                what = f"{name_of(self.function)} cannot write into a tensor: assign to x[...]"
                raise NotImplementedError(what) from error
            error.add_note(f"in {self}")
            raise

    def constant(self, expected: Any) -> Any:
        """What NumPy gave, without a history and in memory of its own."""
        return wrapped(self.one, expected, (self.args, self.settings))

    # What a form is asked.

    def check(self, out: Any) -> None:
        """Refuse what the form does not understand."""
        function, form = self.function, self.form
        if form is None:
            raise refuse(function)
        if out is not None and not holds_tensors(out):
            raise NotImplementedError(
                f"{name_of(function)}: an array cannot take a tensor that requires a gradient (out=): write a = a + x "
                "for a += x, or make the array a tensor"
            )
        for name, value in self.settings.items():
            known = form.takes is None or RENAMED.get(name, name) in form.takes or name in HARMLESS
            if not known and not as_by_default(function, name, value):
                raise refuse_setting(function, name, value)
        given = zip(form.positional[form.arrays :], self.args[form.arrays :], strict=False)
        differentiated = {*form.learned, *form.array_names}
        for name, value in [*given, *self.settings.items()]:
            for tensor in tensors_in(value) if name not in differentiated else ():
                check_constant(name_of(function), name, tensor)

    def formed(self, form: Form, expected: Any, start: float) -> Any:
        """What the form gives, with the value that NumPy gave; what was there at `start` keeps its own."""
        try:
            with np.errstate(all="ignore"):
                result = form.compute(*self.by_position(form), **self.named(form), **form.given(expected))
            return settled(self.one, result, expected, (self.args, self.settings), start)
        except (*FAILURES, NotImplementedError) as error:
            differentiated = [t for t in tensors_in((self.args, self.settings)) if t.node.needs_grad]
            if not self.wanted or not any(t.node.value.size for t in differentiated):
                return self.constant(self.value(read_only_values, {}) if TRACES else expected)  # not those of one run
            if isinstance(error, NotImplementedError):
                raise
            raise self.refused() from error

    def refused(self) -> NotImplementedError:
        """The error for a call that NumPy understands and its form does not."""
        return NotImplementedError(f"{self} has no gradient rule: pass x.detach() for its values alone")

    def by_position(self, form: Form) -> list[Any]:
        """The arguments by position, in the dtype in which NumPy computes, if one was named."""
        names = (*form.positional, *[""] * len(self.args))
        args = [
            argument(form, name, i < form.arrays, a) for i, (name, a) in enumerate(zip(names, self.args, strict=False))
        ]
        dtype = self.settings.get("dtype")
        if dtype is None or form.takes is None or "dtype" in form.takes or np.dtype(dtype).kind not in "fc":
            return args
        return [astype(a, dtype=np.dtype(dtype)) if isinstance(a, Recordable) else a for a in args]

    def named(self, form: Form) -> dict[str, Any]:
        """The arguments by keyword that the form takes."""
        settings = {RENAMED.get(name, name): a for name, a in self.settings.items() if a is not NOT_GIVEN}
        given = {name: a for name, a in settings.items() if form.takes is None or name in form.takes}
        return {name: argument(form, name, name in form.array_names, a) for name, a in given.items()}

    # Functions that write into their first argument.

    def assign(self) -> None:
        """Change the first argument: tried on a copy of its values by NumPy, then recorded by the form."""
        form: Any = self.form
        target, rest = (self.args[0], self.args[1:]) if self.args else (self.settings.pop(form.positional[0]), ())
        if not isinstance(target, Recordable):
            if self.wanted:
                what = "an array cannot take a tensor; make the array a tensor, x = ag.tensor(x)"
                raise NotImplementedError(f"{name_of(self.function)}: {what}")
            self.function(target, *read_only_values(rest), **read_only_values(self.settings))
            return
        tensor: Any = target
        copy = None if TRACES else copied(target)
        if copy is not None:
            self.function(copy, *read_only_values(rest), **read_only_values(self.settings))
            if not self.wanted:
                tensor[...] = copy
                return
        try:
            form.compute(target, *rest, **self.named(form), **form.given(copy))
        except FAILURES as error:
            raise self.refused() from error


@functools.cache
def by_keyword(function: Function, form: Form | None) -> tuple[tuple[str, ...], int]:
    """The parameters that are handed on by keyword, and how many come before them by position."""
    names = tuple(defaults_of(function)) or (*(form.positional if form else ()), "out")
    if isinstance(function, np.ufunc) or (form.arrays == ANY if form else names == ("out",)):
        return (), ANY
    count = len(form.positional if form else names)
    count = min([count, *[names.index(n) for n in ("out", "overwrite_input") if n in names]])
    return names[count:], count


def as_by_default(function: Function, name: str, value: Any) -> bool:
    """Whether a setting says what is so anyway."""
    default = defaults_of(function).get(name, True if name == "where" else None)
    return value is None or value is NOT_GIVEN or value is default or (np.isscalar(value) and value == default)


def argument(form: Form, name: str, is_array: bool, a: Any) -> Any:
    """An argument as a form takes it: lists of tensors are arrays, settings without a gradient their values."""
    if is_array and name not in SEQUENCES and isinstance(a, list | tuple) and holds_tensors(a):
        return array_of(a)
    return a if is_array or name in form.learned else read_only_values(a)


# What comes out.


def settled(one: Recordable, result: Any, expected: Any, given: Any, start: float) -> Any:
    """What a form gave, with the value, in the structure and in the memory that NumPy gave."""
    if isinstance(expected, tuple | list):
        return rebuilt(expected, [settled(one, r, e, given, start) for r, e in zip(result, expected, strict=True)])
    if not is_array(expected):
        return expected
    if not isinstance(result, Recordable):
        return wrapped(one, expected)
    tensor: Any = result
    if tensor.shape != expected.shape or (tensor.requires_grad and expected.dtype.kind not in "fc"):
        raise ValueError(f"a result of {tensor.dtype} {tensor.shape} for {expected.dtype} {expected.shape}")
    if tensor.dtype != expected.dtype:
        tensor = astype(tensor, dtype=expected.dtype)
    root = tensor.root.node
    if shares(expected, given) or (root.time <= start and isinstance(in_this_run(root.value), np.generic)):
        return tensor  # an argument, or a view of one
    if shares(tensor.node.value, given):
        tensor = copy(tensor)
    if tensor.node.time > start:  # not an argument itself
        tensor.node.value = expected
    return tensor.alias(tensor.node)


def wrapped(one: Recordable, expected: Any, given: Any = ()) -> Any:
    """The arrays that a function gave as tensors without a history, in memory of their own."""
    if isinstance(expected, tuple | list):
        return rebuilt(expected, [wrapped(one, part, given) for part in expected])
    if not is_array(expected) or expected.dtype.kind not in "biufc":
        return expected
    return one.constant(expected.copy() if shares(expected, given) else expected)


def assigned(out: Any, result: Any) -> Any:
    """Give the tensors in `out` the values of the result, and give them back."""
    if not isinstance(out, tuple):
        out[...] = result
        return out
    if len(out) == 1:
        return assigned(out[0], result)
    return tuple(r if target is None else assigned(target, r) for target, r in zip(out, result, strict=True))
