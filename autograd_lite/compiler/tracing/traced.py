"""What a traced function computes with: arrays and numbers that write down what is done with them.

A `Traced` behaves like the NumPy array it stands for: every call of NumPy on it is made on the array of this run, and
entered in the program. It is a handle: what changes an array in place (``x += y``, ``x[i] = y``) gives the handle a
new variable, and a view of an array follows the array that it is a view of. Its values cannot be looked at: a branch
on them, or a Python number made of them, would be true for this run only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.ir.program import Variable
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.rules.operators import BINARY, COMPARISONS, UNARY
from autograd_lite.tensor.tensor import Tensor


class TraceError(RuntimeError):
    """A function does what cannot be compiled."""


def refuse_reading(what: str) -> Callable[..., Any]:
    """A method that would look at a value."""

    def refuse(self: Any, *_: Any, **__: Any) -> Any:
        raise TraceError(
            f"{what} of {self!r} asks for a value, and a compiled program has to be the same for all values: replace a "
            "branch on a value by np.where, move .item(), float() and print out of the function, and give what "
            "selects a branch as an int, bool or str argument"
        )

    return refuse


class Unreadable(Symbol):
    """A symbol whose values cannot be looked at."""

    __slots__ = ()

    __bool__, __float__, __int__ = map(refuse_reading, ("bool()", "float()", "int()"))
    __index__, __complex__, __array__ = map(refuse_reading, ("an index made", "complex()", "an array made"))
    tracer: Any

    item, tolist, tobytes = map(refuse_reading, (".item()", ".tolist()", ".tobytes()"))
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        return self.tracer.ufunc(ufunc, method, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        if any(issubclass(kind, Tensor) for kind in types):
            return NotImplemented
        return self.tracer.function(function, args, settings)


def binary(function: Any, exchange: bool = False) -> Callable[[Any, Any], Any]:
    """An operator as the method of a symbol; a Tensor on the other side records the call itself."""

    def method(self: Any, other: Any) -> Any:
        if isinstance(other, Tensor):
            return NotImplemented
        return self.tracer.call(function, (other, self) if exchange else (self, other))

    return method


def in_place(function: Any) -> Callable[[Any, Any], Any]:
    """An operator that changes its left side."""

    def method(self: Any, other: Any) -> Any:
        if isinstance(other, Tensor):  # an array's memory cannot take a tensor, which says so
            return other.__array_ufunc__(function, "__call__", self, other, out=(self,))
        if self.ndim == 0 and not isinstance(self.value, np.ndarray):
            return self.tracer.call(function, (self, other))  # NumPy's numbers do not change
        result = self.tracer.call(function, (self, other))
        self.become(result)
        return self

    return method


METHODS: dict[str, Any] = {
    name: getattr(np, name)
    for name in (
        *("reshape", "transpose", "swapaxes", "squeeze", "ravel", "repeat", "take", "choose", "clip", "round"),
        *("sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "cumprod", "any", "all", "argmax", "argmin"),
        *("argsort", "sort", "dot", "trace", "diagonal", "conj", "conjugate", "searchsorted"),
    )
}


def get_item(x: Any, index: Any) -> Any:
    """``x[index]``."""
    return x[index]


def set_item(x: Any, index: Any, value: Any) -> Any:
    """`x` after ``x[index] = value``."""
    x = np.array(x)
    x[index] = value
    return x


def add_at(x: Any, index: Any, value: Any) -> Any:
    """`x` after ``np.add.at(x, index, value)``."""
    x = np.array(x)
    np.add.at(x, index, value)
    return x


def view_as(x: Any, dtype: Any) -> Any:
    """``x.view(dtype)``."""
    return x.view(dtype)


def astype(x: Any, dtype: Any) -> Any:
    """``x.astype(dtype)``."""
    return x.astype(dtype)


class Number(Unreadable):
    """A Python number that may differ from call to call."""

    __slots__ = ("asked", "nonzero", "tracer", "value", "variable")
    shape: tuple[int, ...] = ()
    ndim = 0

    def __init__(self, tracer: Any, value: Any, variable: Variable, nonzero: bool = False) -> None:
        self.tracer, self.value, self.variable, self.nonzero = tracer, value, variable, nonzero
        self.asked = False  # whether a branch has depended on its not being 0

    __str__, __format__, __hash__ = map(refuse_reading, ("str()", "format()", "hash()"))

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The type of the number, so that isinstance() says what it says in eager mode."""
        return type(self.value)

    def __deepcopy__(self, memo: Any) -> Number:
        return self  # as a number does

    def current(self) -> Variable:
        """The variable that stands for it."""
        return self.variable

    def __bool__(self) -> bool:
        if self.nonzero:  # the program holds as long as that is so
            self.asked = True
            return True
        return bool(super().__bool__())

    def __repr__(self) -> str:
        return f"the traced number {self.variable.name or 'computed from others'}"


RESHAPES = (np.reshape, np.ravel, np.expand_dims, np.squeeze)


class Traced(Unreadable):
    """An array while a function is traced.

    Attributes
    ----------
    value
        The array of this run, which belongs to the trace.
    parent, view
        For a view: the array that it is a view of, and the call that makes the view.
    """

    __slots__ = ("of", "parent", "tracer", "value", "variable", "view")

    def __init__(self, tracer: Any, value: Any, variable: Variable) -> None:
        self.tracer, self.value, self.variable = tracer, value, variable
        self.parent: Traced | None = None
        self.view: tuple[Any, Any, Any] = (None, (), {})
        self.of: Variable | None = None

    @property
    def root(self) -> Traced:
        """The array that this is a view of, through whatever views; itself if it is none."""
        return self.lineage()[-1]

    def lineage(self) -> list[Traced]:
        """This array, what it is a view of, what that is a view of, and so on."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return found

    def current(self) -> Variable:
        """The variable that stands for it now: a view is taken anew when its array has changed."""
        if self.parent is None:
            return self.variable
        *views, root = self.lineage()
        base = root.variable
        for view in reversed(views):
            if view.of is not base:
                view.of = base
                function, args, settings = view.view
                args = tuple([base if a is view.parent else a for a in args])
                view.variable = self.tracer.enter(function, args, settings, view.value)
                view.variable.call.view = True  # type: ignore[union-attr]
            base = view.variable
        return base

    def become(self, result: Any) -> None:
        """Take the values of `result` in place; what this is a view of takes them, too."""
        *views, root = self.lineage()
        for view in views:
            result = view.put(self.tracer.fitted(result, view))
        result = self.tracer.laid_out(self.tracer.fitted(result, root), root)
        root.value[...] = result.value
        root.variable = result.current()

    def put(self, result: Any) -> Any:
        """What this is a view of with `result` in its place."""
        assert self.parent is not None
        function, args, settings = self.view
        if not self.value.flags.writeable:
            raise ValueError("assignment destination is read-only")  # as NumPy says
        if function is get_item:
            return self.tracer.changed(self.parent, set_item, args[1], result)
        if function in RESHAPES and "order" not in settings and len(args) < 3:
            return self.tracer.call(np.reshape, (result, self.parent.shape))
        if self.dtype != self.parent.dtype:
            raise TraceError(f"an array is changed through a view that {function.__name__} made: change it directly")
        numbers = np.arange(self.parent.size).reshape(self.parent.shape)
        places = np.unravel_index(function(numbers, *args[1:], **settings), self.parent.shape)
        return self.tracer.changed(self.parent, set_item, places, result)

    base = property(lambda self: self.parent)
    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    itemsize = property(lambda self: self.value.itemsize)
    nbytes = property(lambda self: self.value.nbytes)
    T = property(lambda self: self.transpose())
    mT = property(lambda self: self.swapaxes(-1, -2))
    real = property(lambda self: self.tracer.call(np.real, (self,)))
    imag = property(lambda self: self.tracer.call(np.imag, (self,)))

    def __repr__(self) -> str:
        return f"a traced array of {self.dtype} and shape {self.shape}"

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return self.tracer.call(get_item, (self, index))

    def index_of(self, array: Any, index: Any) -> Any:
        """``array[index]`` with this symbol in `index`."""
        return self.tracer.call(get_item, (array, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        own = isinstance(value, Traced) and value.parent is self and value.view[0] is get_item
        if own and value.view[1][1] is index:
            return  # the end of ``x[index] += y``, which has changed `x` through its view
        if isinstance(value, Tensor) and not value.requires_grad:
            value = value.data
        self.tracer.change(self, set_item, index, value)

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(f"{self!r} has no attribute {name!r} that could be compiled")
        return lambda *args, **settings: self.tracer.call(METHODS[name], (self, *args), settings)

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """`np.reshape`, the shape given as one tuple or as several lengths."""
        shape = shape[0] if len(shape) == 1 else shape
        return self.tracer.call(np.reshape, (self, shape), {} if order == "C" else {"order": order})

    def transpose(self, *axes: Any) -> Any:
        """`np.transpose`, the axes given as one tuple or as several numbers."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return self.tracer.call(np.transpose, (self,) if order is None else (self, order))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """The same in another dtype."""
        return self.tracer.call(astype, (self, np.dtype(dtype)))

    def view_as(self, dtype: Any) -> Any:
        """The same memory read in another dtype of the same size."""
        return self.tracer.call(view_as, (self, np.dtype(dtype)))

    def copy(self, order: str = "C") -> Any:
        """The same values in memory of their own."""
        as_it_lies = order == "K" or (order == "C" and self.value.flags.c_contiguous)
        return self.tracer.call(np.copy, (self,), {} if as_it_lies else {"order": order})

    def flatten(self) -> Any:
        """All elements in one axis, in memory of their own."""
        return self.reshape(-1).copy()

    def fill(self, value: Any) -> None:
        """Give all elements one value."""
        self[...] = value


def enter_operators() -> None:
    """Give symbols Python's operators: NumPy's functions on arrays, Python's own on two numbers."""
    for name, ufunc, plain, *_ in UNARY:
        setattr(Traced, f"__{name}__", lambda self, ufunc=ufunc: self.tracer.call(ufunc, (self,)))
        setattr(Number, f"__{name}__", lambda self, plain=plain: self.tracer.call(plain, (self,)))
    for op in BINARY:
        setattr(Traced, f"__{op.name}__", binary(op.ufunc))
        setattr(Number, f"__{op.name}__", binary(op.python))
        if op not in COMPARISONS:
            setattr(Traced, f"__r{op.name}__", binary(op.ufunc, exchange=True))
            setattr(Number, f"__r{op.name}__", binary(op.python, exchange=True))
            setattr(Traced, f"__i{op.name}__", in_place(op.ufunc))
    setattr(Traced, "__pow__", binary(operator.pow))  # noqa: B010
    setattr(Traced, "__rpow__", binary(operator.pow, exchange=True))  # noqa: B010


enter_operators()
