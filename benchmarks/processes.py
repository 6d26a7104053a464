"""Child processes: one measurement each, in the right interpreter and a clean environment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.subjects import Subject

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 300
# They force a kernel or a cache size on OpenBLAS, are set on some machines, and make NumPy slow.
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")

IMPORT_TIMER = """
import time, numpy
start = time.perf_counter()
import {library}
print(time.perf_counter() - start)
"""

VERSIONS = """
import importlib.metadata, importlib.util, json, sys
found = {}
for library in sys.argv[1:]:
    if importlib.util.find_spec(library):
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "this checkout"
print(json.dumps(found))
"""


class MeasurementFailed(Exception):
    """A child process died; the message is the last line it wrote."""


def interpreter(subject: Subject, peers: str) -> str:
    """Our own rows and NumPy's run in this interpreter, other libraries in the one that has them."""
    return sys.executable if subject.is_ours or subject.library == "numpy" else peers


def run(python: str, *arguments: str) -> str:
    """Run Python in the project root; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name not in SLOWING}
    try:
        done = subprocess.run(
            [python, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise MeasurementFailed(f"took more than {TIMEOUT_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        raise MeasurementFailed(lines[-1] if lines else f"exit code {error.returncode}") from error
    return done.stdout


def measure(python: str, *arguments: str) -> dict[str, Any]:
    """One result of ``benchmarks.worker``."""
    answer: dict[str, Any] = json.loads(run(python, "-m", "benchmarks.worker", *arguments))
    return answer


def import_nanoseconds(python: str, library: str) -> float:
    """How long importing a library takes in a fresh interpreter that has imported NumPy."""
    return 1e9 * float(run(python, "-c", IMPORT_TIMER.format(library=library)))


def installed_versions(python: str, libraries: Iterable[str]) -> dict[str, str]:
    """Those of the libraries that an interpreter can import, and their versions."""
    versions: dict[str, str] = json.loads(run(python, "-c", VERSIONS, *libraries))
    return versions
