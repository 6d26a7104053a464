"""Every row of the rule table, on samples that cover shapes, axes and domains. A row without a sample fails."""

import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine.accumulation import Together
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules import decompositions, elementwise, linalg, neural
from autograd_lite.rules.registry import ADAPTERS, Primitive
from tests.rules.check import check
from tests.rules.samples import SAMPLES
from tests.rules.samples.numbers import real

ON_THEIR_OWN = (
    *(neural.mean_nll, neural.standardize, elementwise.astype, getattr(np, "astype", None)),  # tested below
    *(np.float_power,),  # test_edges.py
    *(decompositions.mirrored, decompositions.eigenvalues, decompositions.singular_values, decompositions.completion),
    *(decompositions.eigenvectors, decompositions.orthonormal, decompositions.singular_vectors, linalg.pseudo_inverse),
    *(decompositions.eigenvalues_alone, decompositions.singular_values_alone, decompositions.cholesky_factor),
    np.imag,  # test_complex.py
    *(np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal, np.copyto),  # test_assigning.py
    *(np.where,),  # test_selection.py
    *(np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh, np.linalg.lstsq),  # test_decompositions.py
)
DIFFERENTIABLE = [f for f, row in TABLE.items() if row.rules and f not in ON_THEIR_OWN]
COMPOSED = [f for f in ADAPTERS if f not in TABLE and f not in ON_THEIR_OWN]


@pytest.mark.parametrize("function", DIFFERENTIABLE + COMPOSED, ids=lambda f: f.__name__)
def test_row(function):
    for args, settings in SAMPLES[function]:
        check(function, *args, **settings)


def test_mean_nll_gives_the_gradient_of_the_whole_composition():
    labels = np.array([2, 0, 1, 1])
    check(lambda x: neural.mean_nll(x, neural.log_softmax(x), labels), real(4, 3))


@pytest.mark.parametrize("axis", [0, -1, (0, 1)])
def test_standardize_gives_the_gradient_of_the_whole_composition(axis):
    def standardized(x):
        mean, variance = np.mean(x, axis=axis, keepdims=True), np.var(x, axis=axis, keepdims=True)
        return neural.standardize(x, mean, variance, axis=axis, eps=1e-3)

    check(standardized, real(5, 3))


def test_astype_gives_the_gradient_back_in_the_first_dtype():
    x = ag.tensor(real(2, 3), requires_grad=True)
    y = np.astype(x, np.float32) if hasattr(np, "astype") else x.astype(np.float32)
    assert y.dtype == np.float32
    (y * y).sum().backward()
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad, 2 * x.data, rtol=1e-6)
    assert not x.astype(int).requires_grad


@pytest.mark.parametrize("function", [f for f in TABLE if isinstance(f, Primitive)], ids=lambda f: f.__name__)
def test_rules_have_the_defaults_of_their_function(function):
    def defaults(f):
        return {n: p.default for n, p in inspect.signature(f).parameters.items() if p.default is not p.empty}

    rules = TABLE[function].rules
    for rule in [rules.rule] if isinstance(rules, Together) else rules:
        if rule is not None:
            assert defaults(rule) == defaults(function.body)


@pytest.mark.parametrize("function", [f for f, row in TABLE.items() if not row.rules], ids=lambda f: f.__name__)
def test_functions_without_derivative_give_constants(function):
    x = np.array([1.5, -0.5, 0.0])
    integral = function in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift)
    values = np.array([1, 0, 1]) if integral else x
    values = values[:2] if function is np.floor_divide else values
    pair = getattr(function, "nin", 1) == 2 or function in (np.searchsorted, np.isclose)
    args = (values, values) if pair else (values,)
    if function is np.searchsorted:
        args = (np.sort(values), values)
    if function is linalg.sign_of_determinant:
        args = (np.diag(values),)
    if function in SAMPLES:
        args = SAMPLES[function][0][0]
    if function is np.empty_like:
        function = np.zeros_like  # unlike memory that nobody has written
    y = function(*[ag.tensor(a, requires_grad=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a for a in args])
    for got, expected in zip(*([r] if not isinstance(r, tuple) else r for r in (y, function(*args))), strict=True):
        if isinstance(expected, np.ndarray | np.generic):
            assert isinstance(got, ag.Tensor) and not got.requires_grad
        np.testing.assert_array_equal(np.asarray(got), expected)
