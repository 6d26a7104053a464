"""``sequences.npz``: Embedding and the recurrent cells.

A case holds

``layer``       class name in ``torch.nn``
``arguments``   positional arguments of its constructor
``settings``    keywords of its constructor
``parameters``  to be loaded before the call
``input``       Embedding: integers; cells: (steps, …), called one after the other, each with the state before it
``state``       what the first call gets as a state: a tuple of arrays, empty for none
``output``      Embedding: what it gives; cells: the states h after each call, stacked
``seed``        the gradient that flows into ``output``
``gradients``   ``input`` (cells), ``state 0``, ``state 1`` (where given) and the parameters
"""

from typing import Any

import numpy as np
import torch

from . import gradients, leaf, normal

INDICES = np.array([[1, 4, 1], [0, 2, 1]])
EMBEDDINGS: list[tuple[dict[str, Any], np.ndarray]] = [
    ({}, INDICES),
    ({}, np.array(3)),
    ({"padding_idx": 1}, INDICES),
    ({"padding_idx": -1}, INDICES),
]
CELLS: list[tuple[str, dict[str, Any]]] = [
    ("RNNCell", {}),
    ("RNNCell", {"nonlinearity": "relu"}),
    ("RNNCell", {"bias": False}),
    ("LSTMCell", {}),
    ("LSTMCell", {"bias": False}),
    ("GRUCell", {}),
    ("GRUCell", {"bias": False}),
]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of the tables; the cells with and without a state and a batch."""
    return [
        *[embedding(settings, indices) for settings, indices in EMBEDDINGS],
        *[
            cell(layer, settings, batch, given)
            for layer, settings in CELLS
            for batch, given in (((2,), True), ((2,), False), ((), True))
        ],
    ]


def made(layer: str, arguments: tuple[int, ...], settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return a layer with parameters that depend on their names alone."""
    module = getattr(torch.nn, layer)(*arguments, **settings)
    parameters = {name: normal(f"{layer} {name}", *value.shape) for name, value in module.named_parameters()}
    module.load_state_dict({k: torch.tensor(v) for k, v in parameters.items()})
    return module, parameters


def embedding(settings: dict[str, Any], indices: np.ndarray) -> dict[str, Any]:
    """Look up once and return the case."""
    module, parameters = made("Embedding", (5, 3), settings)
    output = module(torch.tensor(indices))
    seed = torch.tensor(normal("seed of an embedding", *output.shape))
    shown = ", ".join(f"{k}={v}" for k, v in settings.items())
    return {
        "name": f"Embedding({shown}) of shape {indices.shape}",
        "layer": "Embedding",
        "arguments": (5, 3),
        "settings": settings,
        "parameters": parameters,
        "input": indices,
        "state": (),
        "output": output,
        "seed": seed,
        "gradients": gradients(output, seed, dict(module.named_parameters())),
    }


def cell(layer: str, settings: dict[str, Any], batch: tuple[int, ...], given: bool) -> dict[str, Any]:
    """Run a cell along a sequence and return the case."""
    module, parameters = made(layer, (3, 4), settings)
    steps, kinds = normal("sequence", 3, *batch, 3), ("h", "c") if layer == "LSTMCell" else ("h",)
    state = tuple(normal(f"state {kind}", *batch, 4) for kind in kinds) if given else ()
    x, first = leaf(steps), [leaf(array) for array in state]
    now: Any = None if not given else tuple(first) if layer == "LSTMCell" else first[0]
    shown = []
    for step in x:
        now = module(step, now)
        shown.append(now[0] if layer == "LSTMCell" else now)
    output = torch.stack(shown)
    seed = torch.tensor(normal("seed of a cell", *output.shape))
    leaves = {"input": x, **{f"state {i}": h for i, h in enumerate(first)}, **dict(module.named_parameters())}
    return {
        "name": f"{layer}({', '.join(f'{k}={v}' for k, v in settings.items())}) batch {batch} state {given}",
        "layer": layer,
        "arguments": (3, 4),
        "settings": settings,
        "parameters": parameters,
        "input": steps,
        "state": state,
        "output": output,
        "seed": seed,
        "gradients": gradients(output, seed, leaves),
    }
