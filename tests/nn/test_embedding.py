"""Embedding."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F
from tests.golden import load
from tests.nn.layers import check_gradients_of, made
from tests.nn.numerical import check_gradients


@pytest.mark.parametrize("case", [c for c in load("sequences") if c["layer"] == "Embedding"], ids=lambda c: c["name"])
def test_pytorchs_numbers(case):
    layer = made(case)
    y = layer(case["input"])
    y.backward(case["seed"])
    np.testing.assert_array_equal(y.data, case["output"])
    check_gradients_of(layer, {}, case["gradients"])


@pytest.mark.parametrize("padding_idx", [None, 1])
def test_derivatives(padding_idx):
    indices = np.array([[1, 2, 1], [0, 1, 2]])
    weight = np.random.default_rng(0).normal(size=(4, 2))
    if padding_idx is None:
        check_gradients(lambda w: F.embedding(indices, w) ** 2, weight)
    w = ag.tensor(weight, requires_grad=True)
    (g,) = ag.autograd.grad((F.embedding(indices, w, padding_idx) ** 3).sum(), [w], create_graph=True)
    counts = np.bincount(indices.ravel(), minlength=4)[:, None] * (np.arange(4) != padding_idx)[:, None]
    np.testing.assert_allclose(g.data, 3 * counts * weight**2)
    (second,) = ag.autograd.grad(g.sum(), [w])
    np.testing.assert_allclose(second, 6 * counts * weight)


def test_many_lookups_share_one_gradient():
    layer = nn.Embedding(50, 3)
    loss = sum(layer(np.array([i % 50, 3])).sum() for i in range(100))
    loss.backward()
    np.testing.assert_array_equal(layer.weight.grad[:, 0], 2 + 100 * (np.arange(50) == 3))


@pytest.mark.parametrize("indices", [3, [1, 2], [[0], [4]], np.uint8([1, 2]), ag.tensor([1, 2]), np.zeros((0, 2), int)])
def test_integers_of_any_shape(indices):
    layer = nn.Embedding(5, 2)
    y = layer(indices)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, layer.weight.data[np.asarray(ag.tensor(indices).numpy())])
    y.sum().backward()
    assert layer.weight.grad.shape == (5, 2)


def test_it_starts_as_pytorchs_does():
    weight = nn.Embedding(300, 300, padding_idx=-2, generator=np.random.default_rng(0)).weight.data
    assert abs(weight.std() - 1) < 0.01
    assert not weight[298].any()


@pytest.mark.parametrize("wrong", [5, -1])
def test_indices_out_of_range_are_refused(wrong):
    layer = nn.Embedding(5, 2)
    with pytest.raises(ValueError, match=f"index {wrong} is out of range: there are 5 rows, 0 to 4"):
        layer([1, wrong])
    step = ag.compile(lambda indices: layer(indices))
    step(np.array([1, 2]))
    with pytest.raises(ValueError, match="an index is out of range: there are 5 rows, 0 to 4"):
        step(np.array([1, wrong]))


def test_what_does_not_fit_is_told():
    with pytest.raises(TypeError, match="indices are integers, and the input is float64"):
        nn.Embedding(5, 2)([0.5])
    with pytest.raises(ValueError, match="padding_idx=5 is none of the 5 rows"):
        nn.Embedding(5, 2, padding_idx=5)
    with pytest.raises(ValueError, match="at least one vector"):
        nn.Embedding(0, 2)
    with pytest.raises(ValueError, match=r"a weight has the shape \(rows, dim\)"):
        F.embedding([0], np.zeros(3))


def test_repr_shows_the_settings():
    assert repr(nn.Embedding(5, 2, padding_idx=-1)) == "Embedding(5, 2, padding_idx=4)  # 10 parameters"
