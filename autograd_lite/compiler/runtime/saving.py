"""A program as a script: the text that runs here, and a file with the state, for a machine that has only NumPy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite.compiler.codegen.spelling import literal
from autograd_lite.compiler.tracing.inputs import Held
from autograd_lite.support.atomic_write import write_arrays, write_whole

LOADING = """

# state: the arrays as they were when this file was written, and the numbers beside them
with np.load(Path(__file__).with_suffix(".npz"), allow_pickle=False) as saved:
    state = {{name: at_its_place(saved[name]) for name in saved.files}}
{numbers}
"""
AT_ITS_PLACE = '''

def at_its_place(array):
    """A copy that begins at a multiple of 64 bytes, as in the program that this was made from."""
    raw = np.zeros(array.nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    placed = raw[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    placed[...] = array
    return placed
'''
GENERATOR = """

def restored(bit_generator, state):
    \"\"\"A random generator in a given state.\"\"\"
    bit_generator.state = state
    return np.random.Generator(bit_generator)
"""


def save(text: str, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write `text` with `state` as a script, and its arrays beside it in a file of the same name ending in .npz."""
    from pathlib import Path  # takes 8 ms to import, and few need it

    script = Path(path)
    if script.suffix != ".py":
        raise ValueError(f"the program is saved as a Python script: give a name that ends in .py, not {script.name!r}")
    arrays = {name: value for name, value in state.items() if isinstance(value, np.ndarray)}
    places = {name: value for name, value in state.items() if name not in arrays}
    numbers = [f'state["{name}"] = {container_text(place)}' for name, place in places.items()]
    head, tail = text.split("\nimport numpy as np\n", 1)
    drawing = GENERATOR if any("restored(" in line for line in numbers) else ""
    loading = LOADING.format(numbers="\n".join(numbers))
    whole = f"{head}\nfrom pathlib import Path\n\nimport numpy as np\n{AT_ITS_PLACE}{drawing}{loading}{tail}"
    write_arrays(script.with_suffix(".npz"), arrays)
    write_whole(script, lambda file: file.write(whole.encode()))


def container_text(container: Any) -> str:
    """An expression for what holds numbers that are read in every call, with what it holds now."""
    if isinstance(container, Held):
        value = container["value"]
        if isinstance(value, float | int):
            return f'{{"value": {value!r}}}'
        array = literal(value[()]) if value.ndim == 0 else f"np.array({value.tolist()}, {literal(value.dtype)})"
        return f'{{"value": {array}}}'
    if isinstance(container, np.random.Generator):
        return f"restored({generator_text(container)})"
    if callable(container):
        return f"(lambda generator: lambda: generator)(restored({generator_text(container())}))"
    kept = {key: v for key, v in container.items() if isinstance(v, float | int | tuple | list) and not tensors(v)}
    return "{" + ", ".join(f"{key!r}: {v!r}" for key, v in kept.items()) + "}"


def tensors(value: Any) -> bool:
    """Whether a setting holds anything but numbers."""
    return isinstance(value, tuple | list) and not all(isinstance(v, float | int) for v in value)


def generator_text(generator: np.random.Generator) -> str:
    """The arguments that restore a generator."""
    bits: Any = generator.bit_generator
    return f"np.random.{type(bits).__name__}(), {bits.state!r}"
