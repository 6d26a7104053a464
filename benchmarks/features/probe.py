"""One probe, in a process of its own: ``python -m benchmarks.features.probe LIBRARY FEATURE`` prints a line of JSON."""

import json
import sys
from importlib import import_module
from typing import NamedTuple

from benchmarks.features.checks import LookAgain


class Answer(NamedTuple):
    """yes, partly, no or unclear; and for all but a yes, why."""

    mark: str
    words: str = ""


def ask(library: str, feature: str) -> Answer:
    """Run one probe here."""
    try:
        reservation = getattr(import_module(f"benchmarks.features.probes.{library}"), feature)()
    except LookAgain as error:
        return Answer("unclear", str(error))
    except Exception as error:
        return Answer("no", in_words(error))
    return Answer("partly", reservation) if reservation else Answer("yes")


def in_words(error: Exception) -> str:
    """The kind of an error and the first line of its message."""
    name = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{name}: {lines[0]}" if lines else name


if __name__ == "__main__":
    print("\n" + json.dumps(ask(*sys.argv[1:])))
