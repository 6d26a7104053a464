"""What results of a compiled function have in the place of the history that they would have in eager mode.

They are values as any others, but a walk that comes to them is refused: the gradients would be wrong without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from autograd_lite.graph import NO_SETTINGS, Node
from autograd_lite.modes import grad_enabled
from autograd_lite.tensor import Tensor, wrap
from autograd_lite.transforms.calls import Call, call_custom

Record = tuple[bool, Any, tuple[Node, ...], Mapping[str, Any]]  # whether it needs a gradient, function, args, settings
NONE: Record = (False, None, (), NO_SETTINGS)


class Refusal(Call):
    """The call that a result seems to come from: it says what to compile instead."""

    def value(self, arrays: Sequence[Any]) -> NoReturn:
        raise RuntimeError(
            f"{self.name} is compiled, and what it gives has no history: compile the function that takes the gradient, "
            f"a whole training step or ag.compile(ag.grad({self.name})); or detach() the result, if no gradient shall "
            "flow through it"
        )

    def gradients(self, g: Any, y: Any, values: Sequence[Any]) -> NoReturn:
        self.value(values)


class History:
    """Records for the results of `f` that eager mode could differentiate in `variables`, or in arguments."""

    def __init__(self, f: Callable[..., Any], variables: Sequence[Tensor]) -> None:
        self.variables, self.settings = variables, {"call": Refusal(f)}

    def __call__(self, arguments: Iterable[Any] = ()) -> Record:
        if not grad_enabled.get():
            return NONE
        given = [a for a in arguments if isinstance(a, Tensor) and a.node.needs_grad]
        return True, call_custom, tuple([a.node for a in (*given, *self.variables)]), self.settings


def tensor_of(value: Any, record: Record) -> Tensor:
    """A result as a tensor."""
    node = Node(value)
    node.needs_grad, node.function, node.args, node.kwargs = record
    return wrap(node)
