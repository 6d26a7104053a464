"""`Tensor`: the handle that a user holds. It refers to a `Node` and makes it look like a NumPy array."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import given
from autograd_lite.engine.array_like import NATIVE, to_array
from autograd_lite.engine.grad_mode import is_grad_enabled
from autograd_lite.engine.graph import TABLE, Node, backpropagate, record
from autograd_lite.engine.hooks import register, retained
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Leaf, Variable
from autograd_lite.engine.tracing_protocol import Symbol, array_copied
from autograd_lite.engine.warnings import add_to, warn_of_computed
from autograd_lite.rules import calling, ufunc_methods
from autograd_lite.rules.complex import first
from autograd_lite.rules.elementwise import astype, power_of_constant
from autograd_lite.rules.indexing import get_item, set_item, spread_index
from autograd_lite.rules.registry import ADAPTERS, holds_tensors
from autograd_lite.rules.shaping import array_of
from autograd_lite.tensor.aliasing import Origin
from autograd_lite.tensor.leaving import NOTHING, keep, taken, variables
from autograd_lite.tensor.pytorch_methods import PyTorchMethods

Operator = Callable[[Any, Any], "Tensor"]
new, ndarray = object.__new__, np.ndarray
node_value = operator.attrgetter("value")


def wrap(node: Node) -> Tensor:
    """The handle on a node."""
    tensor = new(Tensor)
    tensor.node, tensor.leaf = node, node.leaf
    return tensor


def variable(data: Any, name: str | None = None) -> Tensor:
    """A copy of numbers for a function to be differentiated in: unlike a leaf, the function may assign to it."""
    return wrap(Node(array_copied(data)[()], True, Variable(name)))


def operand(a: Any) -> Any:
    """What an argument becomes in a record: a tensor's node; a 0-d constant as a Python number, which has no dtype."""
    if isinstance(a, Tensor):
        return a.node
    if type(a) is ndarray:
        array = a if a.dtype in NATIVE else to_array(a)
        return array if array.ndim else array.item()
    if a is None or isinstance(a, Symbol):
        return a
    if isinstance(a, (float, int, complex, np.floating)):
        return a.item() if hasattr(a, "item") else a
    if isinstance(a, list | tuple) and holds_tensors(a):
        return array_of(a).node
    return operand(to_array(a))


def plain(a: Any) -> Any:
    """The values of a tensor, or of the tensors in a sequence; anything else as it is."""
    if isinstance(a, list | tuple):
        return type(a)(map(plain, a))
    return a.node.value if isinstance(a, Tensor) else a


def check_differentiable(dtype: Any, requires_grad: bool) -> None:
    """Refuse a gradient for numbers that cannot change continuously."""
    if requires_grad and dtype.kind != "f":
        raise TypeError(
            f"a tensor of dtype {dtype} cannot require a gradient: only floating numbers change continuously; "
            "give floats or dtype=float"
        )


def seed(node: Node, gradient: Any = None) -> Any:
    """The gradient that a walk starts from, in the shape and dtype of `node`."""
    if gradient is None:
        if node.value.size != 1 or node.value.dtype.kind == "c":
            raise RuntimeError(
                f"backward() without a gradient starts from one number (a real one), not from {describe(node)}: "
                "take .sum() or .mean(), or pass gradient="
            )
        one = node.value.dtype.type(1)
        return np.full(node.value.shape, one) if node.value.ndim else one
    gradient = given(plain(gradient), node.value.dtype)
    if gradient.shape != node.value.shape:
        raise ValueError(f"a gradient of shape {gradient.shape} does not fit {describe(node)}")
    return gradient


def rebuild(cls: type[Tensor], array: Any, requires_grad: bool, name: str | None, grad: Any) -> Tensor:
    """A pickled or copied leaf, as it was."""
    tensor = object.__new__(cls)
    tensor.leaf = Leaf(name)
    tensor.leaf.grad = grad
    tensor.node = Node(array if array.ndim else array[()], requires_grad, tensor.leaf)
    return tensor


def binary_operator(function: Callable[..., Any]) -> tuple[Operator, Operator]:
    """The operator of a function of two arrays, and the same with its operands exchanged."""

    def forward(self: Tensor, other: Any) -> Tensor:
        kind = type(other)
        b = other.node if kind is Tensor else other if kind is float or kind is int else operand(other)
        return wrap(record(function, (self.node, b)))

    def reflected(self: Tensor, other: Any) -> Tensor:
        a = operand(other)
        return wrap(record(function, (first(a, self.node) if type(a) is complex else a, self.node)))

    return forward, reflected


def in_place_operator(function: Operator) -> Operator:
    """The operator that gives its left side a new value: recorded, so whatever used the old value keeps it."""

    def change(self: Tensor, other: Any) -> Tensor:
        node = function(self, other).node
        self.check_assignable(node)
        if node.value.shape != self.shape:
            raise ValueError(f"{describe(self.node)} cannot take a result of shape {node.value.shape} in place")
        if node.value.dtype != self.dtype:
            if not np.can_cast(node.value.dtype, self.dtype, "same_kind"):
                raise TypeError(
                    f"{describe(self.node)} cannot take a result of dtype {node.value.dtype} in place: make it a "
                    "tensor of that dtype first, x = x.astype(dtype)"
                )
            node = record(astype, (node,), {"dtype": self.dtype})
        self.assign(node)
        return self

    return change


class Tensor(PyTorchMethods):
    """An array whose computation is recorded.

    Parameters
    ----------
    data : array_like
        Numbers of any shape; they are copied. A Tensor's values are copied without its history.
    dtype : dtype, optional
        As in `np.array`: float64 for Python floats.
    requires_grad : bool
        Whether `backward` shall leave a gradient in `.grad`; only for floating dtypes.
    name : str, optional
        Shown in messages, in the repr and in drawings.

    Raises
    ------
    TypeError
        If the data are not numbers, or an integer or boolean tensor is asked for a gradient.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
    >>> y = (x**2).sum()
    >>> y.backward()
    >>> x.grad
    array([2., 4.])
    """

    __slots__ = ()
    is_parameter = False  # whether it was made to be learned, even if it is frozen now

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> None:
        try:
            array = array_copied(taken(data, "a Tensor of a tensor"), dtype)
        except TypeError as error:
            error.add_note("a tensor holds numbers; to join tensors use np.stack")
            raise
        check_differentiable(array.dtype, requires_grad)
        self.leaf = Leaf(name)
        self.node = Node(array if array.ndim else array[()], requires_grad, self.leaf)

    # What it is.

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was made by the user and not computed from others."""
        return self.node.function is None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow into this tensor; can be set on a leaf."""
        return self.node.needs_grad

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if not self.is_leaf:
            raise RuntimeError("requires_grad can be set on leaves only; .detach() gives a tensor without history")
        if flag and (origin := getattr(self, "origin", None)) is not None and origin.function is not None:
            raise RuntimeError(
                f"{describe(self.node)} is a view of {describe(origin.base.node)} and no leaf: take a copy() first"
            )
        check_differentiable(self.dtype, flag)
        self.leaf = self.leaf or Leaf()
        self.node = Node(self.node.value, flag, self.leaf)

    @property
    def name(self) -> str | None:
        """The name shown in messages and drawings."""
        return self.leaf.name if self.leaf else None

    @name.setter
    def name(self, name: str | None) -> None:
        if self.leaf is None:
            self.leaf = self.node.leaf = Leaf()
        self.leaf.name = name

    @property
    def grad(self) -> Any:
        """The accumulated gradient of a leaf, a NumPy array of its shape and dtype; None before `backward`."""
        if self.node.function is not None:
            if (kept := retained(self.leaf)) is not None:
                return kept.grad
            if is_grad_enabled():
                warn_of_computed(self.node)
        return self.leaf.grad if self.leaf else None

    @grad.setter
    def grad(self, g: Any) -> None:
        if g is not None:
            g = given(taken(g, ".grad = …"), self.dtype)
            if g.shape != self.shape:
                raise ValueError(f"a gradient of shape {g.shape} does not fit {describe(self.node)}")
        if self.leaf is None or not self.is_leaf:
            raise RuntimeError(f"only leaves keep a gradient, and {describe(self.node)} was computed from others")
        self.leaf.grad, self.leaf.used = g, False

    # Gradients.

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Add the gradient of this tensor to the `.grad` of every leaf that it was computed from.

        Parameters
        ----------
        gradient : array_like, optional
            The gradient of the final result in this tensor, of its shape; 1 for a tensor of one element.
        retain_graph : bool, optional
            Without effect: a graph lives as long as what was computed, however often it is walked back.
        create_graph : bool
            Refused: `ag.autograd.grad` gives gradients that can be differentiated again.

        Raises
        ------
        RuntimeError
            If the tensor has no history, has several elements and no `gradient` is given, or a leaf has changed
            since it was used.
        """
        node = self.node
        if create_graph:
            raise NotImplementedError(
                "backward() leaves arrays in .grad, which have no history: for gradients to be differentiated again "
                "write ag.autograd.grad(loss, inputs, create_graph=True)"
            )
        if not node.needs_grad:
            raise RuntimeError(
                f"{describe(node)} was not computed from anything that requires a gradient: "
                "make a leaf with requires_grad=True, and compute outside no_grad()"
            )
        if variables.get() is not NOTHING:
            keep(
                node,
                "backward(), whose gradients are arrays,",
                "take ag.grad or ag.autograd.grad(…, create_graph=True)",
            )
        with np.errstate(all="ignore"):
            gradients = backpropagate((node,), (seed(node, gradient),), node_value)
        for at, g in gradients.items():
            leaf: Any = at.leaf
            if leaf.grad is None:
                leaf.grad, leaf.used = g, False
            else:
                add_to(leaf, g)

    def detach(self) -> Tensor:
        """The same values without history; a leaf's memory is shared."""
        tensor = wrap(self.detached())
        if self.root.is_made:
            tensor.sees(Origin(self, None, (), {}, False))
        return tensor

    def register_hook(self, hook: Callable[[Any], Any]) -> Callable[[], None]:
        """Call ``hook(gradient)`` when this tensor's gradient is complete; what it returns replaces it.

        The hook may keep what it is given and must not change it. Gives a function that takes the hook away again.
        """
        self.leaf = self.node.leaf = self.leaf or Leaf()
        return register(self.leaf, "hooks", hook)

    # NumPy's protocols.

    def record_call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Record the call of a function of our own."""
        tensor = wrap(record(function, tuple([a.node if isinstance(a, Tensor) else a for a in args]), kwargs))
        if TABLE[function].put is not None and isinstance(args[0], Tensor):
            tensor.shows(args[0], function, args[1:], kwargs)
        return tensor

    def record_row(self, function: Callable[..., Any], arrays: Iterable[Any], settings: Mapping[str, Any]) -> Any:
        """Record a call of NumPy's."""
        first, *more = arrays
        args = tuple([operand(a) for a in more])
        tensor = wrap(record(function, (operand(first), *args), settings))
        if TABLE[function].put is not None and isinstance(first, Tensor):
            tensor.shows(first, function, args, settings)
        return tensor

    def constant(self, value: Any) -> Tensor:
        """A tensor without a history."""
        return wrap(Node(value))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs or ufunc not in TABLE or ufunc in ADAPTERS:
            return ufunc_methods.answer(self, ufunc, method, inputs, kwargs)
        args = tuple([operand(a) for a in inputs])
        return wrap(record(ufunc, (first(*args), *args[1:]) if type(args[0]) is complex else args))

    __array_function__ = calling.answer

    # Operators.

    __hash__ = object.__hash__
    __add__, __radd__ = binary_operator(np.add)
    __sub__, __rsub__ = binary_operator(np.subtract)
    __mul__, __rmul__ = binary_operator(np.multiply)
    __truediv__, __rtruediv__ = binary_operator(np.divide)
    __floordiv__, __rfloordiv__ = binary_operator(np.floor_divide)
    __mod__, __rmod__ = binary_operator(np.remainder)
    __matmul__, __rmatmul__ = binary_operator(np.matmul)
    __and__, __rand__ = binary_operator(np.bitwise_and)
    __or__, __ror__ = binary_operator(np.bitwise_or)
    __xor__, __rxor__ = binary_operator(np.bitwise_xor)
    __lshift__, __rlshift__ = binary_operator(np.left_shift)
    __rshift__, __rrshift__ = binary_operator(np.right_shift)
    __lt__, __le__, __gt__, __ge__ = (
        binary_operator(f)[0] for f in (np.less, np.less_equal, np.greater, np.greater_equal)
    )
    __eq__, __ne__ = (binary_operator(f)[0] for f in (np.equal, np.not_equal))  # type: ignore[assignment]
    __iadd__, __isub__, __imul__ = map(in_place_operator, (operator.add, operator.sub, operator.mul))
    __itruediv__, __ifloordiv__, __imod__ = map(in_place_operator, (operator.truediv, operator.floordiv, operator.mod))
    __ipow__, __imatmul__ = map(in_place_operator, (operator.pow, operator.matmul))
    __iand__, __ior__, __ixor__ = map(in_place_operator, (operator.and_, operator.or_, operator.xor))
    __ilshift__, __irshift__ = map(in_place_operator, (operator.lshift, operator.rshift))
    _power, __rpow__ = binary_operator(np.power)

    def __pow__(self, exponent: Any) -> Tensor:
        exponent = operand(exponent)
        if isinstance(exponent, float | int):
            return wrap(record(power_of_constant, (self.node,), {"exponent": exponent}))
        return wrap(record(np.power, (self.node, exponent)))

    def __neg__(self) -> Tensor:
        return wrap(record(np.negative, (self.node,)))

    def __pos__(self) -> Tensor:
        return wrap(record(np.positive, (self.node,)))

    def __abs__(self) -> Tensor:
        return wrap(record(np.absolute, (self.node,)))

    def __invert__(self) -> Tensor:
        return wrap(record(np.invert, (self.node,)))

    def __getitem__(self, index: Any) -> Tensor:
        parts = spread_index(index)
        tensor = wrap(record(get_item, (self.node, *parts)))
        if isinstance(tensor.node.value, (np.ndarray, Symbol)):  # no element, which is a number
            tensor.shows(self, get_item, parts)
        return tensor

    def __setitem__(self, index: Any, value: Any) -> None:
        parts = spread_index(index)
        if isinstance(value, Tensor) and value.is_read_from(self, get_item, parts):
            return  # the end of ``x[i] += v``, which has changed `x` through its view
        if self.is_number:
            raise TypeError(
                f"{describe(self.node)} is a number, as an element or a sum of NumPy's is, and does not support item "
                "assignment: assign to the tensor that it was read from, x[i] = v"
            )
        value = operand(value)
        if type(value) is Node and value.needs_grad:
            check_differentiable(self.dtype, True)
        self.check_assignable(value)
        self.assign(record(set_item, (self.node, value, *parts)))

    def __reduce__(self) -> Any:
        if not self.is_leaf:
            raise RuntimeError(f"{describe(self.node)} has a history and cannot be copied or pickled: say .detach()")
        keep(self.node, "a copy by `copy` or `pickle`", "say .copy()")
        return rebuild, (type(self), np.array(self.node.value), self.requires_grad, self.name, self.grad)
