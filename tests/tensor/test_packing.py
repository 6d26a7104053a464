"""Trees as text and arrays: they come back bit for bit and of the same kinds."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.tensor.packing import pack, unpack

TREES = {
    "kinds": {0: (1, [2.5, None], "x"), "a": {"b": True, "c": ()}, "big": -(2**130), None: []},
    "floats": [math.inf, -math.inf, -0.0, 1e-320, 0.1],
    "long": [0.1 * i for i in range(1000)],
    "mixed": [1.0] * 20 + [1],
    "complex": {"z": 1 - 2j},
    "empty": {},
    "number": 3.5,
    "generics": {"half": np.float16(0.1), "whole": np.uint8(3), "on": np.bool_(True)},
}


def kinds(tree):
    if isinstance(tree, dict):
        return {key: kinds(part) for key, part in tree.items()}
    return [type(tree), *map(kinds, tree)] if isinstance(tree, list | tuple) else type(tree)


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_numbers_and_text_come_back(tree):
    again = unpack(*pack(tree))
    assert again == tree and kinds(again) == kinds(tree) and repr(again) == repr(tree)


def test_arrays_come_back_and_have_names_of_their_own():
    tree = {0: np.arange(3), "0": np.ones((2, 0), np.float32), "a": {"b": np.array(1j)}, "a/b": np.zeros(1, bool)}
    text, arrays = pack(tree)
    assert len(arrays) == 4 and {"0", "a/b"} <= arrays.keys()
    again = unpack(text, arrays)
    assert np.array_equal(again[0], tree[0]) and again["0"].shape == (2, 0) and again["a"]["b"] == 1j
    assert pack(np.arange(2))[1].keys() == {"state"}
    assert pack({"file": np.arange(2)})[1].keys().isdisjoint({"file"})  # which is savez's own


def test_what_has_a_state_stands_for_it():
    layer = nn.Linear(2, 1)
    again = unpack(*pack({"model": layer}, objects=True))
    assert again["model"].keys() == layer.state_dict().keys()


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"a": [ag.tensor(1.0)]}, r"state\['a'\]\[0\] is a tensor: give its numbers"),
        ({"a": {1}}, r"cannot compute with \{1\}"),
        ([nn.Linear(2, 1)], r"cannot compute with .*Linear"),
        ([object()], r"cannot compute with object"),
        ({(1, 2): 3}, r"state has the key \(1, 2\)"),
        ({"a": np.array(["x"])}, "not numbers"),
    ],
)
def test_what_is_refused_says_where(tree, message):
    with pytest.raises(TypeError, match=message) as caught:
        pack(tree)
    assert "state" in "".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
