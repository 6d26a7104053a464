"""The linear models: within 1e-6 of the minimum on columns of any kind, scikit-learn's numbers where it is unique."""

import copy

import numpy as np
import pytest

pytest.importorskip("sklearn")

from scipy import sparse
from sklearn import datasets, linear_model
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from autograd_lite.interop.sklearn import LinearRegression, LogisticRegression

GENERATOR = np.random.default_rng(0)
ROWS = 100
Z = GENERATOR.normal(size=(ROWS, 6))
NOISE = 0.1 * GENERATOR.normal(size=ROWS)
COLUMNS = {
    "plain": Z,
    "units": Z * [1, 1e-8, 1e6, 1, 1e3, 1e-3] + [0, 0, 1e8, 5, 0, 7],
    "constant": np.column_stack([Z, np.full(ROWS, 0.1), np.full(ROWS, 7.0), np.zeros(ROWS)]),
    "repeated": np.column_stack([Z, 2 * Z[:, 0] + 1, Z[:, 1]]),
    "nearly repeated": np.column_stack([Z, Z[:, 3] + 1e-7 * GENERATOR.normal(size=ROWS)]),
    "years": np.column_stack([1900 + 30 * Z[:, :1], Z[:, 1:]]),
    "more columns than rows": GENERATOR.normal(size=(ROWS, 130)),
}
Y = Z @ [1.0, 2.0, -1.0, 0.5, 0.0, 3.0] + 5 + NOISE


def least_squares(X, intercept=True):
    """The sum of squares at the minimum, from standardised columns."""
    center = X.mean(axis=0) if intercept else 0.0
    columns = X - center
    size = np.sqrt((columns**2).mean(axis=0))
    columns = columns / np.where(size > 1e-12, size, 1)
    columns = np.column_stack([columns, np.ones(len(X))]) if intercept else columns
    return np.sum((Y - columns @ np.linalg.lstsq(columns, Y, rcond=None)[0]) ** 2)


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("intercept", [True, False])
def test_least_squares_on_columns_of_any_kind(kind, intercept):
    X = COLUMNS[kind]
    model = LinearRegression(fit_intercept=intercept).fit(X, Y)
    scale_ = np.sum((Y - Y.mean()) ** 2)
    assert np.sum((Y - model.predict(X)) ** 2) - least_squares(X, intercept) <= 1e-6 * scale_
    assert np.sum((Y - X @ model.coef_ - model.intercept_) ** 2) - least_squares(X, intercept) <= 1e-6 * scale_


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shift", [0, 1e4])
def test_a_line_over_years(dtype, shift):
    t = np.arange(1900, 2001, dtype=dtype).reshape(-1, 1)
    model = LinearRegression().fit(t, 3 * t[:, 0] + 5 + shift)
    np.testing.assert_allclose([model.coef_[0], model.intercept_], [3, 5 + shift], rtol=1e-6)
    assert model.score(t, 3 * t[:, 0] + 5 + shift) > 0.999999


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_ridge_is_scikit_learns(kind, alpha):
    X = COLUMNS[kind]
    weight = GENERATOR.random(ROWS)
    ours = LinearRegression(alpha=alpha).fit(X, Y, weight)
    theirs = linear_model.Ridge(alpha, solver="svd").fit(X, Y, weight)

    def objective(model):
        return np.sum(weight * (Y - model.predict(X)) ** 2) + alpha * np.sum(model.coef_**2)

    assert objective(ours) <= objective(theirs) * (1 + 1e-6)
    if kind in ("plain", "constant", "repeated", "years"):
        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5, atol=1e-8)


def log_likelihood(model, X, y):
    return model.predict_log_proba(X)[np.arange(len(y)), y].sum()


LABELS = {2: (np.median(Y) < Y).astype(int), 3: np.digitize(Y, np.quantile(Y, [0.3, 0.6]))}


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("classes", LABELS)
@pytest.mark.parametrize("C", [1e-2, 1.0, 1e3])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # rows that are separated, at a large C
def test_logistic_regression_on_columns_of_any_kind(kind, classes, C):
    X, y = COLUMNS[kind], LABELS[classes]
    ours = LogisticRegression(C=C).fit(X, y)
    theirs = linear_model.LogisticRegression(C=C, tol=1e-10, max_iter=5000, solver="lbfgs")

    def objective(model):
        return (0.5 * np.sum(model.coef_**2) - C * log_likelihood(model, X, y)) / (C * ROWS)

    if kind in ("plain", "constant") and C <= 1:
        theirs.fit(X, y)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
        assert objective(ours) <= objective(theirs) + 1e-9
    near, best, weight = copy.deepcopy(ours), objective(ours), ours.module_.weight.detach().numpy().copy()
    for _ in range(3):  # nothing near is lower
        step = GENERATOR.normal(size=weight.shape)
        for size in (1e-2, -1e-2, 1e-1):
            near.module_.weight.data = weight + size * step
            near._learned()
            assert objective(near) >= best - 1e-6


@pytest.mark.parametrize("C", [1.0, 1e3, 1e6, np.inf])
def test_classes_that_a_line_separates(C):
    x = np.linspace(-1, 1, 50).reshape(-1, 1)
    y = (x[:, 0] > 0).astype(int)
    model = LogisticRegression(C=C).fit(x, y)
    assert model.score(x, y) == 1
    if C <= 1e3:
        theirs = linear_model.LogisticRegression(C=C, tol=1e-10, max_iter=5000).fit(x, y)
        np.testing.assert_allclose(model.coef_, theirs.coef_, rtol=1e-5)
    if np.isinf(C):
        assert model.loss_ < 1e-6


@pytest.mark.parametrize("setting", [{"penalty": None}, {"C": np.inf}, {"alpha": 0.0}])
def test_no_penalty(setting):
    X, y = COLUMNS["plain"][:, :2], LABELS[2]
    expected = linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(LogisticRegression(**setting).fit(X, y).coef_, expected.coef_, rtol=1e-5)


def test_without_an_intercept():
    X, y = COLUMNS["plain"], LABELS[3]
    ours = LogisticRegression(fit_intercept=False).fit(X, y)
    theirs = linear_model.LogisticRegression(fit_intercept=False, tol=1e-10, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_array_equal(ours.intercept_, [0, 0, 0])
    line = LinearRegression(fit_intercept=False).fit(X, Y)
    expected = linear_model.LinearRegression(fit_intercept=False).fit(X, Y)
    np.testing.assert_allclose(line.coef_, expected.coef_, rtol=1e-7)
    assert line.intercept_ == 0


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1, 1: 7, 2: 0.5}])
@pytest.mark.parametrize("weighted", [True, False])
def test_class_weights_are_scikit_learns(class_weight, weighted):
    X, y = COLUMNS["plain"], LABELS[3]
    weight = GENERATOR.random(ROWS) if weighted else None
    ours = LogisticRegression(class_weight=class_weight).fit(X, y, weight)
    theirs = linear_model.LogisticRegression(class_weight=class_weight, tol=1e-10, max_iter=5000).fit(X, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)


def test_data_of_scikit_learn():
    for name in ("wine", "breast_cancer", "iris"):
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        ours = LogisticRegression().fit(scale(X), y)
        theirs = linear_model.LogisticRegression(tol=1e-10, max_iter=5000).fit(scale(X), y)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)


def test_what_is_cut_short_warns_and_a_minimum_does_not():
    X, y = COLUMNS["units"], LABELS[3]
    with pytest.warns(ConvergenceWarning, match=r"LogisticRegression has not converged after 2 steps \(max_iter=2\)"):
        LogisticRegression(max_iter=2).fit(X, y)
    model = LogisticRegression().fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) < 100
    assert model.loss_ == model.loss_curve_[-1] == min(model.loss_curve_) == pytest.approx(model.best_loss_)


def test_warm_start_goes_on_from_the_minimum():
    X, y = COLUMNS["units"], LABELS[3]
    model = LogisticRegression(warm_start=True).fit(X, y)
    before = model.coef_.copy()
    assert model.fit(X, y).n_iter_ <= 3
    np.testing.assert_allclose(model.coef_, before, rtol=1e-4)


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.coo_array, sparse.csc_array])
def test_sparse_rows_are_those_of_dense_ones(solver, form):
    X = np.where(GENERATOR.random((ROWS, 6)) < 0.3, Z, 0)
    for model, y in ((LogisticRegression, LABELS[3]), (LinearRegression, Y)):
        settings = {"solver": solver, "random_state": 0, "max_iter": 300, "tol": 1e-3, "learning_rate_init": 0.05}
        fitted = [model(**settings).fit(data, y) for data in (X, form(X))]
        np.testing.assert_allclose(fitted[1].coef_, fitted[0].coef_, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(fitted[1].predict(form(X)), fitted[0].predict(X), rtol=1e-6, atol=1e-8)


def test_a_large_sparse_matrix_is_not_made_dense():
    X = sparse.eye(2000, 100_000, format="csr")
    y = np.arange(2000) % 2
    with pytest.raises(ValueError, match="LogisticRegression: solver='lbfgs' makes X dense.*use solver='adam'"):
        LogisticRegression().fit(X, y)


def test_columns_of_zeros_give_nothing():
    zeros = np.zeros((5, 2))
    line = LinearRegression(fit_intercept=False).fit(zeros, np.ones(5))
    np.testing.assert_array_equal(line.coef_, [0, 0])
    np.testing.assert_allclose(LinearRegression().fit(zeros, np.arange(5)).predict(zeros), 2)
