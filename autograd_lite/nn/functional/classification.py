"""Losses of one class among several: cross-entropy and negative log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.graph import record
from autograd_lite.engine.tracing_protocol import known, require, require_indices
from autograd_lite.nn.functional.conversion import (
    adapted,
    equals,
    floating,
    floating_node,
    labels_of,
    operand,
    require_setting,
)
from autograd_lite.nn.functional.reduction import check_reduction, matched, reduce
from autograd_lite.rules import neural
from autograd_lite.rules.indexing import get_item
from autograd_lite.rules.limits import rounded
from autograd_lite.tensor.tensor import Tensor, wrap

LAST_AXIS = {"axis": -1}


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: Any = 0.0,
) -> Tensor:
    """-log softmax(scores)[label], exact however large the scores are.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, classes), (n, classes, d, …) or (classes,)
        Scores before any softmax.
    target : array_like of int, shape (n,), (n, d, …) or (); or Tensor or array_like of float, of the input's shape
        Class indices from 0; or the probability of each class.
    weight : array_like, shape (classes,), optional
        How much each class counts. With class indices the mean is the weighted one.
    ignore_index : int
        Samples with this class index do not count. In a compiled function give another one than -100 for that.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float
        ε: the target is mixed with ε of the uniform distribution (Szegedy et al. 2016).

    Raises
    ------
    TypeError
        If the target is neither integers nor probabilities in the shape of the scores.
    ValueError
        If shapes do not fit, a class index is out of range, or all samples are ignored in a mean.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.cross_entropy([[0.0, 0.0], [1000.0, 0.0]], [0, 1], reduction="none")
    tensor([6.93147181e-01, 1.00000000e+03])
    >>> F.cross_entropy([[0.0, 0.0]], [[0.3, 0.7]])
    tensor(0.69314718)
    """
    scores = floating_node(input)
    labels = labels_of(target)
    if not equals(label_smoothing, 0):
        error = ValueError(f"cross_entropy: label_smoothing is a share, from 0 to 1, not {label_smoothing}")
        require_setting(label_smoothing >= 0, error)
        require_setting(label_smoothing <= 1, error)
    if labels.dtype.kind == "f" and labels.shape == scores.value.shape:
        if ignore_index >= 0:
            raise ValueError("cross_entropy: ignore_index names a class index, and the target holds probabilities")
        check_reduction("cross_entropy", reduction)
        return soft_cross_entropy(wrap(scores), target, weight, reduction, label_smoothing)
    ignoring = check_labels("cross_entropy", scores.value.shape, labels, ignore_index)
    if scores.value.ndim != 2:
        scores = class_last(wrap(scores)).node
    log_probabilities = record(neural.log_softmax, (scores,), LAST_AXIS)
    if reduction == "mean" and weight is None and not ignoring:
        flat = labels if labels.ndim == 1 else labels.ravel()
        mean = wrap(record(neural.mean_nll, (scores, log_probabilities, operand(flat))))
        if not equals(label_smoothing, 0):
            mean = (1 - label_smoothing) * mean - label_smoothing * wrap(log_probabilities).mean()
        return mean
    check_reduction("cross_entropy", reduction)
    return weighted_nll(wrap(log_probabilities), labels, weight, ignore_index, reduction, label_smoothing)


def nll_loss(input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """-log_probabilities[label].

    Parameters
    ----------
    input : Tensor or array_like, shape (n, classes), (n, classes, d, …) or (classes,)
        Log-probabilities, as `log_softmax` gives them.
    target, weight, ignore_index, reduction
        As in `cross_entropy`, the target being class indices.

    Raises
    ------
    TypeError
        If the target is not integers.
    ValueError
        If shapes do not fit, a class index is out of range, or all samples are ignored in a mean.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.nn import functional as F
    >>> F.nll_loss(np.log([[0.2, 0.8], [0.5, 0.5]]), [1, 0], reduction="none")
    tensor([0.22314355, 0.69314718])
    """
    log_probabilities = floating(input)
    check_reduction("nll_loss", reduction)
    labels = labels_of(target)
    check_labels("nll_loss", log_probabilities.shape, labels, ignore_index)
    if log_probabilities.ndim != 2:
        log_probabilities = class_last(log_probabilities)
    return weighted_nll(log_probabilities, labels, weight, ignore_index, reduction, 0.0)


def one_hot(labels: Any, num_classes: int) -> Tensor:
    """1 in the column of the label and 0 in the others.

    Parameters
    ----------
    labels : array_like of int, any shape
        Class indices from 0.
    num_classes : int

    Returns
    -------
    Tensor of int64, shape (*labels.shape, num_classes)

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If a label is out of range.

    Examples
    --------
    >>> from autograd_lite.nn import functional as F
    >>> F.one_hot([2, 0], 3)
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    labels = labels.node.value if isinstance(labels, Tensor) else labels_of(labels)
    check_labels("one_hot", (*labels.shape[:1], num_classes, *labels.shape[1:]), labels)
    return Tensor(np.expand_dims(labels, -1) == np.arange(num_classes), dtype=np.int64)


def class_last(scores: Any) -> Any:
    """(n, classes, d, …) as (n · d · …, classes), and (classes,) as (1, classes)."""
    if scores.ndim == 1:
        return scores.reshape(1, -1)
    return np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1])


def check_labels(loss: str, shape: tuple[int, ...], labels: Any, ignore_index: float = math.nan) -> bool:
    """Refuse what are not class indices for scores of `shape`; say whether some of them are to be ignored."""
    expected = shape[:1] if len(shape) == 2 else shape[:1] + shape[2:] if shape[1:] else ()
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{loss}: class indices are integers, and the target is {labels.dtype} of shape {labels.shape}: use "
            f"target.astype(int); or give probabilities, in the shape of the scores, {shape}"
        )
    if labels.shape != expected:
        hint = ""
        if labels.shape == shape:
            hint = ": for one-hot rows use target.argmax(1), or target.astype(float) as probabilities"
        elif labels.size == math.prod(expected):
            hint = f": use target.reshape({expected})"
        raise ValueError(
            f"{loss}: scores of shape {shape} need class indices of shape {expected}, got {labels.shape}{hint}"
        )
    if isinstance(labels, Tensor):
        labels = labels.node.value
    if not labels.size:
        return False
    classes = shape[min(1, len(shape) - 1)]
    if not known(labels):
        return require_labels(loss, labels, classes, ignore_index)
    lowest, highest = labels.item(labels.argmin()), labels.item(labels.argmax())
    if lowest >= 0 and highest < classes and not lowest <= ignore_index <= highest:
        return False
    ignored = labels == ignore_index
    wrong = labels[~ignored & ((labels < 0) | (labels >= classes))]
    if wrong.size:
        raise ValueError(
            f"{loss}: class index {wrong[0]} is out of range: there are {classes} classes, 0 to {classes - 1}"
        )
    return bool(ignored.any())


def require_labels(loss: str, labels: Any, classes: int, ignore_index: float) -> bool:
    """As `check_labels`, while tracing: the program checks, and only an `ignore_index` that was given is looked for."""
    ignoring = ignore_index != -100 and not math.isnan(ignore_index)
    if ignoring:
        labels = np.where(labels == ignore_index, 0, labels)
    hint = "" if ignoring else "; a compiled loss ignores samples only with an ignore_index other than -100"
    error = ValueError(f"{loss}: a class index is out of range: there are {classes} classes, 0 to {classes - 1}{hint}")
    require_indices(labels, classes, error)
    return ignoring


def class_weights(weight: Any, classes: int, dtype: Any) -> Any:
    """The weight of each class; 1 unless they are given."""
    if weight is None:
        return np.ones(classes, dtype)
    weight = adapted(weight, dtype)
    if weight.shape != (classes,):
        raise ValueError(f"weight needs one number for each of the {classes} classes, and has shape {weight.shape}")
    return weight


def weighted_nll(
    log_probabilities: Any, labels: Any, weight: Any, ignore_index: int, reduction: str, smoothing: Any
) -> Tensor:
    """The loss with all settings, from log-probabilities of shape (n, classes)."""
    shape, labels, given = labels.shape, labels.ravel(), log_probabilities
    log_probabilities = wide(given)
    n, classes = log_probabilities.shape
    weights = class_weights(weight, classes, log_probabilities.dtype)
    kept = labels != ignore_index
    labels = np.where(kept, labels, 0)
    share: Any = np.where(kept, get_item(weights, labels), 0)
    picked: Any = np.where(kept, log_probabilities[np.arange(n), labels], 0)
    losses = -share * picked
    if not equals(smoothing, 0):
        uniform: Any = np.where(kept, (log_probabilities * (weights / classes)).sum(axis=1), 0)
        losses = (1 - smoothing) * losses - smoothing * uniform
    if reduction != "mean":
        return reduce(rounded(losses, given).reshape(shape), reduction)
    total = share.sum()
    error = "every sample is ignored, and their mean is undefined: leave out the batch, or take the sum"
    require((total.node.value if isinstance(total, Tensor) else total) != 0, ValueError(error))
    mean: Tensor = rounded(losses.sum() / total, given)
    return mean


def soft_cross_entropy(scores: Any, target: Any, weight: Any, reduction: str, smoothing: Any) -> Tensor:
    """Cross-entropy with a probability for each class."""
    axis = min(1, scores.ndim - 1)
    classes = scores.shape[axis]
    _, target = matched("cross_entropy", scores, target)
    if not equals(smoothing, 0):
        target = (1 - smoothing) * target + smoothing / classes
    if weight is not None:
        weights = class_weights(weight, classes, scores.dtype)
        target = target * weights.reshape(-1, *(1,) * (scores.ndim - axis - 1))
    log_probabilities = wrap(record(neural.log_softmax, (scores.node,), {"axis": axis}))
    return reduce(-(target * log_probabilities).sum(axis=axis), reduction)
