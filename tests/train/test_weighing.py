"""Losses are those of all rows as one batch, however they are cut, ignored and weighted."""

from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F
from autograd_lite.train import compiling

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(50, 4))
LABELS = GENERATOR.integers(0, 3, 50)
GAPS = np.where(GENERATOR.random(50) < 0.4, -100, LABELS)
NUMBERS = GENERATOR.normal(size=(50, 3))
SHARES = np.exp(NUMBERS) / np.exp(NUMBERS).sum(axis=1, keepdims=True)
CLASS_WEIGHT = np.array([0.1, 1.0, 5.0])
TIMES = GENERATOR.integers(0, 3, 50)


def squared(prediction, target):
    return ((prediction - target) ** 2).mean()


def squared_of_rows(prediction, target):
    return ((prediction - target) ** 2).mean(axis=1)


LOSSES = [
    (nn.CrossEntropyLoss(), GAPS),
    (nn.CrossEntropyLoss(weight=CLASS_WEIGHT), LABELS),
    (nn.CrossEntropyLoss(weight=CLASS_WEIGHT), GAPS),
    (nn.CrossEntropyLoss(weight=CLASS_WEIGHT, ignore_index=2), LABELS),
    (nn.CrossEntropyLoss(reduction="sum"), GAPS),
    (nn.CrossEntropyLoss(label_smoothing=0.1), LABELS),
    (nn.CrossEntropyLoss(), SHARES),
    (F.cross_entropy, GAPS),
    (partial(F.cross_entropy, ignore_index=1), LABELS),
    (partial(partial(F.nll_loss, weight=CLASS_WEIGHT), ignore_index=1), LABELS),
    (partial(F.mse_loss, reduction="sum"), NUMBERS),
    (nn.NLLLoss(weight=CLASS_WEIGHT), GAPS),
    (nn.MSELoss(), NUMBERS),
    (nn.L1Loss(reduction="sum"), NUMBERS),
    (nn.BCEWithLogitsLoss(weight=CLASS_WEIGHT, pos_weight=np.array(3.0)), SHARES.round()),
    (nn.KLDivLoss("batchmean"), SHARES),
    (nn.HuberLoss(), NUMBERS),
]
IDS = [
    f"{i} {getattr(loss, '__name__', type(loss).__name__)} {target.dtype}" for i, (loss, target) in enumerate(LOSSES)
]


class LogProbabilities(nn.Linear):
    """What all of these losses can take."""

    def forward(self, x):
        return F.log_softmax(super().forward(x), dim=1)


def model():
    ag.manual_seed(0)
    return LogProbabilities(4, 3).double()


@pytest.mark.parametrize(("loss", "target"), LOSSES, ids=IDS)
def test_the_loss_of_batches_is_that_of_all_rows(loss, target):
    net = model()
    expected = loss(net(X), target).item()
    for size in (7, 50):
        assert ag.evaluate(net, ag.DataLoader(X, target, batch_size=size), loss)["loss"] == pytest.approx(expected)
    still = optim.SGD(net.parameters(), lr=0.0)
    history = ag.fit(net, (X, target), loss, still, epochs=1, batch_size=7, validation=(X, target), progress=False)
    assert history["train_loss"][0] == pytest.approx(expected)
    assert history["validation_loss"][0] == pytest.approx(expected)


@pytest.mark.parametrize("target", [GAPS.reshape(25, 2), np.where(np.arange(50) < 34, -100, LABELS).reshape(25, 2)])
def test_labels_of_several_places_count_one_by_one(target):
    scores = GENERATOR.normal(size=(25, 3, 2))
    loss = nn.CrossEntropyLoss(weight=CLASS_WEIGHT)
    measured = ag.evaluate(nn.Identity(), ag.DataLoader(scores, target, batch_size=4), loss)
    assert measured["loss"] == pytest.approx(loss(scores, target).item())


def test_sequences_of_several_lengths_count_by_their_elements():
    parts = [GENERATOR.normal(size=(3, n)) for n in (2, 5, 9)]
    measured = ag.evaluate(nn.Identity(), [(a, np.zeros_like(a)) for a in parts], nn.MSELoss())
    assert measured["loss"] == pytest.approx(np.mean(np.concatenate([a.ravel() for a in parts]) ** 2))


# ---- batches that say nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("accumulate", [1, 3])
def test_rows_that_are_ignored_end_no_training(accumulate):
    labels = np.concatenate([np.full(1500, -100), LABELS])
    rows = np.concatenate([GENERATOR.normal(size=(1500, 4)), X])
    settings = {"epochs": 2, "batch_size": 10, "shuffle": False, "progress": False, "accumulate": accumulate}
    runs = []
    for data in ((rows, labels), (X, LABELS)):
        net = model()
        optimizer = optim.SGD(net.parameters(), lr=0.1)
        metrics = {"rows": lambda p, t: len(p)}
        settings |= {"validation": data, "metrics": metrics}
        history = ag.fit(net, data, nn.CrossEntropyLoss(), optimizer, **settings)
        runs.append((history["train_loss"], history["validation_loss"], net.state_dict()["weight"]))
        assert history["validation_rows"][0] == len(data[0])
    np.testing.assert_allclose(runs[0][0], runs[1][0])
    np.testing.assert_allclose(runs[0][1], runs[1][1])
    np.testing.assert_array_equal(runs[0][2], runs[1][2])


def test_nothing_but_ignored_labels_is_refused():
    net, nothing = model(), np.full(50, -100)
    with pytest.raises(ValueError, match="all labels are ignored"):
        ag.evaluate(net, (X, nothing), nn.CrossEntropyLoss())
    with pytest.raises(ValueError, match="all labels are ignored"):
        ag.fit(net, (X, nothing), nn.CrossEntropyLoss(), optim.SGD(net.parameters()), progress=False)


# ---- weights of rows -----------------------------------------------------------------------------------------


WEIGHTED = [*LOSSES, (squared_of_rows, NUMBERS)]


@pytest.mark.parametrize(("loss", "target"), WEIGHTED, ids=[*IDS, "of rows"])
def test_a_weight_counts_as_repeated_rows(loss, target):
    repeated = X.repeat(TIMES, axis=0), target.repeat(TIMES, axis=0)
    found = []
    for data, one in (((X, target, TIMES), loss), (repeated, squared if loss is squared_of_rows else loss)):
        net = model()
        optimizer = optim.SGD(net.parameters(), lr=0.001)
        history = ag.fit(net, data, one, optimizer, epochs=4, batch_size=None, validation=data, progress=False)
        found.append([history["train_loss"], history["validation_loss"], net.state_dict()["weight"].ravel()])
        assert ag.evaluate(net, ag.DataLoader(*data, batch_size=7), one)["loss"] == pytest.approx(found[-1][1][-1])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_weighted_steps_are_compiled_to_the_same_bits(accumulate, monkeypatch):
    made, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: made.append(make(*given)) or made[-1])
    found = []
    for compile in (True, False):
        net = model()
        optimizer = optim.Adam(net.parameters(), lr=0.01)
        settings = {"batch_size": 10, "epochs": 20, "accumulate": accumulate, "compile": compile, "progress": False}
        history = ag.fit(net, (X, LABELS, TIMES), nn.CrossEntropyLoss(weight=CLASS_WEIGHT), optimizer, **settings)
        found.append((history["train_loss"], net.state_dict()))
        assert list(dict(net.named_parameters())) == [p.name for p in net.parameters()] == ["weight", "bias"]
    assert made and found[0][0] == found[1][0]
    np.testing.assert_array_equal(found[0][1]["weight"], found[1][1]["weight"])


def test_weights_in_batches_of_ones_own_and_in_metrics():
    net, seen = model(), []

    def share(y_true, y_pred, sample_weight=None):
        seen.append(sample_weight)
        return np.average(y_true == y_pred.argmax(1), weights=sample_weight)

    batches = [(X[i : i + 25], LABELS[i : i + 25], TIMES[i : i + 25, None]) for i in (0, 25)]
    measured = ag.evaluate(net, batches, nn.CrossEntropyLoss(), {"share": share})
    assert measured == pytest.approx(ag.evaluate(net, (X, LABELS, TIMES), nn.CrossEntropyLoss(), {"share": share}))
    np.testing.assert_array_equal(seen[0], TIMES)
    ag.fit(net, batches, nn.CrossEntropyLoss(), optim.SGD(net.parameters()), epochs=1, progress=False)


class Sum(nn.Module):
    def __init__(self):
        self.linear = nn.Linear(4, 3).double()

    def forward(self, left, right):
        return self.linear(left + right)


def test_a_model_of_several_inputs_takes_one_array_more():
    net = Sum()
    plain = ag.evaluate(net, (X, X, NUMBERS), nn.MSELoss())["loss"]
    assert ag.evaluate(net, (X, X, NUMBERS, np.ones(50)), nn.MSELoss())["loss"] == pytest.approx(plain)


@pytest.mark.parametrize(
    ("data", "loss", "error", "message"),
    [
        ((X, NUMBERS, -TIMES), nn.MSELoss(), ValueError, "weights of the rows .* not negative"),
        ((X, NUMBERS, np.full(50, np.nan)), nn.MSELoss(), ValueError, "must be finite"),
        ((X, NUMBERS, NUMBERS), nn.MSELoss(), ValueError, r"takes 1 input, so array 2 .* \(X, \(y1, y2\)\)"),
        ((X, NUMBERS, TIMES), squared, TypeError, "give a loss of ag.nn, or one that gives a loss for each row"),
        ((X, NUMBERS, 0 * TIMES), nn.MSELoss(), ValueError, "all weights are 0"),
    ],
)
def test_what_are_no_weights_is_refused(data, loss, error, message):
    net = model()
    for run in (ag.evaluate, partial(ag.fit, optimizer=optim.SGD(net.parameters()), progress=False)):
        with pytest.raises(error, match=message):
            run(net, data, loss=loss)


def test_several_targets_in_the_place_of_weights_are_told():
    net = model()
    with pytest.raises(ValueError, match="mse_loss") as caught:
        ag.evaluate(net, (X, NUMBERS, TIMES), lambda prediction, target: F.mse_loss(prediction, target[0]))
    assert "several targets are a tuple" in caught.value.__notes__[0]
