"""What the recorder and the walk do with arrays, whatever the operation: dtypes, ownership, sums."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import (
    TRACES,
    Symbol,
    array_copied,
    array_from,
    array_to_fill,
    in_this_run,
    known,
)

NUMBERS = frozenset(np.sctypeDict.values())  # NumPy's kinds of numbers, which are no arrays


FIXED = NUMBERS | {float, int, bool, complex, str, type(None), slice, type(...), type}  # what cannot be changed


def by_value(a: Any) -> Any:
    """An argument or the settings of a call as they are now: with copies of what could be changed afterwards."""
    kind = type(a)
    if kind is np.ndarray:
        return a.copy("K") if a.flags.writeable else fixed(a)
    if kind is list or kind is tuple:
        return a if kind is tuple and FIXED.issuperset(map(type, a)) else kind([by_value(part) for part in a])
    if kind is dict:
        return a if FIXED.issuperset(map(type, a.values())) else {key: by_value(part) for key, part in a.items()}
    return fixed(a) if isinstance(a, np.ndarray) else a


def fixed(array: Any) -> Any:
    """`array` if nobody can change it, else a copy that lies in memory as it does."""
    owner = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return array.copy("K")
        owner = owner.base
    return array


def demote(args: Sequence[Any], values: list[Any]) -> None:
    """Give 0-d floating constants the dtype of what stands beside them: a constant never changes a tensor's dtype."""
    kept = [v.dtype for v in values if getattr(v, "ndim", 0) and v.dtype.kind == "f"]
    kept = kept or [a.value.dtype for a in args if getattr(a, "needs_grad", False)]
    for i, a in enumerate(args):
        if kept and getattr(a, "needs_grad", None) is False and a.value.ndim == 0 and a.value.dtype.kind == "f":
            values[i] = a.value.astype(np.result_type(*kept))


class Together:
    """Rules of a function of any number of arrays: one function ``rule(g, y, *arrays, **settings)`` that gives all
    gradients one after the other.
    """

    __slots__ = ("rule",)

    def __init__(self, rule: Callable[..., Iterable[Any]]) -> None:
        self.rule = rule


def nth_gradient(rules: Any, i: int, g: Any, y: Any, values: Sequence[Any], settings: Mapping[str, Any]) -> Any:
    """What a row's rules give for the i-th argument."""
    if type(rules) is Together:
        return next(itertools.islice(rules.rule(g, y, *values, **settings), i, None))
    return rules[i](g, y, *values, **settings)


def zeros_like(value: Any, shape: tuple[int, ...] | None = None) -> Any:
    """Zeros in the dtype and the shape of `value`, or in `shape`, in C order."""
    shape = value.shape if shape is None else shape
    if not known(value):
        return np.zeros_like(value, shape=shape, order="C")
    zeros = np.zeros(shape, value.dtype)
    return array_to_fill(zeros) if TRACES else zeros


class Sparse:
    """A gradient that is zero except where `add` adds it: n reads of one array cost O(n) together, not O(n²)."""

    __slots__ = ("add",)

    def __init__(self, add: Callable[[Any], None]) -> None:
        self.add = add

    def added_to(self, total: Any, owned: bool, value: Any) -> Any:
        """The sum so far (None: nothing yet) and this, in place where `owned`; `value` gives shape and dtype."""
        total = zeros_like(value) if total is None else total if owned and total.ndim else array_copied(total)
        total = array_to_fill(total) if TRACES and known(total) else total
        self.add(total)
        return total


def aligned(size: int, dtype: Any) -> Any:
    """Zeros that begin at a multiple of 64 bytes: additions on them run at twice the speed."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(size * itemsize + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size * itemsize].view(dtype)


def own(g: Any) -> Any:
    """A copy of a gradient that somebody else may see, or that is not C-contiguous; Tensors are their own already."""
    if isinstance(g, Symbol):
        run = in_this_run(g)
        return g.copy() if isinstance(run, np.generic) or not run.flags.c_contiguous else g  # type: ignore[attr-defined]
    return np.array(g, order="C") if isinstance(g, np.ndarray | np.generic) else g


def given(g: Any, dtype: Any) -> Any:
    """A gradient that the user gives, in `dtype` and in memory of its own."""
    g = array_from(g, dtype)
    return array_copied(g) if known(g) else g


def wide(x: Any) -> Any:
    """`x` in single precision if it is in half, in which sums, counts and squares overflow; the walk rounds back."""
    return x if x.dtype.char != "e" else x.astype(np.dtype(np.float32))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` down to `shape`: the transpose of broadcasting."""
    extra = g.ndim - len(shape)
    aligned = (1,) * extra + shape if extra >= 0 else shape[-extra:]  # an assigned value may have leading ones
    axes = tuple(i for i, n in enumerate(aligned) if n == 1 and g.shape[i] != 1)
    return np.reshape(np.sum(wide(g), axis=axes, keepdims=True) if axes else g, shape)


def cast(g: Any, dtype: Any) -> Any:
    """`g` in another dtype; where a real number became complex, only the real part of its gradient counts."""
    if g.dtype.kind == "c" and dtype.kind != "c":
        g = np.real(g)
    return g if g.dtype == dtype else g.astype(dtype)


def keep_freed_memory() -> None:
    """Let glibc keep what one pass over a graph frees for the next, which asks for the same again.

    By default it hands the end of the heap back to the system, and every pass pays for getting it again, page by
    page: a third of the time of a training step with a few hundred thousand parameters. Freeing one large block
    raises the limit above which it does so to twice the block's size, up to 64 MiB (mallopt(3), M_MMAP_THRESHOLD).
    The block is never touched, so this costs no memory; under other allocators it does nothing.
    """
    np.empty(2**25 - 2**16, np.uint8)


keep_freed_memory()
