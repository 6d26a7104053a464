"""Iterations, quadrature, splines, small linear solvers."""

import numpy as np

from tests.programs.table import program, real


@program(2.0)
def newton_square_root(a):
    x = a
    for _ in range(6):
        x = 0.5 * (x + a / x)
    return x


@program(0.7)
def fixed_point(a):
    x = np.cos(a)
    while abs(x - a * np.cos(x)) > 1e-10:
        x = a * np.cos(x)
    return x


@program(np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 0.5]]))
def power_iteration(A):
    v = np.ones(3) / np.sqrt(3)
    for _ in range(15):
        v = A @ v
        v = v / np.linalg.norm(v)
    return v @ A @ v


@program(np.array([0.5, 1.5]), 0.3)
def simpson(bounds, k):
    a, b = bounds
    x = a + (b - a) * np.linspace(0, 1, 11)
    y = np.exp(-k * x**2)
    return (b - a) / 30 * (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum())


@program(real(9))
def trapezium(y):
    return np.trapezoid(y**2, dx=0.25) + np.cumsum(y)[-1] * np.cumprod(1 + 0.1 * y)[4]


@program(real(4), 0.3)
def horner(coefficients, x):
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total**2


@program(real(8))
def polynomial_fit(y):
    x = np.linspace(-1, 1, 8)
    V = np.stack([np.ones(8), x, x**2], axis=1)
    coefficients = np.linalg.solve(V.T @ V, V.T @ y)
    return np.sum((V @ coefficients - y) ** 2) + coefficients[2]


@program(real(5), np.array([0.13, 0.41, 0.77]))
def linear_spline(knots, x):
    return np.sum(np.interp(x, np.linspace(0, 1, 5), knots) ** 2)


@program(real(5))
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


@program(real(5))
def ackley(x):
    a = np.exp(-0.2 * np.sqrt(np.mean(x**2)))
    return -20 * a - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20 + np.e


@program(np.array([3.0, -1.0, 2.0, 0.5]), real(4))
def thomas_algorithm(d, b):
    main, rhs = [4.0 + d[0] * 0.1], [b[0]]
    for i in range(1, 4):
        w = 1.0 / main[i - 1]
        main.append(4.0 + 0.1 * d[i] - w)
        rhs.append(b[i] - w * rhs[i - 1])
    x = [None] * 4
    x[3] = rhs[3] / main[3]
    for i in (2, 1, 0):
        x[i] = (rhs[i] - x[i + 1]) / main[i]
    return sum(v * v for v in x)


@program(real(4, 4))
def gram_schmidt(A):
    basis = []
    for v in A + 2 * np.eye(4):
        for q in basis:
            v = v - (v @ q) * q
        basis.append(v / np.sqrt(v @ v))
    return sum(np.sum(q[:2]) for q in basis)


@program(real(3, 3))
def matrix_exponential(A):
    term = total = np.eye(3)
    for k in range(1, 12):
        term = term @ A / k
        total = total + term
    return np.trace(total) + np.linalg.det(total)


@program(real(6))
def gradient_descent_by_hand(start):
    x, velocity = start, np.zeros_like(start)
    for _ in range(5):
        velocity = 0.9 * velocity - 0.05 * (2 * x + np.cos(x))
        x = x + velocity
    return np.sum(x**2)
