"""Trees: what counts as one, and that it comes back as it went in."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.transforms.trees import align, flatten


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    weight: Any
    bias: Any
    name: str = "layer"


TREES = [
    1.0,
    [1.0, [2.0, ()]],
    {"b": 1.0, "a": (2.0, [3.0])},
    Pair(1.0, {"x": 2.0}),
    Layer(1.0, [2.0], "first"),
    collections.OrderedDict(z=1.0, y=2.0),
    [None, "text", 1.0],
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_a_tree_comes_back_in_its_own_types_and_order(tree):
    leaves, rebuild = flatten(tree)
    assert leaves == [float(i + 1) for i in range(len(leaves))]
    assert rebuild(leaves) == tree and type(rebuild(leaves)) is type(tree)
    assert align(tree, rebuild(10 * a for a in leaves), "it") == [10 * a for a in leaves]


def test_a_default_dict_keeps_its_default():
    tree = collections.defaultdict(list, a=1.0)
    assert flatten(tree)[1]([2.0])["missing"] == []


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_gradients_have_the_structure_of_the_argument(tree):
    def f(tree):
        return sum(a**2 for a in flatten(tree)[0])

    leaves, rebuild = flatten(tree)
    assert ag.grad(f)(tree) == rebuild([2 * a for a in leaves])


def test_a_dataclass_of_arrays():
    p = Layer(np.ones((2, 3)), np.zeros(2))
    g = ag.grad(lambda p, x: (np.tanh(p.weight @ x + p.bias) ** 2).sum())(p, np.ones(3))
    assert isinstance(g, Layer) and g.name == "layer" and g.weight.shape == (2, 3) and g.bias.shape == (2,)
