"""What `train` and `predict` need for a file that is larger than memory: processor time and memory at most.

``python -m benchmarks.large_tables [GIGABYTES]`` makes a file of that size (5 unless said), runs both commands as
processes of their own, prints a row for each, and removes the file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROWS, COLUMNS = 100_000, 10
MEASURE = """
import resource, sys
from autograd_lite.cli import main
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(code, round(used.ru_utime + used.ru_stime), used.ru_maxrss // 1024, file=sys.stderr)
"""


def write(path: Path, size: float) -> int:
    """Write a table of about `size` bytes, one block again and again; return its number of rows."""
    x = np.random.default_rng(0).normal(size=(ROWS, COLUMNS))
    kinds = np.where(x.sum(axis=1) + np.sin(3 * x[:, 0]) > 0, "yes", "no").tolist()
    numbers = [",".join(f"{value:.6f}" for value in row) for row in x.tolist()]
    block = "".join(f"{row},{kind}\n" for row, kind in zip(numbers, kinds, strict=True))
    times = max(1, round(size / len(block)))
    with path.open("w") as file:
        file.write(",".join([*(f"x{i}" for i in range(COLUMNS)), "y"]) + "\n")
        for _ in range(times):
            file.write(block)
    return times * ROWS


def measured(*arguments: str) -> tuple[int, int]:
    """Run a command; return its processor time in seconds and its memory at most in MB."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MEASURE, *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
    code, seconds, memory = map(int, done.stderr.splitlines()[-1].split())
    if code:
        raise RuntimeError(done.stderr)
    return seconds, memory


def main(gigabytes: float) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        data, model = Path(folder, "large.csv"), str(Path(folder, "m.npz"))
        rows = write(data, gigabytes * 1e9)
        size = f"{data.stat().st_size / 1e9:.1f} GB"
        for name, arguments in {
            "train": ("train", str(data), "--save", model, "--quiet", "--no-boosting"),
            "predict": ("predict", model, str(data)),
        }.items():
            seconds, memory = measured(*arguments)
            print(f"| {rows:,} × {COLUMNS + 1} | {size} | `{name}` | {seconds} s | {memory} MB |", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
