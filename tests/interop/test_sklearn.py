"""The estimators: scikit-learn's own checks, its searches, and its models as references."""

import copy
import pickle
import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn import datasets, linear_model, neural_network
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError, SkipTestWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import check_estimator

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.interop.sklearn import LinearRegression, LogisticRegression, MLPClassifier, MLPRegressor, threads
from autograd_lite.interop.sklearn import trainer as trainers

ALL = (LinearRegression, LogisticRegression, MLPClassifier, MLPRegressor)
CLASSIFIERS, REGRESSORS = (LogisticRegression, MLPClassifier), (LinearRegression, MLPRegressor)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def standardised(name, rows=None):
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return scale(X)[:rows], y[:rows]


def example(estimator):
    """Small data that it can be fitted to."""
    return standardised("wine" if estimator in CLASSIFIERS else "diabetes", 178)


# scikit-learn's own judgement.


@pytest.mark.parametrize("estimator", ALL)
def test_all_of_scikit_learns_checks_pass(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # what needs pandas or SCIPY_ARRAY_API
        check_estimator(estimator())


def test_a_search_over_learning_rates_runs_in_processes():
    X, y = datasets.load_iris(return_X_y=True)
    pipeline = Pipeline([("scaler", StandardScaler()), ("net", MLPClassifier((8,), max_iter=30, random_state=0))])
    grid = {"net__learning_rate_init": [1e-5, 0.03]}
    search = GridSearchCV(pipeline, grid, n_jobs=2, cv=3).fit(X, y)
    assert search.best_params_ == {"net__learning_rate_init": 0.03}
    assert search.best_score_ > 0.9
    alone = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    np.testing.assert_array_equal(alone.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"])


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine"])
def test_accuracy_is_that_of_scikit_learns_perceptron(name):
    """Within 1 point, or one row of those that there are; `benchmarks/estimators.py` measures it with the time."""
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    rate = {"learning_rate_init": 0.005, "max_iter": 30, "random_state": 0}
    theirs, ours = (
        cross_val_score(make_pipeline(StandardScaler(), make(**rate)), X, y, cv=folds).mean()
        for make in (neural_network.MLPClassifier, MLPClassifier)
    )
    assert ours > theirs - 0.01


# The linear models have one minimum.


@pytest.mark.parametrize("alpha", [0.0001, 20.0])
@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("way", ["lbfgs", "sgd"])
def test_linear_regression_finds_the_minimum_of_ridge(alpha, columns, way):
    X, y = standardised("diabetes")
    X = X[:, 1:5] + 0.5
    y = y if columns == 1 else np.column_stack([y, 3 * X[:, 0] - y])
    weight = np.random.default_rng(0).random(len(y))
    sgd = {"batch_size": None, "optimizer": "sgd", "learning_rate_init": 0.3, "max_iter": 2000, "tol": 0.0}
    ours = LinearRegression(alpha=alpha, **(sgd if way == "sgd" else {})).fit(X, y, weight)
    theirs = linear_model.Ridge(alpha).fit(X, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)
    assert np.shape(ours.intercept_) == np.shape(theirs.intercept_)


@pytest.mark.parametrize("estimator", REGRESSORS)
def test_columns_in_different_units_are_all_learned(estimator):
    X, y = standardised("diabetes")
    targets = np.column_stack([1e4 * y, X[:, 0] / 1e3 + 5, np.full(len(y), 0.1)])
    model = estimator(random_state=0, learning_rate_init=0.01).fit(X, targets)
    assert r2_score(targets[:, :2], model.predict(X)[:, :2], multioutput="raw_values")[1] > 0.98
    np.testing.assert_allclose(model.predict(X)[:, 2], 0.1, atol=0.1)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("way", ["lbfgs", "adam"])
def test_logistic_regression_finds_scikit_learns_minimum(classes, way):
    X, y = standardised("wine")
    X, y = X[y < classes], np.array(["a", "b", "c"])[y[y < classes]]
    adam = {"solver": "adam", "batch_size": None, "learning_rate_init": 0.1, "max_iter": 1500}
    adam |= {"n_iter_no_change": np.inf, "alpha": 2.0}
    ours = LogisticRegression(**(adam if way == "adam" else {"C": 0.5})).fit(X, y)
    theirs = linear_model.LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    difference = ours.decision_function(X) - theirs.decision_function(X)
    free = difference.mean() if classes == 3 else 0  # softmax does not see what is added to all scores
    np.testing.assert_allclose(difference, free, atol=1e-4)
    np.testing.assert_allclose(np.exp(ours.predict_log_proba(X)), ours.predict_proba(X))
    assert ours.coef_.shape == theirs.coef_.shape and ours.intercept_.shape == theirs.intercept_.shape


def test_the_first_steps_are_scikit_learns():
    """From the same weights, with all rows in one batch: the same losses and weights after 20 steps of Adam.

    Not to the last digits: scikit-learn's Adam takes ε to be corrected already.
    """
    X, y = standardised("wine")
    settings = {"hidden_layer_sizes": (7, 5), "activation": "tanh", "alpha": 0.3, "batch_size": len(X)}
    theirs = neural_network.MLPClassifier(**settings, random_state=0, warm_start=True, max_iter=1).fit(X, y)
    ours = MLPClassifier(**settings, random_state=0, warm_start=True, max_iter=1).fit(X, y)
    for layer, weight, bias in zip(list(ours.module_)[::2], theirs.coefs_, theirs.intercepts_, strict=True):
        layer.weight.data, layer.bias.data = weight.T, bias
    for model in (theirs, ours):
        model.set_params(max_iter=20).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_[1:], theirs.loss_curve_[1:], rtol=1e-6)
    for layer, weight in zip(list(ours.module_)[::2], theirs.coefs_, strict=True):
        np.testing.assert_allclose(layer.weight.data, weight.T, atol=1e-5)


# Repeatable, copied, resumed.


PASSES = {"solver": "adam"}  # over batches; the linear models go down to the minimum otherwise


@pytest.mark.parametrize("estimator", ALL)
def test_a_seed_gives_the_same_bits_and_the_packages_generator_is_left_alone(estimator):
    X, y = example(estimator)
    place = ag.default_generator().bit_generator.state
    settings = {"batch_size": 50, "max_iter": 25, **PASSES}
    fitted = [estimator(random_state=3, **settings).fit(X, y) for _ in range(2)]  # the second: compiled
    trainers.kept.clear()
    fitted.append(estimator(random_state=3, **settings).fit(X, y))
    fitted.append(estimator(random_state=np.random.RandomState(3), **settings).fit(X, y))
    for other in fitted[1:]:
        assert other.loss_curve_ == fitted[0].loss_curve_
        np.testing.assert_array_equal(other.predict(X), fitted[0].predict(X))
    assert ag.default_generator().bit_generator.state == place
    generator = np.random.default_rng(0)
    assert estimator(random_state=generator, max_iter=3, **PASSES).fit(X, y).n_iter_ == 3


@pytest.mark.parametrize("estimator", ALL)
def test_copies_and_pickles_predict_and_go_on_as_the_original(estimator):
    X, y = example(estimator)
    first = {"classes": np.unique(y)} if estimator in CLASSIFIERS else {}
    model = estimator(random_state=0)
    for _ in range(25):  # beyond the first compiled step
        model.partial_fit(X, y, **first)
    others = [pickle.loads(pickle.dumps(model)), copy.deepcopy(model)]
    for other in others:
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
    for each in (model, *others):
        each.partial_fit(X, y)
    for other in others:
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
        assert other.loss_curve_ == model.loss_curve_
    with pytest.raises(NotFittedError):
        clone(model).predict(X)


@pytest.mark.parametrize("estimator", ALL)
def test_partial_fit_makes_one_pass_and_goes_on(estimator):
    X, y = example(estimator)
    first = {"classes": np.unique(y)} if estimator in CLASSIFIERS else {}
    model = estimator(random_state=0, batch_size=None)
    for _ in range(30):
        model.partial_fit(X, y, **first)
    whole = estimator(random_state=0, batch_size=None, max_iter=30, **PASSES).fit(X, y)
    assert model.n_iter_ == 1 and len(model.loss_curve_) == 30
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("estimator", ALL)
def test_warm_start_goes_on_and_a_plain_fit_starts_anew(estimator):
    X, y = example(estimator)
    model = estimator(random_state=0, max_iter=5, warm_start=True, **PASSES).fit(X, y)
    before = model.loss_
    model.fit(X, y)
    assert len(model.loss_curve_) == 10 and model.n_iter_ == 5 and model.loss_ < before
    assert model.set_params(warm_start=False).fit(X, y).loss_ == before


def test_fits_in_threads_do_not_meet():
    X, y = standardised("wine")
    settings = {"hidden_layer_sizes": (8,), "max_iter": 40, "random_state": 0}
    alone = cross_val_score(MLPClassifier(**settings), X, y, cv=4, scoring="neg_log_loss")
    from joblib import parallel_backend

    with parallel_backend("threading", n_jobs=2):
        together = cross_val_score(MLPClassifier(**settings), X, y, cv=4, scoring="neg_log_loss", n_jobs=2)
    np.testing.assert_array_equal(alone, together)


def test_small_products_are_left_to_one_thread_and_the_others_get_theirs_back():
    def counts():
        return {library["num_threads"] for library in threads.controller().info() if library["user_api"] == "blas"}

    small, large, filters = nn.Linear(30, 100), nn.Linear(300, 1000), nn.Conv2d(1, 1, 3)
    with threads.controller().limit(limits=2, user_api="blas"):
        several = counts()
        for module, expected in ((small, {1}), (large, several), (filters, several)):
            with threads.threads_for(module, 200):
                assert counts() == expected
        first, second = threads.threads_for(small, 200), threads.threads_for(small, 200)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert counts() == {1}
        second.__exit__(None, None, None)
        with pytest.raises(ag.NonFiniteLossError):
            MLPClassifier((4,), optimizer="sgd", learning_rate_init=1e300).fit(*standardised("wine"))
        assert counts() == several


def test_few_trainers_are_kept_and_none_that_is_large(monkeypatch):
    X, y = standardised("wine")
    for size in range(1, trainers.MOST_KEPT + 4):
        MLPClassifier((size,), max_iter=1).fit(X, y)
    assert len(trainers.kept) == trainers.MOST_KEPT
    trainers.kept.clear()
    monkeypatch.setattr(trainers, "LARGEST_KEPT", 10)
    model = MLPClassifier((3,), max_iter=1).fit(X, y)
    assert not trainers.kept and not model._trainer.steps


# Weights.


@pytest.mark.parametrize("estimator", ALL)
def test_weights_count_as_repeated_rows_in_every_batch(estimator):
    X, y = example(estimator)
    times = np.random.default_rng(0).integers(0, 3, len(y))
    settings = {"batch_size": None, "max_iter": 25, "random_state": 0, "alpha": 1.0}
    weighted = estimator(**settings).fit(X, y, times)
    repeated = estimator(**settings).fit(X.repeat(times, axis=0), y.repeat(times))
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-8)


def test_all_weights_zero_is_refused():
    X, y = standardised("wine")
    with pytest.raises(ValueError, match="0 for all rows|at least one non-zero"):
        MLPClassifier().fit(X, y, np.zeros(len(y)))


# Stopping.


@pytest.mark.parametrize("estimator", ALL)
@pytest.mark.parametrize("weighted", [False, True])
def test_early_stopping_keeps_the_best_parameters(estimator, weighted):
    X, y = example(estimator)
    model = estimator(early_stopping=True, validation_fraction=0.3, learning_rate_init=0.05, n_iter_no_change=3)
    model.set_params(random_state=0, max_iter=300)
    model.fit(X, y, np.linspace(1, 2, len(y)) if weighted else None)
    assert model.n_iter_ == len(model.validation_scores_) < 300
    assert model.best_validation_score_ == max(model.validation_scores_) > 0.2
    assert model.score(X, y) > 0.2


def test_training_stops_where_the_loss_no_longer_falls_and_warns_where_it_is_cut():
    X, y = standardised("wine")
    model = MLPClassifier(tol=0.05, n_iter_no_change=4, random_state=0).fit(X, y)
    assert model.n_iter_ < 200 and model.best_loss_ == min(model.loss_curve_)
    with pytest.warns(ConvergenceWarning, match="after max_iter=3 passes"):
        MLPClassifier(max_iter=3).fit(X, y)


def test_a_diverging_fit_says_what_to_change_and_leaves_a_network():
    X, y = standardised("diabetes")
    model = LinearRegression(optimizer="sgd", learning_rate_init=50.0)
    with pytest.raises(FloatingPointError, match=r"LinearRegression: the loss became .* smaller learning rate"):
        model.fit(1000 * X, y)
    assert all(np.isfinite(p.data).all() for p in model.module_.parameters())


# Networks and optimizers of one's own.


class Residual(nn.Module):
    """Made by its class, with the estimator's generator."""

    def __init__(self, features, outputs, generator):
        self.inner = nn.Linear(features, features, generator=generator)
        self.norm = nn.BatchNorm1d(features)
        self.outer = nn.Linear(features, outputs, generator=generator)

    def forward(self, x):
        return self.outer(x + np.tanh(self.norm(self.inner(x))))


def test_a_network_of_ones_own():
    X, y = standardised("wine")
    settings = {"module": Residual, "optimizer": partial(ag.optim.SGD, momentum=0.9), "learning_rate_init": 0.05}
    models = [MLPClassifier(**settings, random_state=0, max_iter=30).fit(X, y) for _ in range(2)]
    assert models[0].score(X, y) > 0.97
    assert isinstance(models[0].module_, Residual) and models[0].module_.inner.weight.dtype == np.float64
    assert isinstance(models[0].optimizer_, ag.optim.SGD) and models[0].optimizer_.param_groups[0]["lr"] == 0.05
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(X))
    assert cross_val_score(models[0], X, y, cv=3).mean() > 0.9
    pair = MLPRegressor(module=lambda features, outputs: nn.Linear(features, outputs), max_iter=3)
    assert pair.fit(X, np.column_stack([y, -y])).predict(X).shape == (len(X), 2)


@pytest.mark.parametrize("estimator", ALL)
def test_float32_stays_float32(estimator):
    X, y = example(estimator)
    model = estimator(max_iter=3, random_state=0).fit(X.astype(np.float32), y, np.ones(len(y)))
    inside = np.float32 if "MLP" in estimator.__name__ else np.float64  # sums over columns far from 0 lose digits
    assert {p.dtype for p in model.module_.parameters()} == {np.dtype(inside)}
    result = model.predict_proba(X) if estimator in CLASSIFIERS else model.predict(X)
    assert result.dtype == np.float32


def test_the_activations():
    X, y = datasets.load_iris(return_X_y=True)
    from autograd_lite.interop.sklearn.settings import ACTIVATIONS

    for activation in ACTIVATIONS:
        model = MLPClassifier((16,), activation, learning_rate_init=0.05, max_iter=60, random_state=0)
        assert model.fit(scale(X), y).score(scale(X), y) > 0.9, activation


# Errors.


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"hidden_layer_sizes": (10, 0)}, "hidden_layer_sizes must be a whole number"),
        ({"activation": "rely"}, "activation must be one of identity"),
        ({"alpha": -1}, "alpha must be a number from 0; it is -1"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"learning_rate_init": 0.0}, "a number above 0"),
        ({"max_iter": 2.5}, "max_iter must be a whole number"),
        ({"optimizer": "adamm"}, "optimizer must be one of .*sgd.*it is 'adamm'"),
        ({"optimizer": "lbfgs"}, "optimizer must be one of"),
        ({"module": nn.Linear(13, 3)}, "not a network, so that each fit"),
        ({"module": lambda features, outputs: nn.Linear(features, 7)}, r"into \(2, 7\), and not into \(2, 3\)"),
        ({"validation_fraction": 1.0, "early_stopping": True}, "between 0 and 1"),
        ({"validation_fraction": 0.001, "early_stopping": True}, "raise validation_fraction|test_size"),
        ({"n_iter_no_change": 0}, "n_iter_no_change"),
        ({"early_stopping": 1}, "True or False"),
    ],
)
def test_settings_out_of_range_are_refused(setting, message):
    X, y = standardised("wine")
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**setting).fit(X, y)


def test_other_classes_columns_and_makers_are_refused():
    X, y = standardised("wine")
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(X, y)
    model = MLPClassifier().partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"not among the known ones.*\[7\]"):
        model.partial_fit(X[:2], [1, 7])
    with pytest.raises(ValueError, match="in an earlier call"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="early_stopping=False"):
        MLPRegressor(early_stopping=True).partial_fit(X, y)
    with pytest.raises(ValueError, match="y has 2 columns, and had 1"):
        MLPRegressor().partial_fit(X, y).partial_fit(X, np.column_stack([y, y]))
    with pytest.raises(TypeError, match="gave a list, not an Optimizer"):
        MLPClassifier(optimizer=lambda parameters, lr: []).fit(X, y)
    with pytest.raises(TypeError, match="gave a list, not a Module"):
        MLPClassifier(module=lambda features, outputs: []).fit(X, y)


def test_scikit_learn_is_imported_only_where_it_is_needed():
    code = "import sys, autograd_lite, autograd_lite.interop; print('sklearn' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "False\n"
    code = "import sys; sys.modules['sklearn'] = None; import autograd_lite.interop.sklearn"
    error = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert (
        'autograd_lite.interop.sklearn needs sklearn, which is not installed: pip install "autograd_lite[data]"'
        in error
    )


# What people rely on.


@pytest.mark.parametrize("estimator", ALL)
def test_the_layers_give_the_predictions(estimator):
    X, y = example(estimator)
    model = estimator(max_iter=30, random_state=0).fit(X, y)
    last = X
    for i, (coef, intercept) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        last = last @ coef + intercept
        last = np.maximum(last, 0) if i < model.n_layers_ - 2 else last
    if estimator in CLASSIFIERS:
        assert model.out_activation_ == "softmax" and model.n_outputs_ == 3
        np.testing.assert_allclose(last, model.decision_function(X), atol=1e-8)
    else:
        assert model.out_activation_ == "identity"
        scale_ = model.target_scale_ if estimator is MLPRegressor else 1
        mean = model.target_mean_ if estimator is MLPRegressor else 0
        np.testing.assert_allclose((last * scale_ + mean).ravel(), model.predict(X))


@pytest.mark.parametrize("estimator", ALL)
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adamw"])
def test_the_solvers_learn(estimator, solver):
    X, y = example(estimator)
    settings = {"solver": solver, "random_state": 0, "learning_rate_init": 0.02, "max_iter": 300}
    assert estimator(**settings).fit(X, y).score(X, y) > (0.9 if estimator in CLASSIFIERS else 0.4)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_momentum_is_that_of_sgd(momentum):
    X, y = standardised("wine")
    by_solver = MLPClassifier(solver="sgd", momentum=momentum, max_iter=5, random_state=0).fit(X, y)
    make = partial(ag.optim.SGD, momentum=momentum, nesterov=momentum > 0)
    assert by_solver.loss_curve_ == MLPClassifier(optimizer=make, max_iter=5, random_state=0).fit(X, y).loss_curve_


def test_learning_rates_fall():
    X, y = standardised("wine")
    rates = {}
    for how in ("constant", "invscaling", "adaptive"):
        settings = {"learning_rate": how, "n_iter_no_change": 2, "tol": 1e-2, "max_iter": 400, "solver": "sgd"}
        model = MLPClassifier(**settings, learning_rate_init=0.1, random_state=0).fit(X, y)
        rates[how] = model.optimizer_.param_groups[0]["lr"], model.n_iter_
    assert rates["constant"][0] == 0.1
    assert rates["invscaling"][0] == pytest.approx(0.1 / (1 + len(X) * rates["invscaling"][1]) ** 0.5)
    assert rates["adaptive"][0] < 1e-6 and rates["adaptive"][1] > rates["constant"][1]


@pytest.mark.parametrize("estimator", ALL)
def test_losses_on_the_validation_part_are_kept(estimator):
    X, y = example(estimator)
    model = estimator(early_stopping=True, validation_fraction=0.3, max_iter=40, random_state=0).fit(X, y)
    assert len(model.validation_loss_curve_) == len(model.validation_scores_) == model.n_iter_
    assert model.validation_loss_curve_[-1] < model.validation_loss_curve_[0]
    assert estimator(max_iter=3).fit(X, y).validation_loss_curve_ is None


@pytest.mark.parametrize("estimator", CLASSIFIERS)
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_a_row_may_have_several_labels(estimator, solver):
    X, labels = datasets.make_multilabel_classification(200, 8, n_classes=3, random_state=0)
    model = estimator(solver=solver, max_iter=300, learning_rate_init=0.02, random_state=0).fit(scale(X), labels)
    assert model.predict(scale(X)).shape == model.predict_proba(scale(X)).shape == labels.shape
    assert np.mean(model.predict(scale(X)) == labels) > 0.8 and model.score(scale(X), labels) > 0.4
    np.testing.assert_array_equal(model.predict(scale(X)), model.predict_proba(scale(X)) > 0.5)
    assert model.out_activation_ == "logistic" and list(model.classes_) == [0, 1, 2]
    one_by_one = [linear_model.LogisticRegression(tol=1e-10).fit(scale(X), column) for column in labels.T]
    if estimator is LogisticRegression and solver == "lbfgs":
        np.testing.assert_allclose(model.coef_, np.concatenate([m.coef_ for m in one_by_one]), atol=1e-5)


def test_class_weights_lift_the_rare_class():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(400, 2))
    y = (X[:, 0] + generator.normal(size=400) > 2.2).astype(int)
    found = [MLPClassifier((8,), class_weight=w, random_state=0).fit(X, y).predict(X).sum() for w in (None, "balanced")]
    assert found[1] > 2 * found[0]
    by_hand = MLPClassifier((8,), class_weight={0: 1, 1: 3}, max_iter=5, random_state=0).fit(X, y)
    by_weight = MLPClassifier((8,), max_iter=5, random_state=0).fit(X, y, np.where(y == 1, 3.0, 1.0))
    assert by_hand.loss_curve_ == by_weight.loss_curve_


def test_sparse_rows_train_a_network_as_dense_ones():
    from scipy import sparse

    X, y = datasets.load_digits(return_X_y=True)
    X, y = X[:300] / 16, y[:300]
    settings = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, "early_stopping": True}
    fitted = [MLPClassifier(**settings).fit(data, y) for data in (X, sparse.csr_matrix(X))]
    assert fitted[0].loss_curve_ == fitted[1].loss_curve_
    np.testing.assert_allclose(fitted[0].predict_proba(X), fitted[1].predict_proba(sparse.csc_matrix(X)), rtol=1e-12)


@pytest.mark.parametrize("estimator", ALL)
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"solver": "liblinear"}, "solver must be 'lbfgs' or one of"),
        ({"learning_rate": 0.1}, r"learning_rate must be 'constant'.*the number is learning_rate_init"),
        ({"momentum": 1.0}, "momentum must be"),
        ({"penalty": "l1"}, "penalty must be 'l2' or None"),
        ({"C": 0}, "C must be a number above 0"),
        ({"class_weight": "even"}, "class_weight must be 'balanced'"),
        ({"fit_intercept": "no"}, "fit_intercept must be True or False"),
    ],
)
def test_what_the_parameters_cannot_be(estimator, setting, message):
    if next(iter(setting)) not in estimator().get_params():
        return
    X, y = example(estimator)
    with pytest.raises(ValueError, match=f"^{estimator.__name__}: {message}"):
        estimator(**setting).fit(X, y)


@pytest.mark.parametrize("estimator", CLASSIFIERS)
def test_errors_name_the_class_that_was_called(estimator):
    X, y = standardised("wine")
    model = estimator(solver="adam", max_iter=2).fit(X, y)
    for call in (
        lambda: estimator().partial_fit(X, y),
        lambda: estimator(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2]),
        lambda: model.partial_fit(X, y, classes=[0, 1]),
        lambda: model.partial_fit(X[:2], [1, 7]),
        lambda: estimator().fit(X, np.zeros(len(y))),
        lambda: estimator().fit(X, np.column_stack([y, y])),
        lambda: model.predict(X[:, :3]),
    ):
        with pytest.raises(ValueError, match=estimator.__name__):
            call()
