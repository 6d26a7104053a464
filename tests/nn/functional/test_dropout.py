"""Dropout as a function."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients


def test_the_mask_is_drawn_from_the_generator():
    x = np.arange(1.0, 9.0)
    kept = np.random.default_rng(7).random(8, dtype=np.float32) >= 0.3
    np.testing.assert_allclose(F.dropout(x, 0.3, generator=np.random.default_rng(7)).data, np.where(kept, x / 0.7, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype):
    assert F.dropout(np.ones(4, dtype)).dtype == dtype


def test_the_gradient_goes_through_the_same_mask():
    check_gradients(lambda x: F.dropout(x, 0.4, generator=np.random.default_rng(1)) ** 2, np.arange(6.0).reshape(2, 3))


def test_not_training_and_p_0_draw_nothing():
    generator = np.random.default_rng(0)
    x = ag.tensor([1.0, 2.0])
    F.dropout(x, 0.5, training=False, generator=generator)
    F.dropout(x, 0.0, generator=generator)
    assert generator.random() == np.random.default_rng(0).random()


def test_integers_and_single_numbers():
    assert F.dropout([1, 2], 0.0).tolist() == [1.0, 2.0]
    assert F.dropout(2.0, 0.5).item() in (0.0, 4.0)


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="dropout: p is the probability of dropping an element, from 0 to 1, not 2"):
        F.dropout([1.0], 2)
