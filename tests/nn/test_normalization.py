"""Batch and layer normalisation as modules."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def test_batch_norm_stays_in_float32_and_counts_in_integers():
    layer = nn.BatchNorm1d(3)
    y = layer(np.random.default_rng(0).normal(size=(4, 3)))
    assert y.dtype == np.float32
    assert [buffer.dtype.name for buffer in layer.buffers()] == ["float32", "float32", "int64"]
    assert layer.num_batches_tracked.item() == 1
    layer.eval()(np.ones((1, 3)))
    assert layer.num_batches_tracked.item() == 1


def test_the_cumulative_average_stays_in_float32():
    layer = nn.BatchNorm1d(1, momentum=None)
    for value in (1.0, 2.0, 6.0):
        layer(np.array([[value - 1], [value + 1]]))
    assert layer.running_mean.dtype == np.float32
    np.testing.assert_allclose(layer.running_mean.data, [3.0], rtol=1e-6)
    np.testing.assert_allclose(layer.running_var.data, [2.0], rtol=1e-6)


def test_normalised_channels_have_mean_0_and_variance_1():
    x = np.random.default_rng(0).normal(3, 5, (8, 4, 6))
    y = nn.BatchNorm1d(4, dtype=np.float64)(x).data
    np.testing.assert_allclose(y.mean((0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 2)), 1, rtol=1e-5)


def test_running_statistics_carry_no_history():
    layer = nn.BatchNorm1d(2)
    x = ag.tensor(np.random.default_rng(0).normal(size=(4, 2)), requires_grad=True)
    layer(x)
    assert not layer.running_mean.requires_grad
    assert layer.running_mean.is_leaf


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 2, 3, 3), ()])
def test_batch_norm_refuses_other_shapes(shape):
    with pytest.raises(
        ValueError, match=r"BatchNorm1d\(3\) takes \(n, 3\) or \(n, 3, length\), and the input has shape"
    ):
        nn.BatchNorm1d(3)(np.zeros(shape))


@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 3, 3), (4, 3, 2)])
def test_batch_norm_of_images_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"BatchNorm2d\(3\) takes \(n, 3, height, width\), and the input has shape"):
        nn.BatchNorm2d(3)(np.zeros(shape))


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (0, 3)])
def test_one_value_per_channel_is_too_few_to_train_on_and_changes_nothing(shape):
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="more than one value per channel when training"):
        layer(np.zeros(shape))
    assert layer.num_batches_tracked.item() == 0
    assert layer.eval()(np.zeros(shape)).shape == shape


def test_layer_norm_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"the input has shape \(4, 3, 2\), which does not end in \(2, 3\)"):
        nn.LayerNorm((2, 3))(np.zeros((4, 3, 2)))
    with pytest.raises(ValueError, match=r"which does not end in \(3,\)"):
        nn.LayerNorm(3)(1.0)


def test_layer_norm_stays_in_float32():
    assert nn.LayerNorm(3)(np.zeros((2, 3))).dtype == np.float32


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.BatchNorm1d(3), "BatchNorm1d(3, eps=1e-05, momentum=0.1)  # 6 parameters"),
        (
            nn.BatchNorm1d(3, affine=False, track_running_stats=False),
            "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
        ),
        (nn.LayerNorm((2, 3)), "LayerNorm((2, 3), eps=1e-05)  # 12 parameters"),
        (nn.LayerNorm(3, bias=False), "LayerNorm((3,), eps=1e-05, bias=False)  # 3 parameters"),
        (nn.LayerNorm(3, elementwise_affine=False), "LayerNorm((3,), eps=1e-05, elementwise_affine=False)"),
    ],
)
def test_repr_shows_the_settings(layer, text):
    assert repr(layer) == text
