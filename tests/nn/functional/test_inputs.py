"""What functions and layers take."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.conversion import adapted, fed, floating, node_of


def test_a_tensor_stays_its_node_and_an_array_is_borrowed_where_nothing_is_recorded():
    x, a = ag.tensor([1.0]), np.ones(3)
    assert node_of(x) is x.node
    assert node_of(a).value is not a
    with ag.no_grad():
        assert node_of(a).value is a


SHAPES = {"conv2d": (4, 3, 3, 3), "linear": (5, 4), "layer_norm": (4,), "plain": (3, 4)}
WEIGHTS = {name: np.linspace(-1, 1, int(np.prod(s))).reshape(s) for name, s in SHAPES.items()}
REUSED = {
    "conv2d": lambda x, w: F.conv2d(x, w["conv2d"]),
    "linear": lambda x, w: F.linear(x, w["linear"]),
    "layer_norm": lambda x, w: F.layer_norm(x, (4,), w["layer_norm"]),
    "mse_loss": lambda x, w: F.mse_loss(w["plain"], x),
    "mse_loss of the other": lambda x, w: F.mse_loss(x, w["plain"]),
    **{f: lambda x, w, f=f: getattr(F, f)(x) * w["plain"] for f in ("relu", "elu", "tanh", "gelu", "softmax", "silu")},
}


@pytest.mark.parametrize("name", REUSED)
def test_an_array_that_is_reused_does_not_reach_a_graph_that_was_recorded(name):
    x = np.random.default_rng(1).random((2, 3, 4, 4) if name == "conv2d" else (3, 4))
    weights = {name: ag.tensor(w, requires_grad=True) for name, w in WEIGHTS.items()}
    gradients = []
    for filling in (None, 3.0):
        batch = x.copy()
        y = REUSED[name](batch, weights)
        if filling is not None:
            batch[...] = filling
        gradients.append(ag.autograd.grad((y * y).sum(), list(weights.values()), allow_unused=True))
    assert any(g is not None for g in gradients[0])
    for a, b in zip(*gradients, strict=True):
        np.testing.assert_array_equal(a, b)


def test_integers_become_float64_where_floats_are_needed():
    assert floating([1, 2]).dtype == np.float64
    assert floating(np.array([1.0], np.float32)).dtype == np.float32
    assert floating(ag.tensor([True])).dtype == np.float64


def test_a_layers_dtype_is_taken_unless_there_is_a_gradient():
    single = np.dtype(np.float32)
    a = np.ones(3, np.float32)
    assert fed(a, single) is a
    assert fed(np.ones(3), single).dtype == single
    assert fed(ag.tensor([1.0]), single).value.dtype == single
    assert fed(ag.tensor([1.0], requires_grad=True), single).value.dtype == np.float64


def test_a_constant_takes_the_dtype_of_what_it_meets():
    assert adapted([1, 2], np.float32).dtype == np.float32
    assert adapted(ag.tensor([1.0]), np.float32).dtype == np.float32


@pytest.mark.parametrize("data", ["text", [None], {1, 2}, [1j]])
def test_what_is_no_number_is_refused(data):
    with pytest.raises(TypeError, match="expected numbers, an array of numbers or a tensor"):
        node_of(data)
