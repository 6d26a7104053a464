"""Linear models in float64, beside scikit-learn's and the normal equations."""

import numpy as np
import pytest

from autograd_lite.cli.linear import Linear, constant, fit_linear, folds, log_loss, probabilities

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(200, 4))


def test_values_without_noise_are_found_exactly():
    y = X @ [1.0, -2.0, 0.0, 3.0] + 5
    model = fit_linear(X, y, None)
    np.testing.assert_allclose(model.weight, [[1, -2, 0, 3]], atol=1e-6)
    np.testing.assert_allclose(model(X)[:, 0], y, atol=1e-6)


def test_columns_that_are_copies_or_many_do_no_harm():
    twins = np.hstack([X, X, np.zeros((200, 1))])
    y = X[:, 0] + 0.1 * GENERATOR.normal(size=200)
    assert np.mean((fit_linear(twins, y, None)(twins)[:, 0] - y) ** 2) < 0.02
    wide = GENERATOR.normal(size=(30, 80))
    model = fit_linear(wide, wide[:, 0], None)
    assert np.abs(model(wide)).max() < 10


def test_the_loss_is_that_of_rows_left_out_one_by_one():
    x, y = X[:20], X[:20, 0] + GENERATOR.normal(size=20)
    model = fit_linear(x, y, None)
    errors = []
    for i in range(20):
        kept = np.arange(20) != i
        middle, shift = y[kept].mean(), x[kept].mean(axis=0)
        centred = x[kept] - shift
        weight = np.linalg.solve(centred.T @ centred + model.penalty * np.eye(4), centred.T @ (y[kept] - middle))
        errors.append((middle + (x[i] - shift) @ weight - y[i]) ** 2)
    assert model.loss == pytest.approx(np.mean(errors), rel=0.05)


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_those_of_scikit_learn(classes):
    linear_model = pytest.importorskip("sklearn.linear_model")
    y = (X @ GENERATOR.normal(size=(4, classes)) + GENERATOR.normal(size=(200, classes))).argmax(axis=1)
    model = fit_linear(X, y, classes)
    scale = 2 if classes == 2 else 1  # two columns of weights share what one has there
    theirs = linear_model.LogisticRegression(C=scale / model.penalty, tol=1e-10, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(probabilities(model(X)), theirs.predict_proba(X), atol=2e-4)
    assert 0 <= model.loss <= 0.5


def test_folds_measure_every_row_once_and_share_the_classes():
    y = np.repeat([0, 1], [40, 10])
    held = [rows for _, rows in folds(y, True, 0)]
    assert sorted(np.concatenate(held)) == list(range(50))
    assert {int(np.sum(y[rows])) for rows in held} == {2}
    assert all(not set(train) & set(rows) for train, rows in folds(y, True, 0))


def test_the_constant_looks_at_no_column():
    like = Linear(np.ones((3, 4)), np.zeros(3), 1.0, 0.5)
    y = np.array([0, 2, 2, 2])
    np.testing.assert_allclose(probabilities(constant(like, y, ("a", "b", "c"))(X[:1])), [[0.25, 0, 0.75]], atol=1e-5)
    assert log_loss(np.log([[0.25, 0.75]]), np.array([1])) == pytest.approx(-np.log(0.75))
