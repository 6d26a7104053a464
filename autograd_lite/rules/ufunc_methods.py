"""Ufuncs called with settings, and their methods, ``np.add.reduce`` and its like, in terms of functions with rows.

Where a NumPy function does the same it is called; any other ufunc of two arguments is applied one element after the
other, as the methods are defined, so that what has a rule as a function has one as a method.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.engine.graph import TABLE
from autograd_lite.engine.tracing_protocol import known
from autograd_lite.rules.arguments import read_only_values
from autograd_lite.rules.calling import ProtocolCall
from autograd_lite.rules.elementwise import astype
from autograd_lite.rules.indexing import put_item
from autograd_lite.rules.ordering import running_extreme
from autograd_lite.rules.reductions import logsumexp, merged, removed_last
from autograd_lite.rules.registry import (
    ADAPTERS,
    ANY,
    NOT_GIVEN,
    Form,
    Recordable,
    entered,
    form_of,
    holds_tensors,
    name_of,
    refuse_setting,
)
from autograd_lite.rules.shaping import array_of, values_of

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
SCANS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.cumsum,
    np.multiply: np.cumprod,
    np.maximum: functools.partial(running_extreme, largest=True),
    np.minimum: functools.partial(running_extreme, largest=False),
}


def answer(one: Recordable, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], settings: Mapping[str, Any]) -> Any:
    """What a ufunc gives for tensors, called with settings, or by one of its methods."""
    find(ufunc)
    written = inputs[:1] if method == "at" else ()
    inputs = (*written, *map(entered, inputs[len(written) :]))
    function = ufunc if method == "__call__" else getattr(ufunc, method)
    if not holds_tensors((inputs, settings.get("out"))):  # a setting counts as its values
        return function(*inputs, **read_only_values(settings))
    if method == "at":
        return ProtocolCall(one, function, method_forms(ufunc)[method], inputs, settings).assign()
    form = ADAPTERS.get(ufunc) if method == "__call__" else None
    constant = form is None and ufunc in TABLE and not TABLE[ufunc].rules
    if (form is None and ufunc in TABLE) or ufunc in ADAPTERS:
        form = form or method_forms(ufunc)[method]
    return ProtocolCall(one, function, form, inputs, settings, constant).answer()


def find(ufunc: np.ufunc) -> None:
    """Enter the rules of SciPy's functions when the first of them is met: SciPy is an extra and need not be there."""
    if ufunc not in TABLE and ufunc not in ADAPTERS and "scipy.special" in sys.modules:
        importlib.import_module("autograd_lite.rules.special")


@functools.cache
def method_forms(ufunc: np.ufunc) -> dict[str, Form]:
    """What can be done with a ufunc, as forms."""
    forms = {method: form_of(compute)._replace(learned=frozenset({"initial"})) for method, compute in METHODS.items()}
    return {
        method: form._replace(
            compute=functools.partial(form.compute, ufunc),
            positional=form.positional[1:],
            arrays=form.arrays - (form.arrays < ANY),
        )
        for method, form in forms.items()
    }


def call(ufunc: np.ufunc, *inputs: Any, dtype: Any = None, signature: Any = None, casting: Any = "same_kind") -> Any:
    """A ufunc whose loop is chosen: its inputs are cast to what that loop takes."""
    if dtype is None and signature is None:
        return ufunc(*inputs)
    if dtype is not None:
        signature = (*(None,) * ufunc.nin, *(np.dtype(dtype),) * ufunc.nout)
    kinds = [type(a) if isinstance(a, int | float | complex) else array_of(a).dtype for a in inputs]
    loop = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout), signature=signature, casting=casting)
    return ufunc(*[astype(a, dtype=d) if hasattr(a, "dtype") else a for a, d in zip(inputs, loop, strict=False)])


def reduce(
    ufunc: np.ufunc,
    array: Any,
    axis: Any = 0,
    *,
    keepdims: bool = False,
    initial: Any = NOT_GIVEN,
    where: Any = True,
    value: Any = None,
) -> Any:
    """The ufunc between all elements along the axes."""
    given = {"initial": initial, "where": where}
    if ufunc in REDUCTIONS:
        return REDUCTIONS[ufunc](array, axis=axis, keepdims=keepdims, **given)
    for name, setting in given.items():
        if setting is not NOT_GIVEN and setting is not True:
            raise refuse_setting(ufunc.reduce, name, setting)
    if ufunc is np.logaddexp:
        return logsumexp(array, axis=axis, keepdims=keepdims)
    x = merged(array, axis)
    start = [ufunc.identity] if x.shape[-1] == 1 and ufunc.identity is not None else []
    y = functools.reduce(ufunc, [*start, *[x[..., i] for i in range(x.shape[-1])]])
    if keepdims:
        removed = removed_last(axis, array.ndim)[1]
        y = np.reshape(y, tuple(1 if i in removed else m for i, m in enumerate(array.shape)))
    return consistent(ufunc, y, value)


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, *, value: Any = None) -> Any:
    """The results of reducing more and more elements along an axis."""
    if ufunc in SCANS:
        return SCANS[ufunc](array, axis=axis)
    moved = np.moveaxis(array, axis, 0)
    results = [moved[0]]
    for i in range(1, moved.shape[0]):
        results.append(ufunc(results[-1], moved[i]))
    return consistent(ufunc, np.stack(results, axis=axis), value)


def consistent(ufunc: np.ufunc, y: Any, value: Any) -> Any:
    """`y`, unless NumPy's loops do not go from one element to the next: some of `power` and `arctan2` do not."""
    if known(value) and value is not None and not np.allclose(values_of(y), value, 1e-3, 1e-3, equal_nan=True):
        raise NotImplementedError(f"np.{ufunc.__name__}: NumPy combines the elements in another way; write a loop")
    return y


def outer(ufunc: np.ufunc, a: Any, b: Any, **settings: Any) -> Any:
    """The ufunc between all pairs of elements."""
    a, b = array_of(a), array_of(b)
    return call(ufunc, np.reshape(a, a.shape + (1,) * b.ndim), b, **settings)


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, *, value: Any = None) -> Any:
    """The reductions from each index up to the next; the element itself where the next is not behind it."""
    moved = np.moveaxis(array, axis, 0)
    starts = np.asarray(indices).tolist()
    parts = [
        reduce(ufunc, moved[i:j]) if i + 1 < j else moved[i]
        for i, j in zip(starts, [*starts[1:], moved.shape[0]], strict=True)
    ]
    return consistent(ufunc, np.stack(parts, axis=axis), value)


def at(ufunc: np.ufunc, target: Any, indices: Any, values: Any = None, *, value: Any = None) -> None:
    """Add to some elements, or subtract from them, as often as they are named."""
    if ufunc not in (np.add, np.subtract):
        raise NotImplementedError(f"{name_of(ufunc)}.at has no gradient rule; assign to x[i]")
    index = indices if isinstance(indices, tuple) else (indices,)
    values = np.broadcast_to(values, target[index].shape)
    result = ufunc(target, put_item(values, *index, shape=target.shape))
    result.node.value = result.node.value if value is None else value  # where nothing is added, -0.0 stays what it is
    target[...] = result


METHODS: dict[str, Callable[..., Any]] = {
    "__call__": call,
    "reduce": reduce,
    "accumulate": accumulate,
    "outer": outer,
    "reduceat": reduceat,
    "at": at,
}
