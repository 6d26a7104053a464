"""`custom_vjp`: gradients that the user gives, to second order."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.transforms.trees import flatten

rng = np.random.default_rng(0)

sine = ag.custom_vjp(np.sin, lambda g, y, x: g * np.cos(x))
exponential = ag.custom_vjp(np.exp, lambda g, y, x: g * y)


@ag.custom_vjp
def cube(x):
    return x**3


cube.defvjp(lambda x: (x**3, x * x), lambda square, g: (3 * square * g,))


@pytest.mark.parametrize(("f", "expected"), [(sine, np.cos), (exponential, np.exp), (cube, lambda x: 3 * x * x)])
def test_first_order(f, expected):
    x = rng.standard_normal((2, 3))
    np.testing.assert_allclose(ag.grad(lambda x: f(x).sum())(x), expected(x))
    assert ag.grad(lambda x: f(x).sum())(x.astype(np.float32)).dtype == np.float32
    t = ag.tensor(x, requires_grad=True)
    f(t).sum().backward()
    np.testing.assert_allclose(t.grad, expected(x))
    assert type(f(x)) is np.ndarray and not f(ag.tensor(x)).requires_grad
    np.testing.assert_allclose(ag.jvp(f, (x,), (x,))[1], expected(x) * x)


@pytest.mark.parametrize(
    ("f", "second", "third"),
    [
        (sine, lambda x: -np.sin(x), lambda x: -np.cos(x)),
        (exponential, np.exp, np.exp),
        (cube, lambda x: 6 * x, lambda x: 6.0),
    ],
)
def test_higher_orders(f, second, third):
    np.testing.assert_allclose(ag.grad(ag.grad(f))(0.7), second(0.7))
    np.testing.assert_allclose(ag.grad(ag.grad(ag.grad(f)))(0.7), third(0.7))


def test_the_given_gradient_is_the_one_that_is_used():
    straight_through = ag.custom_vjp(np.round, lambda g, y, x: g)
    np.testing.assert_array_equal(ag.grad(lambda x: straight_through(x).sum())(np.array([0.2, 1.7])), 1)


def test_the_function_sees_arrays_and_may_do_what_it_likes():
    @ag.custom_vjp
    def f(x, n, *, power=2):
        assert type(x) is np.ndarray
        out = np.empty_like(x)
        np.multiply(x**power, n, out=out)
        return out

    f.rule = lambda g, y, x, n, power=2: (g * n * power * x ** (power - 1), None)
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(ag.grad(lambda x: f(x, 5, power=3).sum())(x), 15 * x**2)


def test_several_arguments_results_and_trees():
    @ag.custom_vjp
    def f(p, x):
        return p["a"] * x, {"s": p["b"] + x.sum()}

    def fwd(p, x):
        return f(p, x), (p["a"], x)

    def bwd(residuals, g):
        a, x = residuals
        product, rest = g
        return {"a": (product * x).sum(), "b": rest["s"]}, product * a + rest["s"]

    f.defvjp(fwd, bwd)

    def loss(f):
        def whole(p, x):
            product, rest = f(p, x)
            return (product**2).sum() * rest["s"]

        return whole

    p, x = {"a": 2.0, "b": 3.0}, rng.standard_normal(3)
    for order in (ag.grad, ag.hessian):
        got, expected = (order(loss(g), argnums=(0, 1))(p, x) for g in (f, f.f))
        for a, b in zip(leaves(got), leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def leaves(tree):
    return flatten(tree)[0]


def test_a_gradient_that_leaves_the_graph_is_refused_at_the_second_order_only():
    f = ag.custom_vjp(np.sin, lambda g, y, x: np.asarray(g) * np.cos(np.asarray(x)))
    assert ag.grad(f)(0.0) == 1
    with pytest.raises(RuntimeError, match="requires a gradient") as caught:
        ag.grad(ag.grad(f))(0.0)
    assert any("differentiated twice" in note for note in caught.value.__notes__)
    f = ag.custom_vjp(np.sin, lambda g, y, x: float(g) * np.cos(float(x)))
    with pytest.raises(RuntimeError, match="cannot be differentiated twice"):
        ag.grad(ag.grad(f))(0.0)


def test_the_function_cannot_change_a_tensor_behind_its_back():
    def f(x):
        x += 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        ag.custom_vjp(f, lambda g, y, x: g)(ag.tensor([1.0], requires_grad=True))


def test_messages():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match="no gradient yet"):
        ag.custom_vjp(np.sin)(x)
    with pytest.raises(ValueError, match=r"shape \(3,\) for an argument of shape \(2,\)"):
        ag.custom_vjp(np.sin, lambda g, y, x: np.ones(3))(x).sum().backward()
    with pytest.raises(ValueError, match="one gradient per argument"):
        ag.custom_vjp(np.sin, lambda g, y, x: (g, g))(x).sum().backward()
    with pytest.raises(TypeError, match="positional"):
        ag.custom_vjp(lambda a, b: a * b, lambda g, y, a, b: g)(1.0, b=x)
    wrong = ag.custom_vjp(np.sin)
    wrong.defvjp(np.sin, lambda r, g: (g,))
    with pytest.raises(TypeError, match="pair"):
        wrong(x)
