"""What `fit` sees in the first step: a loss that is none, shapes that spread, parameters without a gradient."""

import warnings
from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(32, 4))
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


LABELS = GENERATOR.integers(0, 3, 32)
ANSWERS = (X[:, :1] > 0) * 1.0


def net(outputs, *last):
    return nn.Sequential(nn.Linear(4, outputs), *last).double()


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize(
    ("model", "target", "loss", "words"),
    [
        (net(3, nn.Softmax(dim=1)), LABELS, nn.CrossEntropyLoss(), "CrossEntropyLoss takes scores, before any softmax"),
        (net(3, nn.Softmax(dim=1)), LABELS, F.cross_entropy, "cross_entropy takes scores"),
        (net(3, nn.Softmax(dim=1)), np.eye(3)[LABELS], nn.CrossEntropyLoss(), "leave out the last activation"),
        (net(1, nn.Sigmoid()), ANSWERS, nn.BCEWithLogitsLoss(), "BCEWithLogitsLoss takes scores"),
        (net(3), LABELS, nn.NLLLoss(), "NLLLoss takes logarithms of probabilities"),
        (net(3, nn.Softmax(dim=1)), LABELS, partial(F.nll_loss, ignore_index=2), "end the model by LogSoftmax"),
    ],
)
def test_a_loss_that_takes_something_else_is_told(model, target, loss, words, accumulate):
    for data in ((X, target), (X, target, np.ones(32))):
        with pytest.warns(ag.AutogradWarning, match=words) as caught:
            train(loss, data, model, accumulate=accumulate, batch_size=16)
        assert {w.filename for w in caught} == {__file__}


@pytest.mark.parametrize("loss", [nn.BCELoss(), nn.BCEWithLogitsLoss(), F.binary_cross_entropy_with_logits])
@pytest.mark.parametrize("target", [2 * ANSWERS - 1, ANSWERS + 1])
def test_answers_that_are_not_between_0_and_1_are_refused(loss, target):
    with pytest.raises(ValueError, match="takes targets from 0 to 1, and these reach from"):
        train(loss, (X, target), net(1, *([nn.Sigmoid()] if isinstance(loss, nn.BCELoss) else [])))


@pytest.mark.parametrize(
    ("model", "target", "loss"),
    [
        (net(3), LABELS, nn.CrossEntropyLoss()),
        (net(3, nn.ReLU()), LABELS, nn.CrossEntropyLoss()),
        (net(3, nn.Sigmoid()), LABELS, nn.CrossEntropyLoss()),  # scores may be of any kind
        (net(1), ANSWERS, nn.BCEWithLogitsLoss()),
        (net(1, nn.Sigmoid()), ANSWERS, nn.BCELoss()),
        (net(1, nn.Sigmoid()), 0.5 * ANSWERS + 0.1, nn.MSELoss()),
        (net(3, nn.LogSoftmax(dim=1)), LABELS, nn.NLLLoss()),
    ],
)
def test_right_pairs_are_left_alone(model, target, loss):
    train(loss, (X, target), model)


def test_labels_that_are_floats_are_refused_as_ever():
    with pytest.raises(TypeError, match=r"use target.astype\(int\)"):
        train(nn.CrossEntropyLoss(), (X, LABELS.astype(float)), net(3))
