"""What stands around the numbers: branches, indices, assignment, broadcasting, built-in functions."""

import numpy as np

import autograd_lite as ag
from tests.programs.table import program, real


@program(real(6))
def branches_on_values(x):
    total = 0.0
    for v in x:
        if v > 0:
            total += v**2
        elif v < -0.5:
            total -= np.sin(v)
        else:
            total += 0.1 * v
    return total


@program(real(4, 5))
def fancy_indexing(x):
    rows, columns = np.array([0, 2, 2]), np.array([1, 3, 3])
    return np.sum(x[rows, columns] ** 2) + x[x > 0].sum() + x[..., -1].sum() + np.sum(x[[0, 1]][:, ::-2] ** 3)


@program(real(5), real(3))
def assignment(x, v):
    y = x * 1.0
    y[1:4] = v**2
    y[0] = y[1] * x[4]
    y[[2, 3]] *= 2.0
    y[y < 0] = 0.5
    return np.sum(y**2)


@program(real(4))
def filling_a_constant_array(x):
    table = ag.zeros((4, 4)) if isinstance(x, ag.Tensor) else np.zeros((4, 4))
    for i in range(4):
        for j in range(i + 1):
            table[i, j] = x[i] * x[j] + table[i - 1, j]
    return np.sum(table**2)


@program(real(3), real(4))
def broadcasting(a, b):
    table = a[:, np.newaxis] + b[np.newaxis, :] * np.ones((2, 1, 1))
    return np.sum(np.where(table > 0, table, 0.2 * table) * np.expand_dims(a, 1))


@program(real(2, 3), real(2, 3))
def joining_and_splitting(a, b):
    joined = np.vstack([a, b])
    left, right = np.hsplit(np.column_stack([joined, joined[:, 0]]), 2)
    return np.sum(left * right) + np.sum(np.tile(a, (2, 1)) * joined) + np.sum(np.repeat(b, 2, axis=0) * joined)


@program(real(2, 3, 4))
def reordering(x):
    y = np.moveaxis(x, 0, -1).reshape(3, -1)
    return np.sum(np.flip(y, 0) * y) + np.sum(np.rot90(x[0]) ** 2) + np.take(x, [0, 2], axis=1).prod(axis=0).sum()


@program(real(5, low=0.2), 2.0)
def ufuncs(x, a):
    return np.sum(np.hypot(x, a) + np.arctan2(x, a) + np.expm1(x) - np.cbrt(np.abs(x) + 1) + np.sinc(x) + np.square(x))


@program(real(3, 4), real(4))
def comprehensions_and_builtins(x, w):
    rows = [np.dot(row, w) for row in x]
    return max(rows) + min(rows) + sum(rows) ** 2 + abs(rows[0]) + float(3)
