"""Numbers are written into one expression where they serve nothing else: its brackets must be right."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import check

EXPRESSIONS = {
    "negative power": lambda s, x: x * (-s) ** 2,
    "power of a power": lambda s, x: x * ((s**1.5) ** s + s ** (1.5**s)),
    "subtractions": lambda s, x: x * (s - (1.5 - s) - (s - (1.5 - (s - 1.5)))),
    "divisions": lambda s, x: x * (s / (1.5 / s) / (s * (1.5 / (s - 0.5)))),
    "remainders": lambda s, x: x * ((-s) % 1.5 + s // (1.5 * 2) - (s // 1.5) * 2),
    "signs": lambda s, x: x - (-(-s + 1) - (-s)) + abs(-s),
    "a long one": lambda s, x: x * ((s * s + 1.25 * s - 0.75) * (s * s - 1.25 * s + 0.75) + (s - 2.5) * (s + 2.5) * s),
    "comparisons": lambda s, x: ((x[0] < s) == (s > x[1])) & ~(x[1] < x[0]) | (x[0] >= x[1]),
    "elements": lambda s, x: (x[0] - x[1]) * s - (-x[0]) ** 2.0 - np.power(-x[1], 2.0),
    "casts": lambda s, x: (-x[0]).astype(np.float32) * x[1],
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(name):
    check(EXPRESSIONS[name], (2.0, ag.tensor([1.0, 2.0])), (3.5, ag.tensor([-1.5, 0.25])))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression_of_values_without_axes(name):
    check(
        lambda x: EXPRESSIONS[name](x[0] * 2, x[1:]),
        (ag.tensor([1.0, 1.0, 2.0]),),
        (ag.tensor([1.75, -1.5, 0.25]),),
    )
