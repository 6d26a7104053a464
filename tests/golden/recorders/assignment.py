"""``assignment.npz``: programs that assign into arrays, and the gradient of their loss.

A case holds

``program``    Python source that reads the names below and sets ``loss``; run it by ``exec``
``leaves``     ``x`` (3, 4), ``v`` (4,), ``c`` (): those to be differentiated
``constants``  ``w`` (3, 4), ``rows``, ``columns``, ``repeated`` (int64), ``mask`` (3, 4) and
               ``row_mask`` (3,) (bool): to be passed as NumPy arrays
``loss``
``gradients``  for every leaf (zeros where the program does not use it)

A program may also call ``copy(t)`` (PyTorch's ``clone``) and ``zeros(*shape)`` (a tensor without
gradient); otherwise it uses only ``+ - * / **``, indexing,
``.T``, ``.reshape()`` and ``.sum()``.

The meaning is NumPy's: what was computed from the old value keeps the old value, and where an index
repeats the last assignment wins. PyTorch refuses the former in places (a ``clone`` is inserted for
it), has no negative steps, and differentiates repeated indices as if every assignment had won; the
second program of such a row, without repeats, is the one that PyTorch runs. Recording checks each
gradient against central differences of the program on plain arrays.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import gradients, leaf, normal

LEAVES = {"x": normal("x", 3, 4), "v": normal("v", 4), "c": np.array(0.7)}
CONSTANTS = {
    "w": normal("w", 3, 4),
    "rows": np.array([2, 0]),
    "columns": np.array([1, 3]),
    "repeated": np.array([0, 2, 0]),
    "mask": normal("mask", 3, 4) > 0,
    "row_mask": np.array([True, False, True]),
}

START = "z = copy(x)\n"
LOSS = "\nloss = (z * z * w).sum()"
BOTH = "\nloss = (z * y * w).sum()"
SQUARE = "y = x * x\nz = copy(x)\n"

# name: the program, and where PyTorch must run another one, that
PROGRAMS: dict[str, tuple[str, str | None]] = {
    "row and column": (SQUARE + "z[1] = y[0] * 2\nz[:, 2] += 1" + BOTH, None),
    "row": (START + "z[1] = v" + LOSS, None),
    "column": (
        START + "z[:, 2] = z[:, 0] * z[:, 1]" + LOSS,
        START + "z[:, 2] = x[:, 0] * x[:, 1]" + LOSS,
    ),
    "element": (START + "z[1, 2] = c" + LOSS, None),
    "element from a number": (START + "z[1, 2] = 3.0" + LOSS, None),
    "everything": (START + "y = z * 2\nz[...] = v" + BOTH, None),
    "number into everything": (START + "z[:] = 2.0\nz[0] *= x[1]" + LOSS, None),
    "scalar into a row": (START + "z[-1] = c" + LOSS, None),
    "slice of a slice": (SQUARE + "z[1:, ::2] = y[:2, 1:3]" + BOTH, None),
    "ellipsis": (START + "z[..., -1] = x[..., 0] * c" + LOSS, None),
    "broadcast row into rows": (START + "z[1:] = v" + LOSS, None),
    "broadcast column": (START + "z[:, 1:] = x[:, :1] * 3" + LOSS, None),
    "new axis": (START + "z[:, 2:3] = (x[:, 0] * c)[:, None]" + LOSS, None),
    "negative step": (
        START + "z[::-1] = x * v" + LOSS,
        START + "z[[2, 1, 0]] = x * v" + LOSS,
    ),
    "negative step in a row": (
        START + "z[0, ::-2] = v[:2] * c" + LOSS,
        START + "z[0, [3, 1]] = v[:2] * c" + LOSS,
    ),
    "integer array": (START + "z[rows] = x[columns - 1] * v" + LOSS, None),
    "two integer arrays": (START + "z[rows, columns] = v[:2]" + LOSS, None),
    "integer array and slice": (START + "z[1:, columns] = x[1:, columns] * c" + LOSS, None),
    "list": (START + "z[[0, 2]] = v * c" + LOSS, None),
    "repeated indices read": (START + "z = z[repeated] * z" + LOSS, None),
    "repeated indices, number": (START + "z[repeated] = 2.0" + LOSS, None),
    "repeated indices, last wins": (
        START + "z[repeated] = x * v" + LOSS,
        START + "z[[2, 0]] = (x * v)[1:]" + LOSS,
    ),
    "repeated indices, +=": (
        START + "z[repeated] += v * c" + LOSS,
        START + "z[[2, 0]] += v * c" + LOSS,
    ),
    "mask, number": (START + "z[mask] = 0.5" + LOSS, None),
    "mask, scalar": (START + "z[mask] = c" + LOSS, None),
    "mask, values": (SQUARE + "z[mask] = y[mask] * c" + BOTH, None),
    "mask, *=": (START + "z[mask] *= 2 * c" + LOSS, None),
    "mask of rows": (START + "z[row_mask] = v" + LOSS, None),
    "mask of rows and a column": (START + "z[row_mask, 1] = v[:2] * c" + LOSS, None),
    "+= -= *= /= on parts": (
        START + "z[0] += v\nz[1] -= c\nz[2] *= v\nz[:, 1] /= 2 + c * c" + LOSS,
        None,
    ),
    "**= on a part": (START + "z[1] **= 3" + LOSS, None),
    "+= *= on the whole": (START + "z += v\nz *= x" + LOSS, None),
    "overwritten twice": (START + "z[0] = v\nz[0] = v * c\nz[0, 1] = 1.0" + LOSS, None),
    "into zeros": ("z = zeros(3, 4)\nz[0] = v\nz[:, 1] = x[:, 2]\nz[2, 2] += c" + LOSS, None),
    "in a loop": (
        START + "for i in range(1, 3):\n    z[i] = z[i - 1] * v + z[i]" + LOSS,
        START + "for i in range(1, 3):\n    z[i] = copy(z[i - 1]) * v + z[i]" + LOSS,
    ),
    "overlapping": (START + "z[1:] = z[:-1]" + LOSS, START + "z[1:] = copy(z[:-1])" + LOSS),
    "used before, unchanged use": (
        "z = x * c\ny = z * z\nz[1] = y[0]" + BOTH,
        "z = x * c\ny = z * z\nz = copy(z)\nz[1] = y[0]" + BOTH,
    ),
    "used before, several times": (
        "z = x * c\na = z * z\nz[0] = a[1]\nb = z * z\nz[:, 0] += b[:, 1]\ny = a + b" + BOTH,
        "z = x * c\na = z * z\nz = copy(z)\nz[0] = a[1]\nb = z * z\nz = copy(z)\nz[:, 0] += b[:, 1]\ny = a + b" + BOTH,
    ),
    "used before, *= on the whole": (
        "z = x * c\ny = z * z\nz *= v" + BOTH,
        "z = x * c\ny = z * z\nz = z * v" + BOTH,
    ),
    "copied before, kept": ("z = x * c\ny = copy(z[0])\nz[0] = v\nloss = (z * y * w).sum()", None),
    "a view follows its base": ("z = x * c\ny = z[0]\nz[0] = v\nloss = (z * y * w).sum()", None),
    "a base follows its view": (START + "r = z[1]\nr[2] = c\nr *= 2" + LOSS, None),
    "a view of a view": (START + "r = z[1:]\nq = r[:, 1:3]\nq[0] = c\nq *= v[:2]\nr[1] += c" + LOSS, None),
    "overlapping views": (
        START + "l = z[:, :-1]\nr = z[:, 1:]\nl[0] = c\nr[1] *= c\nloss = ((r - l) ** 2).sum() + (z * z * w).sum()",
        None,
    ),
    "transposed": (START + "t = z.T\nt[2] += c\nt[:, 0] = c * 2\nz[1] *= v" + LOSS, None),
    "reshaped": (START + "f = z.reshape(2, 6)\nf[1] *= c\nf[0, 1:3] = v[:2]\nz[2] *= v" + LOSS, None),
    "swapped rows, which NumPy makes equal": (START + "z[0], z[1] = z[1], z[0]" + LOSS, None),
    "added to itself, one further": (
        START + "z[1:] += z[:-1]" + LOSS,
        START + "z[1:] += copy(z[:-1])" + LOSS,
    ),
    "used before a view was changed": (
        SQUARE + "a = z * z\nr = z[0]\nr *= c\nloss = (z * y * w).sum() + (a * r).sum()",
        SQUARE + "a = copy(z) * copy(z)\nr = z[0]\nr *= c\nloss = (z * y * w).sum() + (a * r).sum()",
    ),
    "vector element": (
        "z = copy(v)\nz[1] = z[0] * c\nz[2] += z[1]\nloss = (z * z).sum()",
        "z = copy(v)\nz[1] = v[0] * c\nz[2] += z[1]\nloss = (z * z).sum()",
    ),
    "vector reversed": (
        "z = copy(v)\nz[::-1] = v * c\nloss = (z * w).sum()",
        "z = copy(v)\nz[[3, 2, 1, 0]] = v * c\nloss = (z * w).sum()",
    ),
}


def cases() -> list[dict[str, Any]]:
    """Return one case for each program."""
    return [compare(name, *programs) for name, programs in PROGRAMS.items()]


def execute(program: str, values: dict[str, Any], copy: Callable[..., Any], zeros: Callable[..., Any]) -> Any:
    """Run a program and return its loss."""
    names = {**values, "copy": copy, "zeros": zeros}
    exec(program, names)
    return names["loss"]


def compare(name: str, program: str, for_torch: str | None) -> dict[str, Any]:
    """Run one program and return its case."""
    leaves = {key: leaf(array) for key, array in LEAVES.items()}
    constants = {key: torch.tensor(array) for key, array in CONSTANTS.items()}
    loss = execute(for_torch or program, {**leaves, **constants}, torch.clone, torch.zeros)
    found = gradients(loss, torch.ones(()), leaves)
    # "kept": NumPy's view would follow the array, so there the program with the copy is checked
    checked = for_torch if name.endswith("kept") and for_torch else program
    agree_with_numpy(name, checked, loss, found)
    return {
        "name": name,
        "program": program,
        "leaves": LEAVES,
        "constants": CONSTANTS,
        "loss": loss,
        "gradients": found,
    }


def agree_with_numpy(name: str, program: str, loss: torch.Tensor, found: dict[str, torch.Tensor]) -> None:
    """Raise where the program on plain arrays has another loss or other differences."""

    def value(**moved: np.ndarray) -> float:
        values = {**{k: v.copy() for k, v in LEAVES.items()}, **CONSTANTS, **moved}
        return float(execute(program, values, np.copy, lambda *shape: np.zeros(shape)))

    np.testing.assert_allclose(loss.item(), value(), rtol=1e-14, err_msg=name)
    for key, array in LEAVES.items():
        for index in np.ndindex(array.shape):
            step = np.zeros_like(array)
            step[index] = 1e-5
            difference = (value(**{key: array + step}) - value(**{key: array - step})) / 2e-5
            exact = found[key][index].item()
            np.testing.assert_allclose(exact, difference, rtol=1e-6, atol=1e-7, err_msg=name)
