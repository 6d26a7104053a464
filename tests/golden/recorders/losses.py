"""``losses.npz``: every loss, with every reduction.

A case holds

``loss``      class name in ``torch.nn``
``settings``  keywords of its constructor that are numbers and flags (no ``reduction``)
``arrays``    keywords of its constructor that are arrays: ``weight``, ``pos_weight``
``input``, ``target``   float64; int64 where the target is class indices
``results``   for each reduction (``mean sum none``, for KLDivLoss also ``batchmean``) a dict:
              ``value``; ``seed``, the gradient that flows in (ones for a scalar value);
              ``gradients``, a dict with ``input`` and, where the target is differentiable and
              PyTorch's gradient finite, ``target``

The names of extreme cases end in "extreme": ±1000, ties, and the kinks of the Huber family.
"""

from typing import Any

import numpy as np
import torch

from . import generator, gradients, leaf, normal


def probabilities(name: str, *shape: int, axis: int = 1) -> np.ndarray:
    """Return positive numbers that sum to one along an axis."""
    raw = generator(name).uniform(0.05, 1, size=shape)
    result: np.ndarray = raw / raw.sum(axis=axis, keepdims=True)
    return result


def between(name: str, *shape: int) -> np.ndarray:
    """Return numbers between .05 and .95."""
    return np.round(generator(name).uniform(0.05, 0.95, size=shape), 3)


def classes(name: str, count: int, *shape: int) -> np.ndarray:
    """Return class indices."""
    return generator(name).integers(count, size=shape)


A, B = normal("loss input", 4, 3), normal("loss target", 4, 3)
BIG = np.array([1000.0, -1000.0, 1000.0, -1000.0, 0.0, 0.5, 1.0, -1.0, 2.0, 3.0])
FAR = np.array([-1000.0, 1000.0, 1000.0, -1000.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1000.0])
LOGITS = np.array([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, 1000.0], [0.0, 1000.0, 1000.0]])
ONE_HOT_FLOATS = np.array([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
SIGNS = np.array([1000.0, -1000.0, 1000.0, -1000.0, 1000.0, -1000.0, 0.0, 20.0, -20.0])
BITS = np.array([1.0, 0.0, 0.0, 1.0, 0.25, 0.25, 1.0, 0.0, 1.0])
CHANCES, TARGETS = between("chances", 4, 3), between("bce target", 4, 3)
EDGE_CHANCES = np.array([0.0, 1.0, 0.0, 1.0, 0.5, 1e-300, 1 - 1e-16])
EDGE_BITS = np.array([0.0, 1.0, 1.0, 0.0, 0.5, 1.0, 0.0])
W3, W43 = np.array([0.5, 2.0, 1.25]), np.round(between("element weights", 4, 3) * 2, 3)
N_C, N_C_D = normal("logits", 5, 3), normal("deep logits", 4, 3, 2)
LABELS, DEEP_LABELS = classes("labels", 3, 5), classes("deep labels", 3, 4, 2)
P, DEEP_P = probabilities("p", 5, 3), probabilities("deep p", 4, 3, 2)
Q = probabilities("q", 5, 3)
SOME_ZERO = np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])
LOG_SOFTMAX, DEEP_LOG_SOFTMAX = (x - np.log(np.exp(x).sum(axis=1, keepdims=True)) for x in (N_C, N_C_D))
IGNORED = np.where(np.arange(5) == 2, -100, LABELS)
EVERYTHING = {"ignore_index": 2, "label_smoothing": 0.1, "weight": W3}

# loss, remark, settings and arrays together, input, target
Row = tuple[str, str, dict[str, Any], np.ndarray, np.ndarray]
ROWS: list[Row] = [
    ("MSELoss", "", {}, A, B),
    ("MSELoss", "extreme", {}, BIG, FAR),
    ("L1Loss", "", {}, A, B),
    ("L1Loss", "extreme", {}, BIG, FAR),
    *[("SmoothL1Loss", "", {"beta": beta}, A, B) for beta in (1.0, 0.3, 0.0)],
    *[("SmoothL1Loss", "extreme", {"beta": beta}, BIG, FAR) for beta in (1.0, 2.0, 0.0)],
    *[("HuberLoss", "", {"delta": delta}, A, B) for delta in (1.0, 0.3)],
    *[("HuberLoss", "extreme", {"delta": delta}, BIG, FAR) for delta in (1.0, 2.0)],
    ("BCELoss", "", {}, CHANCES, TARGETS),
    ("BCELoss", "", {"weight": W43}, CHANCES, TARGETS),
    ("BCELoss", "extreme", {}, EDGE_CHANCES, EDGE_BITS),
    ("BCEWithLogitsLoss", "", {}, A, TARGETS),
    ("BCEWithLogitsLoss", "", {"weight": W43}, A, TARGETS),
    ("BCEWithLogitsLoss", "", {"pos_weight": W3}, A, TARGETS),
    ("BCEWithLogitsLoss", "", {"weight": W43, "pos_weight": W3}, A, TARGETS),
    ("BCEWithLogitsLoss", "extreme", {}, SIGNS, BITS),
    ("BCEWithLogitsLoss", "extreme", {"pos_weight": np.array(3.0)}, SIGNS, BITS),
    *[
        ("CrossEntropyLoss", f"{kind}{shape}", settings, logits, target)
        for logits, target, kind, shape in (
            (N_C, LABELS, "indices", ""),
            (N_C, P, "probabilities", ""),
            (N_C_D, DEEP_LABELS, "indices", " (n, C, d)"),
            (N_C_D, DEEP_P, "probabilities", " (n, C, d)"),
        )
        for settings in (
            {},
            {"label_smoothing": 0.1},
            {"weight": W3},
            {"label_smoothing": 0.1, "weight": W3},
        )
    ],
    ("CrossEntropyLoss", "ignored -100", {}, N_C, IGNORED),
    ("CrossEntropyLoss", "indices", {"ignore_index": 1}, N_C, LABELS),
    ("CrossEntropyLoss", "ignored", {"ignore_index": -1}, N_C_D, np.where(DEEP_LABELS, -1, 0)),
    ("CrossEntropyLoss", "all settings", EVERYTHING, N_C, LABELS),
    ("CrossEntropyLoss", "one sample, indices", {}, N_C[0], LABELS[0]),
    ("CrossEntropyLoss", "one sample, probabilities", {}, N_C[0], P[0]),
    ("CrossEntropyLoss", "probabilities that do not sum to one", {}, N_C, 2 * P + 0.1),
    *[
        ("CrossEntropyLoss", f"{kind} extreme", settings, LOGITS, target)
        for target, kind in ((np.array([1, 2, 0]), "indices"), (ONE_HOT_FLOATS, "probabilities"))
        for settings in ({}, {"label_smoothing": 0.1, "weight": W3})
    ],
    ("NLLLoss", "", {}, LOG_SOFTMAX, LABELS),
    ("NLLLoss", "", {"weight": W3}, LOG_SOFTMAX, LABELS),
    ("NLLLoss", "ignored -100", {}, LOG_SOFTMAX, IGNORED),
    ("NLLLoss", "", {"weight": W3, "ignore_index": 1}, LOG_SOFTMAX, LABELS),
    ("NLLLoss", "(n, C, d)", {"weight": W3}, DEEP_LOG_SOFTMAX, DEEP_LABELS),
    ("NLLLoss", "one sample", {}, LOG_SOFTMAX[0], LABELS[0]),
    ("NLLLoss", "extreme", {}, LOGITS, np.array([1, 2, 0])),
    ("KLDivLoss", "", {"log_target": False}, np.log(Q), P),
    ("KLDivLoss", "", {"log_target": True}, np.log(Q), np.log(P)),
    ("KLDivLoss", "(n, C, d)", {"log_target": False}, DEEP_LOG_SOFTMAX, DEEP_P),
    ("KLDivLoss", "zeros in the target", {"log_target": False}, np.log(Q[:2]), SOME_ZERO),
    ("KLDivLoss", "extreme", {"log_target": False}, -np.abs(LOGITS), ONE_HOT_FLOATS),
    ("KLDivLoss", "extreme", {"log_target": True}, -np.abs(LOGITS), np.minimum(LOGITS, 0) / 2),
]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of `ROWS`."""
    return [compare(*row) for row in ROWS]


def compare(loss: str, remark: str, keywords: dict[str, Any], input: np.ndarray, target: np.ndarray) -> dict[str, Any]:
    """Compute one loss with each reduction and return its case."""
    arrays = {key: value for key, value in keywords.items() if isinstance(value, np.ndarray)}
    settings = {key: value for key, value in keywords.items() if key not in arrays}
    shown = [f"{key}={value}" for key, value in settings.items()] + list(arrays)
    target = np.asarray(target)
    results = {}
    for reduction in ("mean", "sum", "none", *(["batchmean"] if loss == "KLDivLoss" else [])):
        tensors = {key: torch.tensor(value) for key, value in arrays.items()}
        function = getattr(torch.nn, loss)(reduction=reduction, **settings, **tensors)
        leaves = {"input": leaf(input)}
        if target.dtype == np.float64:
            leaves["target"] = leaf(target)
        value = function(leaves["input"], leaves.get("target", torch.tensor(target)))
        seed = torch.tensor(np.ones(()) if value.ndim == 0 else normal("seed", *value.shape))
        found = gradients(value, seed, leaves)
        if "target" in found and not found["target"].isfinite().all():
            del found["target"]
        assert value.isfinite().all(), (loss, remark, settings)
        assert found["input"].isfinite().all(), (loss, remark, settings)
        results[reduction] = {"value": value, "seed": seed, "gradients": found}
    return {
        "name": " ".join(filter(None, [f"{loss}({', '.join(shown)})", remark])),
        "loss": loss,
        "settings": settings,
        "arrays": arrays,
        "input": input,
        "target": target,
        "results": results,
    }
