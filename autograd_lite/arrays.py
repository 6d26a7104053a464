"""What the recorder and the walk do with arrays, whatever the operation: dtypes, ownership, sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def weaken(args: Sequence[Any], values: list[Any]) -> None:
    """Give 0-d floating constants the dtype of what stands beside them: a constant never changes a tensor's dtype."""
    kept = [v.dtype for v in values if isinstance(v, np.ndarray) and v.ndim and v.dtype.kind == "f"]
    kept = kept or [a.value.dtype for a in args if getattr(a, "needs_grad", False)]
    for i, a in enumerate(args):
        if kept and getattr(a, "needs_grad", None) is False and a.value.ndim == 0 and a.value.dtype.kind == "f":
            values[i] = a.value.astype(np.result_type(*kept))


class Sparse:
    """A gradient that is zero except where `add` adds it: n reads of one array cost O(n) together, not O(n²)."""

    __slots__ = ("add",)

    def __init__(self, add: Callable[[Any], None]) -> None:
        self.add = add

    def added_to(self, total: Any, owned: bool, value: Any) -> Any:
        """The sum so far (None: nothing yet) and this, in place where `owned`; `value` gives shape and dtype."""
        total = np.zeros(value.shape, value.dtype) if total is None else total if owned else np.array(total, order="C")
        self.add(total)
        return total


def own(g: Any, fresh: bool) -> Any:
    """Copy a gradient that somebody else may see, or that is not C-contiguous; Tensors are their own already."""
    if not isinstance(g, np.ndarray | np.generic) or (fresh and g.flags.carray):
        return g
    return np.array(g, order="C")


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` down to `shape`: the transpose of broadcasting."""
    extra = g.ndim - len(shape)
    aligned = (1,) * extra + shape if extra >= 0 else shape[-extra:]  # an assigned value may have leading ones
    axes = tuple(i for i, n in enumerate(aligned) if n == 1 and g.shape[i] != 1)
    return np.reshape(np.sum(g, axis=axes, keepdims=True) if axes else g, shape)


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
