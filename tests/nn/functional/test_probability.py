"""Losses of probabilities: closed forms, derivatives, the edges of the logarithm."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients

P = np.array([[0.2, 0.7], [0.5, 0.9]])
T = np.array([[0.0, 1.0], [0.3, 0.6]])
X = np.log(P / (1 - P))
W = np.array([2.0, 0.5])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_derivatives_against_differences(reduction):
    inside = 0.9 * T + 0.05
    check_gradients(lambda p, t: F.binary_cross_entropy(p, t, W, reduction), P, inside)
    check_gradients(lambda x, t: F.binary_cross_entropy_with_logits(x, t, W, reduction, pos_weight=W), X, T)
    check_gradients(lambda x, t: F.kl_div(x, t, reduction), np.log(P), inside)
    check_gradients(lambda x, t: F.kl_div(x, t, reduction, log_target=True), np.log(P), np.log(inside))


def test_with_logits_it_is_the_loss_of_the_sigmoid():
    expected = F.binary_cross_entropy(P, T, W).item()
    assert F.binary_cross_entropy_with_logits(X, T, W).item() == pytest.approx(expected, rel=1e-12)


def test_with_logits_nothing_cancels():
    x = ag.tensor([40.0, -40.0], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(x, [1.0, 0.0], reduction="none")
    np.testing.assert_allclose(loss.data, np.exp(-40.0), rtol=1e-12)
    loss.sum().backward()
    np.testing.assert_allclose(x.grad, [-np.exp(-40.0), np.exp(-40.0)], rtol=1e-12)


def test_pos_weight_multiplies_the_positive_part():
    one, three = (F.binary_cross_entropy_with_logits([0.7], [1.0], pos_weight=w).item() for w in (1.0, [3.0]))
    assert three == pytest.approx(3 * one)
    assert F.binary_cross_entropy_with_logits([0.7], [0.0], pos_weight=3.0).item() == pytest.approx(
        np.log1p(np.exp(0.7))
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_certain_and_wrong_costs_100(dtype):
    x = ag.tensor(np.array([0.0, 1.0, 0.0, 1.0], dtype), requires_grad=True)
    loss = F.binary_cross_entropy(x, [1, 0, 0, 1], reduction="none")
    np.testing.assert_array_equal(loss.data, [100, 100, 0, 0])
    loss.sum().backward()
    assert np.isfinite(x.grad).all()


def test_what_is_no_probability_is_refused():
    with pytest.raises(
        ValueError, match=r"from 0 to 1, but reaches from -0\.5 to 2\.0: for scores there is .*_with_logits"
    ):
        F.binary_cross_entropy([-0.5, 2.0], [0.0, 1.0])


def test_kl_divergence_of_a_distribution_from_itself_is_0():
    p = np.array([[0.2, 0.8], [1.0, 0.0]])
    with np.errstate(divide="ignore"):
        log_p = np.maximum(np.log(p), -1000)
    assert F.kl_div(log_p, p, "batchmean").item() == 0


def test_kl_divergence_reductions():
    total = F.kl_div(np.log(P), T, "sum").item()
    assert F.kl_div(np.log(P), T).item() == pytest.approx(total / 4)
    assert F.kl_div(np.log(P), T, "batchmean").item() == pytest.approx(total / 2)


@pytest.mark.parametrize("loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits, F.kl_div])
def test_shapes_and_reductions_are_checked(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}: the prediction has shape \(4, 1\) and the target \(4,\)"):
        loss(np.full((4, 1), 0.5), np.ones(4))
    with pytest.raises(ValueError, match=f"{loss.__name__}: reduction is one of mean, sum, none"):
        loss(P, T, reduction="all")


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        (F.binary_cross_entropy, "weight"),
        (F.binary_cross_entropy_with_logits, "weight"),
        (F.binary_cross_entropy_with_logits, "pos_weight"),
    ],
)
@pytest.mark.parametrize("shape", [(3,), (4, 4), (2, 4, 1)])
def test_weights_must_broadcast_to_the_target(loss, name, shape):
    with pytest.raises(
        ValueError, match=f"{loss.__name__}: {name} has shape .* which does not broadcast to the target's"
    ):
        loss(np.full((4, 1), 0.5), np.ones((4, 1)), **{name: np.ones(shape)})


@pytest.mark.parametrize("loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits, F.kl_div])
def test_the_dtype_is_the_predictions(loss):
    x = ag.tensor(P.astype(np.float32), requires_grad=True)
    assert loss(x, T).dtype == np.float32
    if loss is not F.kl_div:
        assert loss(x, np.array([[True, False], [True, True]]), weight=W).dtype == np.float32
