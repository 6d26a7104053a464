"""Trees: what counts as one, and that it comes back as it went in."""

import collections
import dataclasses
import types
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.tensor.trees import align, flatten
from tests.array_likes import SpeaksArray


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


class Plain:
    """An object that is no tree."""

    weight = 1.0


NO_TREES = {
    "UserDict": collections.UserDict(a=1.0),
    "mapping": types.MappingProxyType({"a": 1.0}),
    "UserList": collections.UserList([1.0]),
    "deque": collections.deque([1.0]),
    "set": {1.0},
    "frozenset": frozenset([1.0]),
    "keys": {1.0: 1.0}.keys(),
    "values": {1.0: 1.0}.values(),
    "generator": (a for a in [1.0]),
    "map": map(abs, [1.0]),
    "range": range(3),
    "object": Plain(),
    "module": ag.nn.Linear(2, 1),
}


@pytest.mark.parametrize("inside", [lambda a: a, lambda a: {"w": 2.0, "more": [a]}], ids=["alone", "in a tree"])
@pytest.mark.parametrize("name", NO_TREES)
def test_what_is_no_tree_is_never_taken_for_constant(name, inside):
    def f(tree):
        raise AssertionError("f is not called")

    for transform in (ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian, ag.hvp):
        with pytest.raises(TypeError, match=r"argument 0 of f.* in which nothing can be differentiated|is no tree"):
            transform(f)(*[inside(NO_TREES[name])] * (2 if transform is ag.hvp else 1))
    with pytest.raises(TypeError, match="argument 1"):
        ag.vjp(f, 1.0, inside(NO_TREES[name]))


@pytest.mark.parametrize("constant", [None, "text", b"text", np.sin, len, float, np.dtype(float)], ids=repr)
def test_a_constant_belongs_into_a_tree_and_not_in_its_place(constant):
    assert ag.grad(lambda tree: tree[0] ** 2)([3.0, constant]) == [6.0, constant]
    with pytest.raises(TypeError, match="argument 0 of .* in which nothing can be differentiated"):
        ag.grad(lambda x: 1.0)(constant)


@pytest.mark.parametrize("name", [name for name in NO_TREES if name != "range"])
def test_results_are_trees_too(name):
    for transform in (ag.jacobian, lambda f: lambda x: ag.vjp(f, x), ag.grad):
        with pytest.raises(TypeError, match="the result of .* in which nothing can be differentiated"):
            transform(lambda x: (x * 2, NO_TREES[name]))(1.0)


@pytest.mark.parametrize("name", ["UserDict", "deque", "set", "generator", "values"])
def test_containers_that_are_no_trees_are_refused_wherever_trees_are_taken(name):
    x, container = ag.tensor(2.0, requires_grad=True), NO_TREES[name]
    calls = [
        lambda: ag.compile(lambda c, x: x)(container, np.ones(2)),
        lambda: ag.checkpoint(lambda c, x: x)(container, x),
        lambda: ag.checkpoint(lambda x: container)(x),
        lambda: ag.custom_vjp(lambda c, x: x, lambda g, y, c, x: g)(container, x),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="is no tree: give numbers, arrays and tensors, in dicts, lists"):
            call()


def test_the_argument_that_is_refused_is_named():
    with pytest.raises(TypeError, match=r"in argument 1 of <lambda>\['w'\]\[0\]"):
        ag.vjp(lambda x, tree: x, 1.0, {"w": [np.ma.array([1.0], mask=True)]})


def test_arrays_of_other_libraries_are_leaves():
    gradient = ag.grad(lambda tree: (tree["a"] * tree["b"][0]).sum())({"a": SpeaksArray([1.0, 2.0]), "b": [3.0]})
    np.testing.assert_array_equal(gradient["a"], [3.0, 3.0])
    assert type(gradient["a"]) is np.ndarray and gradient["b"] == [3.0]
