"""Randomness: one generator that everything without a generator of its own draws from.

What a compiled function draws by `normal`, `uniform`, `integers`, `multinomial` and `permutation` is drawn anew in each
call, in the order of eager mode; NumPy's generators would be asked once, while tracing, and are refused there.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import TRACES, current_trace

Size = int | tuple[int, ...] | None

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


def sample(generator: np.random.Generator | None, method: str, *args: Any) -> Any:
    """What a method of `generator`, or of the default one, gives; a trace has it drawn anew."""
    trace = current_trace.get() if TRACES else None
    if trace is not None:
        return trace.sample(generator, method, args)
    return getattr(generator or default_generator(), method)(*args)


def normal(
    loc: float = 0.0, scale: float = 1.0, size: Size = None, generator: np.random.Generator | None = None
) -> Any:
    """Normally distributed numbers, as ``np.random.Generator.normal`` gives them.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> generator = ag.manual_seed(0)
    >>> noisy = ag.compile(lambda x: x + ag.random.normal(0.0, 0.1, x.shape))
    >>> bool((noisy(ag.zeros(3)) == noisy(ag.zeros(3))).any())
    False
    """
    return sample(generator, "normal", loc, scale, size)


def uniform(
    low: float = 0.0, high: float = 1.0, size: Size = None, generator: np.random.Generator | None = None
) -> Any:
    """Evenly distributed numbers in [low, high), as ``np.random.Generator.uniform`` gives them."""
    return sample(generator, "uniform", low, high, size)


def integers(low: int, high: int | None = None, size: Size = None, generator: np.random.Generator | None = None) -> Any:
    """Integers from `low` to below `high`, or from 0 to below `low`, as ``np.random.Generator.integers`` gives them."""
    return sample(generator, "integers", low, high, size)


def multinomial(n: int, pvals: Any, size: Size = None, generator: np.random.Generator | None = None) -> Any:
    """How often each of several things comes in `n` draws, as ``np.random.Generator.multinomial`` gives it.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> ag.random.multinomial(1, [0.0, 1.0, 0.0]).argmax()  # one draw: which thing it was
    np.int64(1)
    """
    return sample(generator, "multinomial", n, pvals, size)


def permutation(n: int, generator: np.random.Generator | None = None) -> Any:
    """The integers below `n` in random order, as ``np.random.Generator.permutation`` gives them.

    Raises
    ------
    TypeError
        If `n` is no integer: ``x[permutation(len(x))]`` are the rows of `x` in random order.
    """
    return sample(generator, "permutation", operator.index(n))


def set_default_generator(generator: np.random.Generator) -> None:
    """Let another generator be the default one."""
    global _default
    _default = generator


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the default generator; the same seed gives the same run, bit for bit.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> generator = ag.manual_seed(0)
    >>> bool(generator.random() == ag.manual_seed(0).random())
    True
    """
    generator = np.random.default_rng(seed)
    set_default_generator(generator)
    return generator
