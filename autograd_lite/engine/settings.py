"""What a call may be set to: numbers and names, never something to be differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import grad_enabled
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import known

ATOMS = frozenset((int, float, bool, str, type(None)))


def constant_settings(function: Callable[..., Any], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of a record: a tensor counts as its values, and is refused where its gradient is wanted.

    NumPy's functions hand each other a mark for what was not given.
    """
    for value in settings.values():
        if type(value) not in ATOMS:
            given = [(name, value) for name, value in settings.items() if value is not np._NoValue]
            return {name: constant(function.__name__, name, value) for name, value in given}
    return settings


def constant(function: str, name: str, value: Any) -> Any:
    """A setting without tensors, in whatever it is nested."""
    if type(value) in ATOMS:
        return value
    if isinstance(value, list | tuple):
        parts = [constant(function, name, part) for part in value]
        return value if all(map(lambda a, b: a is b, parts, value)) else rebuilt(value, parts)
    if isinstance(value, dict):
        return {key: constant(function, name, part) for key, part in value.items()}
    check_constant(function, name, value)
    found = getattr(getattr(value, "node", None), "value", value)
    return found.item() if found is not value and known(found) and not found.ndim else found


def rebuilt(whole: Any, parts: list[Any]) -> Any:
    """A list or tuple of the kind of `whole` with other parts."""
    return type(whole)(*parts) if hasattr(whole, "_fields") else type(whole)(parts)


def check_constant(function: str, name: str, value: Any) -> None:
    """Refuse a tensor that is not differentiated though its gradient is wanted."""
    node = getattr(value, "node", None)
    if node is not None and node.needs_grad and grad_enabled.get():
        raise NotImplementedError(
            f"{function}: the setting {name}= is {describe(node)}, which requires a gradient, and it is not "
            "differentiated: give a number or detach() it; or write the formula itself with NumPy's functions"
        )
