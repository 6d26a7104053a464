"""Ties, NaN, infinities and settings of elementwise functions, reductions, scans and order statistics."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.rules.reductions import logsumexp

NAN, INF = np.nan, np.inf


def gradients(function, *values):
    """The gradients of the sum of what `function` gives."""
    tensors = [ag.tensor(v, requires_grad=True) for v in values]
    with np.errstate(all="ignore"):
        np.sum(function(*tensors)).backward()
    return [t.grad.tolist() for t in tensors]


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        (np.fmax, ([NAN, 1.0, 2.0], [2.0, NAN, 2.0]), [[0, 1, 1], [1, 0, 0]]),
        (np.fmin, ([NAN, 1.0, 2.0], [2.0, NAN, 2.0]), [[0, 1, 1], [1, 0, 0]]),
        (np.hypot, ([0.0], [0.0]), [[0], [0]]),
        (np.arctan2, ([0.0], [0.0]), [[0], [0]]),
        (lambda h: np.heaviside([0.0, 1.0], h), ([0.5, 0.5],), [[1, 0]]),
        (np.logaddexp, ([-INF, 0.0], [-INF, -INF]), [[0, 1], [0, 0]]),
        (np.nan_to_num, ([NAN, INF, 1.0, -INF],), [[0, 0, 1, 0]]),
        (logsumexp, ([-INF, 1.0],), [[0, 1]]),
        (logsumexp, ([-INF, -INF],), [[0, 0]]),
        (np.nansum, ([1.0, NAN],), [[1, 0]]),
        (np.nanmean, ([1.0, NAN, 2.0],), [[0.5, 0, 0.5]]),
        (np.nanmax, ([2.0, NAN, 2.0],), [[0.5, 0, 0.5]]),
        (np.nanstd, ([NAN, 2.0, 2.0],), [[0, 0, 0]]),
        (np.nanmedian, ([4.0, NAN, 1.0, 3.0],), [[0, 0, 0, 1]]),
        (np.median, ([4.0, 2.0, 1.0, 3.0],), [[0, 0.5, 0, 0.5]]),
        (np.median, ([1.0, INF, INF],), [[0, 1, 0]]),
        (np.sort, ([1.0, 1.0, 0.0],), [[1, 1, 1]]),
        (np.maximum.accumulate, ([1.0, 3.0, 3.0, 2.0],), [[1, 1, 2, 0]]),
        (np.maximum.accumulate, ([1.0, NAN, 3.0, 2.0],), [[1, 3, 0, 0]]),
        (np.minimum.accumulate, ([1.0, 2.0, NAN, 0.0],), [[2, 0, 2, 0]]),
        (np.unique, ([2.0, 1.0, 2.0],), [[1, 1, 0]]),
        (np.ptp, ([1.0, 3.0, 3.0],), [[-1, 0.5, 0.5]]),
    ],
)
def test_gradient_at_ties_and_edges(function, values, expected):
    assert gradients(function, *values) == expected


def test_the_variance_of_too_few_numbers_has_no_gradient():
    with pytest.warns(RuntimeWarning, match="freedom"):
        found = gradients(lambda x: np.var(x, ddof=1), [1.0])
    assert math.isnan(found[0][0])


def test_values_that_are_not_finite():
    with np.errstate(all="ignore"):
        x = ag.tensor([[1.0, NAN, 3.0], [NAN, NAN, NAN]])
        np.testing.assert_array_equal(np.median(x, axis=1).numpy(), [NAN, NAN])
        for function, expected in ((np.nanmedian, [2, NAN]), (np.nanmax, [3, NAN])):
            with pytest.warns(RuntimeWarning, match="All-NaN"):  # as NumPy does
                np.testing.assert_array_equal(function(x, axis=1).numpy(), expected)


def test_sinc_is_exact_at_zero_to_second_order():
    x = ag.tensor(0.0, requires_grad=True)
    (first,) = ag.autograd.grad(np.sinc(x), x, create_graph=True)
    (second,) = ag.autograd.grad(first, x)
    assert float(first) == 0
    np.testing.assert_allclose(second, -(np.pi**2) / 3, rtol=1e-15)


@pytest.mark.parametrize("values", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
def test_second_derivatives_of_a_product_are_exact_with_zeros(values):
    x = ag.tensor(values, requires_grad=True)
    (first,) = ag.autograd.grad(np.prod(x), x, create_graph=True)
    (second,) = ag.autograd.grad(first, x, np.array([1.0, 0.0, 0.0]))
    assert second.tolist() == [0.0, values[2], values[1]]


def test_float_power_is_computed_in_double_precision():
    x = ag.tensor([2.0, 3.0], dtype=np.float32, requires_grad=True)
    y = np.float_power(x, 2)
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [4.0, 6.0]


def test_a_sum_in_another_precision():
    x = ag.tensor([1.0, 2.0], dtype=np.float32, requires_grad=True)
    y = np.sum(x, dtype=np.float64)
    assert y.dtype == np.float64
    y.backward()
    assert x.grad.dtype == np.float32


def test_a_mask_may_be_a_tensor():
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    np.mean(x, where=x > 1).backward()
    assert x.grad.tolist() == [0, 0.5, 0.5]


def test_the_remainder_operator():
    x = ag.tensor([5.5, -1.0], requires_grad=True)
    assert (x % 2).tolist() == [1.5, 1.0] and (7 % ag.tensor(4.0)).item() == 3
    quotient, rest = np.divmod(x, 2)
    assert quotient.tolist() == [2, -1] and not quotient.requires_grad and rest.requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.sum(x, out=np.zeros(())), "out="),
        (lambda x: np.sum(x, dtype=int), "dtype="),
        (lambda x: np.cumsum(x, dtype=int), "dtype="),
        (lambda x: np.quantile(x, x), "the setting q="),
        (lambda x: np.quantile(x, 0.5, weights=[1, 1]), "weights="),
        (lambda x: np.nanquantile(x, 0.5, method="lower"), "method='lower'"),
        (lambda x: np.cov(x, aweights=[1, 1]), "aweights="),
        (lambda x: np.unique(x, return_counts=True), "return_"),
        (lambda x: np.histogram(x), "counts"),
        (lambda x: np.nextafter(x, x), "nextafter"),
    ],
)
def test_what_is_not_supported_is_refused(call, message):
    with pytest.raises(NotImplementedError, match=message):
        call(ag.tensor([0.25, 0.75], requires_grad=True))


def test_a_maximum_over_a_mask_needs_an_initial_value():
    with pytest.raises(ValueError, match="identity"):
        np.max(ag.tensor([1.0, 2.0]), where=[True, False])
