"""Networks, attention, convolutions, factorisations."""

import numpy as np

import autograd_lite as ag
from tests.programs.table import program, real


@program(real(4, 3), real(3, 5), real(5), real(5, 2), np.array([0, 1, 1, 0]))
def perceptron(x, W, b, V, labels):
    logits = np.tanh(x @ W + b) @ V
    logits = logits - logits.max(axis=1, keepdims=True)
    return -np.mean((logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[np.arange(4), labels])


@program(real(2, 4, 3), real(2, 5, 3), real(2, 5, 2))
def attention(q, k, v):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return ((weights @ v) ** 2).sum()


@program(real(2, 2, 4, 3), real(2, 2, 4, 3))
def causal_attention_by_einsum(q, k):
    scores = np.einsum("bhid,bhjd->bhij", q, k)
    scores = np.where(np.tril(np.ones((4, 4))) == 1, scores, -1e9)
    weights = np.exp(scores) / np.sum(np.exp(scores), axis=-1, keepdims=True)
    return np.einsum("bhij,bhjd->", weights, k**2)


@program(real(2, 6, 6), real(3, 3))
def convolution_by_windows(images, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
    return np.sum(np.maximum(np.einsum("nijkl,kl->nij", windows, kernel), 0))


@program(real(8), real(3))
def signal_filter(x, kernel):
    return np.sum(np.convolve(x, kernel, mode="same") ** 2) + np.sum(np.correlate(x, kernel, mode="valid"))


@program(real(2, 4, 6))
def max_pooling(x):
    return np.sum(x.reshape(2, 2, 2, 3, 2).max(axis=(2, 4)) ** 2)


@program(real(5, 3), real(4, 3), real(4, 4), real(4))
def recurrent_net(xs, W, U, b):
    h = np.zeros(4)
    for x in xs:
        h = np.tanh(W @ x + U @ h + b)
    return h.sum()


@program(real(4, 3), real(8, 3), real(8, 2), real(8))
def lstm(xs, W, U, b):
    h, c = np.zeros(2), np.zeros(2)
    for x in xs:
        i, f, o, g = np.split(W @ x + U @ h + b, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
    return np.sum(h**2)


@program(real(10, 2), real(3, 2))
def soft_k_means(x, centres):
    distances = ((x[:, None] - centres) ** 2).sum(axis=2)
    weights = np.exp(-5 * distances)
    weights = weights / weights.sum(axis=1)[:, None]
    return (weights * distances).sum()


@program(real(6, 4), real(4), real(4))
def layer_norm(x, gain, bias):
    normed = (x - np.mean(x, axis=-1, keepdims=True)) / np.sqrt(np.var(x, axis=-1, keepdims=True) + 1e-3)
    return np.sum((normed * gain + bias) ** 3)


@program(real(7, 3), np.array([[0, 3, 3], [6, 1, 0]]))
def embedding(table, tokens):
    return np.sum(np.prod(table[tokens], axis=1))


@program(real(6, 2), real(3, low=0.1), real(3), real(2))
def bundle_adjustment(points, rotation, shift, radial):
    points = np.hstack([points, np.ones((6, 1))])
    angle = np.sqrt(np.sum(rotation**2))
    axis = rotation / angle
    turned = (
        points * np.cos(angle)
        + np.cross(axis, points) * np.sin(angle)
        + np.outer(points @ axis, axis) * (1 - np.cos(angle))
        + shift * 0.1
    )
    flat = turned[:, :2] / (turned[:, 2:] + 3.0)
    squared = np.sum(flat**2, axis=1, keepdims=True)
    return np.sum((flat * (1 + radial[0] * squared + radial[1] * squared**2)) ** 2)


@program(real(4, 3), real(3, 3))
def triplet_loss(x, W):
    z = x @ W
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    return np.sum(np.clip(z[0] - z[1] + 0.5, 0, None)) + z[2] @ z[3]


@program(real(5, 5))
def graph_smoothness(x):
    weights = np.exp(-np.abs(x + x.T))
    laplacian = np.diag(weights.sum(axis=0)) - weights
    return np.trace(x.T @ laplacian @ x)


@program(real(3, 4), real(4, 2), real(3, 2))
def matrix_factorisation(U, V, seen):
    error = np.where(seen > 0, seen - U @ V, 0)
    return np.linalg.norm(error) ** 2 + 0.1 * (np.linalg.norm(U, "fro") + np.linalg.norm(V))


@program(real(6))
def policy_returns(rewards):
    total, returns = 0.0, []
    for r in rewards[::-1]:
        total = r + 0.9 * total
        returns.append(total)
    returns = np.array(returns[::-1]) if not isinstance(returns[0], ag.Tensor) else np.stack(returns[::-1])
    return ((returns - returns.mean()) / (returns.std() + 1e-3) * np.arange(6)).sum()
