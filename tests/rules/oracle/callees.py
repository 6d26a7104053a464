"""What is called: NumPy's functions that the package knows, the methods of its ufuncs, those of its arrays."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules.registry import ADAPTERS, ASSIGNING, PLAIN, Primitive

KINDS = inspect.Parameter
UNWRITTEN = {np.empty_like}  # it gives memory that nobody has written
ELSEWHERE = {"item", "tolist", "view", "to_device"}  # methods that leave the array, or are refused: test_methods.py


class Callee(NamedTuple):
    """Something to call.

    Attributes
    ----------
    required, settings : list of str
        The names of the parameters that must be given, by position, and of those that may be.
    changes : bool
        Whether it changes its first argument and gives nothing.
    """

    name: str
    call: Callable[..., Any]
    required: list[str]
    settings: list[str]
    function: Any = None
    changes: bool = False
    by_keyword: bool = True  # whether what is required may be given by keyword

    def __repr__(self):
        return self.name


def parameters(function):
    """The parameters of a function; before NumPy 2.4 not all functions tell them."""
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:
        return [inspect.Parameter("a", KINDS.POSITIONAL_ONLY)]


def required_of(function):
    """The names of the parameters that must be given."""
    kinds = (KINDS.POSITIONAL_ONLY, KINDS.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters(function) if p.default is p.empty and p.kind in kinds and p.name != "self"]


def settings_of(function):
    """The names of the parameters that may be left out; `out` is tested by itself."""
    return [p.name for p in parameters(function) if p.default is not p.empty and p.name not in ("out", "like")]


def functions():
    """NumPy's functions and ufuncs that have a row, a form, or are known to be about values."""
    known = [f for f in {*TABLE, *ADAPTERS, *PLAIN} if not isinstance(f, Primitive) and f not in UNWRITTEN]
    dispatched = type(np.sum)
    for f in sorted(known, key=lambda f: (f.__name__, getattr(f, "__module__", None) or "")):
        if isinstance(f, dispatched):
            yield Callee(f.__name__, f, required_of(f), settings_of(f), f, f in ASSIGNING)
        elif getattr(np, f.__name__, None) is f:  # with `where` and no `out` some elements are what nobody has written
            names = [f"x{i}" for i in range(f.nin)]
            yield Callee(f.__name__, f, names, ["dtype", "casting", "order"], f, by_keyword=False)


def ufunc_methods():
    """The methods of the ufuncs of two arguments."""
    of_one = {"reduce": ["axis", "dtype", "keepdims", "initial", "where"], "accumulate": ["axis", "dtype"]}
    for callee in functions():
        f = callee.function
        if not isinstance(f, np.ufunc) or f.nin != 2 or f.nout != 1:
            continue
        for name, settings in of_one.items():
            yield Callee(f"{f.__name__}.{name}", getattr(f, name), ["a"], settings, f, by_keyword=False)
        outer = Callee(f"{f.__name__}.outer", f.outer, ["a", "b"], ["dtype"], f, by_keyword=False)
        yield outer
        yield Callee(f"{f.__name__}.reduceat", f.reduceat, ["a", "indices"], ["axis"], f, by_keyword=False)
        yield Callee(f"{f.__name__}.at", f.at, ["a", "indices", "b"], [], f, changes=True, by_keyword=False)


def array_methods():
    """The methods that ndarray and Tensor have in common."""
    for name in dir(np.ndarray):
        method = getattr(np.ndarray, name)
        if name.startswith("_") or not callable(method) or not hasattr(ag.Tensor, name) or name in ELSEWHERE:
            continue

        def call(a, *args, name=name, **settings):
            return getattr(a, name)(*args, **settings)

        changes = name in ("sort", "fill", "put", "partition")
        needed = [KINDS.POSITIONAL_OR_KEYWORD] and ["a", *required_of(method)]
        yield Callee(f"ndarray.{name}", call, needed, settings_of(method), None, changes, by_keyword=False)


CALLEES = [*functions(), *ufunc_methods(), *array_methods()]
