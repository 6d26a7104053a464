"""How noisy the gradient of a batch is, and how large a batch is worth its cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import autograd
from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.nn import Module
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train.batches import as_batches

__all__ = ["NoiseScale", "gradient_noise_scale"]


class NoiseScale(NamedTuple):
    """What `gradient_noise_scale` estimates.

    Attributes
    ----------
    scale : float
        ``tr(Σ) / |G|²``: the batch size at which the noise in the gradient is as large as the gradient. Much smaller
        batches waste steps, much larger ones waste rows. Infinite where nothing of the gradient shows through.
    trace : float
        ``tr(Σ)``, the variance of the gradient of a single row, summed over the parameters.
    squared_norm : float
        ``|G|²``, of the gradient over all data there could be; as an unbiased estimate it can come out negative.
    """

    scale: float
    trace: float
    squared_norm: float


def gradient_noise_scale(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    data: Any,
    *,
    batch_size: int = 32,
    generator: np.random.Generator | None = None,
) -> NoiseScale:
    """Estimate the simple noise scale, ``tr(Σ) / |G|²``, from gradients at two batch sizes.

    The small batches are those of one pass over the data, the big one is all of them together. Both estimates,
    of ``tr(Σ)`` and of ``|G|²``, are unbiased; their ratio is so only for many batches.

    Parameters
    ----------
    model : Module
        In its present mode; left as it is, with its ``.grad``.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar Tensor, averaged over the rows of the batch.
    data : DataLoader, tuple of arrays of shape (rows, ...), or batches
        Inputs with the target last. Arrays are shuffled; a batch smaller than the first one is left out.
    batch_size : int
        Of arrays: the small batches.
    generator : numpy.random.Generator, optional
        Shuffles; by default the package's own, which is put back.

    Returns
    -------
    NoiseScale
        ``scale``, ``trace`` and ``squared_norm``.

    Raises
    ------
    ValueError
        If there are fewer than two batches of the same size.

    References
    ----------
    S. McCandlish, J. Kaplan, D. Amodei, *An Empirical Model of Large-Batch Training*, 2018, appendix A.1.

    Examples
    --------
    The gradient of (w - x)² / 2 is w - x: for x around 0 with variance 1 and w = 2, ``tr(Σ) = 1`` and ``|G|² = 4``.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> model = ag.nn.Linear(1, 1, bias=False)
    >>> _ = model.load_state_dict({"weight": np.full((1, 1), 2.0)})
    >>> x = np.random.default_rng(0).normal(size=(10_000, 1))
    >>> half = lambda prediction, target: ((prediction - target) ** 2).mean() / 2
    >>> noise = ag.gradient_noise_scale(model, half, (np.ones_like(x), x), generator=np.random.default_rng(1))
    >>> round(noise.trace, 1), round(noise.squared_norm, 1), round(noise.scale, 1)
    (1.0, 4.0, 0.2)
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    count, rows, mean, small = 0, 0, np.zeros(sum(p.size for p in parameters)), 0.0
    with untouched(model, data=data):
        for *inputs, target in as_batches(data, batch_size, shuffle=True, generator=generator):
            rows = rows or len(target)
            if len(target) != rows:
                continue
            found = autograd.grad(loss(model(*inputs), target), parameters, allow_unused=True)
            gradient = np.concatenate(
                [np.zeros(p.size) if g is None else np.ravel(g) for p, g in zip(parameters, found, strict=True)],
                dtype=np.float64,
            )
            count += 1
            mean += (gradient - mean) / count
            small += (float(gradient @ gradient) - small) / count
    if count < 2:
        raise ValueError("the noise shows in the differences between batches of one size: there must be at least two")
    big, all_rows = float(mean @ mean), count * rows  # |gradient|² at the two batch sizes; E = |G|² + tr(Σ) / size
    trace = (small - big) / (1 / rows - 1 / all_rows)
    squared_norm = (all_rows * big - rows * small) / (all_rows - rows)
    return NoiseScale(trace / squared_norm if squared_norm > 0 else float("inf"), trace, squared_norm)
