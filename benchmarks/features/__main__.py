"""The command ``python -m benchmarks.features``: probe every library, then write the two tables."""

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.features import page
from benchmarks.features.footprint import folder_bytes
from benchmarks.features.probe import Answer
from benchmarks.features.rows import FEATURES, LIBRARIES
from benchmarks.processes import ROOT, TIMEOUT_SECONDS, MeasurementFailed, import_nanoseconds, installed_versions, run


def answer(python: str, library: str, feature: str) -> Answer:
    """One probe in a process of its own; a crash and a time-out are a no."""
    try:
        return Answer(*json.loads(run(python, "-m", "benchmarks.features.probe", library, feature).splitlines()[-1]))
    except MeasurementFailed as failure:
        return Answer("no", str(failure))


def weigh(python: str, library: str) -> tuple[float, float]:
    """Milliseconds to import and MiB on disk."""
    packages = LIBRARIES[library].packages
    fastest = min(import_nanoseconds(python, packages[0]) for _ in range(3)) / 1e6
    if library == "autograd_lite":
        return fastest, folder_bytes(ROOT / library) / 2**20
    return fastest, int(run(python, "-m", "benchmarks.features.footprint", *packages)) / 2**20


def main() -> int:
    """Probe, print the table, write the pages; 1 if a probe is out of date."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=page.__doc__)
    parser.add_argument(
        "--peers",
        default=os.environ.get("AUTOGRAD_LITE_PEERS", sys.executable),
        metavar="PYTHON",
        help="the interpreter that has the other libraries (default: AUTOGRAD_LITE_PEERS or this one)",
    )
    peers = parser.parse_args().peers
    pythons = {name: sys.executable if name == "autograd_lite" else peers for name in LIBRARIES}
    packages = [package for name in LIBRARIES if name != "autograd_lite" for package in LIBRARIES[name].packages]
    versions = {"autograd_lite": "this checkout"} | installed_versions(peers, ["numpy", *packages])
    if missing := set(packages) - set(versions):
        sys.exit(f"{peers} lacks {', '.join(sorted(missing))}, so nothing can be said of it")
    with ThreadPoolExecutor(2) as pool:
        asked = {
            (feature, library): pool.submit(answer, python, library, feature)
            for feature in FEATURES
            for library, python in pythons.items()
        }
        for question, found in asked.items():
            print(*question, *found.result(), file=sys.stderr, flush=True)
    answers = {feature: {library: asked[feature, library].result() for library in LIBRARIES} for feature in FEATURES}
    numbers = {library: weigh(python, library) for library, python in pythons.items()}
    print(page.marks(answers))
    Path(ROOT, "benchmarks", "FEATURES.md").write_text(
        page.render(answers, versions, numbers, TIMEOUT_SECONDS), encoding="utf-8"
    )
    page.put_between_markers(page.marks(answers), ROOT / "README.md")
    return any(found.mark == "unclear" for row in answers.values() for found in row.values())


if __name__ == "__main__":
    sys.exit(main())
