"""``python -m tests.mutation N [SEED] [PART …]``: N mutants of these parts of the package, and which survive.

Each is written into a copy of the package, in which the tests of its area run until one fails. What no test of its
area sees, the rest of the suite may see, and some faults change nothing that can be seen: survivors are looked at by
hand. On a busy machine give it time: what runs into the limit counts as noticed.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
AREAS = {  # the parts of the package that are mutated, and the tests that run, quickest first
    "engine": "engine test_autograd.py tensor rules/test_table.py views debugging compiler/test_steps.py",
    "rules": "rules tensor test_ties.py test_conventions.py limits views compiler/test_functions.py programs",
    "optim": "optim compiler/test_kernel.py train/test_step.py",
    "transforms": "transforms tensor debugging",
    "tensor": "tensor engine views rules test_entrances.py",
    "compiler/passes": "compiler --ignore=tests/compiler/test_ways.py",
}
LIMIT = 240  # seconds: a mutant that hangs is noticed, too


def drawn(count: int, seed: int, parts: list[str]) -> list[tuple[str, Mutant]]:
    """Mutants of the parts in turn, files and places by chance."""
    generator, found = random.Random(seed), {}
    for part in parts:
        every = [m for path in sorted((ROOT / "autograd_lite" / part).rglob("*.py")) for m in mutants(path)]
        found[part] = generator.sample(every, min(count, len(every)))
    return [(part, found[part][i]) for i in range(count) for part in parts if i < len(found[part])][:count]


def killed(part: str, mutant: Mutant, copy: Path) -> str:
    """The test that notices a mutant, in a copy of the project; "" if none does."""
    file = copy / mutant.path.relative_to(ROOT)
    kept = file.read_text(encoding="utf-8")
    file.write_text(mutant.source, encoding="utf-8")
    paths = [p if p.startswith("-") else f"tests/{p}" for p in AREAS[part].split()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *paths, f"autograd_lite/{part}"]
    try:
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "it hangs"
    finally:
        file.write_text(kept, encoding="utf-8")
    if run.returncode == 0:
        return ""
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0] if failed else "it cannot be imported"


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    count, seed = (int(arguments[i]) if len(arguments) > i else default for i, default in ((0, 60), (1, 0)))
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".*", "site", "__pycache__", "*.ipynb")
        shutil.copytree(ROOT, copy, ignore=ignored)
        chosen = drawn(count, seed, arguments[2:] or list(AREAS))
        for i, (part, mutant) in enumerate(chosen, 1):
            begin = time.perf_counter()
            by = killed(part, mutant, copy)
            print(f"{i:4} {time.perf_counter() - begin:5.0f} s  {mutant}\n          {by or 'SURVIVES'}", flush=True)
            if not by:
                survivors.append(mutant)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} noticed; survivors:", *survivors, sep="\n  ")


main(sys.argv[1:])
