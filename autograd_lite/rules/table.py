"""How a row gets into the table, and how a call that NumPy hands over finds its row."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import numpy as np

from autograd_lite.array_like import NATIVE, NUMBERS, UNSUSPICIOUS, is_array_like, to_array
from autograd_lite.arrays import Together
from autograd_lite.describe import describe
from autograd_lite.graph import TABLE, Row
from autograd_lite.symbols import Symbol
from autograd_lite.untaken import Chooses, each, passes

ADAPTERS: dict[Callable[..., Any], Callable[..., Any]] = {}  # functions written in terms of others that have rows
REFUSALS: dict[Callable[..., Any], str] = {}  # functions that are refused for a reason worth saying
PLAIN: set[Callable[..., Any]] = set()  # functions whose answer is about the values and is not a tensor

FAMILIAR = {*UNSUSPICIOUS - {np.ndarray}, type(None), type(...), slice, str}  # what is no array, and Tensor


class Recordable:
    """Base class of Tensor: it tells the functions of our own to whom a call must be handed."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        FAMILIAR.add(cls)

    def record_call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Record ``function(*args, **kwargs)``."""
        raise NotImplementedError


PERHAPS_ARRAYS = (np.ndarray, Recordable, Symbol, *NUMBERS, list, tuple, type(None))  # NumPy judges lists itself


def entered(a: Any) -> Any:
    """An argument of a function that NumPy hands over: arrays of other libraries as NumPy's, the rest as it is."""
    kind = type(a)
    if kind in FAMILIAR:
        return a
    if kind is np.ndarray:
        return a if a.dtype in NATIVE else to_array(a)
    if kind is list or kind is tuple:
        return a if FAMILIAR.issuperset(map(type, a)) else kind(map(entered, a))
    if isinstance(a, Symbol):
        return a
    return to_array(a) if is_array_like(a) or hasattr(kind, "__float__") else a


class Primitive:
    """A function of our own that has a row: on arrays it runs its body, on tensors the call is recorded."""

    def __init__(self, body: Callable[..., Any]) -> None:
        functools.update_wrapper(self, body)
        self.body = body
        self.__name__ = body.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for a in args:
            if isinstance(a, Recordable):
                return a.record_call(self, args if len(args) == 1 else tuple(map(entered, args)), kwargs)
        return self.body(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__name__


def read_only(view: Any, x: Any, *_: Any, **__: Any) -> Any:
    """The `put` of what shows its argument's memory and cannot be assigned to, as it is in NumPy."""
    raise ValueError("assignment destination is read-only")


def row(
    function: Callable[..., Any],
    *rules: Callable[..., Any] | None,
    body: Callable[..., Any] | None = None,
    together: Callable[..., Iterable[Any]] | None = None,
    put: Callable[..., Any] | None = None,
    flow: Callable[..., Any] | Chooses | str | None = None,
    rearranges: bool = False,
) -> None:
    """Enter `function` in the table.

    `rules` are one ``rule(g, y, *arguments, **settings)`` per array argument (None: no gradient reaches it), or
    `together` is one ``rule(g, y, *arrays, **settings)`` that gives the gradients of any number of arrays; none at all
    says that the derivative is zero or undefined everywhere. `body` is an equivalent that runs faster on arrays.

    A function whose result may be a view of its first argument `x` has a ``put(view, x, *more, **settings)``: `x` with
    other values where the view shows it. Of one that only rearranges the elements that is its gradient rule.

    `flow` says how elements of the result hang on those of the arguments (see `untaken`): one by one in a ufunc, each
    on all if nothing is said.
    """
    if body is None:
        body = function.body if isinstance(function, Primitive) else function
    if rearranges:
        (rule,) = rules
        put = lambda view, x, *more, **settings: rule(view, None, x, *more, **settings)  # type: ignore[misc]
        flow = passes
    if flow is None and isinstance(function, np.ufunc) and function.signature is None:
        flow = each
    special = together is not None or type(flow) is Chooses
    TABLE[function] = Row(body, Together(together) if together else rules, put, flow, special)


def adapter(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say how to compute a NumPy function with functions that have rows; the parameters are NumPy's."""

    def enter(adapted: Callable[..., Any]) -> Callable[..., Any]:
        ADAPTERS[function] = adapted
        return adapted

    return enter


@functools.cache
def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters in order; () where Python cannot tell."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


@functools.cache
def settings_of(function: Callable[..., Any]) -> tuple[int, frozenset[str]]:
    """How many arguments of a row are arrays, and the names of the settings that its rules understand."""
    rules = TABLE[function].rules
    assert isinstance(rules, tuple)
    known = [set(parameter_names(rule)[2:]) for rule in rules if rule]
    return len(rules) or 1, frozenset.union(*map(frozenset, known)) if known else frozenset()


def normalise(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Turn a call as NumPy allows it into a row's form: arrays positional, settings by keyword."""
    arrays, known = settings_of(function)
    names = parameter_names(function)
    settings = {**dict(zip(names[arrays:], args[arrays:], strict=False)), **kwargs}
    args = args[:arrays] + tuple(settings.pop(name) for name in names[len(args) : arrays] if name in settings)
    args = tuple([a if isinstance(a, PERHAPS_ARRAYS) else to_array(a) for a in args])
    return args, understood(function, known, settings) if TABLE[function].rules else settings


def understood(function: Callable[..., Any], known: Container[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are `known`; another one is refused unless it says what is so anyway."""
    for name, value in settings.items():
        if name not in known and value is not None and repr(value) not in ("<no value>", "'K'", "'same_kind'", "False"):
            raise NotImplementedError(
                f"{name_of(function)}: the setting {name}={describe(value)} has no gradient rule; leave it out, or "
                "compute on .detach() if no gradient is wanted"
            )
    return {name: value for name, value in settings.items() if name in known}


def adapted(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Compute a NumPy function with functions that have rows."""
    adapter = ADAPTERS[function]
    names = parameter_names(adapter)
    if kwargs and names and "settings" not in names:
        kwargs = understood(function, names, kwargs)
    return adapter(*args, **kwargs)


def name_of(function: Callable[..., Any]) -> str:
    """The name under which a user knows a function, e.g. ``np.linalg.eig``."""
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        module = "scipy.special"  # a ufunc does not know where it comes from
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"


def refuse(function: Callable[..., Any]) -> NotImplementedError:
    """The error for a function without a rule: it names the nearest one that has a rule."""
    if function in REFUSALS:
        return NotImplementedError(f"{name_of(function)} is not differentiated: {REFUSALS[function]}")
    known = {f.__name__: f for f in [*TABLE, *ADAPTERS]}
    near = difflib.get_close_matches(function.__name__, known, n=1, cutoff=0.3)
    hint = f"; the nearest that has one is {name_of(known[near[0]])}" if near else ""
    return NotImplementedError(
        f"{name_of(function)} has no gradient rule{hint}. Use .detach() where no gradient is wanted"
    )
