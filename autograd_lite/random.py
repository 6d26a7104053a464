"""Randomness: one generator that everything without a generator of its own draws from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.symbols import TRACES, current_trace

_default: np.random.Generator | None = None  # made at first use: importing numpy.random takes 10 ms


def default_generator() -> np.random.Generator:
    """The generator that initialisation, dropout and shuffling draw from unless they are given one."""
    global _default
    if _default is None:
        _default = np.random.default_rng()
    return _default


def draw(generator: np.random.Generator | None, shape: tuple[int, ...], dtype: Any) -> Any:
    """Uniform random numbers in [0, 1) from `generator`, or from the default one; a trace has them drawn anew."""
    trace = current_trace.get() if TRACES else None
    if trace is not None:
        return trace.draw(generator, shape, dtype)
    return (generator or default_generator()).random(shape, dtype)


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the default generator; the same seed gives the same run, bit for bit.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> generator = ag.manual_seed(0)
    >>> bool(generator.random() == ag.manual_seed(0).random())
    True
    """
    global _default
    _default = np.random.default_rng(seed)
    return _default
