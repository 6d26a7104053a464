"""Reductions with `where`, `initial`, `mean` or `correction`, in terms of the rows of plain ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.rules.complex import squared
from autograd_lite.rules.directions import direction
from autograd_lite.rules.elementwise import as_constant
from autograd_lite.rules.limits import rounded
from autograd_lite.rules.reductions import Axis, along_axis, restore
from autograd_lite.rules.registry import NOT_GIVEN, Primitive, adapter, row
from autograd_lite.rules.shaping import array_of


def given(setting: Any) -> bool:
    """Whether a setting was given; NumPy's functions hand each other what was not."""
    return setting is not None and setting is not NOT_GIVEN


def counted(a: Any, where: Any, axis: Axis, keepdims: bool) -> Any:
    """How many elements `where` lets in, in the dtype of `a`."""
    n = np.sum(np.broadcast_to(array_of(where), a.shape), axis=axis, keepdims=keepdims)
    return as_constant(n, dtype=a.dtype if a.dtype.kind == "f" else np.dtype(float))


def within(a: Any, where: Any, neutral: Any) -> Any:
    """`a` with neutral elements outside `where`."""
    return np.where(where, a, neutral) if given(where) and where is not True else a


def reduction(function: Callable[..., Any], combine: Callable[[Any, Any], Any], neutral: float) -> Callable[..., Any]:
    """A reduction in which the elements outside `where` are neutral, and `initial` is one more element."""

    def reduced(
        a: Any, axis: Axis = None, *, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = True
    ) -> Any:
        y = function(within(array_of(a), where, neutral), axis=axis, keepdims=bool(keepdims))
        return combine(y, initial) if given(initial) else y

    return reduced


for functions, combine, neutral in (
    ((np.sum,), np.add, 0),
    ((np.prod,), np.multiply, 1),
    ((np.max, np.amax), np.maximum, -np.inf),
    ((np.min, np.amin), np.minimum, np.inf),
):
    for name in functions:
        adapter(name, "initial")(reduction(functions[0], combine, neutral))


@adapter(np.mean)
def mean(a: Any, axis: Axis = None, *, keepdims: Any = False, where: Any = True) -> Any:
    """The mean of the elements that `where` lets in."""
    a, keepdims = array_of(a), bool(keepdims)
    x = wide(a)
    return rounded(np.sum(within(x, where, 0), axis=axis, keepdims=keepdims) / counted(x, where, axis, keepdims), a)


@adapter(np.var, "mean")
def var(
    a: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """The variance about a mean that may be given; `correction` is another name for `ddof`."""
    a, keepdims, ddof = array_of(a), bool(keepdims), correction if given(correction) else ddof
    deviations, free = deviations_of(wide(a), axis, ddof, keepdims, where, mean)
    return rounded(np.sum(squared(deviations), axis=axis, keepdims=keepdims) / free, a)


@adapter(np.std, "mean")
def std(
    a: Any,
    axis: Axis = None,
    *,
    ddof: float = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """The standard deviation about a mean that may be given."""
    a, keepdims, ddof = array_of(a), bool(keepdims), correction if given(correction) else ddof
    deviations, free = deviations_of(wide(a), axis, ddof, keepdims, where, mean)
    deviations = np.absolute(deviations) if a.dtype.kind == "c" else deviations
    several, kept = (counted(wide(a), where, axis, keep) > 1 for keep in (keepdims, True))
    y = root_of_squares(np.where(kept, deviations, 1), free, axis=axis, keepdims=keepdims)
    lone = np.sum(deviations, axis=axis, keepdims=keepdims)  # of one number: 0, or NaN if it is infinite
    return rounded(np.where(several, y, lone), a)


def deviations_of(a: Any, axis: Axis, ddof: float, keepdims: bool, where: Any, mean: Any) -> tuple[Any, Any]:
    """How far the elements that `where` lets in are from their mean, and their degrees of freedom: NaN if none."""
    centre = mean if given(mean) else np.mean(a, axis=axis, keepdims=True, where=where)
    free = counted(a, where, axis, keepdims) - ddof
    return within(a - centre, where, 0), np.where(free > 0, free, np.nan)


@Primitive
def root_of_squares(deviations: Any, free: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """√(Σ deviations² / free)."""
    return np.sqrt(np.sum(deviations * deviations, axis=axis, keepdims=keepdims) / free)


row(
    root_of_squares,
    lambda g, y, deviations, free, axis=None, keepdims=False: (
        restore(g / np.sqrt(free), deviations.ndim, axis, keepdims)
        * direction(deviations, restore(y, deviations.ndim, axis, keepdims), axis=axis)
    ),
    None,
    flow=lambda taken, i, deviations, free, **settings: along_axis(taken, i, deviations, **settings),
)
