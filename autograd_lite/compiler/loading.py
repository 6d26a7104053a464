"""Running generated text, which can be read where it fails: tracebacks and debuggers find its lines in `linecache`."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable
from typing import Any

number = itertools.count(1).__next__


def load(text: str, name: str, file: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `text` defines in `namespace`; `file` is what tracebacks call the text."""
    file = f"{file} {number()}>"
    exec(compile(text, file, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    weakref.finalize(function, linecache.cache.pop, file, None)
    return function
