"""Every row of the rule table, on samples that cover shapes, axes and domains. A row without a sample fails."""

import inspect
import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import TABLE
from autograd_lite.rules import elementwise, indexing, neural, reductions, shaping
from autograd_lite.rules.table import Primitive
from tests.rules.check import check

rng = np.random.default_rng(0)


def real(*shape, low=-2.0, high=2.0):
    """Numbers away from ties and from each other's neighbourhood."""
    return rng.uniform(low, high, shape) + 0.0


def unary(low=-2.0, high=2.0):
    return [((real(*shape, low=low, high=high),), {}) for shape in ((), (3,), (2, 3), (0,), (1, 1))]


def binary(low=-2.0, high=2.0):
    shapes = [
        ((), ()),
        ((3,), ()),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((2, 3), (2, 3)),
        ((0,), (1,)),
        ((1, 2), (3, 1, 2)),
    ]
    return [((real(*a, low=low, high=high), real(*b, low=low, high=high)), {}) for a, b in shapes]


def reduced(low=-2.0, high=2.0, **settings):
    x = real(2, 3, 4, low=low, high=high)
    return [
        ((x,), {"axis": axis, "keepdims": keepdims, **settings})
        for axis in (None, 0, -1, (0, 2), (-1, 0))
        for keepdims in (False, True)
    ]


def spread(*shape):
    """Distinct numbers, for functions that compare."""
    return rng.permutation(np.linspace(-2, 2, int(np.prod(shape)))).reshape(shape)


INDICES = [(1,), (-1, slice(None)), (slice(None, None, -2),), (np.array([0, 2, 0]),), (None, Ellipsis, 1)]
INDICES += [(np.array([True, False, True]),), (np.array([[0], [1]]), np.array([1, 3])), (slice(1, 1),), ()]


def normalised(*shape):
    return ((x := real(*shape)), neural.log_softmax(x))


SAMPLES = {
    **{f: binary() for f in (np.add, np.subtract, np.multiply, np.logaddexp)},
    **{f: binary() for f in (np.maximum, np.minimum)},
    np.divide: binary(low=0.5),
    np.power: binary(low=0.5),
    **{f: unary() for f in (np.negative, np.positive, np.exp, np.exp2, np.expm1, np.tanh, np.sinh, np.cosh)},
    **{f: unary() for f in (np.sin, np.cos, np.arctan, np.square, np.absolute, elementwise.copy)},
    **{f: unary(low=0.3) for f in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.reciprocal)},
    **{f: unary(low=-0.8, high=0.8) for f in (np.arcsin, np.arccos, np.tan)},
    elementwise.power_of_constant: [
        ((real(2, 3, low=0.5),), {"exponent": e}) for e in (0, 1, 2, 3, -1, 0.5, -2.5)
    ],
    np.where: [((np.array([[True], [False]]), real(2, 3), real(3)), {}), ((True, real(2), real()), {})],
    elementwise.clip: [((real(4), *bounds), {}) for bounds in ((-0.7, 0.9), (None, np.array([0.1])), (0.0, None))],
    **{f: reduced() + unary()[:1] for f in (np.sum, np.mean, reductions.logsumexp)},
    **{f: reduced() + reduced(ddof=1) for f in (np.var, np.std)},
    **{f: [((spread(2, 3, 4),), s) for _, s in reduced()] for f in (np.max, np.min)},
    shaping.reshape: [((real(2, 3),), {"shape": s}) for s in (6, (3, 2), (1, -1), (2, 1, 3))]
    + [((real(1),), {"shape": ()})],
    np.transpose: [((real(2, 3, 4),), s) for s in ({}, {"axes": (1, 2, 0)}, {"axes": (-1, 0, 1)})],
    np.swapaxes: [((real(2, 3, 4),), {"axis1": 0, "axis2": -1})],
    np.moveaxis: [((real(2, 3, 4),), {"source": 0, "destination": -1})],
    np.matrix_transpose: [((real(2, 3, 4),), {})],
    np.expand_dims: [((real(2, 3),), {"axis": axis}) for axis in (0, -1, (0, 2))],
    np.squeeze: [((real(1, 3, 1),), s) for s in ({}, {"axis": 0}, {"axis": (0, 2)})],
    np.broadcast_to: [((real(3, 1),), {"shape": (2, 3, 4)}), ((real(),), {"shape": (2,)})],
    shaping.join: [((real(2, 3), real(1, 3)), {"axis": 0}), ((real(2, 1), real(2, 2), real(2, 0)), {"axis": -1})],
    indexing.get_item: [((real(3, 4), *index), {}) for index in INDICES],
    indexing.put_item: [((np.asarray(real(3, 4)[i]), *i), {"shape": (3, 4)}) for i in INDICES],
    indexing.set_item: [((real(3, 4), np.asarray(real(3, 4)[i]), *i), {}) for i in INDICES]
    + [((real(3, 4), real(1, 4), 1), {}), ((real(3, 4), real(), slice(None)), {})]
    + [((real(5), real(3), np.array([1, 1, 2])), {})],
    np.matmul: [
        ((real(*a), real(*b)), {})
        for a, b in (
            *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((3,), (5, 3, 2))),
            *(((5, 2, 3), (5, 3, 2)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)), ((0, 3), (3, 2))),
        )
    ],
    **{f: unary() for f in (neural.sigmoid, neural.softplus, neural.erf)},
    **{f: [((spread(2, 4),), {})] for f in (neural.relu,)},
    neural.leaky_relu: [((spread(2, 4),), {"slope": 0.2})],
    neural.elu: [((spread(2, 4),), {"alpha": 1.5})],
    **{
        f: [((real(*shape),), {"axis": axis}) for shape, axis in (((2, 3), -1), ((5, 6), 1), ((2, 3, 4), 1), ((3,), 0))]
        for f in (neural.softmax, neural.log_softmax)
    },
    neural.linear: [((real(4, 3), real(2, 3), real(2)), {}), ((real(0, 3), real(2, 3), real(2)), {})],
    neural.binary_cross_entropy: [((real(4, 2, low=0.1, high=0.9), real(4, 2, low=0.1, high=0.9)), {})],
    neural.mean_squared_error: [((real(4, 2), real(4, 2)), {}), ((real(3), real(3)), {})],
}  # fmt: skip


ON_THEIR_OWN = (neural.mean_nll, neural.standardize, elementwise.astype)  # tested below
DIFFERENTIABLE = [f for f, row in TABLE.items() if row.rules and f not in ON_THEIR_OWN]


@pytest.mark.parametrize("function", DIFFERENTIABLE, ids=lambda f: f.__name__)
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
    y = x.astype(np.float32)
    assert y.dtype == np.float32
    (y * y).sum().backward()
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad, 2 * x.data, rtol=1e-6)
    assert not x.astype(int).requires_grad


@pytest.mark.parametrize("function", [f for f in TABLE if isinstance(f, Primitive)], ids=lambda f: f.__name__)
def test_rules_have_the_defaults_of_their_function(function):
    def defaults(f):
        return {n: p.default for n, p in inspect.signature(f).parameters.items() if p.default is not p.empty}

    for rule in itertools.islice(TABLE[function].rules, 3):
        if rule is not None:
            assert defaults(rule) == defaults(function.body)


@pytest.mark.parametrize("function", [f for f, row in TABLE.items() if not row.rules], ids=lambda f: f.__name__)
def test_functions_without_derivative_give_constants(function):
    x = np.array([1.5, -0.5, 0.0])
    integral = function in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert)
    values = np.array([True, False, True]) if integral else x
    values = values[:2] if function is np.floor_divide else values
    pair = getattr(function, "nin", 1) == 2 or function in (np.searchsorted, np.isclose)
    args = (values, values) if pair else (values,)
    if function is np.searchsorted:
        args = (np.sort(values), values)
    y = function(*[ag.tensor(a, requires_grad=not integral) for a in args])
    assert isinstance(y, ag.Tensor) and not y.requires_grad
    np.testing.assert_array_equal(y.numpy(), function(*args))
