"""Numbers that PyTorch gave, kept so that tests compare with them and need no PyTorch.

>>> case = load("losses")[0]
>>> case["loss"], case["settings"], case["input"].shape
('MSELoss', {}, (4, 3))
>>> sorted(case["results"]["mean"])
['gradients', 'seed', 'value']

Each ``NAME.npz`` beside this file is a list of cases; `load` returns them as plain dicts of NumPy
arrays (float64, int64 or bool), numbers, strings, None, tuples and dicts of these. Arrays are fresh
copies. What a case of each file holds is said in the docstring of ``recorders/NAME.py``;
``record.py`` writes the files.

Inside the file there are two arrays: ``numbers``, every array of every case end to end, and
``cases``, JSON text in which an array stands as ``{"array": [offset, shape, dtype]}``.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
NAMES = (
    "optimizers",
    "training",
    "losses",
    "layers",
    "activations",
    "init",
    "conventions",
    "assignment",
    "lbfgs",
    "images",
    "sequences",
    "schedulers",
    "clipping",
    "modules",
)


def load(name: str) -> list[dict[str, Any]]:
    """Return the recorded cases of one file, in the order in which they were recorded.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    list of dict
        Each has a ``"name"``, unique in its file, which serves as a test's id.
    """
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        numbers, text = file["numbers"], file["cases"].tobytes().decode()
    return [_restore(case, numbers) for case in json.loads(text)]


def _restore(value: Any, numbers: np.ndarray) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"array"}:
            offset, shape, dtype = value["array"]
            return numbers[offset : offset + math.prod(shape)].reshape(shape).astype(dtype)
        return {key: _restore(item, numbers) for key, item in value.items()}
    if isinstance(value, list):  # JSON knows no tuple, and axis=(0, 1) must not become a list
        return tuple(_restore(item, numbers) for item in value)
    return value
