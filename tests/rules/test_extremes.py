"""Extreme numbers by name; every function meets them in tests/limits."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import same

INF = np.inf
HALF, SINGLE = np.float16, np.float32


def gradients(function, *values, dtype=float):
    """The gradients of the sum of what `function` gives."""
    tensors = [ag.tensor(np.array(v, dtype), requires_grad=True) for v in values]
    with np.errstate(all="ignore"):
        np.sum(function(*tensors)).backward()
    return [t.grad.astype(float).tolist() for t in tensors]


@pytest.mark.parametrize(
    ("function", "values", "dtype", "expected"),
    [
        (np.arcsinh, ([1e25],), SINGLE, [[1e-25]]),
        (np.arccosh, ([1e25],), SINGLE, [[1e-25]]),
        (np.arctanh, ([0.9995],), HALF, [[1024.25]]),
        (np.arcsin, ([1 - 2**-30],), float, [[(2**-29 * (1 - 2**-31)) ** -0.5]]),
        (np.cbrt, ([-INF, 1e-300],), float, [[0, 1e200 / 3]]),
        (np.expm1, ([-50.0],), float, [[np.exp(-50)]]),
        (np.sinc, ([1e15 + 1],), float, [[-1 / (1e15 + 1)]]),
        (np.arctan2, ([3e-300], [4e-300]), float, [[1.6e299], [-1.2e299]]),
        (np.arctan2, ([3e150, INF], [4e160, 1.0]), float, [[2.5e-161, 0], [-1.875e-171, 0]]),
        (lambda x, y: np.angle(x + 1j * y), ([3e200], [4e200]), float, [[-1.6e-201], [1.2e-201]]),
        (np.hypot, ([1.5e308, INF], [1.5e308, 1.0]), float, [[0.5**0.5, 1], [0.5**0.5, 0]]),
        (np.logaddexp, ([1e6, INF, -INF], [1e6, 1.0, 2.0]), SINGLE, [[0.5, 1, 0], [0.5, 0, 1]]),
        (np.logaddexp2, ([1e30, -INF], [1e30, -INF]), SINGLE, [[0.5, 0], [0.5, 0]]),
        (ag.logsumexp, ([1e6, 1e6 + 1, -INF],), SINGLE, [[1 / (1 + np.e), np.e / (1 + np.e), 0]]),
        (ag.logsumexp, ([INF, 1e30],), SINGLE, [[1, 0]]),
        (np.remainder, ([1.0], [-INF]), float, [[1], [1]]),
        (np.power, ([0.0, INF], [-1.0, -1.0]), float, [[-INF, 0], [-INF, 0]]),
        (
            lambda x, low, high: np.clip(x, low, high),
            ([0.0, 5.0], [2.0, 2.0], [1.0, 1.0]),
            float,
            [[0, 0]] * 2 + [[1, 1]],
        ),
        (np.linalg.norm, ([3e200, 4e200],), float, [[0.6, 0.8]]),
        (np.linalg.norm, ([3e-200, 4e-200],), float, [[0.6, 0.8]]),
        (lambda x: np.linalg.norm(x, 3), ([1e150, 1e150],), float, [[0.25 ** (1 / 3)] * 2]),
        (np.linalg.norm, ([300.0, 400.0],), HALF, [[0.6, 0.8]]),
        (np.std, ([3e200, -3e200],), float, [[0.5, -0.5]]),
        (np.nanstd, ([3e200, -3e200, np.nan],), float, [[0.5, -0.5, 0]]),
        (np.std, ([0.1, 0.1, 0.1],), float, [[0, 0, 0]]),
        (np.var, ([1e5, 1e5 + 0.0625],), SINGLE, [[-0.03125, 0.03125]]),
        (lambda fp: np.interp([INF, -INF], [0.0, 1.0], fp), ([2.0, 3.0],), float, [[1, 1]]),
        (lambda x: ag.nn.functional.gelu(x, "tanh"), ([300.0, -300.0],), HALF, [[1, 0]]),
        (lambda x: ag.nn.functional.softplus(x, 2.0), ([1e308],), float, [[1]]),
    ],
)
def test_gradient(function, values, dtype, expected):
    for found, right in zip(gradients(function, *values, dtype=dtype), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=8 * np.finfo(dtype).eps, atol=0)


MANY = 70_000  # more than half precision can count


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (np.mean, 1 / MANY),
        (lambda x: np.mean(x, where=x > 0), 1 / MANY),
        (lambda x: ag.nn.functional.mse_loss(x, np.zeros(MANY)), 2 / MANY),
        (lambda x: ag.nn.functional.l1_loss(x, np.zeros(MANY)), 1 / MANY),
        (lambda x: 1000 * ag.nn.functional.nll_loss(x[:, None], np.zeros(MANY, int)), -1000 / MANY),
        (
            lambda x: 1000 * ag.nn.functional.cross_entropy(x[:, None] * np.float16([1, 0]), np.ones(MANY, int)),
            0.0104438,
        ),
    ],
)
def test_more_numbers_than_half_precision_can_count(function, expected):
    x = ag.tensor(np.ones(MANY, HALF), requires_grad=True)
    y = function(x)
    y.backward()
    assert y.dtype == x.grad.dtype == HALF
    np.testing.assert_allclose(x.grad.astype(float), expected, rtol=4e-3)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.ones((5000, 2), HALF) + x,
        lambda x: x[np.zeros(5000, int)] + x[np.ones(5000, int)],
        lambda x: np.cumsum(np.broadcast_to(x, (5000, 2)), axis=0)[-1],
        lambda x: ag.nn.functional.embedding(np.arange(10_000) % 2, x[:, None]),
        lambda x: np.tile(x, 5000),
    ],
)
def test_sums_of_gradients_in_half_precision_do_not_stop_at_2048(function):
    x = ag.tensor(np.ones(2, HALF), requires_grad=True)
    y = function(x)
    y.backward(np.ones(y.shape, HALF))
    np.testing.assert_array_equal(x.grad, 5000)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.linalg.norm(x) ** 2,
        lambda x: np.linalg.norm(x, 3) ** 2,
        lambda x: np.hypot(x[0], x[1]) ** 2,
        lambda x: np.std(x) ** 2,
        lambda x: np.absolute(x[0] + 1j * x[1]) ** 2,
    ],
)
def test_the_square_of_what_has_no_derivative_has_no_second_one(function):
    with np.errstate(all="ignore"):
        assert np.isnan(ag.hessian(function)(np.zeros(2))).all()


def test_the_deviation_of_one_number_is_zero_to_any_order():
    for function in (np.std, lambda x: np.std(x, where=[True]), lambda x: np.nanstd(x)):
        np.testing.assert_array_equal(ag.hessian(function)(np.ones(1)), 0)


@pytest.mark.parametrize("function", [ag.logsumexp, np.linalg.norm, np.std, lambda x: np.logaddexp(x, x[::-1]).sum()])
@pytest.mark.parametrize("values", [[1.0, 2.5, -3.0], [1e200, -2e200, 3e200], [INF, 1.0, -INF], [0.0, 0.0, 0.0]])
def test_a_compiled_gradient_has_the_same_bits(function, values):
    step = ag.compile(ag.grad(function))
    with np.errstate(all="ignore"):
        step(np.ones(3))
        same(step(np.array(values)), ag.grad(function)(np.array(values)))
