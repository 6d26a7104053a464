"""``modules.npz``: modules that take several inputs, or give several outputs.

A case holds

``layer``       class name in ``torch.nn``
``arguments``   positional arguments of its constructor
``settings``    keywords of its constructor
``parameters``  to be loaded before the call
``inputs``      what it is called on: a tuple of arrays, of which the floating ones are differentiated, and None
``called``      keywords of the call, arrays among them
``outputs``     a tuple of arrays
``seeds``       the gradients that flow into them
``gradients``   ``input 0`` and so on for floating inputs, and the parameters
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from . import generator, leaf, normal

SEQUENCE, BATCH_FIRST = (5, 2, 3), (2, 5, 3)
HIDDEN = 4
RECURRENT: list[tuple[str, dict[str, Any]]] = [
    (layer, settings)
    for layer in ("RNN", "LSTM", "GRU")
    for settings in (
        {},
        {"bias": False, "batch_first": True},
        {"num_layers": 2, "bidirectional": True},
        {"num_layers": 3, "batch_first": True},
    )
] + [("RNN", {"nonlinearity": "relu", "num_layers": 2})]
ATTENTION: list[dict[str, Any]] = [{}, {"bias": False, "batch_first": True}]
QUERIES, KEYS = (4, 2, 6), (5, 2, 6)
CAUSAL = np.triu(np.ones((4, 5), bool), 2)
PADDED = np.array([[False, False, False, True, True], [False] * 5])
TRANSFORMERS: list[dict[str, Any]] = [
    {"batch_first": True},
    {"activation": "gelu", "norm_first": True},
    {"bias": False, "batch_first": True, "norm_first": True},
]
SIGNALS, IMAGES = (2, 4, 7), (2, 4, 5, 6)
# layer, arguments, settings, shape of the input
PLAIN: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Conv1d", (4, 3, 3), {}, SIGNALS),
    ("Conv1d", (4, 3, 2), {}, SIGNALS[1:]),
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 2, "groups": 2, "bias": False}, SIGNALS),
    ("Conv1d", (4, 3, 2), {"padding": "same", "dilation": 2}, SIGNALS),
    ("ConvTranspose2d", (4, 3, 3), {}, IMAGES),
    ("ConvTranspose2d", (4, 3, 2), {"stride": 2}, IMAGES[1:]),
    ("ConvTranspose2d", (4, 3), {"kernel_size": (2, 3), "stride": (2, 3), "padding": (1, 0), "bias": False}, IMAGES),
    ("ConvTranspose2d", (4, 6, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}, IMAGES),
    ("ConvTranspose2d", (4, 3, 2), {"stride": 2, "dilation": 2, "output_padding": (1, 0)}, IMAGES),
    ("MaxPool1d", (2,), {}, SIGNALS),
    ("MaxPool1d", (3,), {"stride": 1, "padding": 1}, SIGNALS[1:]),
    ("AvgPool1d", (3,), {"stride": 2, "padding": 1}, SIGNALS),
    ("AdaptiveAvgPool1d", (1,), {}, SIGNALS),
    ("AdaptiveAvgPool1d", (7,), {}, SIGNALS),
    ("GroupNorm", (2, 4), {}, IMAGES),
    ("GroupNorm", (4, 4), {"eps": 1e-2, "affine": False}, SIGNALS),
    ("GroupNorm", (1, 4), {}, (3, 4)),
    ("InstanceNorm1d", (4,), {}, SIGNALS),
    ("InstanceNorm2d", (4,), {"affine": True, "eps": 1e-3}, IMAGES),
    ("RMSNorm", (6,), {}, IMAGES),
    ("RMSNorm", ((5, 6),), {"eps": 1e-2, "elementwise_affine": False}, IMAGES),
    ("Upsample", (), {"scale_factor": 2}, IMAGES),
    ("Upsample", (), {"size": (7, 4)}, IMAGES),
    ("Upsample", (), {"scale_factor": 2.0, "mode": "bilinear"}, IMAGES),
    ("Upsample", (), {"size": (7, 9), "mode": "bilinear", "align_corners": True}, IMAGES),
    ("Unflatten", (1, (2, 2)), {}, SIGNALS),
    ("Unflatten", (-1, (-1, 7)), {}, SIGNALS),
]
A, B = normal("left", 4, 5), normal("right", 4, 5)
SIGNS = np.where(normal("signs", 4, 5) > 0, 1.0, -1.0)
PAIRS: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("CosineSimilarity", {}, (A, B)),
    ("CosineSimilarity", {"dim": 0, "eps": 1e-2}, (A * 1e-2, B)),
    *[
        (loss, {**settings, "reduction": reduction}, inputs)
        for reduction in ("mean", "sum", "none")
        for loss, settings, inputs in (
            ("TripletMarginLoss", {}, (A, B, normal("negative", 4, 5))),
            ("TripletMarginLoss", {"margin": 2.5, "swap": True}, (A, B, normal("negative", 4, 5))),
            ("TripletMarginLoss", {"p": 1.0, "margin": 4.0}, (A, B, normal("negative", 4, 5))),
            ("GaussianNLLLoss", {}, (A, B, np.abs(normal("variance", 4, 5)))),
            ("GaussianNLLLoss", {"full": True, "eps": 0.5}, (A, B, np.abs(normal("variance", 4, 1)))),
            ("PoissonNLLLoss", {}, (A, np.abs(B))),
            ("PoissonNLLLoss", {"full": True}, (A, np.abs(np.round(3 * B)) + 1)),
            ("PoissonNLLLoss", {"log_input": False, "eps": 1e-3}, (np.abs(A), np.abs(B))),
            ("HingeEmbeddingLoss", {}, (A, SIGNS)),
            ("HingeEmbeddingLoss", {"margin": 0.3}, (A, SIGNS)),
        )
    ],
]
BAG, OFFSETS = generator("bag").integers(6, size=(3, 4)), np.array([0, 5, 5])


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of the tables."""
    return [
        *recurrent(),
        *attention(),
        *[compare(*row[:3], (normal("input", *row[3]),)) for row in PLAIN],
        *[compare(name, (), settings, inputs) for name, settings, inputs in PAIRS],
        *[compare("EmbeddingBag", (6, 3), {"mode": mode}, (BAG,)) for mode in ("mean", "sum", "max")],
        *[
            compare("EmbeddingBag", (6, 3), {"mode": m}, (BAG.ravel(), np.array([0, 5, 5])))
            for m in ("mean", "sum", "max")
        ],
    ]


def recurrent() -> Iterator[dict[str, Any]]:
    """Run each layer with and without a state, and without a batch."""
    for layer, settings in RECURRENT:
        shape = BATCH_FIRST if settings.get("batch_first") else SEQUENCE
        cells = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
        x = normal("sequence", *shape)
        states = [normal(f"state {kind}", cells, 2, HIDDEN) for kind in ("h", "c")[: 1 + (layer == "LSTM")]]
        yield compare(layer, (3, HIDDEN), settings, (x,))
        yield compare(
            layer, (3, HIDDEN), settings, (x, tuple(states) if layer == "LSTM" else states[0]), remark=" state"
        )
        yield compare(layer, (3, HIDDEN), settings, (x[0] if shape is BATCH_FIRST else x[:, 0],), remark=" no batch")


def attention() -> Iterator[dict[str, Any]]:
    """Attend to another sequence, with masks of all kinds, and run a transformer's layer."""
    queries, keys = normal("queries", *QUERIES), normal("keys", *KEYS)
    for settings in ATTENTION:
        first = settings.get("batch_first", False)
        q, k = (np.swapaxes(a, 0, 1) if first else a for a in (queries, keys))
        inputs = (q, k, 2 * k)
        for remark, called in {
            "": {},
            " causal": {"attn_mask": CAUSAL},
            " padded": {"key_padding_mask": PADDED, "average_attn_weights": False},
            " both": {"attn_mask": np.where(CAUSAL, -2.0, 0.5), "key_padding_mask": np.where(PADDED, -np.inf, 0.0)},
        }.items():
            yield compare("MultiheadAttention", (6, 2), settings, inputs, called, remark)
    yield compare("MultiheadAttention", (6, 3), {}, (queries[:, 0], keys[:, 0], keys[:, 1]), remark=" no batch")
    for settings in TRANSFORMERS:
        x = normal("sentence", 2, 4, 6)
        called = {"src_mask": np.triu(np.ones((4 if settings.get("batch_first") else 2,) * 2, bool), 1)}
        for remark, keywords in (("", {}), (" causal", called)):
            yield compare("TransformerEncoderLayer", (6, 2, 8, 0.0), settings, (x,), keywords, remark)


def leaves_in(inputs: Any) -> list[torch.Tensor]:
    """Return the floating tensors, in whatever tuples they are."""
    if isinstance(inputs, tuple):
        return [x for part in inputs for x in leaves_in(part)]
    return [inputs] if isinstance(inputs, torch.Tensor) and inputs.is_floating_point() else []


def as_tensors(inputs: Any) -> Any:
    """Return arrays as tensors."""
    if isinstance(inputs, tuple):
        return tuple(as_tensors(part) for part in inputs)
    if not isinstance(inputs, np.ndarray):
        return inputs
    return leaf(inputs) if inputs.dtype == np.float64 else torch.tensor(inputs)


def flat(outputs: Any) -> tuple[torch.Tensor, ...]:
    """Return the tensors that a module gave."""
    if isinstance(outputs, torch.Tensor):
        return (outputs,)
    return tuple(x for part in outputs for x in flat(part))


def compare(
    layer: str,
    arguments: tuple[Any, ...],
    settings: dict[str, Any],
    inputs: tuple[Any, ...],
    called: dict[str, Any] | None = None,
    remark: str = "",
) -> dict[str, Any]:
    """Call one module and return its case."""
    module = getattr(torch.nn, layer)(*arguments, **settings)
    parameters = {name: normal(f"{layer} {name}", *value.shape) for name, value in module.named_parameters()}
    module.load_state_dict({k: torch.tensor(v) for k, v in parameters.items()}, strict=False)
    given = as_tensors(inputs)
    keywords = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in (called or {}).items()}
    outputs = flat(module(*given, **keywords))
    seeds = tuple(torch.tensor(normal(f"seed {i}", *y.shape)) for i, y in enumerate(outputs))
    leaves = {**{f"input {i}": x for i, x in enumerate(leaves_in(given))}, **dict(module.named_parameters())}
    found = torch.autograd.grad(outputs, [*leaves.values()], seeds, allow_unused=True)
    shown = ", ".join([*map(str, arguments), *(f"{k}={v}" for k, v in settings.items())])
    shapes = " ".join(str(x.shape) for x in inputs if isinstance(x, np.ndarray))
    return {
        "name": f"{layer}({shown}) of {shapes}{remark}",
        "layer": layer,
        "arguments": arguments,
        "settings": settings,
        "parameters": parameters,
        "inputs": inputs,
        "called": called or {},
        "outputs": outputs,
        "seeds": seeds,
        "gradients": {
            name: torch.zeros_like(x) if g is None else g for (name, x), g in zip(leaves.items(), found, strict=True)
        },
    }
