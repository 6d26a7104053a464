"""Arguments of many shapes, away from ties and edges, where differences would not tell the derivative."""

import numpy as np

rng = np.random.default_rng(0)


def real(*shape, low=-2.0, high=2.0):
    """Numbers away from ties and from each other's neighbourhood."""
    return rng.uniform(low, high, shape) + 0.0


def unary(low=-2.0, high=2.0):
    return [((real(*shape, low=low, high=high),), {}) for shape in ((), (3,), (2, 3), (0,), (1, 1))]


def binary(low=-2.0, high=2.0):
    shapes = [
        ((), ()),
        ((3,), ()),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((2, 3), (2, 3)),
        ((0,), (1,)),
        ((1, 2), (3, 1, 2)),
    ]
    return [((real(*a, low=low, high=high), real(*b, low=low, high=high)), {}) for a, b in shapes]


def reduced(low=-2.0, high=2.0, **settings):
    x = real(2, 3, 4, low=low, high=high)
    return [
        ((x,), {"axis": axis, "keepdims": keepdims, **settings})
        for axis in (None, 0, -1, (0, 2), (-1, 0))
        for keepdims in (False, True)
    ]


def spread(*shape):
    """Distinct numbers, for functions that compare."""
    return rng.permutation(np.linspace(-2, 2, int(np.prod(shape)))).reshape(shape)
