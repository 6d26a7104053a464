"""Ordinary NumPy programs: gradients and second derivatives against differences, jvp against vjp."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.programs import PROGRAMS
from tests.rules.check import differences


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    f, args = PROGRAMS[name]
    chosen = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype == np.float64)
    arrays = [np.asarray(args[i]) for i in chosen]

    def plain(*values):
        full = list(args)
        for i, value in zip(chosen, values, strict=True):
            full[i] = value[()]
        return f(*full)

    value, gradients = ag.value_and_grad(f, chosen)(*args)
    np.testing.assert_allclose(value, plain(*arrays), rtol=1e-10)
    for g, e, a in zip(gradients, differences(plain, arrays), arrays, strict=True):
        assert np.shape(g) == a.shape and g.dtype == a.dtype
        np.testing.assert_allclose(g, e, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivatives_of_a_program(name):
    f, args = PROGRAMS[name]
    chosen = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype == np.float64)
    vectors = tuple(np.random.default_rng(i).standard_normal(np.shape(args[i])) for i in chosen)
    products = ag.hvp(f, chosen)(*args, vectors)

    def moved(step):
        full = list(args)
        for i, v in zip(chosen, vectors, strict=True):
            full[i] = args[i] + step * v
        return ag.grad(f, chosen)(*full)

    for product, ahead, behind in zip(products, moved(1e-6), moved(-1e-6), strict=True):
        expected = (ahead - behind) / 2e-6
        np.testing.assert_allclose(product, expected, rtol=1e-5, atol=1e-5 * (1 + np.abs(expected).max()))


@pytest.mark.parametrize("name", PROGRAMS)
def test_jvp_agrees_with_vjp_on_a_program(name):
    f, args = PROGRAMS[name]
    chosen = tuple(i for i, a in enumerate(args) if np.asarray(a).dtype == np.float64)
    vectors = [np.random.default_rng(i).standard_normal(np.shape(args[i])) for i in chosen]

    def of_chosen(*values):
        full = list(args)
        for i, value in zip(chosen, values, strict=True):
            full[i] = value
        return f(*full)

    value, change = ag.jvp(of_chosen, [args[i] for i in chosen], vectors)
    same, pullback = ag.vjp(of_chosen, *[args[i] for i in chosen])
    expected = sum(np.sum(g * v) for g, v in zip(pullback(1.0), vectors, strict=True))
    assert value == same
    np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-12)
