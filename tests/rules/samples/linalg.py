"""Samples for `rules/linalg.py`."""

import numpy as np

from autograd_lite.rules import linalg
from tests.rules.samples.numbers import real


def invertible(*shape):
    """Square matrices, or stacks of them, that are far from singular."""
    return real(*shape) + 4 * np.eye(shape[-1])


SQUARE = [((invertible(*shape),), {}) for shape in ((1, 1), (3, 3), (2, 3, 3), (2, 1, 2, 2), (0, 3, 3))]
EMPTY = [((real(0, 0),), {})]
TALL_AND_WIDE = [((real(*shape),), {}) for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 1))]
RANK_ONE = np.outer(real(3), real(2))

SAMPLES = {
    np.linalg.inv: SQUARE + EMPTY,
    np.linalg.pinv: TALL_AND_WIDE
    + [((real(4, 2),), s) for s in ({"rcond": 1e-10}, {"rtol": 1e-10}, {"rtol": None})]
    + [((real(3, 2), 1e-12), {})],
    linalg.solve_matrix: [((invertible(3, 3), real(3, 2)), {})],
    np.linalg.solve: [
        ((invertible(*a), real(*b)), {})
        for a, b in (
            *(((3, 3), (3,)), ((3, 3), (3, 2)), ((1, 1), (1,)), ((2, 3, 3), (3,)), ((2, 3, 3), (3, 1))),
            *(((2, 3, 3), (2, 3, 2)), ((3, 3), (2, 3, 2)), ((2, 1, 3, 3), (4, 3, 2)), ((3, 3), (3, 0))),
        )
    ],
    np.linalg.tensorinv: [((real(4, 6, 8, 3)[:2, :2, :2, :2],), {"ind": 2}), ((real(4, 2, 2),), {"ind": 1})],
    np.linalg.tensorsolve: [((real(2, 2, 4), real(2, 2)), {}), ((real(2, 6, 3), real(6)), {"axes": (0,)})],
    np.linalg.det: [*SQUARE, ((real(3, 3),), {})],
    linalg.cofactors: SQUARE[:3],
    linalg.log_determinant: SQUARE,
    np.linalg.slogdet: [*SQUARE, ((-invertible(3, 3),), {})],
    np.linalg.matrix_power: [((invertible(2, 2, 2) / 3, n), {}) for n in (1, 2, 3, 5, -1, -3)]
    + [((real(2, 2),), {"n": 3})],
    np.linalg.multi_dot: [
        (([real(*shape) for shape in shapes],), {})
        for shapes in (((2, 3), (3, 4)), ((2, 3), (3, 4), (4, 1)), ((3,), (3, 2), (2, 4), (4,)), ((3,), (3,)))
    ],
    np.linalg.matmul: [((real(2, 3), real(3, 4)), {})],
    np.linalg.matrix_transpose: [((real(2, 3, 4),), {})],
    np.linalg.outer: [((real(3), real(2)), {})],
    np.linalg.tensordot: [((real(2, 3), real(3, 4)), {"axes": 1}), ((real(2, 3, 4), real(3, 4, 1)), {})],
    np.linalg.vecdot: [((real(2, 3), real(3)), {}), ((real(3, 2), real(3, 2)), {"axis": 0})],
    np.linalg.cross: [((real(2, 3), real(3)), {}), ((real(3, 2), real(3, 2)), {"axis": 0})],
    np.linalg.diagonal: [((real(2, 3, 4),), s) for s in ({}, {"offset": 1}, {"offset": -1})],
    np.linalg.trace: [((real(2, 3, 4),), s) for s in ({}, {"offset": 1}, {"offset": -1})],
}
