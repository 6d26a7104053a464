"""The gradient of a Gaussian mixture's log-likelihood, ADBench's objective, in plain vectorised NumPy.

Šrajer, Kukelova and Fitzgibbon 2018: n = 1000 points in d = 10 dimensions, K = 25 components; parameters are the
weights' logits α (K), the means μ (K, d), the log-diagonals q (K, d) and the lower triangles l (K, d(d-1)/2).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

N, D, K = 1000, 10, 25


def problem() -> tuple[Any, list[Any]]:
    """Random points and parameters."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((N, D))
    shapes = ((K,), (K, D), (K, D), (K, D * (D - 1) // 2))
    return x, [rng.standard_normal(shape) * 0.5 for shape in shapes]


ROWS, COLUMNS = np.tril_indices(D, -1)
PLACE = np.zeros((ROWS.size, D, D))
PLACE[np.arange(ROWS.size), ROWS, COLUMNS] = 1.0  # puts a vector of entries into a lower triangle
PLACE = PLACE.reshape(ROWS.size, D * D)


def objective(xp: Any, x: Any, place: Any, alphas: Any, means: Any, logs: Any, lower: Any) -> Any:
    """The log-likelihood, written once for every library whose namespace `xp` follows NumPy."""
    q = xp.exp(logs)
    matrices = (lower @ place).reshape((K, D, D))
    difference = x[:, None, :] - means[None]  # (n, K, d)
    turned = difference * q + xp.einsum("kij,nkj->nki", matrices, difference)
    inner = alphas + xp.sum(logs, 1) - 0.5 * xp.sum(turned * turned, 2)  # (n, K)
    return log_sum_exp(xp, inner, 1).sum() - N * log_sum_exp(xp, alphas, 0)


def log_sum_exp(xp: Any, a: Any, axis: int) -> Any:
    """log Σ exp, by the largest element's difference; the shift is a constant."""
    if hasattr(xp, "logsumexp"):
        return xp.logsumexp(a, axis)
    top = xp.max(a, axis=axis, keepdims=True)
    return (xp.log(xp.sum(xp.exp(a - top), axis=axis, keepdims=True)) + top).reshape(-1 if axis else ())


def ours() -> Callable[[], list[Any]]:
    """autograd_lite, on the NumPy functions themselves."""
    import autograd_lite as ag

    x, parameters = problem()

    def gradient() -> list[Any]:
        leaves = [ag.tensor(p, requires_grad=True) for p in parameters]
        objective(np, x, PLACE, *leaves).backward()
        return [leaf.grad for leaf in leaves]

    return gradient


def hips() -> Callable[[], list[Any]]:
    """HIPS/autograd."""
    import autograd
    import autograd.numpy as anp

    x, parameters = problem()
    derived = autograd.grad(lambda p: objective(anp, x, PLACE, *p))
    return lambda: derived(tuple(parameters))


def torch_default() -> Callable[[], list[Any]]:
    """PyTorch, which has a log-sum-exp of its own."""
    import torch

    x, parameters = problem()
    points, place = torch.from_numpy(x), torch.from_numpy(PLACE)

    def gradient() -> list[Any]:
        leaves = [torch.from_numpy(p).clone().requires_grad_() for p in parameters]
        objective(torch, points, place, *leaves).backward()
        return [leaf.grad.numpy() for leaf in leaves]

    return gradient


GRADIENTS: dict[str, Callable[[], Callable[[], list[Any]]]] = {
    "ours": ours,
    "torch_default": torch_default,
    "hips": hips,
}
