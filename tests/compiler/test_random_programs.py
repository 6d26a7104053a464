"""All passes, on programs that nobody has thought of: the same bits, in memory that is shared in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite.compiler.passes import optimized
from tests.compiler.programs import bits, numbers, run, traced

STEPS: list[Callable[[Any, Any], Any]] = [
    *(
        lambda a, b: a + b,
        lambda a, b: a + -b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: -a,
        lambda a, b: a**2,
    ),
    *(lambda a, b: a * 1, lambda a, b: a / 1.0, lambda a, b: a - 0.0, lambda a, b: +a, lambda a, b: a.copy()),
    *(lambda a, b: a.T, lambda a, b: a.reshape(-1), lambda a, b: a.reshape(4, 4), lambda a, b: np.swapaxes(a, 0, 1)),
    *(lambda a, b: a[...], lambda a, b: a[0:4], lambda a, b: a[:, 1:3], lambda a, b: np.broadcast_to(a[0], (4, 4))),
    *(lambda a, b: np.sum(a, axis=0), lambda a, b: np.dot(a, b), lambda a, b: np.dot(a, a.T), lambda a, b: np.exp(a)),
    *(lambda a, b: np.ones_like(a) * b, lambda a, b: assigned(a * 2, slice(0, 4), b)),
    *(lambda a, b: assigned(a.copy(), slice(1, 2), b[0]), lambda a, b: assigned(np.zeros_like(a), slice(0, 2), b[0:2])),
]


def assigned(x: Any, index: Any, value: Any) -> Any:
    """`x` after an assignment."""
    x[index] = value
    return x


def random_function(seed: int) -> Callable[..., Any]:
    """A function of two arrays that makes up to 20 steps and gives three of its values."""

    def f(*arrays: Any) -> Any:
        rng = np.random.default_rng(seed)
        values = [*arrays, np.tanh(arrays[0])]
        for step in rng.integers(len(STEPS), size=rng.integers(3, 20)):
            a, b = (values[i] for i in rng.integers(len(values), size=2))
            try:
                values.append(STEPS[step](a, b))
            except (ValueError, IndexError):  # the shapes do not fit
                continue
        return tuple([values[i] * 2 if i < 2 else values[i] for i in rng.integers(len(values), size=3)])

    return f


@pytest.mark.parametrize("start", range(0, 500, 100))
def test_random_programs_give_the_same_bits_in_the_same_memory(start: int) -> None:
    arrays = numbers(4, 4), np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    for seed in range(start, start + 100):
        f = random_function(seed)
        wanted, program = run(traced(f, *arrays)), optimized(traced(f, *arrays))
        got = run(program)
        assert [(a.shape, a.dtype, bits(a)) for a in got] == [(a.shape, a.dtype, bits(a)) for a in wanted], (
            f"seed {seed}"
        )
        assert overlaps(got, arrays) == overlaps(wanted, arrays), f"seed {seed}"


def overlaps(results: list[Any], arrays: tuple[Any, ...]) -> list[bool]:
    """Which results share memory with each other, or with an argument."""
    return [np.shares_memory(a, b) for i, a in enumerate(results) for b in (*results[:i], *arrays) if a.ndim and b.ndim]
