"""Reductions as NumPy calls them: what `where`, `initial`, `dtype` and their like mean, in terms of the rows."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules.complex import squared
from autograd_lite.rules.elementwise import as_constant, astype
from autograd_lite.rules.reductions import Axis
from autograd_lite.rules.table import Recordable, adapter, name_of
from autograd_lite.symbols import array_from

NOT_GIVEN = inspect.signature(np.sum).parameters["initial"].default  # NumPy's own mark


def given(setting: Any) -> bool:
    """Whether a setting was given; NumPy's functions hand each other what was not."""
    return setting is not None and setting is not NOT_GIVEN


def flag(setting: Any) -> bool:
    """A yes or no that may not have been given."""
    return given(setting) and bool(setting)


def as_array(a: Any) -> Any:
    """`a` as an array, if it is not one already or a tensor."""
    return a if type(a) is np.ndarray or isinstance(a, Recordable) else array_from(a)


def refuse_out(function: Callable[..., Any], out: Any) -> None:
    """Say that a tensor is not written into an array."""
    if given(out):
        raise NotImplementedError(f"{name_of(function)}: a tensor cannot be written into out=; assign the result")


def cast(function: Callable[..., Any], a: Any, dtype: Any) -> Any:
    """The elements as `dtype`, in which the reduction is then computed."""
    if not given(dtype) or np.dtype(dtype) == a.dtype:
        return a
    if np.dtype(dtype).kind == "f":
        return astype(a, dtype=np.dtype(dtype))
    if a.dtype.kind in "biu" and np.dtype(dtype).kind in "biu":
        return as_constant(a, dtype=np.dtype(dtype))
    raise NotImplementedError(f"{name_of(function)}: dtype={np.dtype(dtype)} has no gradient rule")


def counted(a: Any, where: Any, axis: Axis, keepdims: bool) -> Any:
    """How many elements `where` lets in, in the dtype of `a`."""
    n = np.sum(np.broadcast_to(as_array(where), a.shape), axis=axis, keepdims=keepdims)
    return as_constant(n, dtype=a.dtype if a.dtype.kind == "f" else np.dtype(float))


def reduce_with(
    function: Callable[..., Any],
    combine: Callable[[Any, Any], Any],
    neutral: Any,
    a: Any,
    axis: Axis,
    keepdims: Any,
    initial: Any,
    where: Any,
) -> Any:
    """A reduction in which the elements outside `where` are neutral, and `initial` is one more element."""
    if given(where) and where is not True:
        a = np.where(where, a, neutral)
    y = a.record_call(function, (a,), {"axis": axis, "keepdims": flag(keepdims)})
    return combine(y, initial) if given(initial) else y


@adapter(np.sum)
def sum_(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = True,
) -> Any:
    """The sum."""
    refuse_out(np.sum, out)
    return reduce_with(np.sum, np.add, 0, cast(np.sum, a, dtype), axis, keepdims, initial, where)


@adapter(np.prod)
def prod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = NOT_GIVEN,
    where: Any = True,
) -> Any:
    """The product."""
    refuse_out(np.prod, out)
    return reduce_with(np.prod, np.multiply, 1, cast(np.prod, a, dtype), axis, keepdims, initial, where)


def extreme(function: Callable[..., Any], combine: Callable[[Any, Any], Any], neutral: float) -> Callable[..., Any]:
    """`np.max` or `np.min`: their neutral element must be given as `initial` where some are left out."""

    def reduced(
        a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = True
    ) -> Any:
        refuse_out(function, out)
        if given(where) and where is not True and not given(initial):
            raise ValueError(
                f"reduction operation '{combine.__name__}' does not have an identity, so to use a where mask one has "
                "to specify 'initial'"
            )
        return reduce_with(function, combine, neutral, a, axis, keepdims, initial, where)

    return reduced


for names, combine, neutral in (((np.max, np.amax), np.maximum, -np.inf), ((np.min, np.amin), np.minimum, np.inf)):
    for name in names:
        adapter(name)(extreme(names[0], combine, neutral))


@adapter(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """The mean."""
    refuse_out(np.mean, out)
    a = cast(np.mean, a, dtype)
    if not given(where) or where is True:
        return a.record_call(np.mean, (a,), {"axis": axis, "keepdims": flag(keepdims)})
    return np.sum(a, axis=axis, keepdims=flag(keepdims), where=where) / counted(a, where, axis, flag(keepdims))


@adapter(np.var)
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """The variance; `correction` is another name for `ddof`."""
    refuse_out(np.var, out)
    a, ddof, keepdims = cast(np.var, a, dtype), correction if given(correction) else ddof, flag(keepdims)
    if (not given(where) or where is True) and not given(mean):
        return a.record_call(np.var, (a,), {"axis": axis, "ddof": ddof, "keepdims": keepdims})
    where = where if given(where) else True
    centre = mean if given(mean) else np.mean(a, axis=axis, keepdims=True, where=where)
    deviations = np.where(where, a - centre, 0)
    free = np.maximum(counted(a, where, axis, keepdims) - ddof, 0)
    return np.sum(squared(deviations), axis=axis, keepdims=keepdims) / free


@adapter(np.std)
def std(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = NOT_GIVEN,
    correction: Any = NOT_GIVEN,
) -> Any:
    """The standard deviation; `correction` is another name for `ddof`."""
    refuse_out(np.std, out)
    a, ddof, keepdims = cast(np.std, a, dtype), correction if given(correction) else ddof, flag(keepdims)
    if (not given(where) or where is True) and not given(mean):
        return a.record_call(np.std, (a,), {"axis": axis, "ddof": ddof, "keepdims": keepdims})
    return root(np.var(a, axis=axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean))


def root(variance: Any) -> Any:
    """The square root with gradient 0 at 0, as `np.std` has it."""
    return np.where(variance == 0, 0, np.sqrt(np.where(variance == 0, 1, variance)))
