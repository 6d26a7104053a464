"""Everything measured in one run: collected round by round, checked for agreement."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any

from benchmarks.networks import NETWORKS
from benchmarks.processes import (
    MeasurementFailed,
    import_nanoseconds,
    installed_versions,
    interpreter,
    measure,
)
from benchmarks.subjects import SUBJECTS

QUANTITIES = (*NETWORKS, "gmm", "chain", "import")
LOSS_TOLERANCE, GRADIENT_TOLERANCE = 1e-3, 1e-9


@dataclass
class Results:
    """Per quantity (a network, ``chain``, ``import``) and subject: one measurement per round."""

    subjects: tuple[str, ...]
    rounds: int
    versions: dict[str, str]
    rows: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def values(self, quantity: str, subject: str, key: str = "nanoseconds") -> list[float]:
        """One number per round, the best first; empty where there is none."""
        return sorted(row[key] for row in self.rows.get(quantity, {}).get(subject, []))

    def warnings(self) -> Iterator[str]:
        """What failed, and who computes something else than the hand-written step."""
        for (quantity, subject), reason in self.failures.items():
            yield f"{SUBJECTS[subject].title} on {quantity} failed: {reason}"
        for quantity, rows in self.rows.items():
            if quantity == "import":
                continue
            reference = "hand" if "hand" in rows else next(iter(rows))
            expected = checked_numbers(quantity, rows[reference])
            tolerance = LOSS_TOLERANCE if quantity in NETWORKS else GRADIENT_TOLERANCE
            for subject in rows:
                found = checked_numbers(quantity, rows[subject])
                pairs = zip(found, expected, strict=True)
                if not all(isclose(a, b, rel_tol=tolerance) for a, b in pairs):
                    yield (
                        f"{SUBJECTS[subject].title} on {quantity} computes something else: {found}, "
                        f"and {SUBJECTS[reference].title} {expected}"
                    )


def checked_numbers(quantity: str, rounds: list[dict[str, Any]]) -> list[float]:
    """The numbers on which all subjects must agree: the first losses, or a gradient."""
    return rounds[0]["losses"] if quantity in NETWORKS else [rounds[0]["gradient"]]


def takes_part(subject: str, quantity: str) -> bool:
    """Whether a quantity is measured for a subject; imports are counted once per library."""
    row = SUBJECTS[subject]
    if quantity == "import":
        first = next(name for name, other in SUBJECTS.items() if other.library == row.library)
        return subject == first and row.library != "numpy"
    return {"chain": row.has_chain, "gmm": row.has_gmm}.get(quantity, True)


def find_versions(subjects: Sequence[str], peers: str) -> dict[str, str]:
    """The libraries that are there, each asked for in the interpreter that will run it."""
    wanted: dict[str, set[str]] = {}
    for subject in subjects:
        row = SUBJECTS[subject]
        wanted.setdefault(interpreter(row, peers), set()).add(row.library)
    versions: dict[str, str] = {}
    for python, libraries in wanted.items():
        versions |= installed_versions(python, sorted(libraries))
    return versions


def measure_once(subject: str, quantity: str, peers: str) -> dict[str, Any]:
    """Start the one child process that this measurement needs."""
    row = SUBJECTS[subject]
    python = interpreter(row, peers)
    if quantity == "import":
        return {"nanoseconds": import_nanoseconds(python, row.library)}
    if quantity not in NETWORKS:
        return measure(python, quantity, subject)
    return measure(python, "step", subject, quantity)


def collect(
    subjects: Sequence[str],
    quantities: Sequence[str],
    rounds: int,
    peers: str,
    announce: Callable[[str], None],
) -> Results:
    """Measure everything ``rounds`` times over, the subjects taking turns."""
    results = Results(tuple(subjects), rounds, find_versions(subjects, peers))
    present = [subject for subject in subjects if SUBJECTS[subject].library in results.versions]
    for turn in range(1, rounds + 1):
        for quantity in quantities:
            for subject in present:
                if not takes_part(subject, quantity) or (quantity, subject) in results.failures:
                    continue
                announce(f"round {turn} of {rounds}: {quantity}, {SUBJECTS[subject].title}")
                try:
                    measurement = measure_once(subject, quantity, peers)
                except MeasurementFailed as failure:
                    results.failures[quantity, subject] = str(failure)
                else:
                    rows = results.rows.setdefault(quantity, {})
                    rows.setdefault(subject, []).append(measurement)
    return results
