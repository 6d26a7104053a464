"""What is recorded, one file for each ``.npz``: a table of cases and the loop that runs them.

Inputs are random numbers rounded to three decimals, so that a person can read and retype them.
"""

import zlib
from collections.abc import Mapping

import numpy as np
import torch


def generator(name: str) -> np.random.Generator:
    """Return a generator seeded by a name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(name: str, *shape: int) -> np.ndarray:
    """Return standard normal numbers that depend on the name alone."""
    return np.round(generator(name).normal(size=shape), 3) + 0.0  # + 0.0: no negative zeros


def leaf(array: np.ndarray | float) -> torch.Tensor:
    """Return a tensor that collects a gradient."""
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def gradients(output: torch.Tensor, seed: torch.Tensor, leaves: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the gradient of ``(output * seed).sum()`` with respect to every leaf."""
    found = torch.autograd.grad(output, list(leaves.values()), seed, allow_unused=True)
    return {name: torch.zeros_like(x) if g is None else g for (name, x), g in zip(leaves.items(), found, strict=True)}
