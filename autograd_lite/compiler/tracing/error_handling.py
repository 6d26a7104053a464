"""How NumPy handles errors where a traced function calls it: by what `np.errstate` inside the function sets.

While a function is traced, errors are handled in a way that no function sets ("log"), which does what was set around
the call. So every other way that is found at a call has been set inside the function, and the program sets it, too.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd_lite.compiler.tracing.traced import TraceError


class Around:
    """What NumPy writes its errors to while tracing: handles them as is set around the call."""

    def __init__(self) -> None:
        self.set: dict[str, Any] = {**np.geterr()}

    def write(self, message: str) -> None:
        """Handle an error: "Warning: divide by zero encountered in log"."""
        text = message.partition(" ")[2].strip()
        how = next(how for key, how in self.set.items() if text.startswith(key))
        if how == "raise":
            raise FloatingPointError(text)
        if how == "warn":
            warnings.warn(text, RuntimeWarning, stacklevel=2)


def as_around() -> np.errstate:
    """The way of a trace to handle errors."""
    return np.errstate(all="log", call=Around())


def handled() -> tuple[tuple[str, str], ...]:
    """The settings of `np.errstate` in which the function that is traced is now."""
    now: dict[str, Any] = {key: how for key, how in np.geterr().items() if how != "log"}
    if not ({"ignore", "warn"}.issuperset(now.values()) and isinstance(np.geterrcall(), Around | None)):
        raise TraceError(
            f"np.errstate inside the function lets values decide what happens ({now}), and a compiled program "
            "has to be the same for all values: set it around the call of the compiled function"
        )
    return (("all", now["over"]),) if len(now) == 4 and len({*now.values()}) == 1 else tuple(now.items())
