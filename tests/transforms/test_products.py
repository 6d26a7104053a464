"""`vjp`, `jvp`, `linearize`, `hvp`, `gnvp`: against matrices that can be written down."""

import numpy as np
import pytest

import autograd_lite as ag

rng = np.random.default_rng(0)
A, B = rng.standard_normal((4, 3)), rng.standard_normal((4, 4))


class Counted:
    """A function that counts its calls."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, *args):
        self.calls += 1
        return self.f(*args)


def layer(x):
    return np.tanh(A @ x)


def matrix(x):
    return (1 - np.tanh(A @ x) ** 2)[:, None] * A


def test_vjp_and_jvp_are_the_products_with_the_jacobian():
    x, u, v = rng.standard_normal(3), rng.standard_normal(4), rng.standard_normal(3)
    value, pullback = ag.vjp(layer, x)
    np.testing.assert_allclose(value, layer(x))
    (g,) = pullback(u)
    np.testing.assert_allclose(g, u @ matrix(x))
    value, change = ag.jvp(layer, (x,), (v,))
    np.testing.assert_allclose(value, layer(x))
    np.testing.assert_allclose(change, matrix(x) @ v)
    assert type(change) is np.ndarray and type(value) is np.ndarray


def test_one_forward_pass_serves_many_products():
    f = Counted(layer)
    x = rng.standard_normal(3)
    _, derivative = ag.linearize(f, x)
    for v in np.eye(3):
        np.testing.assert_allclose(derivative(v), matrix(x) @ v)
    _, pullback = ag.vjp(f, x)
    for u in np.eye(4):
        np.testing.assert_allclose(pullback(u)[0], u @ matrix(x))
    assert f.calls == 2


def test_several_arguments_and_results():
    def f(x, y):
        return {"product": x * y, "sum": (x.sum(), 1.0)}

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    value, pullback = ag.vjp(f, x, y)
    assert value["sum"] == (3.0, 1.0)
    gx, gy = pullback({"product": np.array([1.0, 10.0]), "sum": (100.0, 1.0)})
    np.testing.assert_allclose(gx, [103, 140])
    np.testing.assert_allclose(gy, [1, 20])
    gx, _ = pullback({"product": None, "sum": (1.0, None)})
    np.testing.assert_allclose(gx, 1)
    _, change = ag.jvp(f, (x, y), (np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    np.testing.assert_allclose(change["product"], [3, 2])
    assert change["sum"] == (1.0, 0.0)


def test_jvp_of_numbers_and_of_constants():
    assert ag.jvp(np.exp, (0.0,), (2.0,)) == (1.0, 2.0)
    assert ag.jvp(lambda x: 3.0, (1.0,), (1.0,)) == (3.0, 0.0)
    assert ag.jvp(lambda x, y: y, (1.0, 2.0), (1.0, 0.0)) == (2.0, 0.0)


def test_float32_stays_float32():
    x = rng.standard_normal(3).astype(np.float32)
    a = A.astype(np.float32)
    f = lambda x: np.tanh(a @ x)
    assert ag.jvp(f, (x,), (x,))[1].dtype == np.float32
    assert ag.vjp(f, x)[1](np.ones(4))[0].dtype == np.float32
    assert ag.hvp(lambda x: f(x).sum())(x, x).dtype == np.float32
    assert ag.gnvp(f, lambda z: (z**2).sum())(x, x).dtype == np.float32


def test_hvp_is_the_product_with_the_hessian():
    H = B + B.T
    x, v = rng.standard_normal(4), rng.standard_normal(4)
    f = Counted(lambda x: 0.5 * x @ H @ x + (x**4).sum())
    np.testing.assert_allclose(ag.hvp(f)(x, v), H @ v + 12 * x**2 * v)
    assert f.calls == 1
    tree = ag.hvp(lambda p, k: k * p["a"] ** 2 * p["b"])({"a": 2.0, "b": 3.0}, 5.0, {"a": 1.0, "b": 0.0})
    assert tree == {"a": 30.0, "b": 20.0}
    first, second = ag.hvp(lambda x, y: x * y, argnums=(0, 1))(1.0, 2.0, (3.0, 4.0))
    assert (first, second) == (4.0, 3.0)


def test_gnvp_is_the_gauss_newton_product():
    x, v, t = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(4)
    f = Counted(layer)
    loss = lambda z: (np.exp(z) - t * z).sum()
    J, H = matrix(x), np.diag(np.exp(layer(x)))
    np.testing.assert_allclose(ag.gnvp(f, loss)(x, v), J.T @ H @ J @ v)
    assert f.calls == 1
    linear = lambda x: A @ x  # the second derivative of the model is zero: equal to the Hessian
    np.testing.assert_allclose(ag.gnvp(linear, loss)(x, v), ag.hvp(lambda x: loss(linear(x)))(x, v))


def test_gnvp_for_several_arguments_is_that_of_their_joint_vector():
    x, v, w, c = (rng.standard_normal(3) for _ in range(4))
    f = lambda x, w, c: A @ (x * w) + c.sum()
    loss = lambda z: (z**3).sum()
    joint = lambda both: f(both[:3], both[3:], c)
    expected = ag.gnvp(joint, loss)(np.concatenate([x, w]), np.concatenate([v, 2 * v]))
    for_x, for_w = ag.gnvp(f, loss, argnums=(0, 1))(x, w, c, (v, 2 * v))
    np.testing.assert_allclose(np.concatenate([for_x, for_w]), expected)
    swapped = ag.gnvp(f, loss, argnums=(1, 0))(x, w, c, (2 * v, v))
    np.testing.assert_allclose(np.concatenate(swapped[::-1]), expected)
    last = ag.gnvp(f, loss, argnums=2)(x, w, c, v)
    np.testing.assert_allclose(last, ag.gnvp(lambda c: f(x, w, c), loss)(c, v))


def test_products_are_differentiable():
    x, u, v = rng.standard_normal(3), rng.standard_normal(4), rng.standard_normal(3)
    H = ag.hessian(lambda x: u @ layer(x))(x)
    np.testing.assert_allclose(ag.grad(lambda x: u @ ag.jvp(layer, (x,), (v,))[1])(x), H @ v)
    np.testing.assert_allclose(ag.grad(lambda v: u @ ag.jvp(layer, (x,), (v,))[1])(v), u @ matrix(x))
    np.testing.assert_allclose(ag.grad(lambda x: ag.vjp(layer, x)[1](u)[0] @ v)(x), H @ v)
    _, pullback = ag.vjp(layer, x)
    np.testing.assert_allclose(ag.grad(lambda u: pullback(u)[0] @ v)(u), matrix(x) @ v)
    third = ag.grad(lambda x: ag.hvp(lambda x: (x**4).sum())(x, v) @ v)(x)
    np.testing.assert_allclose(third, 24 * x * v * v)
    loss = lambda z: (z**2).sum()
    got = ag.grad(lambda x: ag.gnvp(layer, loss)(x, v) @ v)(x)
    expected = ag.grad(lambda x: 2 * (ag.jvp(layer, (x,), (v,))[1] ** 2).sum())(x)
    np.testing.assert_allclose(got, expected)


def test_a_product_with_parameters_trains_them():
    w = ag.tensor(A, requires_grad=True)
    x, v = rng.standard_normal(3), rng.standard_normal(3)
    value, change = ag.jvp(lambda x: w @ x, (x,), (v,))
    (value.sum() + change.sum()).backward()
    np.testing.assert_allclose(w.grad, np.tile(x + v, (4, 1)))


def test_messages():
    _, pullback = ag.vjp(layer, np.ones(3))
    with pytest.raises(ValueError, match=r"cotangent has shape \(3,\) where .* \(4,\)"):
        pullback(np.ones(3))
    with pytest.raises(ValueError, match=r"tangent has shape \(\)"):
        ag.jvp(layer, (np.ones(3),), (1.0,))
    with pytest.raises(TypeError, match=r"jvp\(f, \(x,\), \(v,\)\)"):
        ag.jvp(layer, np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="structure"):
        ag.vjp(lambda x: (x, x), 1.0)[1](1.0)
