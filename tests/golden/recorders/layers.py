"""``layers.npz``: layers with parameters, called several times in a row.

A case holds

``layer``       class name in ``torch.nn``
``arguments``   positional arguments of its constructor
``settings``    keywords of its constructor
``parameters``  ``weight`` and ``bias`` where the layer has them, to be loaded before any call
``calls``       a tuple of dicts, to be made in this order on the same layer:
                ``training`` (else the layer is in eval mode), ``input``, ``output``,
                ``seed`` (the gradient that flows in),
                ``gradients`` (``input`` and the parameters, of this call alone),
                ``buffers`` after the call (BatchNorm: ``running_mean``, ``running_var``,
                ``num_batches_tracked``; empty where the layer has none)

Parameters do not change between calls; buffers do.
"""

from typing import Any

import numpy as np
import torch

from . import gradients, leaf, normal

# layer, arguments, settings, shape of each input in training mode, of each in eval mode afterwards
Shapes = list[tuple[int, ...]]
ROWS: list[tuple[str, tuple[Any, ...], dict[str, Any], Shapes, Shapes]] = [
    ("Linear", (3, 2), {}, [(4, 3), (3,), (2, 4, 3), (1, 3)], []),
    ("Linear", (3, 2), {"bias": False}, [(4, 3), (3,)], []),
    *[
        ("BatchNorm1d", (3,), settings, [shape, (7, *shape[1:]), shape], [shape, (2, *shape[1:])])
        for shape in ((5, 3), (4, 3, 2))
        for settings in (
            {},
            {"affine": False},
            {"momentum": None},
            {"momentum": 0.3, "eps": 1e-2},
            {"track_running_stats": False},
        )
    ],
    ("LayerNorm", (3,), {}, [(4, 3), (2, 4, 3), (3,)], [(4, 3)]),
    ("LayerNorm", ((2, 3),), {}, [(4, 2, 3), (2, 3)], [(4, 2, 3)]),
    ("LayerNorm", ((2, 3),), {"elementwise_affine": False, "eps": 1e-3}, [(4, 2, 3)], []),
    ("LayerNorm", (3,), {"bias": False}, [(4, 3)], []),
]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of `ROWS`, and one for rows of equal numbers."""
    constant = np.full((4, 3), 1.5)
    return [
        *[
            compare(
                layer,
                arguments,
                settings,
                [(True, normal(f"call {i}", *shape)) for i, shape in enumerate(training)]
                + [(False, normal(f"eval {i}", *shape)) for i, shape in enumerate(evaluation)],
            )
            for layer, arguments, settings, training, evaluation in ROWS
        ],
        compare("BatchNorm1d", (3,), {}, [(True, constant)], " of a constant"),
        compare("LayerNorm", (3,), {}, [(True, constant)], " of a constant"),
    ]


def compare(
    layer: str,
    arguments: tuple[Any, ...],
    settings: dict[str, Any],
    inputs: list[tuple[bool, np.ndarray]],
    remark: str = "",
) -> dict[str, Any]:
    """Call one layer with every input and return its case."""
    module = getattr(torch.nn, layer)(*arguments, **settings)
    parameters = {name: normal(f"{layer} {name}", *value.shape) for name, value in module.named_parameters()}
    module.load_state_dict({k: torch.tensor(v) for k, v in parameters.items()}, strict=False)
    calls = []
    for training, array in inputs:
        x = leaf(array)
        output = module.train(training)(x)
        seed = torch.tensor(normal("seed of a layer", *output.shape))
        leaves = {"input": x, **dict(module.named_parameters())}
        call = {
            "training": training,
            "input": array,
            "output": output,
            "seed": seed,
            "gradients": gradients(output, seed, leaves),
            "buffers": {name: value.clone() for name, value in module.named_buffers()},
        }
        calls.append(call)
    shape = "" if layer != "BatchNorm1d" else f" {inputs[0][1].ndim}-D"
    shown = ", ".join([*map(str, arguments), *(f"{k}={v}" for k, v in settings.items())])
    return {
        "name": f"{layer}({shown}){shape}{remark}",
        "layer": layer,
        "arguments": arguments,
        "settings": settings,
        "parameters": parameters,
        "calls": calls,
    }
