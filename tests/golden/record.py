"""Record the golden numbers again (needs PyTorch; the tests do not).

From the root of the repository::

    python3 -m venv .golden
    .golden/bin/pip install numpy torch==2.13.0
    .golden/bin/python -m tests.golden.record            # writes tests/golden/*.npz
    .golden/bin/python -m tests.golden.record --check    # compares, writes nothing

Everything is float64 and follows from the tables in ``recorders/``: recording twice gives the same
files. Random inputs are seeded by the name of their case, so a new case changes no other. Another
processor may differ in the last bit, which is why ``--check`` allows 1e-13 (relative).
"""

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import FOLDER, NAMES, load
from .recorders import (
    activations,
    assignment,
    clipping,
    conventions,
    images,
    init,
    layers,
    lbfgs,
    losses,
    modules,
    optimizers,
    schedulers,
    sequences,
    training,
)

RECORDERS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "optimizers": optimizers.cases,
    "training": training.cases,
    "losses": losses.cases,
    "layers": layers.cases,
    "activations": activations.cases,
    "init": init.cases,
    "conventions": conventions.cases,
    "assignment": assignment.cases,
    "lbfgs": lbfgs.cases,
    "images": images.cases,
    "sequences": sequences.cases,
    "schedulers": schedulers.cases,
    "clipping": clipping.cases,
    "modules": modules.cases,
}


class Packer:
    """Lays arrays end to end, equal ones once, and says where each one lies."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.size = 0
        self.known: dict[bytes, int] = {}

    def pack(self, value: Any) -> Any:
        """Return what JSON keeps of a value: itself, or where its arrays lie."""
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy()
        if isinstance(value, np.ndarray):
            return {"array": [self._place(value), list(value.shape), str(value.dtype)]}
        if isinstance(value, dict):
            return {key: self.pack(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.pack(item) for item in value]
        return value

    def _place(self, array: np.ndarray) -> int:
        flat = array.astype(np.float64).ravel()
        offset = self.known.setdefault(flat.tobytes(), self.size)
        if offset == self.size:
            self.parts.append(flat)
            self.size += flat.size
        return offset


def save(name: str, cases: list[dict[str, Any]]) -> None:
    """Write one file of cases."""
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), f"{name}: two cases share a name"
    packer = Packer()
    text = json.dumps([packer.pack(case) for case in cases], separators=(",", ":"))
    np.savez_compressed(
        FOLDER / f"{name}.npz",
        numbers=np.concatenate(packer.parts or [np.empty(0)]),
        cases=np.frombuffer(text.encode(), np.uint8),
    )


def differences(old: Any, new: Any, path: str) -> list[str]:
    """Return where two recordings differ, as lines of text."""
    if isinstance(new, torch.Tensor):
        new = new.detach().numpy()
    if isinstance(new, np.ndarray) and isinstance(old, np.ndarray):
        if (old.dtype, old.shape) != (new.dtype, new.shape):
            return [f"{path}: was {old.dtype}{old.shape}, is {new.dtype}{new.shape}"]
        far = ~np.isclose(old, new, rtol=1e-13, atol=1e-300, equal_nan=True)
        return [f"{path}: {far.sum()} of {far.size} numbers changed"] if far.any() else []
    if isinstance(new, list | tuple) and isinstance(old, list | tuple):
        new, old = dict(enumerate(new)), dict(enumerate(old))
    if isinstance(new, dict) and isinstance(old, dict):
        keys = [f"{path}: {sorted(map(str, old.keys() ^ new.keys()))} only in one"]
        same = [key for key in new if key in old]
        inner = [line for key in same for line in differences(old[key], new[key], f"{path}.{key}")]
        return inner + (keys if old.keys() != new.keys() else [])
    return [] if old == new else [f"{path}: was {old!r}, is {new!r}"]


def main(arguments: list[str]) -> int:
    """Record every file, or with ``--check`` compare every file with a new recording."""
    torch.set_default_dtype(torch.float64)  # else NAdam keeps its product of momenta in float32
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "reduction: 'mean'")  # PyTorch's doubts about KLDivLoss
    assert tuple(RECORDERS) == NAMES
    changed = []
    for name, record in RECORDERS.items():
        cases = record()
        if "--check" in arguments:
            recorded = {case["name"]: case for case in load(name)}
            changed += differences(recorded, {case["name"]: case for case in cases}, name)
        else:
            save(name, cases)
        print(f"{name:12} {len(cases):4} cases  {(FOLDER / f'{name}.npz').stat().st_size:7} bytes")
    print(*changed, sep="\n", end="\n" if changed else "")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
