"""One measurement, in a process of its own: ``python -m benchmarks.worker step|chain|gmm SUBJECT [NETWORK]``.

Prints one line of JSON. Times are nanoseconds, the median over all that fitted into the time given.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any

from benchmarks.networks import NETWORKS

LOSSES = 5
WARM_UP_SECONDS, TIMED_SECONDS, LEAST_REPEATS = 0.3, 1.2, 10


def repeat(action: Callable[[], object], seconds: float) -> list[int]:
    """Call again and again for so long; return how many nanoseconds each call took."""
    clock = time.perf_counter_ns
    times: list[int] = []
    end = clock() + int(seconds * 1e9)
    while (start := clock()) < end or len(times) < LEAST_REPEATS:
        action()
        times.append(clock() - start)
    return times


def time_step(subject: str, network: str) -> dict[str, Any]:
    """Time a training step; the first losses prove that every subject computes the same thing."""
    from benchmarks.problem import make_problem

    step = import_module(f"benchmarks.subjects.{subject}").build(make_problem(NETWORKS[network]))
    losses = [step().item() for _ in range(LOSSES)]
    repeat(step, WARM_UP_SECONDS)
    nanoseconds = median(repeat(step, TIMED_SECONDS))
    return {"nanoseconds": nanoseconds, "losses": losses, "peak_bytes": peak_memory()}


def peak_memory() -> int | None:
    """The most memory this process ever held, in bytes; None where the system does not say."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def time_chain(subject: str) -> dict[str, Any]:
    """Time the scalar chain; freeing the recorded graph counts as part of its backward pass."""
    from benchmarks.chain import CHAINS, OPERATIONS

    forward, backward = CHAINS[subject]()
    forwards: list[int] = []

    def forward_and_backward() -> None:
        start = time.perf_counter_ns()
        recorded = forward()
        forwards.append(time.perf_counter_ns() - start)
        backward(recorded)

    gradient = backward(forward())
    repeat(forward_and_backward, WARM_UP_SECONDS)
    forwards.clear()
    both = median(repeat(forward_and_backward, TIMED_SECONDS))
    ahead = median(forwards)
    per_operation = {"forward": ahead, "backward": both - ahead, "nanoseconds": both}
    return {name: value / OPERATIONS for name, value in per_operation.items()} | {"gradient": gradient}


def time_gmm(subject: str) -> dict[str, Any]:
    """Time the gradient of the mixture's log-likelihood; its size proves that everybody computes the same."""
    from benchmarks.gmm import GRADIENTS

    gradient = GRADIENTS[subject]()
    size = float(sum(abs(g).sum() for g in gradient()))
    repeat(gradient, WARM_UP_SECONDS)
    return {"nanoseconds": median(repeat(gradient, TIMED_SECONDS)), "gradient": size}


def main(kind: str, subject: str, *network: str) -> None:
    """Measure and print."""
    measure = {"step": time_step, "chain": time_chain, "gmm": time_gmm}[kind]
    print(json.dumps(measure(subject, *network)))


if __name__ == "__main__":
    main(*sys.argv[1:])
