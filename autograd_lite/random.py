"""Randomness: one generator that everything without a generator of its own draws from."""

from __future__ import annotations

import numpy as np

_default: np.random.Generator | None = None  # made at first use: importing numpy.random takes 10 ms


def default_generator() -> np.random.Generator:
    """The generator that initialisation, dropout and shuffling draw from unless they are given one."""
    global _default
    if _default is None:
        _default = np.random.default_rng()
    return _default


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
