"""Functions that users hang on a tensor or a module; those of a tensor see its gradient, or replace it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import own
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import array_from

Hook = Callable[..., Any]


def register(holder: Any, kind: str, hook: Hook) -> Callable[[], None]:
    """Add `hook` to those of its kind, and give what takes it away again."""
    entry = [hook]  # of its own identity: the same function may be registered twice
    setattr(holder, kind, (*getattr(holder, kind), entry))

    def remove() -> None:
        setattr(holder, kind, tuple(other for other in getattr(holder, kind) if other is not entry))

    return remove


class Retained:
    """A hook that keeps the gradients that it is shown, added up; it refers to no tensor, so there is no cycle."""

    def __init__(self) -> None:
        self.grad: Any = None

    def __call__(self, g: Any) -> None:
        self.grad = own(g if self.grad is None else self.grad + g)


def retained(leaf: Any) -> Retained | None:
    """What keeps the gradient of a computed tensor, if anything does."""
    return next((hook for (hook,) in leaf.hooks if type(hook) is Retained), None) if leaf is not None else None


def hooked(node: Any, g: Any, lift: Callable[[Any], Any]) -> Any:
    """The complete gradient of `node` after its hooks; each is shown it, and may return another one."""
    for (hook,) in node.leaf.hooks:
        shown = lift(g.node) if hasattr(g, "node") else of_its_own(g)
        try:
            other = hook(shown)
        except Exception as error:
            error.add_note(f"in a hook of {describe(node)}; a hook returns a new gradient and changes none")
            raise
        if hasattr(g, "node") and shown.node is not g.node:
            raise RuntimeError(f"a hook of {describe(node)} has changed the gradient in place: return a new one")
        if other is not None:
            g = fitting(node, other, lift if hasattr(g, "node") else None)
    return g


def of_its_own(g: Any) -> Any:
    """A copy of an array that nobody can change, so that it may be kept."""
    if isinstance(g, np.ndarray):
        g = g.copy()
        g.flags.writeable = False
    return g


def fitting(node: Any, g: Any, lift: Callable[[Any], Any] | None) -> Any:
    """What a hook has returned, as a gradient of `node`: an array, or in a recorded walk (`lift`) a Tensor."""
    if lift is None and hasattr(g, "node"):
        g = g.node.value
    if not hasattr(g, "node"):
        try:
            g = array_from(g)[()]
        except TypeError as error:
            raise TypeError(f"a hook of {describe(node)} gave no gradient: {error}") from error
    dtype = node.value.dtype
    if g.dtype.kind not in ("biufc" if dtype.kind == "c" else "biuf"):
        raise TypeError(f"a hook of {describe(node)} gave {describe(g)}: a gradient is of the tensor's dtype")
    if g.shape != node.value.shape:
        raise ValueError(f"a hook of {describe(node)} gave a gradient of shape {g.shape}: it must be of the same shape")
    g = g if g.dtype == dtype else g.astype(dtype)
    return g if lift is None or hasattr(g, "node") else lift(type(node)(g))
