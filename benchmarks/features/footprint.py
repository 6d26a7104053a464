"""What an installed library weighs: ``python -m benchmarks.features.footprint PACKAGE …`` prints bytes."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path


def brought(packages: tuple[str, ...]) -> set[str]:
    """The packages and all that pip installs because of them, except NumPy, which everybody needs."""
    found: set[str] = set()
    waiting = set(packages)
    while waiting:
        found |= waiting
        shown = subprocess.run(
            [sys.executable, "-m", "pip", "show", *waiting], capture_output=True, text=True, check=True
        ).stdout
        lines = [line.removeprefix("Requires:") for line in shown.splitlines() if line.startswith("Requires:")]
        waiting = {name.strip().lower() for line in lines for name in line.split(",") if name.strip()}
        waiting -= found | {"numpy"}
    return found


def installed_bytes(packages: tuple[str, ...]) -> int:
    """Their files as they came, without bytecode."""
    files = [file for name in brought(packages) for file in importlib.metadata.files(name) or []]
    paths = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())


def folder_bytes(folder: Path) -> int:
    """The same for a package in a checkout."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths)


if __name__ == "__main__":
    print(installed_bytes(tuple(sys.argv[1:])))
