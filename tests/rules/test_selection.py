"""Selection by value gives constants; settings that have no gradient are refused by name."""

import warnings

import numpy as np
import pytest

import autograd_lite as ag

VALUES = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])


def leaf(values):
    return ag.tensor(values, requires_grad=True)


@pytest.mark.parametrize("function", [np.nonzero, np.where, lambda x: x.nonzero()])
def test_places_are_constants_that_can_be_indexed_with(function):
    x = leaf(VALUES)
    places = function(x)
    assert isinstance(places, tuple) and not any(p.requires_grad for p in places)
    for place, expected in zip(places, np.nonzero(VALUES), strict=True):
        np.testing.assert_array_equal(place.numpy(), expected)
    x[places].sum().backward()
    np.testing.assert_array_equal(x.grad, VALUES != 0)


def test_arrays_like_another_are_constants():
    for function in (np.empty_like, np.zeros_like, np.ones_like, lambda x: np.full_like(x, 2)):
        y = function(leaf(VALUES))
        assert y.shape == VALUES.shape and y.dtype == VALUES.dtype and not y.requires_grad


def test_indices_of_a_shape_are_plain_arrays():
    x = leaf(np.ones((3, 3)))
    for function in (np.tril_indices_from, np.triu_indices_from, np.diag_indices_from):
        for index, expected in zip(function(x), function(x.data), strict=True):
            assert type(index) is np.ndarray
            np.testing.assert_array_equal(index, expected)


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors")
def test_vectors_of_two_components_have_a_cross_product():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0, 1.0])
    np.testing.assert_array_equal(np.cross(a, b).data, [2, -1, -2])
    np.testing.assert_array_equal(np.cross(a, b[:2]).data, -2)


def test_blocks_nest():
    a, d = leaf(np.eye(2)), leaf([[4.0]])
    y = np.block([[a, np.zeros((2, 1))], [np.ones((1, 2)), d]])
    np.testing.assert_array_equal(y.data, np.block([[a.data, np.zeros((2, 1))], [np.ones((1, 2)), d.data]]))
    (y * np.arange(9.0).reshape(3, 3)).sum().backward()
    np.testing.assert_array_equal(a.grad, [[0, 1], [3, 4]])
    np.testing.assert_array_equal(d.grad, [[8]])


def test_numbers_beside_tensors_keep_their_dtype():
    x = ag.tensor([1.0, 2.0], dtype=np.float32, requires_grad=True)
    for y in (
        *(np.where(x > 1, x, 0.5), np.pad(x, 1, constant_values=0.5)),
        *(np.insert(x, 1, 0.5), np.select([x > 1], [x], 0.5), np.full_like(x, x[0] * 2)),
        *(np.pad(x, 1, mode="linear_ramp", end_values=0.5), np.tril(np.outer(x, x))),
    ):
        assert y.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.pad(x, 1, mode="reflect", reflect_type="odd"), "np.pad: reflect_type='odd'"),
        (lambda x: np.pad(x, 1, mode="empty"), "np.pad: mode='empty'"),
        (lambda x: np.reshape(x, -1, order="A"), "np.reshape: order='A'"),
        (lambda x: np.take(x, 0, out=np.zeros(())), r"np.take: .* \(out=\)"),
    ],
)
def test_settings_without_a_gradient_are_refused_by_name(call, message):
    with pytest.raises(NotImplementedError, match=message):
        call(leaf(VALUES))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.einsum("ijk", x),
        lambda x: np.einsum("ij,j", x, np.ones(2)),
        lambda x: np.einsum("ii", x),
        lambda x: np.einsum("ij->ik", x),
        lambda x: np.einsum("ij->ii", x),
        lambda x: np.einsum("i...->i", x),
        lambda x: np.split(x, 2, axis=1),
        lambda x: np.tensordot(x, x, 1),
        lambda x: np.choose(np.array([0, 5, 0]), [x[0], x[1]]),
        lambda x: np.convolve(x[0], x[0], "other"),
        lambda x: np.cross(np.ones(4), x[0]),
        lambda x: np.dsplit(x, 2),
        lambda x: np.concatenate([x, x[0]]),
    ],
)
def test_what_numpy_refuses_is_refused(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="."):
            call(VALUES)
    with pytest.raises(ValueError, match="."):
        call(leaf(VALUES))
