"""Layers that only change the shape."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


@pytest.mark.parametrize(
    ("axes", "shape", "expected"),
    [
        ((), (5, 2, 3), (5, 6)),
        ((), (5, 2), (5, 2)),
        ((0,), (5, 2, 3), (30,)),
        ((1, 2), (5, 2, 3, 4), (5, 6, 4)),
        ((-2, -1), (5, 2, 3), (5, 6)),
        ((), (0, 2, 3), (0, 6)),
    ],
)
def test_axes_become_one(axes, shape, expected):
    x = ag.tensor(np.arange(float(np.prod(shape))).reshape(shape), requires_grad=True)
    y = nn.Flatten(*axes)(x)
    np.testing.assert_array_equal(y.data, x.data.reshape(expected))
    y.backward(np.ones(expected))
    assert x.grad.shape == shape


def test_axes_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"Flatten\(start_dim=1, end_dim=-1\) does not fit an input of shape \(3,\)"):
        nn.Flatten()(np.zeros(3))
