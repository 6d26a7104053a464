"""Losses of predicted numbers: closed forms, derivatives, targets that would broadcast."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.nn.numerical import check_gradients

A = np.array([[0.3, -1.7], [2.6, 0.0]])
B = np.array([[0.1, 0.4], [-0.3, 0.4]])
LOSSES = {
    "mse_loss": F.mse_loss,
    "l1_loss": F.l1_loss,
    "smooth_l1_loss": lambda a, b, r="mean": F.smooth_l1_loss(a, b, r, beta=0.8),
    "huber_loss": lambda a, b, r="mean": F.huber_loss(a, b, r, delta=0.8),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_derivatives_in_prediction_and_target(name, reduction):
    check_gradients(lambda a, b: LOSSES[name](a, b, reduction), A, B)


def test_closed_forms():
    d = A - B
    np.testing.assert_allclose(F.mse_loss(A, B).item(), np.mean(d**2))
    np.testing.assert_allclose(F.l1_loss(A, B, "sum").item(), np.abs(d).sum())
    huber = np.where(np.abs(d) < 0.8, d**2 / 2, 0.8 * (np.abs(d) - 0.4))
    np.testing.assert_allclose(F.huber_loss(A, B, "none", 0.8).data, huber)
    np.testing.assert_allclose(F.smooth_l1_loss(A, B, "none", 0.8).data, huber / 0.8)


def test_smooth_l1_with_beta_0_is_l1():
    np.testing.assert_array_equal(F.smooth_l1_loss(A, B, "none", 0.0).data, F.l1_loss(A, B, "none").data)


def test_hubers_second_derivative_is_1_at_0():
    x = ag.tensor([0.0], requires_grad=True)
    (first,) = ag.autograd.grad(F.huber_loss(x, [0.0]), x, create_graph=True)
    (second,) = ag.autograd.grad(first.sum(), x)
    assert second.tolist() == [1]


@pytest.mark.parametrize("name", LOSSES)
def test_huge_differences_do_not_overflow_what_they_need_not(name):
    x = ag.tensor(np.array([1e19], np.float32), requires_grad=True)
    LOSSES[name](x, [0.0]).backward()
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            (4, 1),
            (4,),
            r"the prediction has shape \(4, 1\) and the target \(4,\), and they must be equal: together they would "
            r"silently become \(4, 4\)\. Use target\.reshape\(\(4, 1\)\) if that is what you mean",
        ),
        ((4,), (4, 1), r"silently become \(4, 4\)\. Use target\.reshape\(\(4,\)\)"),
        ((4, 2), (2,), r"must be equal\. Use np\.broadcast_to\(target, \(4, 2\)\) if that is what you mean"),
        ((4,), (1, 4), r"must be equal\. Use target\.reshape\(\(4,\)\)|must be equal: together .* \(1, 4\)"),
        ((4,), (3,), r"the prediction has shape \(4,\) and the target \(3,\), and they must be equal$"),
    ],
)
def test_shapes_that_would_broadcast_are_refused(name, prediction, target, message):
    with pytest.raises(ValueError, match=f"{name}: .*{message}"):
        LOSSES[name](ag.tensor(np.zeros(prediction), requires_grad=True), np.zeros(target))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_dtype_is_the_predictions(name, reduction):
    x = ag.tensor(A.astype(np.float32), requires_grad=True)
    for target in (B, [[0, 1], [1, 0]], ag.tensor(B), ag.tensor(B, requires_grad=True)):
        value = LOSSES[name](x, target, reduction)
        assert value.dtype == np.float32
        value.sum().backward()
    assert x.grad.dtype == np.float32
    assert LOSSES[name](A, B.astype(np.float32), reduction).dtype == np.float64


def test_a_target_that_learns_gets_its_gradient_in_its_own_dtype():
    target = ag.tensor(B, requires_grad=True)
    F.mse_loss(ag.tensor(A.astype(np.float32)), target).backward()
    assert target.grad.dtype == np.float64
    np.testing.assert_allclose(target.grad, (B - A) / 2, rtol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_target_that_changes_before_backward_is_noticed(name):
    target = ag.tensor(B)
    loss = LOSSES[name](ag.tensor(A, requires_grad=True), target)
    target.data = A
    with pytest.raises(RuntimeError, match="was changed after"):
        loss.backward()


def test_integer_predictions_become_floats():
    assert F.mse_loss([1, 2], [0.5, 2.5]).item() == 0.25


def test_single_numbers():
    x = ag.tensor(3.0, requires_grad=True)
    F.mse_loss(x, 1.0).backward()
    assert x.grad == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.mse_loss(A, B, "max"), "mse_loss: reduction is one of mean, sum, none, not 'max'"),
        (lambda: F.l1_loss(A, B, "max"), "l1_loss: reduction"),
        (lambda: F.huber_loss(A, B, "max"), "huber_loss: reduction"),
        (lambda: F.smooth_l1_loss(A, B, beta=-1), "smooth_l1_loss: beta must not be negative, and it is -1"),
        (lambda: F.huber_loss(A, B, delta=0), "huber_loss: delta must be positive, and it is 0"),
    ],
)
def test_wrong_settings_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
