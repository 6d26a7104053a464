"""`where_safe`: a choice whose branches see only the numbers for which they are selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import array_from, indexed, known
from autograd_lite.tensor.tensor import Tensor


def where_safe(condition: Any, f: Callable[..., Any], x: Any, otherwise: Any = 0.0) -> Any:
    """``np.where(condition, f(x), otherwise)`` in which `f` sees only numbers for which the condition holds.

    Its gradient is that of ``np.where``, which takes no harm from the branch that is not taken. What this is still good
    for: `f` is spared numbers that it warns of, raises at or is slow with, because an element that is not selected is
    replaced, before `f` sees it, by one that is.

    Parameters
    ----------
    condition : array_like of bool
        Broadcasts with `x`.
    f : callable
        Computes element by element.
    x : array_like or tuple of array_like
        The argument of `f`, or a tuple of arguments.
    otherwise : array_like or callable
        The result where the condition fails; a function sees only numbers for which it fails.

    Returns
    -------
    ndarray or Tensor
        In the shape of `condition` and `x` broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([-1.0, 4.0])
    >>> ag.grad(lambda x: ag.where_safe(x > 0, np.sqrt, x, 0.0).sum())(x)
    array([0.  , 0.25])
    >>> with np.errstate(all="ignore"):  # np.sqrt(-1) is computed, and warns
    ...     ag.grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum())(x)
    array([0.  , 0.25])
    >>> ag.where_safe(np.array([True, False]), np.divide, (np.ones(2), np.array([4.0, 0.0])))
    array([0.25, 0.  ])
    """
    chosen = array_from(condition.node.value if isinstance(condition, Tensor) else condition, np.dtype(bool))
    arguments = [a if isinstance(a, Tensor) else array_from(a) for a in (x if isinstance(x, tuple) else (x,))]
    shape = np.broadcast_shapes(chosen.shape, *[np.shape(a) for a in arguments])
    chosen = np.broadcast_to(chosen, shape)

    def computed(branch: Any, where: Any) -> Any:
        if not callable(branch):
            return branch
        if known(where) and not where.any():
            return np.zeros((), getattr(arguments[0], "dtype", float))
        return branch(*[filled(a, where) for a in arguments])

    return np.where(chosen, computed(f, chosen), computed(otherwise, ~chosen))


def filled(a: Any, where: Any) -> Any:
    """`a` with one of its selected elements in the place of those that are not selected."""
    values = np.broadcast_to(a.node.value if isinstance(a, Tensor) else a, where.shape)
    safe = indexed(np.ravel(values), np.argmax(where))
    if not known(where):
        safe = np.where(where.any(), safe, 1)  # a program computes both branches, whether elements are selected or not
    return np.where(where, a, safe)
