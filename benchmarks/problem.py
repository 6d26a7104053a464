"""The batch and the initial weights: the same numbers for every subject, from one seed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.networks import Network

Floats = NDArray[np.float32]
Step = Callable[[], Any]  # one training step; returns the loss as the library gives it

LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)
EPSILON = 1e-8


@dataclass(frozen=True)
class Problem:
    """A fixed batch and, per layer, the initial weight ``(out, in)`` and bias ``(out,)``."""

    x: Floats
    labels: NDArray[np.int64]
    layers: list[tuple[Floats, Floats]]


def make_problem(network: Network, seed: int = 0) -> Problem:
    """Normal features, uniform labels, He-initialised float32 weights; biases start at zero."""
    generator = np.random.default_rng(seed)
    sizes = network.sizes
    x = generator.standard_normal((network.batch, sizes[0]), dtype=np.float32)
    labels = generator.integers(sizes[-1], size=network.batch)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        weight = generator.standard_normal((fan_out, fan_in), dtype=np.float32)
        weight *= np.float32((2 / fan_in) ** 0.5)
        layers.append((weight, np.zeros(fan_out, dtype=np.float32)))
    return Problem(x, labels, layers)
