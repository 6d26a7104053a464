"""Two ways to write one thing have one value, one gradient and one second derivative."""

import numpy as np
import pytest

import autograd_lite as ag

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4))
POSITIVE = rng.uniform(0.3, 2.0, size=(3, 4))
INSIDE = rng.uniform(-0.8, 0.8, size=(3, 4))
SQUARE = rng.normal(size=(4, 4)) + 4 * np.eye(4)
W = rng.normal(size=(4, 2))
IDENTITIES = {
    # powers, exponentials, logarithms
    "x * x": (lambda x: x * x, lambda x: x**2, X),
    "cube": (lambda x: x * x * x, lambda x: np.power(x, 3), X),
    "square root": (np.sqrt, lambda x: x**0.5, POSITIVE),
    "reciprocal": (lambda x: 1 / x, lambda x: x**-1, POSITIVE),
    "cube root": (np.cbrt, lambda x: x ** (1 / 3), POSITIVE),
    "division": (lambda x: x / (1 + x * x), lambda x: x * (1 + x * x) ** -1.0, X),
    "exp of a sum": (lambda x: np.exp(x + 1), lambda x: np.exp(x) * np.e, X),
    "exp and log": (lambda x: np.exp(np.log(x)), lambda x: +x, POSITIVE),
    "expm1": (np.expm1, lambda x: np.exp(x) - 1, X),
    "exp2": (np.exp2, lambda x: np.exp(x * np.log(2)), X),
    "log1p": (np.log1p, lambda x: np.log(1 + x), POSITIVE),
    "log2 and log10": (lambda x: np.log2(x) * np.log10(2), np.log10, POSITIVE),
    "power of both": (lambda x: x**x, lambda x: np.exp(x * np.log(x)), POSITIVE),
    "logaddexp": (lambda x: np.logaddexp(x, 0.5), lambda x: np.log(np.exp(x) + np.exp(0.5)), X),
    "logaddexp2": (lambda x: np.logaddexp2(x, 0.5), lambda x: np.log2(2**x + 2**0.5), X),
    # trigonometry
    "sin² + cos²": (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2 + x, lambda x: x + 1, X),
    "double angle": (lambda x: np.sin(2 * x), lambda x: 2 * np.sin(x) * np.cos(x), X),
    "tangent": (np.tan, lambda x: np.sin(x) / np.cos(x), INSIDE),
    "arcsine": (lambda x: np.arcsin(np.sin(x)), lambda x: +x, INSIDE),
    "arccosine": (np.arccos, lambda x: np.pi / 2 - np.arcsin(x), INSIDE),
    "arctangent": (lambda x: np.arctan2(x, 2.0), lambda x: np.arctan(x / 2), X),
    "hyperbolic": (np.tanh, lambda x: np.sinh(x) / np.cosh(x), X),
    "tanh by exp": (np.tanh, lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1), X),
    "arctanh": (np.arctanh, lambda x: 0.5 * np.log((1 + x) / (1 - x)), INSIDE),
    "arcsinh": (np.arcsinh, lambda x: np.log(x + np.sqrt(x * x + 1)), X),
    "degrees": (lambda x: np.radians(np.degrees(x)), lambda x: +x, X),
    "hypot": (lambda x: np.hypot(x, 2.0), lambda x: np.sqrt(x * x + 4), X),
    "sinc": (lambda x: np.sinc(x) * np.pi * x, lambda x: np.sin(np.pi * x), X),
    # activations
    "sigmoid": (ag.sigmoid, lambda x: 1 / (1 + np.exp(-x)), X),
    "sigmoid by tanh": (ag.sigmoid, lambda x: 0.5 * (1 + np.tanh(x / 2)), X),
    "softplus": (ag.softplus, lambda x: np.log(1 + np.exp(x)), X),
    "relu": (ag.relu, lambda x: np.maximum(x, 0), X),
    "leaky relu": (lambda x: ag.leaky_relu(x, 0.1), lambda x: np.where(x > 0, x, 0.1 * x), X),
    "softmax": (
        lambda x: ag.softmax(x, axis=1),
        lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
        X,
    ),
    "log-softmax": (lambda x: ag.log_softmax(x, axis=0), lambda x: np.log(ag.softmax(x, axis=0)), X),
    "logsumexp": (lambda x: ag.logsumexp(x, axis=1), lambda x: np.log(np.exp(x).sum(axis=1)), X),
    # reductions
    "mean": (lambda x: x.mean(axis=0), lambda x: np.sum(x, axis=0) / 3, X),
    "variance": (lambda x: np.var(x, axis=1), lambda x: (x**2).mean(axis=1) - x.mean(axis=1) ** 2, X),
    "standard deviation": (lambda x: np.std(x, axis=1), lambda x: np.sqrt(np.var(x, axis=1)), X),
    "product": (lambda x: np.prod(x, axis=1), lambda x: np.exp(np.log(x).sum(axis=1)), POSITIVE),
    "maximum": (lambda x: x.max(axis=1), lambda x: -np.min(-x, axis=1), X),
    "peak to peak": (lambda x: np.ptp(x, axis=0), lambda x: x.max(axis=0) - x.min(axis=0), X),
    "norm": (lambda x: np.linalg.norm(x, axis=1), lambda x: np.sqrt((x * x).sum(axis=1)), X),
    "cumulative sum": (lambda x: np.cumsum(x, axis=1), lambda x: x @ np.triu(np.ones((4, 4))), X),
    "cumulative product": (lambda x: np.cumprod(x, axis=1), lambda x: np.exp(np.cumsum(np.log(x), axis=1)), POSITIVE),
    "differences": (lambda x: np.diff(x, axis=1), lambda x: x[:, 1:] - x[:, :-1], X),
    "trace": (np.trace, lambda x: (x * np.eye(4)).sum(), SQUARE),
    # products
    "matrix product": (lambda x: x @ W, lambda x: np.einsum("ij,jk->ik", x, W), X),
    "product by sums": (lambda x: x @ W, lambda x: (x[:, :, None] * W).sum(axis=1), X),
    "tensordot": (lambda x: np.tensordot(x, x, (1, 1)), lambda x: x @ x.T, X),
    "outer": (lambda x: np.outer(x[0], x[1]), lambda x: x[0][:, None] * x[1], X),
    "kron": (lambda x: np.kron(x, W), lambda x: np.einsum("ij,kl->ikjl", x, W).reshape(12, 8), X),
    "cross": (
        lambda x: np.cross(x[:, 0], x[:, 1]),
        lambda x: np.stack(
            [x[(i + 1) % 3, 0] * x[(i + 2) % 3, 1] - x[(i + 2) % 3, 0] * x[(i + 1) % 3, 1] for i in range(3)]
        ),
        X,
    ),
    # linear algebra
    "inverse": (np.linalg.inv, lambda x: np.linalg.solve(x, np.eye(4)), SQUARE),
    "inverse twice": (lambda x: np.linalg.inv(np.linalg.inv(x)), lambda x: +x, SQUARE),
    "determinant": (lambda x: np.linalg.slogdet(x)[1], lambda x: np.log(np.abs(np.linalg.det(x))), SQUARE),
    "matrix power": (lambda x: np.linalg.matrix_power(x, 3), lambda x: x @ x @ x, SQUARE),
    "pseudoinverse": (np.linalg.pinv, np.linalg.inv, SQUARE),
    "eigenvalues": (lambda x: np.linalg.eigvalsh(x @ x.T).sum(), lambda x: np.trace(x @ x.T), SQUARE),
    "singular values": (lambda x: (np.linalg.svd(x, compute_uv=False) ** 2).sum(), lambda x: (x * x).sum(), SQUARE),
    "Cholesky": (lambda x: np.linalg.cholesky(x @ x.T) @ np.linalg.cholesky(x @ x.T).T, lambda x: x @ x.T, SQUARE),
    "QR": (lambda x: np.matmul(*np.linalg.qr(x)), lambda x: +x, SQUARE),
    # shapes, parts, choices
    "transposed twice": (lambda x: x.T.reshape(12).reshape(4, 3).T, lambda x: +x, X),
    "stack": (lambda x: np.stack([x[0], x[1]]), lambda x: x[:2], X),
    "concatenate": (lambda x: np.concatenate([x, 2 * x]), lambda x: np.vstack([x, x]) * np.repeat([[1], [2]], 3, 0), X),
    "tile": (lambda x: np.tile(x, (2, 1)), lambda x: x[np.arange(6) % 3], X),
    "roll": (lambda x: np.roll(x, 1, axis=1), lambda x: np.concatenate([x[:, -1:], x[:, :-1]], axis=1), X),
    "flip": (lambda x: np.flip(x, 0), lambda x: x[::-1], X),
    "sort": (lambda x: np.sort(x, axis=1), lambda x: np.take_along_axis(x, np.argsort(X, axis=1), axis=1), X),
    "median": (lambda x: np.median(x, axis=0), lambda x: np.sort(x, axis=0)[1], X),
    "clip": (lambda x: np.clip(x, -0.5, 0.5), lambda x: np.minimum(np.maximum(x, -0.5), 0.5), X),
    "absolute value": (np.absolute, lambda x: np.where(x < 0, -x, x), X),
    "where": (lambda x: np.where(X > 0, x, 0), lambda x: x * (X > 0), X),
    "padding": (lambda x: np.pad(x, 1)[1:-1, 1:-1], lambda x: +x, X),
    # signals
    "Fourier and back": (lambda x: np.real(np.fft.ifft(np.fft.fft(x))), lambda x: +x, X),
    "Parseval": (lambda x: (np.abs(np.fft.fft(x)) ** 2).sum() / 4, lambda x: (x * x).sum(), X),
    "convolution": (
        lambda x: np.convolve(x[0], x[1]),
        lambda x: np.real(np.fft.ifft(np.fft.fft(x[0], 7) * np.fft.fft(x[1], 7))),
        X,
    ),
}


def derivatives(f, x):
    """The value, a weighted gradient and a weighted second derivative, along directions that are the same for both."""
    shape = np.shape(f(ag.tensor(x)).data)
    weights, direction = np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape), np.sin(1 + np.arange(x.size))
    weighted = lambda x: np.sum(f(x) * weights)
    return f(ag.tensor(x)).data, ag.grad(weighted)(x), ag.hvp(weighted)(x, direction.reshape(x.shape))


@pytest.mark.parametrize("name", IDENTITIES)
def test_two_ways_to_write_one_thing(name):
    one, other, x = IDENTITIES[name]
    for a, b in zip(derivatives(one, x), derivatives(other, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
