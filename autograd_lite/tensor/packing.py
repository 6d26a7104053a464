"""States as text and arrays: what a file or another process can be given, without pickled objects.

A tree of dicts, lists, tuples, numbers, text and arrays becomes one text, which says how it is built, and the arrays,
each under the names that lead to it. Long lists of floats, such as a history has, are arrays too. All numbers come
back bit for bit and as the kinds that they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.engine.array_like import array_of_any
from autograd_lite.tensor.tensor import Tensor

__all__ = ["pack", "unpack"]

Arrays = dict[str, NDArray[Any]]
TAKEN = ("tree", "file", "allow_pickle")  # by the text in a file, and by `np.savez`
SHORT = 8  # lists of floats, which stay in the text
INSTEAD = "give its numbers, x.numpy(), or the state_dict of the module that holds it"


def pack(tree: Any, objects: bool = False, root: str = "state", instead: str = INSTEAD) -> tuple[str, Arrays]:
    """The text and the arrays of a tree.

    Parameters
    ----------
    tree : tree of arrays, numbers and text
    objects : bool
        Whether those that have a `state_dict` may stand for it.
    root : str
        What the errors call it.
    instead : str
        What they say to give in place of a tensor.

    Raises
    ------
    TypeError
        If something is of another kind, or a key is neither text nor a whole number; its place is named.

    Examples
    --------
    >>> pack({"weight": np.zeros(2), "steps": 3})
    ('["dict", [["weight", ["array", "weight"]], ["steps", 3]]]', {'weight': array([0., 0.])})
    """
    arrays: Arrays = {}

    def kept(array: NDArray[Any], path: tuple[Any, ...]) -> str:
        name = "/".join(map(str, path)) or root
        while name in arrays or name in TAKEN:  # the keys 0 and "0"
            name += "'"
        arrays[name] = array
        return name

    def packed(part: Any, path: tuple[Any, ...]) -> Any:
        if part is None or type(part) in (bool, int, float, str):
            return part
        if isinstance(part, dict):
            return ["dict", [[checked_key(key, path), packed(value, (*path, key))] for key, value in part.items()]]
        if type(part) is list and len(part) > SHORT and all(type(number) is float for number in part):
            return ["floats", kept(np.array(part), path)]
        if type(part) in (list, tuple):
            return [type(part).__name__, [packed(value, (*path, i)) for i, value in enumerate(part)]]
        if objects and callable(getattr(part, "state_dict", None)):
            return packed(part.state_dict(), path)
        kind = "generic" if isinstance(part, np.generic) else "number" if type(part) is complex else "array"
        return [kind, kept(numbers(part, path), path)]

    def checked_key(key: Any, path: tuple[Any, ...]) -> Any:
        if not isinstance(key, str | int | None):
            raise TypeError(f"{place(path)} has the key {key!r}: keys must be strings or whole numbers")
        return key

    def place(path: tuple[Any, ...]) -> str:
        return root + "".join(f"[{key!r}]" for key in path)

    def numbers(leaf: Any, path: tuple[Any, ...]) -> NDArray[Any]:
        if isinstance(leaf, Tensor):
            raise TypeError(f"{place(path)} is a tensor: {instead}")
        try:
            array: NDArray[Any] = array_of_any(leaf)
        except TypeError as error:
            error.add_note(f"in {place(path)}")
            raise
        if array.dtype.kind not in "biufc":
            raise TypeError(f"{place(path)} is {array.dtype}, not numbers")
        return array

    return json.dumps(packed(tree, ())), arrays


def unpack(text: str, arrays: Mapping[str, Any]) -> Any:
    """The tree that was packed.

    Examples
    --------
    >>> unpack(*pack({"x": (1.5, [np.float32(2)])}))
    {'x': (1.5, [np.float32(2.0)])}
    """
    made: dict[str, Any] = {
        "dict": lambda items: {key: rebuilt(value) for key, value in items},
        "list": lambda parts: [rebuilt(part) for part in parts],
        "tuple": lambda parts: tuple([rebuilt(part) for part in parts]),
        "array": lambda name: arrays[name],
        "generic": lambda name: arrays[name][()],
        "number": lambda name: arrays[name].item(),
        "floats": lambda name: arrays[name].tolist(),
    }

    def rebuilt(part: Any) -> Any:
        return made[part[0]](part[1]) if isinstance(part, list) else part

    return rebuilt(json.loads(text))
