"""Trajectories, energies, fields on grids."""

import itertools

import numpy as np

from tests.programs.table import program, real


@program(np.array([0.3, 0.1]), 9.81, 1.2)
def pendulum(state, gravity, length):
    angle, speed = state
    for _ in range(20):
        speed = speed - 0.05 * gravity / length * np.sin(angle)
        angle = angle + 0.05 * speed
    return angle**2 + speed**2


@program(np.array([0.3, 0.1]), 0.5)
def runge_kutta(y, mu):
    def slope(y):
        return np.array([0.0, 1.0]) * (mu * (1 - y[0] ** 2) * y[1] - y[0]) + np.array([1.0, 0.0]) * y[1]

    for _ in range(5):
        a = slope(y)
        b = slope(y + 0.05 * a)
        c = slope(y + 0.05 * b)
        d = slope(y + 0.1 * c)
        y = y + 0.1 / 6 * (a + 2 * b + 2 * c + d)
    return np.sum(y * y)


@program(real(5, 3), real(5, low=0.5))
def n_body_energy(positions, masses):
    energy = 0.0
    for i, j in itertools.combinations(range(len(masses)), 2):
        distance = np.sqrt(np.sum((positions[i] - positions[j]) ** 2) + 1e-2)
        energy -= masses[i] * masses[j] / distance
    return energy


@program(real(4, 3), real(4, low=0.5))
def n_body_energy_vectorised(positions, masses):
    apart = positions[:, None, :] - positions[None, :, :]
    distances = np.sqrt((apart**2).sum(-1) + 1e-2)
    pairs = masses[:, None] * masses[None, :] / distances
    return -np.sum(np.triu(pairs, 1))


@program(real(12), 0.2)
def heat_equation(u, alpha):
    for _ in range(10):
        inside = u[1:-1] + alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inside, u[-1:]])
    return np.sum(u**2)


@program(real(8), 0.2)
def heat_equation_in_place(u, alpha):
    u = u.copy()
    for _ in range(5):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return (u**2).sum()


@program(real(5, 6))
def laplace_with_roll(u):
    for _ in range(3):
        u = 0.25 * (np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1))
    return np.mean(u**3)


@program(real(6, 6), 0.1)
def gray_scott(u, rate):
    v = 0.5 * u**2
    for _ in range(3):
        padded = np.pad(u, 1, mode="wrap")
        laplacian = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] - 4 * u
        u, v = u + rate * laplacian - u * v * v, v + rate * u * v * v
    return np.sum(u * v)


@program(real(3), real(3), np.array([0.1, 0.2, 0.3]))
def lorentz_force(v, B, E):
    for _ in range(4):
        v = v + 0.1 * (E + np.cross(v, B))
    return v @ v


@program(0.3, 0.4, 1.0)
def rotation(a, b, c):
    about_z = np.stack([np.stack([np.cos(a), -np.sin(a)]), np.stack([np.sin(a), np.cos(a)])])
    return np.sum(about_z @ np.stack([b, c]) * np.array([1.0, 2.0]))


@program(real(4, 2), 1.0)
def springs(x, stiffness):
    stretched = np.linalg.norm(x[1:] - x[:-1], axis=1) - 0.5
    return 0.5 * stiffness * np.sum(stretched**2)


@program(real(6, low=1.0, high=2.0))
def lennard_jones(r):
    return (4 * (np.power(r, -12.0) - np.power(r, -6.0))).sum()


@program(real(5), real(5))
def wave_energy(u, v):
    for _ in range(4):
        v = v + 0.1 * np.diff(u, n=2, prepend=0.0, append=0.0)
        u = u + 0.1 * v
    return 0.5 * np.sum(v**2) + 0.5 * np.sum(np.diff(u) ** 2)


@program(real(8))
def spectrum_energy(x):
    t = np.arange(8)
    waves = np.outer(t, t) * (2 * np.pi / 8)
    return np.sum((np.cos(waves) @ x) ** 2 * t) + np.sum((np.sin(waves) @ x) ** 2)
