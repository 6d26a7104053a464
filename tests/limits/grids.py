"""The numbers at which derivatives are studied: where a dtype ends, where functions do, and some between."""

import itertools

import numpy as np

DTYPES = (np.float16, np.float32, np.float64)


def edges(dtype):
    """0, infinity, the smallest and the largest numbers, their roots, and what is next to 1."""
    f = np.finfo(dtype)
    tiny, largest, eps = float(f.tiny), float(f.max), float(f.eps)
    ends = [0, float(f.smallest_subnormal), tiny, tiny**0.75, tiny**0.5, tiny**0.25, eps, eps**0.5]
    ends += [1 / eps**0.5, 1 / eps, largest**0.5 / 4, largest**0.5 * 4, largest**0.75, largest / 4, largest, np.inf]
    return [*ends, 1 - eps / 2, 1 - eps * 9, 1 + eps]


USUAL = [0.01, 0.1, 0.3, 0.5, 0.9, 0.997, 1, 1.02, 1.5, 2, 3, 5, 8, 13, 20, 40, 90, 300, 700]


def on_both_sides(numbers, dtype):
    """The numbers and their opposites, each once, in order."""
    with np.errstate(over="ignore"):
        positive = np.unique(np.array(numbers).astype(dtype))
    return np.concatenate([-positive[::-1], positive])


def line(dtype, more=()):
    """Numbers for a function of one argument."""
    return on_both_sides([*edges(dtype), *USUAL, *more], dtype)


def plane(dtype):
    """Pairs for a function of two arguments."""
    f = np.finfo(dtype)
    tiny, largest, eps = float(f.tiny), float(f.max), float(f.eps)
    one = on_both_sides([0, tiny, 0.5, 3, 1 / eps, largest, np.inf], dtype)
    more = on_both_sides([tiny**0.6, tiny**0.4, eps, 1, 30, largest**0.4, largest**0.6], dtype)
    pairs = list(itertools.product(one, one))
    for other in (more, -more, more[::2].repeat(2)):
        pairs += zip(more, other, strict=True)
    return np.array(pairs, dtype).T


def many(dtype, count, rng):
    """Numbers of any size, and close to 0 and 1: the larger grid."""
    f = np.finfo(dtype)
    sizes = np.exp2(rng.uniform(np.log2(float(f.tiny)), np.log2(float(f.max)), count))
    close = 1 + np.exp2(rng.uniform(np.log2(float(f.eps)), 0, count)) * rng.choice([-1, 1], count)
    return np.unique(np.concatenate([sizes, -sizes, close, -close, rng.uniform(-30, 30, count)]).astype(dtype))
