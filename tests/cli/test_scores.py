"""Scores, beside scikit-learn's; and the baselines that are scored by them."""

import numpy as np
import pytest

from autograd_lite.cli.baselines import baseline_scores, giveaway
from autograd_lite.cli.linear import fit_linear
from autograd_lite.cli.scores import class_score, r_squared, uneven, value_score
from autograd_lite.data.datasets import Dataset, moons

GENERATOR = np.random.default_rng(0)


def test_r_squared():
    truth = np.array([1.0, 2.0, 3.0])
    assert r_squared(truth, truth) == 1
    assert r_squared(np.full(3, 2.0), truth) == 0
    assert np.isnan(r_squared(truth, np.ones(3)))


def test_values():
    score = value_score(np.array([1.0, 4.0]), np.array([2.0, 2.0]))
    assert score.beside == {"mean absolute error": 1.5, "typical error": pytest.approx(np.sqrt(2.5))}


@pytest.mark.parametrize("classes", [2, 4])
def test_uneven_classes_as_scikit_learn_scores_them(classes):
    metrics = pytest.importorskip("sklearn.metrics")
    labels = np.where(GENERATOR.random(300) < 0.7, 0, GENERATOR.integers(0, classes, 300))
    chances = GENERATOR.dirichlet(np.ones(classes), 300).round(1) + np.eye(classes)[labels]
    chances /= chances.sum(axis=1, keepdims=True)
    assert uneven(labels)
    score, prediction = class_score(chances, labels, True), chances.argmax(axis=1)
    assert score.value == metrics.accuracy_score(labels, prediction)
    assert score.beside["balanced"] == pytest.approx(metrics.balanced_accuracy_score(labels, prediction))
    average = "binary" if classes == 2 else "macro"
    assert score.beside["F1"] == pytest.approx(metrics.f1_score(labels, prediction, average=average))
    if classes == 2:
        assert score.beside["AUC"] == pytest.approx(metrics.roc_auc_score(labels, chances[:, 1]))


def test_even_classes_have_accuracy_alone():
    assert class_score(np.eye(2), np.array([0, 1]), False).beside == {}


@pytest.mark.parametrize("task", ["classes", "values"])
def test_baselines_and_what_gives_the_target_away(task):
    data = moons(rows=200)
    if task == "values":
        data = Dataset("line", data.features, data.features @ [1.0, 2.0], ("a", "b"))
    rows = np.arange(200)
    y = data.target if task == "classes" else (data.target - data.target[40:].mean()) / data.target[40:].std()
    linear = fit_linear(data.features[40:], y[40:], 2 if task == "classes" else None)
    scores = baseline_scores(data, data.features, linear, rows[40:], rows[:40], boost=False)
    names = ["majority class", "logistic regression"] if task == "classes" else ["mean", "ridge regression"]
    assert list(scores) == names
    assert scores[names[1]].value > scores[names[0]].value + 0.2
    assert giveaway(data) is None
    leaking = np.column_stack([data.features, data.target * 2.0 + 1])
    assert giveaway(Dataset("leak", leaking, data.target, ("a", "b", "code"), data.class_names)) == "code"
