"""Optional packages: imported where they are used, and asked for in one line where they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["optional"]


def optional(module: str, purpose: str, extra: str) -> ModuleType:
    """Import `module`, which ``autograd_lite[extra]`` brings, or one of our own that imports such a one.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed; the message says what needs it and how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise ModuleNotFoundError(
            f'{purpose} needs {package}, which is not installed: pip install "autograd_lite[{extra}]"', name=error.name
        ) from None
