"""Symbols: what stands for an array or a number while a function is traced.

Nothing here knows how tracing works; the package only has to know a symbol when it sees one, because a symbol has no
values that could be looked at.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_lite.engine.array_like import fitted, numbers, readable, to_array
from autograd_lite.engine.interception import Interpreter


class Symbol:
    """Base class of what stands for a value while a function is traced."""

    __slots__ = ()
    base: Any = None


class Trace(Interpreter):
    """A trace in progress, which computes with symbols.

    Attributes
    ----------
    array : type
        What stands for arrays in it.
    """

    array: type[Symbol]

    def copied(self, array: Any) -> Any:
        """A copy of an array, as a symbol."""

    def draw(self, generator: np.random.Generator | None, shape: tuple[int, ...], dtype: Any) -> Any:
        """Random numbers that the program draws anew in every call."""

    def sample(self, generator: np.random.Generator | None, method: str, args: tuple[Any, ...]) -> Any:
        """What a method of a generator gives, anew in every call."""

    def require_indices(self, indices: Any, n: int, error: Exception) -> None:
        """Let the program raise `error` unless all of `indices` are at least 0 and smaller than `n`."""

    def require(self, condition: Any, error: Exception) -> None:
        """Let the program raise `error` where `condition` does not hold."""


TRACES: list[Trace] = []  # those in progress, in any thread: asking whether there are any costs next to nothing
current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


def known(a: Any) -> bool:
    """Whether the values of `a` can be looked at."""
    return not isinstance(a, Symbol)


def in_this_run(a: Any) -> Any:
    """`a`; of a symbol, the array or the number that it stands for in this run, to ask about its memory."""
    return a.value if isinstance(a, Symbol) else a  # type: ignore[attr-defined]


def array_from(data: Any, dtype: Any = None) -> Any:
    """`data` as an array of numbers, in `dtype` where one is needed; a symbol stays one."""
    if not isinstance(data, Symbol):
        return to_array(data) if dtype is None else fitted(to_array(data), np.dtype(dtype))
    symbol: Any = data if hasattr(data, "dtype") else array_to_fill(data)  # a number becomes an array without axes
    return symbol if dtype is None or symbol.dtype == dtype else symbol.astype(dtype)


def applied(function: Any, *args: Any, **settings: Any) -> Any:
    """What a function gives that would not ask its arguments whether they are symbols (`math.cos`, `min`)."""
    symbol: Any = next((a for a in args if isinstance(a, Symbol)), None)
    return function(*args, **settings) if symbol is None else symbol.tracer.call(function, args, settings)


def array_copied(data: Any, dtype: Any = None) -> Any:
    """``np.array(data, dtype, order="C")`` of numbers; a symbol stays one."""
    if not isinstance(data, Symbol):
        return numbers(np.array(readable(data, dtype), dtype, order="C"), data)
    array = array_from(data, dtype)
    return np.copy(array, order="C") if array is data else array  # type: ignore[call-overload]


def array_to_fill(x: Any) -> Any:
    """A copy of `x` whose elements can be changed; while tracing a symbol, because a symbol may be put into it."""
    trace = current_trace.get() if TRACES else None
    return np.array(x) if trace is None else trace.copied(x)


def require(condition: Any, error: Exception) -> None:
    """Raise `error` unless the condition holds; of a symbol, let the program do so."""
    trace = current_trace.get() if isinstance(condition, Symbol) else None
    if trace is not None:
        trace.require(condition, error)
    elif not condition:
        raise error


def require_indices(indices: Any, n: int, error: Exception) -> None:
    """Let the program raise `error` unless all elements of a symbol are at least 0 and smaller than `n`."""
    if (trace := current_trace.get()) is not None:
        trace.require_indices(indices, n, error)


def indexed(x: Any, index: Any) -> Any:
    """``x[index]``; NumPy would ask a symbol in the index for its values, if `x` is an array."""
    if TRACES and isinstance(x, np.ndarray):
        for part in index if isinstance(index, tuple) else (index,):
            if isinstance(part, Symbol):
                symbol: Any = part
                return symbol.index_of(x, index)
    return x[index]
