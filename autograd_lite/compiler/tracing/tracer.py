"""The tracer: runs a function once, and writes down every call of NumPy that it makes as a program.

The engine, its rules, the layers and the optimizers run as they always do; only the arrays are `Traced` ones. So the
program makes the calls that eager mode makes, in the same order, and gives the same numbers.
"""

from __future__ import annotations

import copy
import operator
import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Call, Program, Variable, map_parts
from autograd_lite.compiler.tracing.error_handling import handled
from autograd_lite.compiler.tracing.gradients import Gradients
from autograd_lite.compiler.tracing.traced import Number, Traced, TraceError, add_at, get_item, set_item
from autograd_lite.engine.graph import TABLE, Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.storage import clock
from autograd_lite.engine.tracing_protocol import TRACES, Symbol, Trace, current_trace, in_this_run
from autograd_lite.rules.operators import BINARY
from autograd_lite.tensor.tensor import Tensor

ABOUT_SHAPES = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.common_type}
ABOUT_SHAPES |= {np.min_scalar_type, np.may_share_memory, np.shares_memory}
OPENED = {np.mean, np.var}  # whose row has a body of simpler calls
SHAPE_DEPENDS = {np.nonzero, np.argwhere, np.flatnonzero, np.unique, np.extract, np.compress, np.trim_zeros}
SHAPE_DEPENDS |= {np.bincount, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.histogram_bin_edges}
SHAPE_DEPENDS |= {np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.roots, np.polydiv}
SHAPE_DEPENDS |= {np.linalg.lstsq}
PYTHON_OPERATORS = {op.python: op.ufunc for op in BINARY}


def power_of(x: Traced, exponent: Any) -> tuple[Any, tuple[Any, ...]]:
    """The function and the arguments that ``x ** exponent`` comes to: NumPy takes some powers in ways of their own."""
    if not x.ndim or (isinstance(exponent, Number) and x.dtype.kind == "c"):
        return operator.pow, (x, exponent)
    function = power(x.dtype, exponent) if type(exponent) in (int, float) else np.power
    return function, (x, exponent) if function in (np.power, operator.pow) else (x,)


@lru_cache(typed=True)
def power(dtype: Any, exponent: float) -> Any:
    """What gives the bits of ``x ** exponent``."""
    numbers = np.linspace(-3, 3, 997)
    x = (numbers * np.exp(9j * numbers) if dtype.kind == "c" else numbers).astype(dtype)
    with np.errstate(all="ignore"):
        wanted = x**exponent
        for function in (np.power, np.square, np.sqrt, np.reciprocal):
            y: Any = np.power(x, exponent) if function is np.power else function(x)  # type: ignore[call-overload]
            if (y.dtype, y.tobytes()) == (wanted.dtype, wanted.tobytes()):
                return function
    return operator.pow


def draw(generator: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Uniform random numbers in [0, 1)."""
    return generator.random(shape, dtype)


def order_of(array: Any) -> tuple[int, ...]:
    """The axes of an array from the longest stride to the shortest; () for the order in which they stand."""
    if array.ndim < 2 or array.flags.c_contiguous:
        return ()
    order = tuple(sorted(range(array.ndim), key=lambda i: -abs(array.strides[i])))
    return order if order != tuple(range(array.ndim)) else ()


def sample(generator: Any, method: str, *args: Any) -> Any:
    """What a method of a generator gives."""
    return getattr(generator, method)(*args)


def require(condition: Any, error: Exception) -> None:
    """Raise `error` unless `condition` holds."""
    if not condition:
        raise error


def require_indices(indices: Any, n: int, error: Exception) -> None:
    """Raise `error` unless all of `indices` are at least 0 and smaller than `n`."""
    require(not indices.size or 0 <= indices.min() <= indices.max() < n, error)


class Tracer(Trace):
    """Writes a program."""

    array: type[Symbol] = Traced

    def __init__(self, name: str) -> None:
        self.program, self.start = Program(name), clock()
        self.section, self.note = "forward", ""
        self.constants: dict[int, Variable] = {}
        self.read: list[tuple[Any, bytes]] = []  # what could be changed of them, as it was
        self.walked: set[Node] = set()  # what the function has gone back from
        self.walks: list[Gradients] = []
        self.codes: dict[int, tuple[dict[str, Any], types.CodeType]] = {}  # that ran, by id: hashing one takes long
        self.generators: dict[int, np.random.Generator] = {}
        self.opening: Any = None  # the function whose body is running

    # Variables.

    def variable(self, kind: str, value: Any, name: str | None = None) -> Variable:
        """A new variable for `value`."""
        shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
        variable = Variable(kind, shape, dtype, name)
        if isinstance(value, np.ndarray):
            variable.order, variable.compact = order_of(value), value.flags.forc
        return variable

    def constant(self, array: Any) -> Variable:
        """The variable of an array that the function uses without having been given it."""
        if id(array) not in self.constants:
            variable = self.constants[id(array)] = self.variable("constant", array)
            variable.value = array  # kept, so that no other array gets its id
            if isinstance(array, np.ndarray) and array.flags.writeable:
                self.read.append((array, array.tobytes()))
        return self.constants[id(array)]

    def held_by(self, value: Any) -> Variable | None:
        """The variable of a symbol, or of a tensor or node that holds one, as it was when last used."""
        if issubclass(type(value), Tensor):  # isinstance would ask the object, which may be anybody's
            value = value.node
        if type(value) is Node:
            value = value.value
        return value.variable if type(value) in (Traced, Number) and value.tracer is self else None

    def symbol(self, value: Any, variable: Variable) -> Any:
        """The handle for a variable whose value in this run is `value`."""
        if isinstance(value, np.ndarray | np.generic):
            return Traced(self, value, variable)
        return Number(self, value, variable)

    # Calls.

    def call(self, function: Any, args: tuple[Any, ...], settings: Mapping[str, Any] | None = None) -> Any:
        """Call `function` on what the symbols stand for, and enter the call."""
        settings = settings or {}
        if function is operator.pow and isinstance(args[0], Traced):
            function, args = power_of(args[0], args[1])
        elif function is operator.pow and isinstance(args[1], Traced) and not args[1].ndim:
            pass  # Python's operator, as in eager mode: NumPy's function gives other bits
        elif function in PYTHON_OPERATORS and not all(isinstance(a, Number | int | float) for a in args):
            function = PYTHON_OPERATORS[function]  # a number met an array
        if function in SHAPE_DEPENDS or (function is np.where and len(args) == 1):
            self.refuse_shape(function.__name__)
        if function is get_item:
            self.check_index(args[1])
        if function in (np.repeat, np.delete, np.insert) and isinstance(args[1], Symbol):
            self.refuse_shape(f"{function.__name__} with traced indices")
        concrete_args, concrete_settings = self.concrete(args), self.concrete(dict(settings))
        with np.errstate(all="ignore"):
            result = function(*concrete_args, **concrete_settings)
        return self.result(function, args, settings, result)

    def result(self, function: Any, args: tuple[Any, ...], settings: Mapping[str, Any], result: Any) -> Any:
        """The symbol or symbols for what a call gave."""
        if isinstance(result, np.ndarray | np.generic):
            for a in args:
                same = isinstance(result, np.ndarray) and isinstance(a, Traced) and a.value is result
                if same and function is not np.positive:
                    return a
            if isinstance(result, np.ndarray) and result.base is not None:
                owner = next((a for a in args if isinstance(a, Traced) and np.may_share_memory(a.value, result)), None)
                if owner is None:
                    result = result.copy("K")
            else:
                owner = None
            traced = Traced(self, result, self.enter(function, args, settings, result))
            if owner is not None:
                traced.variable.call.view = True  # type: ignore[union-attr]
                traced.parent, traced.of, traced.view = owner, owner.current(), (function, args, settings)
            return traced
        if isinstance(result, tuple | list):
            whole = self.enter(function, args, settings, None)
            parts = [self.symbol(part, self.pick(whole, i, part)) for i, part in enumerate(result)]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        if isinstance(result, float | int | complex) and all(isinstance(a, Number | int | float) for a in args):
            return Number(self, result, self.enter(function, args, settings, result))
        name = getattr(function, "__name__", str(function))
        raise TraceError(
            f"{name} gives {type(result).__name__}, which depends on values: a compiled program has to be the same for "
            "all values; compute it outside"
        )

    def pick(self, whole: Variable, i: int, part: Any) -> Variable:
        """The variable of one of several results."""
        variable = self.variable("call", part)
        self.append(Call(operator.getitem, (whole, i), {}, variable))
        return variable

    def enter(self, function: Any, args: Any, settings: Mapping[str, Any], value: Any) -> Variable:
        """Enter a call; give the variable of its result."""
        variable = self.variable("call", value)
        self.append(Call(function, self.lowered(tuple(args)), self.lowered(dict(settings)), variable))
        return variable

    def append(self, call: Call) -> None:
        """Enter a call; refuse one of another thread, which has come to a symbol by using the very same tensors."""
        if current_trace.get() is not self and self in TRACES:
            raise TraceError(
                f"what is used here is just being traced by ag.compile in another thread, for {self.program.name}: "
                "call the compiled function once before the threads begin, or let them take turns by a lock"
            )
        call.section, call.note, call.errors = self.section, self.note, handled()
        self.program.calls.append(call)

    def change(self, target: Traced, function: Any, index: Any, value: Any) -> None:
        """Change `target` in place, where `index` says."""
        target.become(self.changed(target, function, index, value))

    def changed(self, target: Traced, function: Any, index: Any, value: Any) -> Traced:
        """`target` after a change where `index` says."""
        new = np.asarray(function(target.value, self.concrete(index), self.concrete(value)))
        return Traced(self, new, self.enter(function, (target, index, value), {}, new))

    def fitted(self, result: Any, target: Traced) -> Traced:
        """`result` in the shape and dtype of what it is to be assigned to."""
        if isinstance(result, Traced) and (result.shape, result.dtype) == (target.shape, target.dtype):
            return result
        return self.changed(target, set_item, ..., result)

    def laid_out(self, result: Traced, target: Traced) -> Traced:
        """`result` lying in memory as what takes its values."""
        same = not target.ndim or order_of(result.value) == order_of(target.value)
        return result if same else self.changed(target, set_item, ..., result)

    # NumPy's protocols.

    def ufunc(self, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """A ufunc or one of its methods, called on symbols."""
        from_tensor = [a for a in inputs if hasattr(a, "record_call")]
        if from_tensor:
            return NotImplemented
        out = settings.pop("out", None)
        if method == "at":
            target, index, *value = inputs
            if not isinstance(target, Traced) or ufunc is not np.add:
                raise TraceError(f"np.{ufunc.__name__}.at: only np.add.at on arrays of the function itself is compiled")
            self.change(target, add_at, index, value[0])
            return None
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if method in ("reduce", "accumulate", "reduceat") and len(inputs) > 1:
            names = {"reduce": ("axis", "dtype", "out", "keepdims"), "accumulate": ("axis", "dtype"), "reduceat": ()}
            extra = dict(zip(names[method], inputs[1:], strict=False)) if method != "reduceat" else {}
            if method != "reduceat":
                inputs, settings = inputs[:1], {**{k: v for k, v in extra.items() if v is not None}, **settings}
                if method == "reduce" and extra.get("axis", 0) is None:
                    settings["axis"] = None
                settings.pop("out", None)
        settings = {key: value for key, value in settings.items() if not (key == "keepdims" and value is False)}
        result = self.call(function, inputs, settings)
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, Traced):
            raise TraceError(
                f"np.{ufunc.__name__} writes into an array that does not belong to the traced function: make it a "
                "tensor or a buffer, or give the result back"
            )
        target.become(result)
        return target

    def function(self, function: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """A NumPy function called on symbols."""
        if function in ABOUT_SHAPES:
            return function(*self.concrete(args), **self.concrete(settings))
        simple = len(args) == 1 and settings.keys() <= {"axis", "keepdims", "ddof"}
        if function in OPENED and simple and self.opening is not function:  # else the body leaves this case to NumPy
            before, self.opening = self.opening, function
            try:
                return TABLE[function].body(*args, **settings)
            finally:
                self.opening = before
        if settings.get("out") is not None:
            target = settings.pop("out")
            target.become(self.call(function, args, settings))
            return target
        return self.call(function, args, settings)

    # What stands for what.

    def concrete(self, tree: Any) -> Any:
        """The values of the symbols in `tree`."""
        return map_parts(in_this_run, tree)

    def lowered(self, tree: Any) -> Any:
        """`tree` with variables for symbols and arrays; everything else stands in the program as it is."""
        return map_parts(self.variable_of, tree)

    def variable_of(self, part: Any) -> Any:
        """The variable of a symbol or an array."""
        if isinstance(part, Symbol):
            return part.current()  # type: ignore[attr-defined]
        return self.constant(part) if isinstance(part, np.ndarray | np.generic) else part

    # What the engine tells of itself.

    def process(self, function: Any, args: tuple[Any, ...], settings: Mapping[str, Any]) -> None:
        """Refuse a tensor from outside that was not found when tracing began: its values would become constants."""
        for a in args:
            if type(a) is not Node or a.time > self.start or isinstance(a.value, Symbol):
                continue
            if a.function is not None:
                raise TraceError(
                    f"{describe(a)} was computed outside the compiled function from tensors that require gradients: "
                    "compute it inside, or detach() it"
                )
            if a.leaf is not None:
                raise TraceError(
                    f"{describe(a)} is used, but the function does not refer to it in a way that compile can follow: "
                    "pass it as an argument, or what holds it (a module, an optimizer, a list)"
                )

    def walk(self, roots: Sequence[Node]) -> Gradients:
        """A walk back begins, whose calls are entered as any others; it tells what its gradients are called."""
        self.walked.update(roots)
        self.walks.append(Gradients(self))
        return self.walks[-1]

    def ran(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        """Remember what code ran, for what it can have read."""
        self.codes[id(code)] = namespace, code

    # What the package asks of a trace.

    def copied(self, array: Any) -> Any:
        """A copy of an array or a symbol, as a symbol."""
        return self.call(np.copy, (array,))

    def draw(self, generator: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        """Random numbers that the program draws anew in every call; the generator is left as it was."""
        return self.drawn(draw, generator, (shape, np.dtype(dtype)))

    def sample(self, generator: Any, method: str, args: tuple[Any, ...]) -> Any:
        """What a method of a generator gives, which the program asks anew in every call."""
        return self.drawn(sample, generator, (method, *args))

    def drawn(self, function: Any, generator: Any, args: tuple[Any, ...]) -> Any:
        """Random numbers that are other ones in the program; the generator is left as it was."""
        source = default_generator if generator is None else generator
        copied = self.copy_of(default_generator() if generator is None else generator)
        value = function(copied, *self.concrete(args))
        variable = self.variable("call", value)
        call = Call(function, (source, *self.lowered(args)), {}, variable)
        call.fixed = True
        self.append(call)
        return self.symbol(value, variable)

    def copy_of(self, generator: np.random.Generator) -> np.random.Generator:
        """A generator that gives what this one would give, and leaves it where it is."""
        if id(generator) not in self.generators:
            self.generators[id(generator)] = np.random.Generator(copy.deepcopy(generator.bit_generator))
        return self.generators[id(generator)]

    def require(self, condition: Any, error: Exception) -> None:
        """Let the program raise `error` where `condition` does not hold."""
        if not self.concrete(condition):
            raise error
        if isinstance(condition, Symbol):
            call = Call(require, self.lowered((condition, error)), {}, self.variable("call", None))
            call.fixed = True
            self.append(call)

    def require_indices(self, indices: Any, n: int, error: Exception) -> None:
        """Let the program raise `error` unless all of `indices` are at least 0 and smaller than `n`."""
        if indices.value.size and not 0 <= indices.value.min() <= indices.value.max() < n:
            raise error
        variable = indices.current()
        variable.bound = n if variable.bound is None else min(n, variable.bound)
        call = Call(require_indices, (variable, n, error), {}, self.variable("call", None))
        call.fixed = True
        if variable.kind == "input":  # asked first of all: when it raises, nothing has been changed
            self.program.calls.insert(0, call)
        else:
            self.append(call)

    def check_index(self, index: Any) -> None:
        """Refuse to read by a boolean mask."""
        for part in index if isinstance(index, tuple) else (index,):
            if isinstance(part, Traced) and part.dtype == np.bool_ and part.ndim:
                self.refuse_shape("indexing by a boolean mask")

    def refuse_shape(self, what: str) -> None:
        """The shapes of a program are fixed."""
        raise TraceError(
            f"the shape of the result of {what} depends on values, and a compiled program has fixed shapes: use "
            "np.where(mask, x, 0), or multiply by the mask"
        )
