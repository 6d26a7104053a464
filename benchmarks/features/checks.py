"""What probes have in common: how a number is wrong, and how a library is found not to have something."""

import importlib.metadata
import importlib.util
import re
import traceback
from pathlib import Path
from typing import Any

import numpy as np

COMPILED = (".so", ".pyd", ".dylib", ".dll")


class Wrong(Exception):
    """The library ran, and gave something else than was asked for."""


class Missing(Exception):
    """The library has nothing of that name."""


class LookAgain(Exception):
    """There is a name that fits, so the probe is out of date; neither a yes nor a no."""


def close(actual: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Raise `Wrong` unless the numbers agree; float32 is enough."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape or not np.allclose(actual, expected, tolerance, tolerance):
        raise Wrong(f"gave {actual.tolist()}, not {expected.tolist()}")


def same_dtype(actual: Any, expected: str = "float32") -> None:
    """Raise `Wrong` unless the dtype, or type, has that name."""
    if expected not in str(actual):
        raise Wrong(f"a float32 input got a gradient of {actual}")


def points_at(error: BaseException, line: str) -> None:
    """Raise `Wrong` unless the error shows the line of the program that is to blame."""
    if line not in "".join(traceback.format_exception(error)):
        raise Wrong(f"raised {type(error).__name__}, but does not show the line {line!r}")


def nothing_named(package: str, pattern: str) -> None:
    """Raise `Missing`: no public function, class or file of the package has a name that the pattern is found in."""
    named = re.compile(rf"^\s*(?:def|class)\s+((?!_)\w*(?:{pattern})\w*)", re.MULTILINE | re.IGNORECASE)
    found: set[str] = set()
    for path in folder(package).rglob("*.py*"):
        # `autogen` holds bindings to C libraries; bytecode has no source
        if path.suffix not in (".py", ".pyi") or "autogen" in path.parts:
            continue
        if re.search(pattern, path.stem, re.IGNORECASE):
            found.add(path.stem)
        found.update(named.findall(path.read_text(encoding="utf-8", errors="replace")))
    if found:
        raise LookAgain(f"{package} has {', '.join(sorted(found)[:8])}")
    raise Missing(f"no public name in {package} contains {' or '.join(map(in_words, pattern.split('|')))}")


def in_words(word: str) -> str:
    """One alternative of a pattern: ``a_?b`` as 'a_b', ``a(?!_b)`` as 'a' (other than 'a_b')."""
    name, _, exception = word.replace("_?", "_").partition("(?!")
    return f"'{name}'" + (f" (other than '{name}{exception.rstrip(')')}')" if exception else "")


def folder(package: str) -> Path:
    """Where a package's files are."""
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def nothing_compiled(distribution: str) -> None:
    """Raise `Wrong` if a distribution brings compiled files of its own."""
    files = importlib.metadata.files(distribution) or []
    if compiled := [file.name for file in files if file.suffix in COMPILED]:
        raise Wrong(f"{distribution} brings {len(compiled)} compiled files, such as {compiled[0]}")
