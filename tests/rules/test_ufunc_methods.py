"""`np.add.reduce` and its like give NumPy's values and the derivatives of what they stand for."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.check import check
from tests.rules.samples.numbers import real, spread

BINARY = (np.add, np.multiply, np.subtract, np.divide, np.maximum, np.fmin, np.hypot, np.logaddexp, np.logaddexp2)


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda f: f.__name__)
def test_reduce(ufunc):
    check(ufunc.reduce, spread(4) + 3)
    for settings in ({}, {"axis": -1}, {"axis": 1, "keepdims": True}):
        check(ufunc.reduce, spread(3, 4) + 3, **settings)
    if ufunc not in (np.subtract, np.divide):  # the order of several axes would matter: NumPy refuses
        for axis in (None, (0, 2)):
            check(ufunc.reduce, spread(2, 3, 2) + 3, axis=axis)


@pytest.mark.parametrize("ufunc", [*BINARY, np.minimum], ids=lambda f: f.__name__)
def test_accumulate(ufunc):
    check(ufunc.accumulate, spread(5) + 3)
    check(ufunc.accumulate, spread(2, 4) + 3, axis=-1)


@pytest.mark.parametrize("ufunc", [*BINARY, np.power], ids=lambda f: f.__name__)
def test_outer(ufunc):
    check(ufunc.outer, spread(3) + 3, spread(2, 2) + 3.1)
    check(ufunc.outer, spread(3) + 3, np.array(2.0))


def test_reduceat():
    for indices in ([0, 2, 3], [1], [3, 1, 4, 0]):
        check(np.add.reduceat, real(5), indices)
    check(np.maximum.reduceat, spread(2, 4), [0, 2], axis=1)


def test_settings_of_a_reduction():
    mask = np.array([True, False, True])
    check(np.add.reduce, real(2, 3), axis=1, where=mask, initial=2.0)
    check(np.multiply.reduce, real(2, 3), axis=1, where=mask)


def test_a_constant_operand_of_outer_may_be_a_list():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    (y,) = ag.autograd.grad(np.multiply.outer([1, 2, 3], x).sum(), x)
    np.testing.assert_array_equal(y, [6, 6])


def test_a_ufunc_computes_in_another_precision():
    x = ag.tensor([1.0], dtype=np.float32, requires_grad=True)
    y = np.exp(x, dtype=np.float64)
    assert y.dtype == np.float64 and y.item() == np.exp(1.0)
    y.sum().backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add(x, x, where=[True, False]),
        lambda x: np.add(x, x, out=np.zeros(2)),
        lambda x: np.hypot.reduce(x, initial=1.0),
        lambda x: np.hypot.at(x, [0], 1.0),
    ],
)
def test_what_has_no_rule_is_refused_by_name(call):
    with pytest.raises(NotImplementedError, match=r"np\.(add|hypot|exp)"):
        call(ag.tensor([1.0, 2.0], requires_grad=True))


def test_multiply_reduce_of_nothing_is_its_identity():
    assert np.multiply.reduce(ag.tensor(np.zeros((0, 2)), requires_grad=True)).tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="no identity"):
        np.fmin.reduce(ag.tensor(np.zeros(0), requires_grad=True))
    assert np.hypot.reduce(ag.tensor(np.zeros(0), requires_grad=True)).item() == 0
