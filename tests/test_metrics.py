"""Metrics: scikit-learn's numbers, in `fit` too."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import metrics, nn, optim

sklearn_metrics = pytest.importorskip("sklearn.metrics")
GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize("rows", [1, 2, 7, 100])
@pytest.mark.parametrize("classes", [1, 2, 5])
def test_classification(rows, classes):
    target = GENERATOR.integers(0, classes, rows)
    predicted = GENERATOR.integers(0, classes, rows)
    scores = np.eye(max(classes, 2))[predicted] + 0.1 * GENERATOR.random((rows, max(classes, 2)))
    expected = sklearn_metrics.accuracy_score(target, predicted)
    macro = sklearn_metrics.f1_score(target, predicted, average="macro")
    for given in (predicted, predicted[:, None], scores, scores.astype(np.float32)):
        assert metrics.accuracy(given, target) == pytest.approx(expected)
        assert metrics.f1(given, target[:, None]) == pytest.approx(macro)


def test_one_score_per_row():
    logits, target = np.array([[-1.0], [2.0], [0.4], [0.6]], np.float32), np.array([[0.0], [1.0], [0.0], [1.0]])
    assert metrics.accuracy(logits, target) == 0.75
    assert metrics.accuracy(logits, target, threshold=0.5) == metrics.f1(logits, target, threshold=0.5) == 1.0
    assert metrics.accuracy(logits[:, 0] > 0, target) == 0.75


@pytest.mark.parametrize("shape", [(2,), (50,), (50, 1), (50, 3)])
def test_regression(shape):
    target = GENERATOR.normal(size=shape)
    prediction = target + GENERATOR.normal(size=shape)
    assert metrics.r2(prediction, target) == pytest.approx(sklearn_metrics.r2_score(target, prediction))
    assert metrics.mae(prediction, target) == pytest.approx(sklearn_metrics.mean_absolute_error(target, prediction))
    assert metrics.r2(target, target) == 1.0


def test_r2_of_a_constant_column():
    target = np.column_stack([np.ones(5), np.arange(5.0)])
    for prediction in (target, target + 1):
        assert metrics.r2(prediction, target) == pytest.approx(sklearn_metrics.r2_score(target, prediction))


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.f1, metrics.r2, metrics.mae])
def test_shapes_that_do_not_fit(metric):
    for prediction, target in [(np.ones(3), np.ones(4)), (np.ones((3, 2)), np.ones((3, 3))), (np.ones(0), np.ones(0))]:
        with pytest.raises(ValueError, match="shape"):
            metric(prediction, target)


def test_r2_and_mae_refuse_a_column_against_a_row():
    for metric in (metrics.r2, metrics.mae):
        with pytest.raises(ValueError, match="same shape"):
            metric(np.ones((3, 1)), np.ones(3))


def test_in_fit_on_both_parts():
    x = GENERATOR.normal(size=(60, 2))
    y = (x[:, 0] > 0).astype(np.int64)

    def train(**settings):
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
        optimizer = optim.Adam(model.parameters(), lr=0.1)
        given = {"metrics": {"accuracy": metrics.accuracy, "f1": metrics.f1}, "epochs": 3, "progress": False}
        history = ag.fit(model, (x[:40], y[:40]), nn.CrossEntropyLoss(), optimizer, **{**given, **settings})
        return model, history

    model, history = train(validation=(x[40:], y[40:]), train_metrics=True)
    names = ["train_loss", "train_accuracy", "train_f1", "validation_loss", "validation_accuracy", "validation_f1"]
    assert list(history) == [*names, "seconds"]
    measured = ag.evaluate(model, (x[:40], y[:40]), nn.CrossEntropyLoss(), {"accuracy": metrics.accuracy})
    assert history["train_accuracy"][-1] == measured["accuracy"]
    _, alone = train(train_metrics=True)
    assert alone["train_loss"] == history["train_loss"] == train(metrics=None)[1]["train_loss"]
    assert list(alone) == ["train_loss", "train_accuracy", "train_f1", "seconds"]
    with pytest.raises(ValueError, match="train_metrics=True"):
        train()


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.f1, metrics.r2, metrics.mae])
def test_numbers_that_are_none_are_refused_by_name(metric):
    for prediction, target, message in (
        ([1.0, np.nan], [1.0, 0.0], r"the predictions hold nan at \(1,\) \(1 of 2 elements\)"),
        ([1.0, 0.0], [np.nan, np.nan], r"the targets hold nan at \(0,\) \(2 of 2 elements\)"),
    ):
        with pytest.raises(ValueError, match=f"{metric.__name__}: {message}"):
            metric(prediction, target)
    with pytest.raises(ValueError, match=f"{metric.__name__}: predictions of shape"):
        metric([1.0, 2.0], [1.0])


def test_infinite_scores_have_a_largest_one():
    assert metrics.accuracy([[-np.inf, 0.0], [np.inf, 0.0]], [1, 0]) == 1.0


def test_what_are_no_classes_is_refused_and_probabilities_are_told():
    with pytest.raises(ValueError, match="accuracy: the targets hold 0.5, which is no class number: r2 and mae"):
        metrics.accuracy([1.0, 2.0], [0.5, 1.0])
    with pytest.raises(ValueError, match=r"of one-hot rows give targets.argmax\(axis=1\)"):
        metrics.f1(np.eye(3), np.eye(3))
    probabilities, answers = np.linspace(0.05, 0.95, 10), np.repeat([0, 1], 5)
    with pytest.warns(ag.AutogradWarning, match="as probabilities do.*threshold=0.5"):
        assert metrics.accuracy(probabilities, answers) == 0.5
    assert metrics.accuracy(probabilities, answers, threshold=0.5) == 1.0
