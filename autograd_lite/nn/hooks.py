"""Functions that are called when a module runs: to look at what goes in and out, or to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hook = Callable[..., Any]


def register(module: Any, kind: str, hook: Hook) -> Callable[[], None]:
    """Add `hook` to those of its kind, and give what takes it away again."""
    entry = [hook]  # of its own identity: the same function may be registered twice
    setattr(module, kind, (*getattr(module, kind), entry))

    def remove() -> None:
        setattr(module, kind, tuple(other for other in getattr(module, kind) if other is not entry))

    return remove


def call(module: Any, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run the forward pass of `module` with its hooks, in the order in which they were registered."""
    for (hook,) in module.forward_pre_hooks:
        if (changed := hook(module, inputs)) is not None:
            inputs = changed if isinstance(changed, tuple) else (changed,)
    output = module.forward(*inputs, **settings)
    for (hook,) in module.forward_hooks:
        if (changed := hook(module, inputs, output)) is not None:
            output = changed
    return output
