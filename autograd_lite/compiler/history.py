"""Results of a compiled function without the history that they would have in eager mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.tensor import Tensor
from autograd_lite.transforms.calls import Call


class NoHistory(Call):
    """A result that eager mode could differentiate: a value as any other, but a walk that comes to it is refused."""

    def __init__(self, f: Callable[..., Any], result: Tensor) -> None:
        super().__init__(f)
        self.ready = self.pack([result.node.value])

    def back(self, cotangents: list[Any], results: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        raise RuntimeError(
            f"{self.name} is compiled, and what it gives has no history: compile the function that takes the gradient, "
            f"a whole training step or ag.compile(ag.grad({self.name})); or detach() the result, if no gradient shall "
            "flow through it"
        )
