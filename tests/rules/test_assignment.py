"""NumPy's functions that assign to their first argument: recorded on tensors, refused on arrays."""

import numpy as np
import pytest

import autograd_lite as ag

SAMPLES = [
    (np.put, ([0, -1], np.array([5.0, 6.0]))),
    (np.put, ([7, 2], np.array([5.0]), "wrap")),
    (np.place, (np.array([[True, False, True]] * 2), np.array([1.0, 2.0, 3.0]))),
    (np.putmask, (np.array([[True, False, True]] * 2), np.array([1.0, 2.0]))),
    (np.put_along_axis, (np.array([[2], [0]]), np.array([[7.0], [8.0]]), 1)),
    (np.put_along_axis, (np.array([[0, 1, 1]]), np.array(7.0), 0)),
    (np.put_along_axis, (np.array([5, 0]), np.array([7.0, 8.0]), None)),
    (np.fill_diagonal, (np.array([7.0, 8.0]),)),
    (np.copyto, (np.array([7.0, 8.0, 9.0]),)),
    (np.copyto, (np.array([7.0, 8.0, 9.0]), "same_kind", np.array([[True], [False]]))),
]


@pytest.mark.parametrize(("function", "args"), SAMPLES, ids=lambda p: getattr(p, "__name__", ""))
def test_the_gradient_goes_to_the_kept_elements_and_to_the_assigned_values(function, args):
    before = np.arange(6.0).reshape(2, 3) + 10
    expected = before.copy()
    function(expected, *args)
    at = next(i for i, a in enumerate(args) if getattr(a, "dtype", None) == np.float64)
    x, v = ag.tensor(before, requires_grad=True), ag.tensor(args[at], requires_grad=True)
    y = x * 1
    square = y * y
    assert function(y, *args[:at], v, *args[at + 1 :]) is None
    np.testing.assert_array_equal(y.data, expected)
    np.testing.assert_array_equal(square.data, before**2)
    weights = np.arange(1.0, 7.0).reshape(2, 3)
    (y * weights).sum().backward()
    np.testing.assert_array_equal(x.grad, np.where(expected == before, weights, 0))
    assert v.grad.sum() == np.where(expected == before, 0, weights).sum()


def test_an_array_cannot_take_a_tensors_values():
    with pytest.raises(NotImplementedError, match=r"np.put_along_axis: .* x = ag.tensor\(x\)"):
        np.put_along_axis(np.ones(3), np.array([0]), ag.tensor([1.0], requires_grad=True), 0)
