"""Activations as modules."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load

CASES = load("activations")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_pytorchs_values_and_gradients(case):
    x = ag.tensor(case["input"], requires_grad=True)
    activation = getattr(nn, case["activation"])(**case["settings"])
    y = activation(x) if not case["parameters"] else activation.double()(x)
    np.testing.assert_allclose(y.data, case["output"], rtol=1e-10, atol=1e-16)
    y.backward(case["seed"])
    np.testing.assert_allclose(x.grad, case["gradients"]["input"], rtol=1e-10, atol=1e-16)
    for name, parameter in activation.named_parameters():
        np.testing.assert_allclose(parameter.grad, case["gradients"][name], rtol=1e-10)


@pytest.mark.parametrize("case", [c for c in CASES if c["second"] is not None], ids=lambda case: case["name"])
def test_pytorchs_second_derivatives(case):
    x = ag.tensor(case["input"], requires_grad=True)
    y = getattr(nn, case["activation"])(**case["settings"])(x)
    (first,) = ag.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), x, allow_unused=True) if first.requires_grad else (None,)
    second = np.zeros_like(case["input"]) if second is None else second
    smooth = case["smooth"]
    tolerance = 3e-9 if case["name"] == "Softplus()" else 1e-14  # at its threshold PyTorch has 0, not e⁻²⁰
    np.testing.assert_allclose(second[smooth], case["second"][smooth], rtol=1e-9, atol=tolerance)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_arrays_lists_and_float32(case):
    activation = getattr(nn, case["activation"])(**case["settings"])
    from_list = activation(case["input"].tolist())
    assert type(from_list) is ag.Tensor
    np.testing.assert_array_equal(from_list.data, activation(case["input"]).data)
    x = ag.tensor(case["input"].astype(np.float32), requires_grad=True)
    y = activation(x)
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == np.float32
    assert np.isfinite(y.data).all()
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_integers_are_numbers_too(case):
    activation = getattr(nn, case["activation"])(**case["settings"])
    x = np.array([[-2, 0, 3], [1, 1, 1]])
    np.testing.assert_allclose(activation(x).data, activation(x.astype(float)).data)


def test_a_single_number():
    assert nn.SiLU()(0.0).shape == ()
    assert nn.ReLU()(-1.0).item() == 0


@pytest.mark.parametrize(
    ("activation", "text"),
    [
        (nn.ReLU(), "ReLU()"),
        (nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
        (nn.ELU(), "ELU(alpha=1.0)"),
        (nn.GELU("tanh"), "GELU(approximate='tanh')"),
        (nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)"),
        (nn.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"),
        (nn.Softmax(1), "Softmax(dim=1)"),
        (nn.LogSoftmax(), "LogSoftmax(dim=-1)"),
        (nn.Identity(), "Identity()"),
        (nn.ReLU(inplace=True), "ReLU()"),
        (nn.PReLU(3), "PReLU(num_parameters=3)  # 3 parameters"),
        (nn.GLU(0), "GLU(dim=0)"),
    ],
)
def test_repr_shows_the_settings(activation, text):
    assert repr(activation) == text


def test_identity_gives_the_tensor_itself():
    x = ag.tensor([1.0])
    assert nn.Identity()(x) is x
    assert type(nn.Identity()(np.ones(2))) is ag.Tensor


def test_prelu_has_a_weight_for_each_channel():
    layer = nn.PReLU(3, dtype=np.float64)
    layer.weight.data = [0.1, 0.2, 0.3]
    x = ag.tensor(-np.ones((2, 3, 4)), requires_grad=True)
    layer(x).sum().backward()
    np.testing.assert_allclose(x.grad[0, :, 0], [0.1, 0.2, 0.3])
    np.testing.assert_allclose(layer.weight.grad, [-8, -8, -8])
    with pytest.raises(ValueError, match="one weight, or one for each channel"):
        layer(np.ones((2, 4)))


def test_glu_needs_halves():
    with pytest.raises(ValueError, match="has no halves"):
        nn.GLU()(np.ones((2, 3)))


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "ELU", "SELU", "SiLU", "Hardtanh", "ReLU6", "Hardswish", "Mish"])
def test_inplace_is_accepted_and_changes_nothing(name):
    x = ag.tensor([-1.0, 0.5])
    np.testing.assert_array_equal(getattr(nn, name)(inplace=True)(x), getattr(nn, name)()(x))
    assert x.tolist() == [-1, 0.5]
