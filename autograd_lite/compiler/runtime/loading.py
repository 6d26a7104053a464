"""Running generated text, which can be read where it fails: tracebacks and debuggers find its lines in `linecache`."""

from __future__ import annotations

import itertools
import linecache
from collections import deque
from collections.abc import Callable
from typing import Any

MOST = 256  # texts that are kept for tracebacks; a text may go here only, because `linecache` must not change meanwhile
LATEST: deque[str] = deque()
number = itertools.count(1).__next__


def load(text: str, name: str, file: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `text` defines in `namespace`; `file` is what tracebacks call the text."""
    file = f"{file} {number()}>"
    exec(compile(text, file, "exec"), namespace)
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    LATEST.append(file)
    if len(LATEST) > MOST:
        linecache.cache.pop(LATEST.popleft(), None)
    function: Callable[..., Any] = namespace[name]
    return function
