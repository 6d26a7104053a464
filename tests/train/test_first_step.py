"""What `fit` sees in the first step: a loss that is none, shapes that spread, parameters without a gradient."""

import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim

X = np.random.default_rng(0).normal(size=(32, 4))
Y = X[:, :1]


def train(loss, data=(X, Y), model=None, optimizer=optim.SGD, **settings):
    model = model or nn.Linear(4, 1).double()
    return ag.fit(model, data, loss, optimizer(model.parameters(), lr=0.01), epochs=2, progress=False, **settings)


def squared(prediction, target):
    return ((prediction - target) ** 2).mean()  # the line that is named


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("data", [(X, Y[:, 0]), (X, ag.tensor(Y[:, 0]).numpy()), [(X[:9], Y[:9, 0])]])
def test_a_loss_that_spreads_is_named_by_its_line(compile, accumulate, data):
    with pytest.warns(ag.BroadcastWarning, match=r"\(\d+, 1\) and \(\d+,\) together to") as caught:
        train(squared, data, compile=compile, accumulate=accumulate, batch_size=8)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert "# the line that is named" in str(caught[0].message)


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, t: ((p[:, None] - p[None]) ** 2).mean() + squared(p, t),  # pairs, meant
        lambda p, t: squared(p, t) * np.ones(3).mean(),
        lambda p, t: (squared(p, t) + np.zeros(1)).sum(),
        lambda p, t: ((p - t) * np.ones(1)).mean() ** 2,
    ],
)
def test_shapes_that_are_meant_are_left_alone(loss):
    train(loss)


def test_one_row_spreads_nothing():
    train(squared, (X[:1], Y[:1, 0]))


def test_an_anomaly_is_still_found():
    with pytest.raises(ag.AnomalyError, match="# nan"), np.errstate(invalid="ignore"), ag.detect_anomaly():
        train(lambda p, t: np.sqrt(-1 - (p - t) ** 2).mean())  # nan


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (lambda p, t: squared(p, t).item(), TypeError, r"the loss gives \d.*must give a Tensor.*without float\(\)"),
        (lambda p, t: squared(p.numpy(), t), TypeError, "must give a Tensor|detach"),
        (lambda p, t: None, TypeError, "the loss gives None"),
        (lambda p, t: (p - t) ** 2, ValueError, r"shape \(32, 1\), and must give one number: take its .mean\(\)"),
        (nn.MSELoss("none"), ValueError, "reduction='mean'"),
        (lambda p, t: squared(p.detach(), t), ValueError, r"a detach\(\)"),
    ],
)
def test_a_loss_to_train_by(loss, error, message):
    with pytest.raises((error, RuntimeError), match=message):
        train(loss)


class Cut(nn.Module):
    """Of its three layers one is before a detach, and one is not called."""

    def __init__(self):
        self.before, self.after, self.idle = nn.Linear(4, 3), nn.Linear(3, 1), nn.Linear(3, 1)
        self.double()

    def forward(self, x):
        return self.after(self.before(x).detach())


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("optimizer", [optim.SGD, optim.LBFGS])
def test_parameters_without_a_gradient_are_named(accumulate, optimizer):
    words = "no gradient reached before.weight, before.bias, idle.weight, idle.bias in the first step"
    with pytest.warns(ag.LostGradientWarning, match=words) as caught:
        train(nn.MSELoss(), model=Cut(), accumulate=accumulate, optimizer=optimizer)
    assert len(caught) == 1


def test_what_is_frozen_or_reached_is_not():
    model = Cut()
    for layer in (model.before, model.idle):
        layer.requires_grad_(False)
    optimizer = optim.SGD([p for p in model.parameters() if p.requires_grad])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ag.fit(model, (X, Y), nn.MSELoss(), optimizer, epochs=1, progress=False)
