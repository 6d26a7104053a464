"""`autograd.grad`: any order, any input, nobody's `.grad`."""

import numpy as np
import pytest

import autograd_lite as ag


def test_third_derivative_of_tanh_cubed_equals_the_closed_form():
    x = ag.tensor(np.linspace(-2, 2, 9), requires_grad=True)
    y = (np.tanh(x) ** 3).sum()
    (first,) = ag.autograd.grad(y, x, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = ag.autograd.grad(second.sum(), x)
    t = np.tanh(x.data)
    s = 1 - t * t
    np.testing.assert_allclose(first.detach().numpy(), 3 * t**2 * s)
    np.testing.assert_allclose(second.detach().numpy(), s * (6 * t - 12 * t**3), atol=1e-14)
    np.testing.assert_allclose(third, s * (s * (6 - 36 * t**2) - 2 * t * (6 * t - 12 * t**3)), atol=1e-13)


def test_gradients_of_interior_nodes_and_none_for_unused():
    x, unused = (ag.tensor(v, requires_grad=True) for v in (2.0, 1.0))
    h = x * 3
    y = h * h
    assert ag.autograd.grad(y, [h, x]) == (12.0, 36.0)
    assert x.grad is None
    with pytest.raises(RuntimeError, match="allow_unused"):
        ag.autograd.grad(y, unused)
    assert ag.autograd.grad(y, unused, allow_unused=True) == (None,)
    with pytest.raises(RuntimeError, match="not computed from anything"):
        ag.autograd.grad(ag.tensor(1.0), x)


def test_several_outputs_are_weighted():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    (g,) = ag.autograd.grad([x * x, x.sum()], x, [[1.0, 10.0], None])
    np.testing.assert_allclose(g, [3.0, 41.0])


def test_a_gradient_penalty_trains_through_backward():
    x = ag.tensor([0.5, -1.0], requires_grad=True)
    (g,) = ag.autograd.grad((x**3).sum(), x, create_graph=True)
    (g * g).sum().backward()
    np.testing.assert_allclose(x.grad, 36 * x.data**3)


def test_weights_can_carry_history():
    x, v = (ag.tensor(a, requires_grad=True) for a in ([1.0, 2.0], [3.0, 4.0]))
    (g,) = ag.autograd.grad(x * x, x, v, create_graph=True)
    g.sum().backward()
    np.testing.assert_allclose(v.grad, 2 * x.data)


def test_hessian_vector_products_of_a_small_net_equal_differences():
    rng = np.random.default_rng(0)
    x, w, v = rng.standard_normal((5, 3)), rng.standard_normal((3, 2)), rng.standard_normal((3, 2))

    def gradient(values):
        t = ag.tensor(values, requires_grad=True)
        return t, ag.autograd.grad((np.tanh(x @ t) ** 2).sum(), t, create_graph=True)[0]

    t, g = gradient(w)
    (product,) = ag.autograd.grad(g, t, v)
    step = 1e-6
    difference = (gradient(w + step * v)[1] - gradient(w - step * v)[1]).detach().numpy() / (2 * step)
    np.testing.assert_allclose(product, difference, rtol=1e-6, atol=1e-8)


def test_an_output_given_twice_counts_twice():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    (both,) = ag.autograd.grad([y, y, x], [x], [np.ones(2), np.array([10.0, 20.0]), np.array([100.0, 200.0])])
    np.testing.assert_array_equal(both, [22 + 100, 84 + 200])
