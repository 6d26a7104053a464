"""The memory of an optimizer: the parameters of one group and dtype, side by side in one aligned array.

An update is element by element, so it runs once over all parameters together and not once for each: on small nets
that is most of the cost of a step. It runs in blocks that fit the processor's cache. The parameters become views of
the array, and one stamp tells every graph that they have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.cautions import spend
from autograd_lite.describe import describe
from autograd_lite.graph import Storage, clock
from autograd_lite.tensor import Tensor

BLOCK = 65_536  # elements; with its temporaries a block stays in the second-level cache
Update = Callable[..., tuple[Any, tuple[Any, ...]]]


class Block(NamedTuple):
    """A stretch of the flat arrays: several whole parameters, or a part of one."""

    values: Any
    state: tuple[Any, ...]
    sources: tuple[int, ...]  # whose gradients, by position in the group
    within: slice | None  # which part of a single parameter's gradient; None: all of it


def aligned(size: int, dtype: Any) -> Any:
    """Zeros that begin at a multiple of 64 bytes: additions on them run at twice the speed."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(size * itemsize + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size * itemsize].view(dtype)


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

    def __init__(self, parameters: Sequence[Tensor], state_names: Sequence[str]) -> None:
        self.parameters = list(parameters)
        self.dtype = parameters[0].dtype
        self.offsets = np.cumsum([0, *(p.size for p in parameters)]).tolist()
        self.values = aligned(self.offsets[-1], self.dtype)
        self.state = {name: aligned(self.offsets[-1], self.dtype) for name in state_names}
        self.steps = [0] * len(parameters)
        self.storage = Storage()
        self.plans: dict[tuple[int, ...], list[Block]] = {}
        self.adopt()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "plans": {}}  # a copy's blocks must be views of the copy's arrays

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

    def plan(self, present: tuple[int, ...]) -> list[Block]:
        """Cut the stretch that the parameters in `present` cover into blocks; small parameters share one."""
        blocks: list[Block] = []
        shared: list[int] = []

        def cut(start: int, stop: int, sources: tuple[int, ...], within: slice | None) -> None:
            state = tuple(array[start:stop] for array in self.state.values())
            blocks.append(Block(self.values[start:stop], state, sources, within))

        def close() -> None:
            if shared:
                cut(self.offsets[shared[0]], self.offsets[shared[-1] + 1], tuple(shared), None)
                shared.clear()

        for i in present:
            size, start = self.sizes(i), self.offsets[i]
            if shared and (i != shared[-1] + 1 or start + size - self.offsets[shared[0]] > BLOCK):
                close()
            if size <= BLOCK:
                shared.append(i)
                continue
            for first in range(0, size, BLOCK):
                last = min(first + BLOCK, size)
                cut(start + first, start + last, (i,), slice(first, last))
        close()
        return blocks

    def remember(self, state_names: Sequence[str]) -> None:
        """Make room for quantities that a changed setting asks for (momentum switched on, say)."""
        if tuple(self.state) != tuple(state_names):
            self.state = {name: self.state.get(name, aligned(self.offsets[-1], self.dtype)) for name in state_names}
            self.plans.clear()

    def step(self, update: Update, settings: Mapping[str, Any]) -> None:
        """Update every parameter that has a gradient."""
        gradients, storage = [], self.storage
        for p in self.parameters:
            leaf = p.leaf
            if leaf is None or leaf.storage is not storage or p.node.function is not None:
                self.adopt()
            gradients.append(p.leaf.grad)  # type: ignore[union-attr]

        by_step: dict[int, list[int]] = {}
        for i, g in enumerate(gradients):
            if g is not None:
                self.steps[i] += 1
                by_step.setdefault(self.steps[i], []).append(i)
        for t, indices in by_step.items():
            present = tuple(indices)
            if present not in self.plans:
                self.plans[present] = self.plan(present)
            for values, state, sources, within in self.plans[present]:
                if len(sources) > 1:
                    g = np.concatenate([gradients[i].reshape(-1) for i in sources])
                else:
                    g = gradients[sources[0]].reshape(-1)
                    g = g if within is None else g[within]
                change, new_state = update(g, values, state, t, **settings)
                values += change
                for old, new in zip(state, new_state, strict=True):
                    old[...] = new
        storage.changed = clock()
        spend([p.leaf for p in self.parameters if p.leaf is not None])
        for p, offset in zip(self.parameters, self.offsets, strict=False):
            if not p.shape:  # a 0-d tensor holds a number, not a view
                p.move_to(self.values[offset], storage)
