"""How the time of backpropagation grows: ``python -m benchmarks.growth`` doubles the work and prints the ratios.

Each piece of work is linear in n, so its ratio is 2; what copies or searches everything for each part comes to 4.
"""

import functools
import operator
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_lite as ag

ROUNDS, N = 5, 2000


def leaf(data: Any) -> ag.Tensor:
    """A leaf whose gradient is wanted."""
    return ag.tensor(data, requires_grad=True, dtype=float)


def numbers(n: int) -> list[ag.Tensor]:
    """Leaves without axes."""
    return [leaf(i) for i in range(n)]


def rows(n: int) -> list[ag.Tensor]:
    """Leaves of two numbers each."""
    return [leaf([i, 1.0]) for i in range(n)]


def repeated(f: Callable[[Any], Any], x: Any, n: int) -> Any:
    """``f(f(…f(x)))``, n times."""
    return functools.reduce(lambda y, _: f(y), range(n), x)


def deep(n: int) -> ag.Tensor:
    """The result of n layers, one after the other."""
    layers = [ag.nn.Linear(2, 2) for _ in range(n // 10)]
    return ag.nn.Sequential(*layers)(np.ones((1, 2), np.float32)).sum()


def assigned(n: int) -> ag.Tensor:
    """The sum of an array whose elements are assigned one after the other (each one is a copy: few of them)."""
    x, y = leaf(2.0), ag.zeros(8)
    for i in range(n):
        y[i % 8] = x * i
    return y.sum()


halved = ag.custom_vjp(lambda x: x / 2, lambda g, y, x: g / 2)

WORK: dict[str, Callable[[int], Any]] = {
    "stack": lambda n: np.stack(numbers(n)).sum(),
    "stack of tensors and numbers": lambda n: np.stack([*numbers(n // 2), *[1.0] * (n // 2)]).sum(),
    "concatenate": lambda n: np.concatenate(rows(n)).sum(),
    "hstack": lambda n: np.hstack(rows(n)).sum(),
    "block": lambda n: np.block(rows(n)).sum(),
    "split": lambda n: functools.reduce(operator.add, [part.sum() for part in np.split(leaf(np.ones(n)), n)]),
    "elements": lambda n: functools.reduce(operator.add, leaf(np.ones(n))),
    "rows": lambda n: functools.reduce(operator.add, [row.sum() for row in leaf(np.ones((n, 2)))]),
    "long sum": lambda n: functools.reduce(operator.add, numbers(n)),
    "chain": lambda n: repeated(lambda y: y * 1.0, leaf(1.0), n),
    "fan-out": lambda n: (lambda y: functools.reduce(operator.add, [y * i for i in range(n)]))(leaf(1.0)),
    "branches not taken": lambda n: repeated(lambda y: np.where(y > 0, np.sqrt(y), y), leaf([0.0, 1.0]), n).sum(),
    "custom rules": lambda n: repeated(halved, leaf(1.0), n),
    "assignments": assigned,
    "deep network": deep,
}


def seconds(work: Callable[[int], Any], n: int) -> float:
    """The time of a forward and a backward pass, as far as this process had the machine."""
    start = time.process_time()
    work(n).backward()
    return time.process_time() - start


def main() -> None:
    """Print a table."""
    print(f"{'':30} {N:>8} {2 * N:>8}  ratio")
    for name, work in WORK.items():
        once, twice = (min(seconds(work, n) for _ in range(ROUNDS)) for n in (N, 2 * N))
        print(f"{name:30} {once * 1e3:6.1f}ms {twice * 1e3:6.1f}ms  {twice / once:.2f}")


if __name__ == "__main__":
    main()
