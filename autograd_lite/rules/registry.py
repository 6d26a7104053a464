"""How a function gets into the table: by a row of its own, or by a form made of functions that have rows."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.accumulation import Together
from autograd_lite.engine.array_like import NATIVE, UNSUSPICIOUS, is_array_like, to_array
from autograd_lite.engine.graph import TABLE, Node, Row
from autograd_lite.engine.messages import describe
from autograd_lite.engine.settings import ATOMS
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.engine.untaken import Chooses, each, passes
from autograd_lite.support.habits import WORDS, spelled

Function = Callable[..., Any]
REFUSALS: dict[Function, str] = {}  # what to write instead of functions that are not differentiated
PLAIN: set[Function] = set()  # functions whose answer is about the values and is not a tensor
ASSIGNING: set[Function] = set()  # functions that change their first argument
ANY = 1_000_000  # a number of arguments
NOT_YET_ARRAYS = frozenset((int, float, bool, list, tuple))
NOT_GIVEN = inspect.signature(np.sum).parameters["initial"].default  # NumPy's own mark

FAMILIAR = {*UNSUSPICIOUS - {np.ndarray}, type(None), type(...), slice, str}  # what is no array, and Tensor


class Recordable:
    """Base class of Tensor: it tells the functions of our own to whom a call must be handed."""

    __slots__ = ()
    node: Node

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        FAMILIAR.add(cls)

    def record_call(self, function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Record ``function(*args, **kwargs)``."""
        raise NotImplementedError

    def constant(self, value: Any) -> Any:
        """A tensor without a history."""
        raise NotImplementedError

    def record_row(self, function: Function, arrays: Iterable[Any], settings: Mapping[str, Any]) -> Any:
        """Record a call of NumPy's in the form of a row, whose arrays may be numbers and lists."""
        raise NotImplementedError


def tensors_in(tree: Any) -> Iterator[Recordable]:
    """The tensors in an argument, in whatever it is nested."""
    if isinstance(tree, Recordable):
        yield tree
    elif isinstance(tree, list | tuple | dict):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from tensors_in(part)


def holds_tensors(tree: Any) -> bool:
    """Whether there are tensors in an argument."""
    return next(tensors_in(tree), None) is not None


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

    def __init__(self, body: Function) -> None:
        functools.update_wrapper(self, body)
        self.body = body
        self.__name__ = body.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs and not WORDS.isdisjoint(kwargs):
            kwargs = spelled(self.__name__, kwargs)
        for a in args:
            if isinstance(a, Recordable):
                return a.record_call(self, *row_form(self, tuple(map(entered, args)), kwargs))
        if args and type(args[0]) in NOT_YET_ARRAYS:
            return self.body(to_array(args[0]), *args[1:], **kwargs)[()]
        return self.body(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__name__


def read_only(view: Any, x: Any, *_: Any, **__: Any) -> Any:
    """The `put` of what shows its argument's memory and cannot be assigned to, as it is in NumPy."""
    raise ValueError("assignment destination is read-only")


def row(
    function: Function,
    *rules: Function | None,
    body: Function | None = None,
    together: Callable[..., Iterable[Any]] | None = None,
    put: Function | None = None,
    flow: Function | Chooses | str | None = None,
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


# Forms. NumPy's signature is the only one: a form names those of its parameters that it understands.


class Form(NamedTuple):
    """How a function of NumPy is computed with functions that have rows."""

    compute: Function
    positional: tuple[str, ...]  # the parameters that may be given by position
    arrays: int  # how many of them are arrays: those without a default; ANY for ``*arrays``
    takes: frozenset[str] | None  # all parameters; None for ``**settings``
    learned: frozenset[str] = frozenset()  # the settings that are differentiated
    alone: bool = False  # whether its value and its errors are NumPy's own without asking NumPy
    moves: bool = False  # whether its elements are those of its arguments, so that its value is NumPy's own

    @property
    def array_names(self) -> tuple[str, ...]:
        """The parameters that are arrays."""
        return self.positional[: self.arrays]

    @property
    def names(self) -> frozenset[str]:
        """The parameters that it takes by keyword."""
        return self.takes or frozenset()

    def given(self, value: Any) -> dict[str, Any]:
        """What NumPy gave, if the form asks for it: a parameter `value`, which no function of NumPy's has."""
        return {"value": value} if "value" in self.names else {}

    def understands(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
        """Whether a call can be handed to `compute` as it is: its arrays by position, its settings no tensors."""
        fits = self.arrays == ANY or self.arrays <= len(args) <= len(self.positional)
        if self.takes is None or not fits:
            return fits
        settings = [a for a in (*args[self.arrays :], *kwargs.values()) if type(a) not in ATOMS]
        return kwargs.keys() <= self.names and not holds_tensors(settings)


RENAMED = {"newshape": "shape"}  # parameters that older versions of NumPy call otherwise
ADAPTERS: dict[Function, Form] = {}  # functions written in terms of others that have rows


def adapter(
    function: Function, *learned: str, alone: bool = False, moves: bool = False
) -> Callable[[Function], Function]:
    """Say how to compute a NumPy function with functions that have rows.

    The form's parameters are those of NumPy's that it understands, under NumPy's names: the first ones by position,
    all others by keyword only. Those without a default are arrays; of the others, the settings, only `learned` ones
    are differentiated, and a tensor that requires a gradient is refused in the rest.

    The value is NumPy's: the function itself computes it, and refuses what it refuses. `alone` says that there is no
    need to, because the form gives the same bits and errors; `moves` that it does no arithmetic, so that a compiled
    program, whose shapes are fixed, need not compute both.
    """

    def enter(compute: Function) -> Function:
        ADAPTERS[function] = form_of(compute)._replace(learned=frozenset(learned), alone=alone, moves=moves)
        verify(function, ADAPTERS[function])
        return compute

    return enter


def form_of(compute: Function) -> Form:
    """What the code of `compute` says of its parameters; ten times faster than `inspect.signature`."""
    code: Any = inspect.unwrap(compute).__code__
    names, several = code.co_varnames, bool(code.co_flags & inspect.CO_VARARGS)
    count = code.co_argcount
    arrays = ANY if several else count - len(inspect.unwrap(compute).__defaults__ or ())
    takes = None if code.co_flags & inspect.CO_VARKEYWORDS else frozenset(names[: count + code.co_kwonlyargcount])
    return Form(compute, names[:count], arrays, takes)


def verify(function: Function, form: Form) -> None:
    """Raise, at import, unless a form's positional parameters are the first ones of the function that it computes.

    As far as NumPy has written the function in Python: others tell their parameters since NumPy 2.4 only, and a test
    compares all of them, and the settings too, which come and go with NumPy's versions.
    """
    code = getattr(getattr(function, "__wrapped__", None), "__code__", None)
    if code is not None:
        theirs = tuple([RENAMED.get(name, name) for name in code.co_varnames[: len(form.positional)]])
        if theirs != form.positional:
            raise TypeError(f"{name_of(function)} has the parameters {theirs}, and its form has {form.positional}")


@functools.cache
def defaults_of(function: Function) -> dict[str, Any]:
    """The parameters of a function in order, with their defaults; {} where Python cannot tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {p.name: p.default for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


@functools.cache
def parameter_names(function: Function) -> tuple[str, ...]:
    """The names of a function's parameters in order; () where Python cannot tell."""
    return tuple(defaults_of(function))


# Rows as forms.


@functools.cache
def row_of(function: Function) -> Form:
    """A row as a form: its rules say how many arguments are arrays, and which settings they understand."""
    rules = TABLE[function].rules
    count = len(rules) if isinstance(rules, tuple) else ANY
    if isinstance(function, Primitive):
        form = form_of(function.body)
        return form._replace(arrays=count) if count and form.arrays != ANY else form
    forms = [form_of(rule) for rule in rules if rule]
    known = frozenset(n for form in forms for n in form.takes or () if n not in form.positional[: 2 + count])
    names = parameter_names(function) or forms[0].positional[2:]
    settings = itertools.takewhile(known.__contains__, names[count:])
    compute = functools.partial(recorded, function)
    return Form(compute, (*names[:count], *settings), count, known | {*names[:count]}, alone=True)


def row_form(function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """A call as it is recorded: arrays by position, settings by keyword."""
    form = row_of(function)
    count = form.arrays
    if len(args) == count or count == ANY:
        return args, kwargs
    if len(args) > count:
        return args[:count], {**dict(zip(form.positional[count:], args[count:], strict=False)), **kwargs}
    settings = dict(kwargs)
    return (*args, *[settings.pop(n) for n in form.positional[len(args) : count] if n in settings]), settings


def recorded(function: Function, *args: Any, **kwargs: Any) -> Any:
    """Record the call of a function that has a row."""
    arrays, settings = row_form(function, args, kwargs)
    return next(tensors_in(arrays)).record_row(function, arrays, settings)


# Names and refusals.


def name_of(function: Function) -> str:
    """The name under which a user knows a function, e.g. ``np.linalg.eig`` or ``np.add.reduce``."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{function.__name__}"
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        module = "scipy.special"  # a ufunc does not know where it comes from
    module = module.replace("numpy", "np", 1).replace("lib.scimath", "emath").replace("lib._scimath_impl", "emath")
    return f"{module}.{function.__name__}"


def refuse(function: Function) -> NotImplementedError:
    """The error for a function without a rule, of which a gradient is wanted."""
    instead = REFUSALS.get(function, "pass x.detach() for its values alone")
    return NotImplementedError(f"{name_of(function)} has no gradient rule: {instead}")


def refuse_setting(function: Function, name: str, value: Any) -> NotImplementedError:
    """The error for a setting that is not understood."""
    said = f"the setting {name}={describe(getattr(value, 'node', value))}"
    return NotImplementedError(
        f"{name_of(function)}: {said} has no gradient rule; leave it out, or pass x.detach() for its values alone"
    )
