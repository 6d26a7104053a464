"""How errors name things: which function, which tensor (name, shape, dtype)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def describe(a: Any) -> str:
    """Name an argument: a tensor's name if it has one, shape and dtype; anything else by its value if that is short."""
    value, leaf = getattr(a, "value", a), getattr(a, "leaf", None)
    if not hasattr(value, "dtype") or isinstance(value, type):
        return repr(value) if len(repr(value)) < 40 else f"a {type(value).__name__}"
    kind = "array" if value is a else "tensor"
    label = f" {leaf.name!r}" if leaf is not None and leaf.name else ""
    return f"{kind}{label} of shape {value.shape} and dtype {value.dtype}"


def describe_call(function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> str:
    """Name a call: the function, what it was called on, and its settings."""
    settings = [f"{key}={value!r}" for key, value in kwargs.items()]
    return f"{function.__name__}({', '.join([*map(describe, args), *settings])})"
