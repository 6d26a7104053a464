"""What neural networks are made of: activations, affine layers, normalisation, losses.

Each is one row, because one row costs one visit in the walk and its rule needs fewer passes than the rules of its
parts. What a rule needs again is an argument or the result, never hidden state. ``relu'(0) = 0``.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import Sparse, wide
from autograd_lite.engine.tracing_protocol import indexed, known
from autograd_lite.engine.untaken import Chooses, among, each
from autograd_lite.rules.complex import refuse_complex
from autograd_lite.rules.indexing import add_at, put_gradient
from autograd_lite.rules.limits import in_single, rounded
from autograd_lite.rules.registry import Primitive, Recordable, row


def constant(array: Any) -> Any:
    """`array`, protected, because everybody who asks for it gets the same one."""
    array.flags.writeable = False
    return array


@functools.lru_cache(maxsize=256)
def ones(n: int, dtype: Any) -> Any:
    """A vector of ones: a product with it sums faster than a reduction does."""
    return constant(np.ones(n, dtype))


@functools.lru_cache(maxsize=64)
def counting(n: int) -> Any:
    """0, 1, …, n - 1."""
    return constant(np.arange(n))


@functools.lru_cache(maxsize=16)
def identity(n: int, dtype: Any) -> Any:
    """The identity matrix, whose rows are the one-hot vectors."""
    return constant(np.eye(n, dtype=dtype))


def one_hot(labels: Any, classes: int, dtype: Any) -> Any:
    """1 where the column is the row's label, 0 elsewhere; shape (n, classes)."""
    if classes > 1024 or isinstance(labels, Recordable):  # a large matrix costs more than it saves; no Tensor reads it
        return np.expand_dims(labels, 1) == counting(classes)
    rows = identity(classes, dtype)
    return np.take(rows, labels, axis=0) if known(labels) else indexed(rows, labels)


def row_max(x: Any, axis: int) -> Any:
    """The maximum along an axis, kept; of rows that are short, column after column is faster."""
    if x.ndim == 2 and axis in (-1, 1) and 0 < x.shape[1] <= 4:
        return functools.reduce(np.maximum, [x[:, i] for i in range(x.shape[1])])[:, None]
    if x.ndim == 2 and axis in (-1, 1) and 4 < x.shape[1] <= 64:
        return np.maximum.reduce(x.T.copy(), axis=0)[:, None]
    return np.maximum.reduce(x, axis=axis, keepdims=True)


def row_sum(x: Any, axis: int) -> Any:
    """The sum along an axis, kept; by a product with ones, which is faster, except for two columns."""
    if x.ndim == 2 and axis in (-1, 1):
        if 0 < x.shape[1] <= 2:
            return functools.reduce(np.add, [x[:, i] for i in range(x.shape[1])])[:, None]
        return np.dot(x, ones(x.shape[1], x.dtype))[:, None]
    return np.add.reduce(x, axis=axis, keepdims=True)


# Activations.


@Primitive
def relu(x: Any) -> Any:
    """max(x, 0) (Fukushima 1969)."""
    return np.maximum(x, 0)


@Primitive
def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x above 0, slope · x below (Maas, Hannun and Ng 2013)."""
    return np.where(x > 0, x, slope * x)


@Primitive
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x above 0, α(eˣ - 1) below (Clevert, Unterthiner and Hochreiter 2015)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@Primitive
def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), without overflow."""
    refuse_complex("sigmoid", x)
    e = np.exp(-np.absolute(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@Primitive
def softplus(x: Any) -> Any:
    """log(1 + eˣ), without overflow."""
    refuse_complex("softplus", x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.absolute(x)))


@Primitive
def bell(x: Any, rate: float = 1.0) -> Any:
    """exp(-rate · x²)."""
    return np.exp(-rate * x * x)


@Primitive
def erf(x: Any) -> Any:
    """The error function, from Python's math module."""
    dtype = x.dtype if x.dtype.kind == "f" else float
    return np.frompyfunc(math.erf, 1, 1)(np.reshape(x, -1)).astype(dtype).reshape(x.shape)


row(relu, lambda g, y, x: g * (y > 0), flow=Chooses(lambda i, y, x: y > 0))
row(
    leaky_relu,
    lambda g, y, x, slope=0.01: np.where(x > 0, g, slope * g),
    lambda g, y, x, slope=0.01: np.where(x > 0, 0, g * x),
    flow=each,
)
row(
    elu,
    lambda g, y, x, alpha=1.0: np.where(x > 0, g, g * (y + alpha)),
    lambda g, y, x, alpha=1.0: np.where(x > 0, 0, g * np.expm1(np.minimum(x, 0))),
    flow=each,
)
row(sigmoid, lambda g, y, x: g * (y * (1 - y)), flow=each)
row(softplus, lambda g, y, x: g * sigmoid(x), flow=each)
row(bell, lambda g, y, x, rate=1.0: g * (-2 * rate * np.where(y == 0, 0, x) * y), flow=each)
row(erf, lambda g, y, x: g * (2 / math.sqrt(math.pi)) * bell(x), flow=each)


@Primitive
@in_single
def softmax(x: Any, axis: int = -1) -> Any:
    """eˣ / Σ eˣ along `axis`, without overflow."""
    e = np.exp(x - row_max(x, axis))
    return e / row_sum(e, axis)


@Primitive
def log_softmax(x: Any, axis: int = -1) -> Any:
    """x - log Σ eˣ along `axis`, without overflow."""
    below = wide(x) - row_max(x, axis)
    return rounded(below - np.log(row_sum(np.exp(below), axis)), x)


row(
    softmax,
    lambda g, y, x, axis=-1: y * (g - np.sum(wide(g) * y, axis=axis, keepdims=True)),
    flow=lambda taken, i, x, axis=-1: among(taken, axis),
)
row(
    log_softmax,
    lambda g, y, x, axis=-1: g - np.exp(y) * np.sum(wide(g), axis=axis, keepdims=True),
    flow=lambda taken, i, x, axis=-1: among(taken, axis),
)


# Layers.


@Primitive
def linear(x: Any, weight: Any, bias: Any) -> Any:
    """x Wᵀ + b for x of shape (n, in), W of shape (out, in), b of shape (out,)."""
    y = np.dot(x, weight.T)
    y += bias
    return y


row(
    linear,
    lambda g, y, x, weight, bias: np.dot(g, weight),
    lambda g, y, x, weight, bias: np.dot(g.T, x),
    lambda g, y, x, weight, bias: np.dot(ones(len(g), g.dtype), g),
)


@Primitive
def lookup(weight: Any, indices: Any, padding_idx: int | None = None) -> Any:
    """The rows of `weight` that `indices` name; the row `padding_idx` gets no gradient."""
    return np.take(weight, indices, axis=0) if known(indices) else indexed(weight, indices)


def lookup_gradient(g: Any, y: Any, weight: Any, indices: Any, padding_idx: int | None = None) -> Any:
    """`g`, added to the rows that were read."""
    if padding_idx is not None:
        g = np.where(np.expand_dims(indices != padding_idx, -1), g, 0)
    if isinstance(g, Recordable):
        return put_gradient(g, weight, indices)
    return Sparse(functools.partial(add_rows, indices, g))


def add_rows(indices: Any, g: Any, total: Any) -> None:
    """Add `g` to the rows of `total`; number by number where they lie in order, which is four times as fast."""
    if not isinstance(total, np.ndarray) or not total.flags.c_contiguous:
        add_at((indices,), g, total)
        return
    dim = total.shape[1]
    positions = indices.reshape(-1, 1).astype(np.intp) * dim + counting(dim)
    sums = wide(total)
    np.add.at(sums.reshape(-1), positions.reshape(-1), g.reshape(-1))
    if sums is not total:
        total[...] = sums


row(lookup, lookup_gradient, None)


@Primitive
def standardize(x: Any, mean: Any, variance: Any, eps: float = 1e-5, axis: int | tuple[int, ...] = 0) -> Any:
    """(x - mean) / √(variance + ε), given the mean and variance of `x` along `axis`, which keep their axes.

    The gradient in `x` is that of the whole (Ioffe and Szegedy 2015), so none goes into `mean` and `variance`: they
    are arguments because the rule needs them again.
    """
    refuse_complex("layer_norm or batch_norm", x)
    return (x - mean) / np.sqrt(variance + eps)


def standardize_gradient(
    g: Any, y: Any, x: Any, mean: Any, variance: Any, eps: float = 1e-5, axis: int | tuple[int, ...] = 0
) -> Any:
    """(g - mean(g) - y · mean(g · y)) / √(variance + ε)."""
    within = g - np.mean(g, axis=axis, keepdims=True) - y * np.mean(g * y, axis=axis, keepdims=True)
    return within / np.sqrt(variance + eps)


row(
    standardize,
    standardize_gradient,
    None,
    None,
    lambda g, y, x, mean, variance, eps=1e-5, axis=0: -0.5 * g * y / (variance + eps),
)


# Losses.


@Primitive
@in_single
def mean_squared_error(prediction: Any, target: Any) -> Any:
    """Σ (prediction - target)² / n."""
    difference = np.ravel(prediction - target)
    return np.dot(difference, difference) / difference.dtype.type(difference.size)


def squared_error_gradient(g: Any, y: Any, a: Any, b: Any) -> Any:
    """2 g (a - b) / n."""
    return (wide(g) * (2 / max(a.size, 1))) * (a - b)


row(
    mean_squared_error,
    squared_error_gradient,
    lambda g, y, prediction, target: -squared_error_gradient(g, y, prediction, target),
)


@Primitive
def mean_nll(scores: Any, log_probabilities: Any, labels: Any) -> Any:
    """The mean negative log-likelihood of `labels` (n,) under ``log_softmax(scores)``, both of shape (n, k).

    The gradient in `scores` is that of the whole composition, (softmax - one-hot) / n, so none goes into
    `log_probabilities`: they are an argument because the rule needs them again.
    """
    picked = wide(log_probabilities[counting(len(labels)), labels])
    return rounded(-np.add.reduce(picked) / picked.dtype.type(len(labels)), scores)


row(
    mean_nll,
    lambda g, y, scores, log_probabilities, labels: (
        (np.exp(log_probabilities) - one_hot(labels, scores.shape[1], scores.dtype)) * (wide(g) / len(scores))
    ),
    None,
    None,
)


@Primitive
@in_single
def binary_cross_entropy(p: Any, target: Any) -> Any:
    """-t log p - (1 - t) log(1 - p), each logarithm being at least -100, as in PyTorch."""
    return -(target * log_of(p) + (1 - target) * log_of_complement(p))


def log_of(p: Any) -> Any:
    """log p, at least -100; the smallest float32 stands for 0."""
    return np.maximum(np.log(np.maximum(p, 1e-45)), -100)


def log_of_complement(p: Any) -> Any:
    """log(1 - p), at least -100."""
    return np.where(p < 1, np.log1p(-np.where(p < 1, p, 0)), -100)


SMALLEST_VARIANCE = float(np.float32(1e-12))  # of a yes or no, so that the gradient stays finite: PyTorch's number

row(
    binary_cross_entropy,
    lambda g, y, p, target: g * ((p - target) / np.maximum(wide(p) * (1 - p), SMALLEST_VARIANCE)),
    lambda g, y, p, target: g * (log_of_complement(p) - log_of(wide(p))),
    flow=each,
)
