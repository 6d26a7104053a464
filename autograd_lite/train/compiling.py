"""The step that `fit` makes: eager at first, and compiled once batches of a shape have come often enough.

To trace a step takes as long as a hundred compiled steps save, so short trainings and rare shapes stay eager. The
numbers are the same, bit for bit. Errors are those of eager mode too: mistakes in a model surface in the first steps,
and what a program finds wrong with a batch is looked for again by an eager forward pass, which can name the values.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import numpy as np

from autograd_lite.compiler import Compiled, TraceError
from autograd_lite.compiler.runtime.compiled import MOST_SIGNATURES, CompileWarning
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.warnings import warn
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten
from autograd_lite.train.side_effects import PythonState
from autograd_lite.train.step import Loss, MicroBatch, Step, parts_of

__all__ = ["CompilingStep", "compiled_step"]

EAGER_STEPS = 20  # of a shape, before it is compiled; and as many for each trace


def compiled_step(step: Step, inputs: int | None) -> Compiled:
    """A training step, to be compiled; its program calls the arguments `x` (or `x_0`, `x_1` …) and `target`.

    With micro-batches (`inputs` is None) they are called ``batches_0_0`` and so on.
    """
    compiled = Compiled(step)
    if inputs is None:
        return compiled
    compiled.argument_names = ("x", "target") if inputs == 1 else (*(f"x_{i}" for i in range(inputs)), "target")
    return compiled


def shape_of(part: Any) -> Any:
    """The shape of an array; of a tree, those of its arrays."""
    return part.shape if hasattr(part, "shape") else tuple([getattr(a, "shape", None) for a in flatten(part)[0]])


class CompilingStep:
    """``step(*inputs, target)``, or ``step(*micro_batches)``, as a program where there can be one.

    Parameters
    ----------
    eager : callable
        The step, which uses the others.
    model, loss, optimizer
        As in `fit`.
    """

    def __init__(self, eager: Step, model: Module, loss: Loss, optimizer: Optimizer) -> None:
        self.eager, self.model, self.loss, self.optimizer = eager, model, loss, optimizer
        self.compiled: Compiled | None = None
        self.given_up = False
        self.seen: Counter[Any] = Counter()
        self.shapes: set[Any] = set()  # that have a program
        self.steps = 0

    def __call__(self, *batch: Any) -> Tensor:
        if self.given_up:
            return self.eager(*batch)
        self.steps += 1
        shapes = tuple([a.shape if type(a) is np.ndarray else shape_of(a) for part in parts_of(batch) for a in part])
        if shapes in self.shapes:
            return self.run(batch)
        self.seen[shapes] += 1
        if self.seen[shapes] < EAGER_STEPS or len(self.shapes) == MOST_SIGNATURES:
            return self.eager(*batch)
        before = PythonState(self.eager, self.optimizer)
        value = self.eager(*batch)
        if reason := self.obstacle(batch) or before.change() or self.trace(batch):
            self.give_up(reason)
        else:
            self.shapes.add(shapes)
        return value

    def obstacle(self, batch: tuple[Any, ...]) -> str | None:
        """What a compiled step would pass over."""
        if any(module.forward_hooks or module.forward_pre_hooks for module in self.model.modules()):
            return "the model has forward hooks, which a compiled step would not call"
        if any(p.leaf is not None and p.leaf.hooks for p in self.model.parameters()):
            return "parameters have hooks, which a compiled step would not call"
        if any(not hasattr(a, "dtype") for part in parts_of(batch) for a in flatten(part)[0]):
            return "the batches hold something else than arrays"
        return None

    def trace(self, batch: tuple[Any, ...]) -> str | None:
        """Make the program for batches like this one, which an eager step has just accepted; or say why not."""
        inputs = None if type(batch[0]) is MicroBatch else len(batch) - 1
        self.compiled = self.compiled or compiled_step(self.eager, inputs)
        try:
            self.compiled.prepare(*batch)
        except Exception as error:  # the eager step went well: whatever it is, it comes from tracing
            return str(error) if isinstance(error, TraceError) else f"{type(error).__name__}: {error}"
        return None

    def run(self, batch: tuple[Any, ...]) -> Tensor:
        """Make the step by its program."""
        assert self.compiled is not None
        try:
            value: Tensor = self.compiled(*batch)
        except TraceError as error:  # something is no longer as it was, and nothing has been done yet
            self.give_up(str(error))
            return self.eager(*batch)
        except Exception as error:
            if (found := self.eager_error(batch)) is not None:
                raise found from None
            if not isinstance(error, ValueError):
                raise
            # Only eager mode accepts this batch, because of labels that are to be ignored, say. A program looks at
            # its arguments before it changes anything.
            self.give_up(str(error))
            return self.eager(*batch)
        if self.compiled.traced * EAGER_STEPS > self.steps:
            self.give_up("the step has to be traced again and again, because the model or the optimizer is changed")
        return value

    def eager_error(self, batch: tuple[Any, ...]) -> Exception | None:
        """The error that the eager step raises on this batch; nothing is changed by looking for it."""
        state, generator = self.model.state_dict(), default_generator().bit_generator
        position = copy.deepcopy(generator.state)
        try:
            with no_grad():
                for *inputs, target in parts_of(batch):
                    self.loss(self.model(*inputs), target)
        except Exception as error:
            return error
        finally:
            self.model.load_state_dict(state)
            generator.state = position
        return None

    def give_up(self, reason: str) -> None:
        """Make eager steps from now on."""
        self.given_up, self.compiled = True, None
        warn(f"fit trains without compiling: {reason}. compile=False turns this warning off", CompileWarning)
