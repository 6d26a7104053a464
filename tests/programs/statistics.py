"""Likelihoods, filters, regressions."""

import numpy as np

from tests.programs.table import program, real


def log_sum_exp(x, axis):
    top = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(top, axis=axis) + np.log(np.sum(np.exp(x - top), axis=axis))


@program(real(3), real(3, 2), real(3, 3), real(10, 2))
def gaussian_mixture(alphas, means, factors, x):
    d, k = x.shape[1], len(alphas)
    diagonals, lower = np.exp(factors[:, :d]), factors[:, d:]
    apart = x[:, None, :] - means[None]
    scaled = apart * diagonals
    rows = [scaled[:, :, 0], scaled[:, :, 1] + lower[None, :, 0] * apart[:, :, 0]]
    squared = np.sum(np.stack(rows, axis=-1) ** 2, axis=-1)
    inner = alphas + np.sum(factors[:, :d], axis=1) - 0.5 * squared
    wishart = 0.5 * np.sum(diagonals**2) + 0.5 * np.sum(lower**2) - np.sum(factors[:, :d])
    constant = -len(x) * d * 0.5 * np.log(2 * np.pi)
    return constant + np.sum(log_sum_exp(inner, 1)) - len(x) * log_sum_exp(alphas, 0) - wishart / k


@program(real(10, 3), real(3), 0.2, np.array([0, 1] * 5))
def logistic_regression(x, w, b, y):
    z = x @ w + b
    return np.mean(np.logaddexp(0, z) - y * z) + 0.1 * np.dot(w, w)


@program(real(3), real(7, 3), np.array([0, 1, 2, 0, 3, 1, 1]))
def poisson_regression(w, x, counts):
    rate = np.exp(np.dot(x, w))
    return np.sum(rate - counts * np.log(rate))


@program(
    real(3), real(6, 3), np.array([5.0, 3.0, 9.0, 1.0, 7.0, 2.0]), np.array([True, True, False, True, True, False])
)
def cox_partial_likelihood(w, x, times, events):
    risk = x[np.argsort(-times)] @ w
    within = np.log(np.cumsum(np.exp(risk)))
    return -np.sum((risk - within)[events[np.argsort(-times)]])


@program(real(3), real(3, 3), real(5, 3))
def multivariate_normal(mean, factor, x):
    covariance = factor @ factor.T + 2 * np.eye(3)
    apart = (x - mean).T
    _, logdet = np.linalg.slogdet(covariance)
    mahalanobis = np.sum(apart * np.linalg.solve(covariance, apart), axis=0)
    return -0.5 * np.sum(mahalanobis + logdet + 3 * np.log(2 * np.pi))


@program(real(4), real(2), np.array([0.3, 0.8, 0.2, 0.5, 0.7]))
def gaussian_process(y, log_scales, x):
    x = x[:4]
    kernel = np.exp(log_scales[0]) * np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / np.exp(log_scales[1]))
    L = np.linalg.cholesky(kernel + 0.5 * np.eye(4))
    a = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ a + np.sum(np.log(np.diag(L)))


@program(real(2), np.array([[1.0, 0.2], [0.2, 0.5]]), real(6))
def kalman_filter(state, covariance, observations):
    F, H, Q, R = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]]), 0.01 * np.eye(2), np.array([[0.1]])
    total = 0.0
    for z in observations:
        state, covariance = F @ state, F @ covariance @ F.T + Q
        residual = z - H @ state
        S = H @ covariance @ H.T + R
        gain = covariance @ H.T @ np.linalg.inv(S)
        state, covariance = state + gain @ residual, (np.eye(2) - gain @ H) @ covariance
        total = total + np.log(np.linalg.det(S)) + (residual**2 / S[0]).sum()
    return total


@program(real(3, 3), real(3, 4), np.array([0, 2, 1, 3, 3, 0]))
def hidden_markov_forward(transitions, emissions, observed):
    A = np.exp(transitions) / np.exp(transitions).sum(1, keepdims=True)
    B = np.exp(emissions) / np.exp(emissions).sum(1, keepdims=True)
    alpha = B[:, observed[0]] / 3
    loglik = 0.0
    for o in observed[1:]:
        alpha = (alpha @ A) * B[:, o]
        scale = alpha.sum()
        loglik += np.log(scale)
        alpha = alpha / scale
    return loglik


@program(real(8), real(8))
def correlation(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum())


@program(real(6, 3))
def covariance_logdet(x):
    x = x - np.mean(x, axis=0)
    return np.linalg.slogdet(x.T @ x / (len(x) - 1) + np.eye(3))[1]


@program(real(9), 0.3)
def kernel_density(x, width):
    points = np.linspace(-1, 1, 5)
    weights = np.exp(-0.5 * ((points[:, np.newaxis] - x) / width) ** 2)
    return np.log(weights.sum(axis=1) / (len(x) * width)).sum()


@program(real(5), 1.5)
def student_t(x, scale):
    return np.sum(np.log1p((x / scale) ** 2 / 3) * 2 + np.log(scale))


@program(real(8), real(8, 2), real(2))
def huber_regression(y, x, w):
    r = np.abs(y - x @ w)
    return np.sum(np.where(r < 0.3, 0.5 * r**2, 0.3 * (r - 0.15)))


@program(real(7))
def quantile_loss(x):
    return np.sum(np.maximum(0.3 * (x - 0.1), -0.7 * (x - 0.1))) + np.median(x)


@program(real(9))
def trimmed_mean(x):
    return np.sort(x)[2:-2].mean() + np.ptp(x)


@program(real(6, low=0.1), real(6, low=0.1, high=0.9))
def divergence(p, q):
    p, q = np.abs(p) + 0.1, np.abs(q) + 0.1
    p, q = p / p.sum(), q / q.sum()
    return np.sum(p * np.log(p / q))


@program(real(3), real(4), real(4, 3))
def rasch_model(ability, difficulty, observed):
    logits = ability[None, :] - difficulty[:, None]
    return np.sum(np.log1p(np.exp(logits)) - (observed > 0) * logits)


@program(real(10), 0.5, 0.3)
def autoregressive_likelihood(x, a, log_s):
    r = x[1:] - a * x[:-1]
    return np.sum(r**2) / (2 * np.exp(2 * log_s)) + len(r) * log_s


@program(np.array([0.1, 0.2, 0.05]), real(12))
def garch(parameters, returns):
    omega, a, b = parameters
    variance, total = np.var(returns), 0.0
    for r in returns:
        variance = omega + a * r**2 + b * variance
        total += np.log(variance) + r**2 / variance
    return 0.5 * total
