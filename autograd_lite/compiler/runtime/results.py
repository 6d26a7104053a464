"""What results of a compiled function have in the place of the history that they would have in eager mode.

They are values as any others, but a walk that comes to them is refused: the gradients would be wrong without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd_lite.engine.grad_mode import grad_enabled
from autograd_lite.engine.graph import NO_SETTINGS, Node
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import in_this_run
from autograd_lite.tensor.tensor import Tensor, plain, wrap
from autograd_lite.tensor.trees import flatten
from autograd_lite.transforms.opaque_call import OpaqueCall, call_custom

Record = tuple[bool, Any, tuple[Node, ...], Mapping[str, Any]]  # whether it needs a gradient, function, args, settings
NONE: Record = (False, None, (), NO_SETTINGS)


class Refusal(OpaqueCall):
    """The call that a result seems to come from: it says what to compile instead."""

    def value(self, arrays: Sequence[Any]) -> NoReturn:
        raise RuntimeError(
            f"{self.name} is compiled, and what it gives has no history: compile the function that takes the gradient, "
            f"a whole training step or ag.compile(ag.grad({self.name})); or detach() the result, if no gradient shall "
            "flow through it"
        )

    def gradients(self, g: Any, y: Any, values: Sequence[Any]) -> NoReturn:
        self.value(values)


class ResultHistory:
    """Records for the results of `f` that eager mode could differentiate in `variables`, or in arguments."""

    def __init__(self, f: Callable[..., Any], variables: Sequence[Tensor]) -> None:
        self.variables, self.settings = variables, {"call": Refusal(f)}

    def __call__(self, arguments: Iterable[Any] = ()) -> Record:
        if not grad_enabled.get():
            return NONE
        given = [a for a in arguments if isinstance(a, Tensor) and a.node.needs_grad]
        return True, call_custom, tuple([a.node for a in (*given, *self.variables)]), self.settings


class Result(NamedTuple):
    """One leaf of what a function gives: whether it is a tensor, whether it is an array although it has no axes, and
    whether eager mode could derive it further.
    """

    value: Any
    is_tensor: bool
    without_axes: bool
    unfinished: bool

    @property
    def is_constant(self) -> bool:
        """Whether it is a number of Python that is the same in all calls."""
        return type(self.value) in (bool, int, float, complex)

    def of_this_call(self, values: Iterator[Any], history: Record) -> Any:
        """The result, made of the next of the values that a program has given, if it is made of any."""
        if self.is_constant:
            return self.value
        value = np.asarray(next(values)) if self.without_axes else next(values)
        return tensor_of(value, history if self.unfinished else NONE) if self.is_tensor else value


class Results(NamedTuple):
    """What a function gives: leaves, what puts them together, and the leaves of the graph whose gradients follow."""

    leaves: list[Result]
    rebuild: Callable[[list[Any]], Any]
    kept: list[Leaf]
    alone: bool  # whether one tensor is given, and no container

    @property
    def is_one_tensor(self) -> bool:
        """Whether they are one tensor and nothing else."""
        return self.alone and not self.kept and not self.leaves[0].without_axes

    @property
    def unfinished(self) -> bool:
        """Whether eager mode could derive any of them further."""
        return any(result.unfinished for result in self.leaves)

    def of_this_call(self, values: Sequence[Any], history: Record) -> Any:
        """What a call gives, for the values that the program gave; gradients go to their leaves."""
        rest = iter(values)
        given = [result.of_this_call(rest, history) for result in self.leaves]
        for leaf, g in zip(self.kept, rest, strict=True):
            leaf.grad, leaf.used = np.asarray(g), False
        return self.rebuild(given)


def results_of(result: Any, walked: Container[Node], gradients: Mapping[Leaf, Any]) -> tuple[Results, list[Any]]:
    """What calls like a traced one give; and its values, which the program computes."""
    found, rebuild = flatten(result)
    values, leaves = [], []
    for a in found:
        tensor = isinstance(a, Tensor)
        leaf = Result(a, tensor, without_axes(plain(a)), tensor and a.requires_grad and a.node not in walked)
        if not leaf.is_constant:
            values.append(plain(a))
            leaf = leaf._replace(value=None)
        leaves.append(leaf)
    return Results(leaves, rebuild, list(gradients), isinstance(result, Tensor)), [*values, *gradients.values()]


def without_axes(value: Any) -> bool:
    """Whether a value is an array, and no number, although it has no axes."""
    value = in_this_run(value)
    return isinstance(value, np.ndarray) and not value.ndim


def tensor_of(value: Any, record: Record) -> Tensor:
    """A result as a tensor."""
    node = Node(value)
    node.needs_grad, node.function, node.args, node.kwargs = record
    return wrap(node)
