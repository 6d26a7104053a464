"""The memory of an optimizer: the parameters of one group and dtype, side by side in one aligned array.

An update is element by element, so it runs once over all parameters together and not once for each: on small nets
that is most of the cost of a step. What runs is the update's kernel, in place. The parameters become views of the
array, and one stamp tells every graph that they have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.codegen import kernel as kernels
from autograd_lite.compiler.codegen.kernel import Update, enter_kernel, kernel_of, split_settings
from autograd_lite.compiler.ir.forms import Kernel
from autograd_lite.engine.accumulation import aligned
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Storage, clock
from autograd_lite.engine.tracing_protocol import known
from autograd_lite.engine.warnings import mark_used
from autograd_lite.tensor.tensor import Tensor

JOINED = 65_536  # elements of small parameters that are updated together: beyond, joining costs more than it saves


class Segment(NamedTuple):
    """A segment of the flat arrays that is updated at once: several small parameters, or a large one."""

    start: int
    stop: int
    sources: tuple[int, ...]  # whose gradients, by position in the group


class FlatParameters:
    """Parameters of one dtype in one array, and their optimizer state in further ones.

    Attributes
    ----------
    values : ndarray
        All parameters, one after the other.
    state : dict of str to ndarray
        One array like `values` for each quantity that the optimizer remembers.
    steps : list of int
        How often each parameter has been updated; a parameter without gradient is passed over.
    """

    def __init__(self, parameters: Sequence[Tensor], state_names: Sequence[str], title: str) -> None:
        self.title = title  # of the optimizer, for its kernels
        self.parameters = list(parameters)
        self.dtype = parameters[0].dtype
        self.offsets = np.cumsum([0, *(p.size for p in parameters)]).tolist()
        self.values = aligned(self.offsets[-1], self.dtype)
        self.state = {name: aligned(self.offsets[-1], self.dtype) for name in state_names}
        self.steps = [0] * len(parameters)
        self.storage = Storage()
        self.plans: dict[tuple[int, ...], list[Segment]] = {}
        self.kernels: dict[tuple[Any, ...], Kernel] = {}
        self.selected: tuple[Mapping[str, Any], Kernel, list[Any]] | None = None  # for the settings of the last step
        self.joined: Any = None  # where the gradients of small parameters are put side by side
        self.adopt()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "kernels": {}, "selected": None, "joined": None}  # a copy works in memory of its own

    def span(self, i: int) -> slice:
        """Where the i-th parameter lies."""
        return slice(self.offsets[i], self.offsets[i + 1])

    def adopt(self) -> None:
        """Let the parameters live here: after construction, and after something else has moved them away."""
        for i, p in enumerate(self.parameters):
            view = self.values[self.span(i)].reshape(p.shape) if p.size == self.sizes(i) else None
            if view is None or p.dtype != self.dtype or not p.is_leaf:
                raise RuntimeError(
                    f"{describe(p.node)} is no longer the leaf of {self.sizes(i)} elements and dtype {self.dtype} that "
                    "this optimizer was made for: make the optimizer after model.to() and the like"
                )
            if p.leaf is None or p.leaf.storage is not self.storage:
                view[...] = p.node.value
                p.move_to(view, self.storage)

    def sizes(self, i: int) -> int:
        """How many elements the i-th parameter has."""
        return int(self.offsets[i + 1] - self.offsets[i])

    def plan(self, present: tuple[int, ...]) -> list[Segment]:
        """Cut what the parameters in `present` cover into segments; small parameters share one."""
        segments: list[Segment] = []
        for i in present:
            start, stop = self.offsets[i], self.offsets[i + 1]
            if segments:
                last = segments[-1]
                if last.stop == start and stop - last.start <= min(JOINED, kernels.BLOCK):
                    segments[-1] = Segment(last.start, stop, (*last.sources, i))
                    continue
            segments.append(Segment(start, stop, (i,)))
        return segments

    def traced_places(self) -> Iterator[tuple[Any, Any]]:
        """Where its arrays and numbers stand, for a trace of a step."""
        self.adopt()
        yield vars(self), "values"
        for name in self.state:
            yield self.state, name
        yield vars(self), "steps"

    def remember(self, state_names: Sequence[str]) -> None:
        """Make room for quantities that a changed setting asks for (momentum switched on, say)."""
        if tuple(self.state) != tuple(state_names):
            self.state = {name: self.state.get(name, aligned(self.offsets[-1], self.dtype)) for name in state_names}

    def step(self, update: Update, settings: Mapping[str, Any]) -> None:
        """Update every parameter that has a gradient."""
        gradients, storage = [], self.storage
        for p in self.parameters:
            leaf = p.leaf
            if leaf is None or leaf.storage is not storage or p.node.function is not None:
                self.adopt()
            gradients.append(p.leaf.grad)  # type: ignore[union-attr]

        kernel, numbers = self.kernel_for(update, settings)
        cells = (self.values, *self.state.values())
        together: dict[int, list[int]] = {}  # those that have been updated equally often
        for i, g in enumerate(gradients):
            if g is not None:
                t = self.steps[i]
                together.setdefault(t if type(t) is int else id(t), []).append(i)
        for indices in together.values():
            t = self.steps[indices[0]] + 1
            for i in indices:
                self.steps[i] = t
            present = tuple(indices)
            if present not in self.plans:
                self.plans[present] = self.plan(present)
            for start, stop, sources in self.plans[present]:
                g = self.join([gradients[i] for i in sources])
                if known(self.values):
                    kernel.run(g, *[cell[start:stop] for cell in cells], t, *numbers)
                else:
                    enter_kernel(kernel, g, cells, start, stop, t, numbers)
        mark_used([p.leaf for p in self.parameters if p.leaf is not None])
        self.announce()

    def announce(self) -> None:
        """Tell the graphs that the values have changed."""
        self.storage.changed = clock()

    def kernel_for(self, update: Update, settings: Mapping[str, Any]) -> tuple[Kernel, list[Any]]:
        """The kernel for these settings, and the numbers among them that it is called with."""
        if self.selected is not None and known(self.values) and settings == self.selected[0]:
            return self.selected[1:]
        key, numbers = split_settings(settings)
        if key not in self.kernels:
            self.kernels[key] = kernel_of(update, settings, self.dtype, tuple(self.state), self.offsets[-1], self.title)
        if known(self.values):
            kept = {name: copy(value) for name, value in settings.items()}  # a list may change without notice
            self.selected = (kept, self.kernels[key], numbers)
        return self.kernels[key], numbers

    def join(self, gradients: Sequence[Any]) -> Any:
        """Gradients side by side; one alone stays where it is."""
        if len(gradients) == 1:
            return gradients[0].reshape(-1)
        if not known(self.values):
            return np.concatenate([part.reshape(-1) for part in gradients])
        if self.joined is None:
            self.joined = aligned(min(self.offsets[-1], JOINED), self.dtype)
        return np.concatenate(gradients, axis=None, out=self.joined[: sum([g.size for g in gradients])])
