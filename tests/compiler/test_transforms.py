"""Transforms inside a compiled function: gradients of gradients, products, Jacobians, gradients of one's own."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import check, compiled

A = np.array([[2.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 1.0]])
X, V = ag.tensor([0.3, -0.2, 0.9]), ag.tensor([1.0, 0.5, -1.0])

softplus = ag.custom_vjp(lambda x: np.logaddexp(0, x), lambda g, y, x: g / (1 + np.exp(-x)))
block = ag.checkpoint(lambda x: np.tanh(2 * np.tanh(x)))


several = ag.custom_vjp(
    lambda x: {"n": np.argmax(x), "s": x.astype(np.float32), "d": x * 1.0, "z": x * 1j},
    lambda g, y, x: g["s"] + g["d"] + np.real(g["z"] * 1j),
)
scaled = ag.custom_vjp(
    lambda x, w: x * w,
    lambda g, y, x, w, wanted: tuple(g * a if asked else None for a, asked in zip((w, x), wanted, strict=True)),
)
WEIGHT = ag.tensor([2.0, 3.0, 4.0], requires_grad=True)


def spectrum(x):
    return np.fft.fft(x * x)


@ag.custom_vjp
def clipped(x):
    return x * 1.0


clipped.defvjp(lambda x: (x * 1.0, x), lambda x, g: (np.clip(g, -1, 1) * np.sign(x),))


def energy(x):
    return np.sum(np.tanh(A @ x) ** 2)


def assigned(x):
    y = x * 2
    y[0] = x[1] ** 2
    y[1:] += x[:2]
    return (y * y).sum()


CASES = {
    "grad": (lambda x: ag.grad(energy)(x), (X,), (V,)),
    "value_and_grad": (lambda x: ag.value_and_grad(energy)(x), (X,), (V,)),
    "grad of a number": (lambda x: ag.grad(lambda a: a**3)(x), (ag.tensor(2.0),), (ag.tensor(3.0),)),
    "grad of a Python number": (ag.grad(lambda a: a**3), (2.0,), (3.0,)),
    "vjp": (lambda x, v: ag.vjp(np.sin, x)[1](v), (X, V), (V, X)),
    "jvp": (lambda x, v: ag.jvp(energy, (x,), (v,)), (X, V), (V, X)),
    "linearize": (lambda x, v: ag.linearize(np.sin, x)[1](v), (X, V), (V, X)),
    "hvp": (lambda x, v: ag.hvp(energy)(x, v), (X, V), (V, X)),
    "jacobian": (lambda x: ag.jacobian(lambda x: np.sin(A @ x))(x), (X,), (V,)),
    "jacobian of a wide function": (lambda x: ag.jacobian(lambda x: np.sin(A[:1] @ x))(x), (X,), (V,)),
    "hessian": (lambda x: ag.hessian(energy)(x), (X,), (V,)),
    "custom_vjp": (lambda x: ag.grad(lambda x: softplus(x).sum())(x), (X,), (V,)),
    "custom_vjp twice": (lambda x: ag.hessian(lambda x: softplus(x).sum())(x), (X,), (V,)),
    "defvjp": (lambda x: ag.grad(lambda x: (5 * clipped(x)).sum())(x), (X,), (V,)),
    "checkpoint": (lambda x: ag.grad(lambda x: (block(x) ** 2).sum())(x), (X,), (V,)),
    "where_safe": (
        lambda x: ag.grad(lambda x: ag.where_safe(x > 0, np.sqrt, x, 0.0).sum())(x),
        (X,),
        (V,),
        (ag.tensor([-1.0, -2.0, -3.0]),),
        (ag.tensor([1.0, 2.0, 3.0]),),
    ),
    "jvp of complex results": (lambda x, v: ag.jvp(spectrum, (x,), (v,)), (X, V), (V, X)),
    "vjp of complex results": (lambda x, v: ag.vjp(spectrum, x)[1](spectrum(v)), (X, V), (V, X)),
    "jacobian of complex results": (lambda x: ag.jacobian(spectrum)(x), (X,), (V,)),
    "jacobian of a complex number": (lambda x: ag.jacobian(lambda x: np.sum(x * x) * (1 + 2j))(x), (X,), (V,)),
    "hessian through complex numbers": (
        lambda x: ag.hessian(lambda x: np.sum(np.abs(spectrum(x)) ** 2))(x),
        (X,),
        (V,),
    ),
    "several dtypes": (lambda x: ag.grad(lambda x: sum(np.abs(y).sum() for y in several(x).values()))(x), (X,), (V,)),
    "gradients that are wanted": (lambda x: ag.grad(lambda x: scaled(x, WEIGHT).sum())(x), (X,), (V,)),
    "assignment": (lambda x: ag.grad(assigned)(x), (X,), (V,)),
    "a loop": (lambda x: ag.grad(lambda x: sum((x[i] * x[i - 1] for i in range(3)), 0.0))(x), (X,), (V,)),
    "trees": (
        lambda tree: ag.grad(lambda t: (t["a"] * t["b"][0]).sum())(tree),
        ({"a": X, "b": [V]},),
        ({"a": V, "b": [X]},),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_transform(name):
    function, *calls = CASES[name]
    check(function, *calls)


def test_dropout_in_a_checkpoint_uses_one_mask():
    """The mask of the forward pass is the one of the gradient, whatever is computed again."""
    net = ag.checkpoint(lambda x: ag.nn.functional.dropout(np.tanh(x), 0.5))
    step = compiled(lambda x: ag.value_and_grad(lambda x: (net(x) ** 2).sum())(x))
    x = ag.tensor(np.linspace(0.1, 1, 20))
    for seed in (1, 2):
        ag.manual_seed(seed)
        expected = ag.value_and_grad(lambda x: (net(x) ** 2).sum())(x)
        ag.manual_seed(seed)
        for got, value in zip(step(x), expected, strict=True):
            np.testing.assert_array_equal(np.asarray(got), np.asarray(value))
