"""What the optimizers share that take all parameters as one vector and evaluate the loss by themselves."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler import TraceError
from autograd_lite.engine.tracing_protocol import current_trace
from autograd_lite.engine.warnings import mark_used
from autograd_lite.optim.flat_parameters import FlatParameters
from autograd_lite.optim.optimizer import Group, Optimizer
from autograd_lite.tensor.tensor import Tensor


class WholeStep(Optimizer):
    """Base class: one group, one dtype; a step reads the gradient as one vector and moves the point.

    Attributes
    ----------
    memory : dict
        What is remembered between steps: numbers, vectors and lists of them. It is saved as the state of the first
        parameter, as PyTorch does.
    """

    def __init__(self, params: Any, **settings: Any) -> None:
        super().__init__(params, **settings)
        self.memory: dict[str, Any] = {}
        if len(self.flats[0]) > 1:
            dtypes = sorted(str(flat.dtype) for flat in self.flats[0])
            raise TypeError(f"{type(self).__name__} takes parameters of one dtype, not of {' and '.join(dtypes)}")

    def add_param_group(self, group: Group) -> None:
        """Take the one group that there can be."""
        if self.param_groups:
            raise ValueError(f"{type(self).__name__} takes all parameters together, in one group")
        super().add_param_group(group)

    @property
    def flat(self) -> FlatParameters:
        """The memory of the parameters."""
        return self.flats[0][0]

    def required(self, closure: Callable[[], Any] | None, gives: str) -> Callable[[], Any]:
        """The closure, without which there is no step; the parameters are in their places afterwards."""
        if not callable(closure):
            raise TypeError(
                f"{type(self).__name__} evaluates the loss by itself: give step() a function without arguments that "
                f"{gives}"
            )
        if current_trace.get() is not None:
            raise TraceError(
                f"a step of {type(self).__name__} decides by the losses that it evaluates, and cannot be compiled: "
                "leave it out of the compiled function (LBFGS takes a compiled closure, ag.compile(…, keep_grads=True))"
            )
        self.flat.adopt()
        return closure

    def gradient(self) -> Any:
        """All gradients as one new vector, zeros where a parameter has none."""
        self.flat.adopt()
        leaves = [p.leaf for p in self.flat.parameters if p.leaf is not None]
        mark_used(leaves)
        return flattened([leaf.grad for leaf in leaves], self.flat.parameters)

    def move(self, point: Any) -> None:
        """Let the parameters be `point`."""
        self.flat.values[...] = point
        self.flat.announce()

    def parts(self, vector: Any) -> list[Any]:
        """A vector cut into the shapes of the parameters."""
        return [vector[self.flat.span(i)].reshape(p.shape)[()] for i, p in enumerate(self.flat.parameters)]

    def finite(self, loss: float) -> float:
        """The loss at the beginning of a step, which must be a number before anything is moved."""
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss} at the beginning of {type(self).__name__}'s step, and no parameter has been "
                "changed: look at the data and the initial values, or go back to the last good parameters"
            )
        return loss

    def state_dict(self) -> dict[str, Any]:
        """State and settings as plain dicts, numbers and arrays, in PyTorch's form."""
        saved = super().state_dict()
        return {**saved, "state": {0: copy.deepcopy(self.memory)} if self.memory else {}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings from `state_dict`.

        Raises
        ------
        ValueError
            If the groups or the sizes differ; nothing has changed then.
        """
        memory = {name: self.loaded(name, value) for name, value in state_dict["state"].get(0, {}).items()}
        super().load_state_dict({**state_dict, "state": {}})
        self.memory = memory

    def loaded(self, name: str, value: Any) -> Any:
        """What stands in a state dict, as numbers and vectors of our own."""
        if isinstance(value, list | tuple):
            return [self.loaded(name, part) for part in value]
        if np.ndim(value) == 0:
            return value.item() if hasattr(value, "item") else value
        if np.shape(value) != self.flat.values.shape:
            raise ValueError(
                f"{name} has shape {np.shape(value)}, and the parameters have {self.flat.values.size} elements"
            )
        return np.array(value, self.flat.dtype)


def flattened(gradients: Iterable[Any], parameters: Sequence[Tensor]) -> Any:
    """Gradients side by side as one array, zeros for None."""
    return np.concatenate(
        [
            np.zeros(p.size, p.dtype) if g is None else (g.data if isinstance(g, Tensor) else g).reshape(-1)
            for g, p in zip(gradients, parameters, strict=True)
        ]
    )
