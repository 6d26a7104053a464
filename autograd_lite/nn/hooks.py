"""Functions that are called when a module runs: to look at what goes in and out, or to change it."""

from __future__ import annotations

from typing import Any


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
