"""Experiments: splits that do not overlap, honest baselines, and defaults that do their job."""

from dataclasses import replace

import numpy as np
import pytest

from autograd_lite.cli import experiment
from autograd_lite.cli.experiment import default_settings, explain, mean_of_networks, run
from autograd_lite.cli.predictor import Architecture
from autograd_lite.data.datasets import MADE_HERE, Dataset, load, moons
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.train import compiling


def table(rows=200, noise=0.1, seed=0):
    generator = np.random.default_rng(seed)
    features = generator.normal(10, 5, (rows, 3))
    target = features @ [1.0, -2.0, 0.0] + 100 + noise * generator.normal(size=rows)
    return Dataset("line", features, target, ("a", "b", "c"))


@pytest.mark.parametrize("data", [moons(rows=700), table(700)], ids=["classes", "values"])
def test_every_row_has_one_part(data):
    result = run(data, default_settings(data, epochs=1), progress=False, compare=False)
    assert (result.train_rows, result.validation_rows, result.test_rows) == (476, 84, 140)
    assert "validation_loss" in result.history
    assert result.contest == {}


def test_few_rows_are_not_spent_on_validation():
    result = run(table(), replace(default_settings(table()), epochs=1), progress=False, compare=False)
    assert (result.train_rows, result.validation_rows, result.test_rows) == (160, 0, 40)
    assert "validation_loss" in result.history
    assert list(result.contest) == ["network", "linear", "the same answer always"]


def test_the_test_part_is_seen_by_nothing_that_learns(monkeypatch):
    data, seen = table(), []
    monkeypatch.setattr(experiment, "fit", lambda network, pair, *_, **settings: seen.append(pair) or _NoHistory())
    result = run(data, default_settings(data, epochs=1), progress=False, compare=False)
    assert len(seen[0][0]) == 136
    raw = result.predictor.features.inverse(seen[0][0])
    np.testing.assert_allclose(raw.mean(axis=0), result.predictor.features.shift, rtol=1e-6)


class _NoHistory:
    interrupted = False


def test_the_majority_comes_from_the_training_part():
    data = moons(rows=200)
    skewed = replace(data, target=(np.arange(200) % 4 == 0).astype(np.int64))
    result = run(skewed, replace(default_settings(skewed), epochs=1), progress=False, compare=False)
    assert result.baselines["majority class"] == 0.75


def test_a_line_is_found_as_least_squares_finds_it():
    result = run(table(), default_settings(table()), progress=False, compare=False)
    assert result.measure == "R²"
    assert result.score > 0.9999
    assert result.score == pytest.approx(result.baselines["ridge regression"], abs=1e-4)
    assert -0.1 < result.baselines["mean"] <= 0
    assert result.error == pytest.approx(0.1, rel=0.5)


def test_the_same_settings_give_the_same_result():
    data = moons(rows=200)
    settings = default_settings(data, epochs=3, dropout=0.1)
    results = [run(data, s, progress=False, compare=False) for s in (settings, settings, replace(settings, seed=1))]
    losses = [result.history["train_loss"] for result in results]
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("optimizer", experiment.OPTIMIZERS)
@pytest.mark.parametrize("data", [moons(), table()], ids=["classes", "values"])
def test_every_optimizer_has_defaults_that_learn(data, optimizer):
    result = run(data, default_settings(data, optimizer=optimizer), progress=False, compare=False)
    assert result.score > 0.93


@pytest.mark.parametrize(
    ("name", "least"),
    [("digits", 0.97), ("breast_cancer", 0.94), ("iris", 0.9), ("wine", 0.94), ("moons", 0.95), ("spiral", 0.95)],
)
def test_defaults_on_the_built_in_classes(name, least):
    if name not in MADE_HERE:
        pytest.importorskip("sklearn")
    data = load(name)
    result = run(data, default_settings(data), progress=False, compare=False)
    assert result.score >= least


def test_defaults_on_diabetes():
    pytest.importorskip("sklearn")
    data = load("diabetes")
    result = run(data, default_settings(data), progress=False, compare=False)
    assert result.score >= result.baselines["ridge regression"] - 0.02


def test_the_mean_of_networks_is_one_wide_network():
    for hidden in ((3, 2), (4,)):
        small = [Architecture(2, hidden, 3, dropout=0.1).build().eval() for _ in range(3)]
        wide = Architecture(2, tuple(3 * units for units in hidden), 3, dropout=0.1).build().eval()
        wide.load_state_dict(mean_of_networks(small))
        x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
        with no_grad():
            mean = np.mean([network(x).numpy() for network in small], axis=0)
            np.testing.assert_allclose(wide(x).numpy(), mean, atol=1e-6)


def test_the_better_model_on_rows_left_out_is_taken():
    bent, straight = moons(rows=300), table(150)
    for data, hidden in ((bent, (640, 320)), (straight, ())):
        result = run(data, default_settings(data), progress=False, compare=False)
        assert result.predictor.architecture.hidden == hidden
        assert (result.contest["linear"] <= result.contest["network"]) is (hidden == ())
        assert result.score >= max(result.baselines.values()) - 0.03


@pytest.mark.parametrize("classes", [None, ("rare", "often")])
def test_where_nothing_can_be_learned_the_answer_is_the_best_one(classes):
    generator = np.random.default_rng(0)
    target = generator.normal(size=300) if classes is None else (generator.random(300) < 0.8).astype(np.int64)
    data = Dataset("noise", generator.normal(size=(300, 20)), target, tuple(map(str, range(20))), classes)
    result = run(data, default_settings(data), progress=False, compare=False)
    assert result.score > result.baselines["mean" if classes is None else "majority class"] - 0.01


def test_missing_numbers_are_filled_from_the_training_part():
    data = table(200)
    data.features[::7, 1] = np.nan
    result = run(data, default_settings(data, epochs=1), progress=False, compare=False)
    fill = result.predictor.features.fill
    rows = experiment.prepare(data, default_settings(data, epochs=1)).train
    np.testing.assert_allclose(fill, np.nanmedian(data.features[rows], axis=0))
    assert np.isfinite(result.predictor.predict(data.features)).all()


def test_explains_the_step_that_it_trains_with(monkeypatch):
    data = moons(rows=200)
    settings = default_settings(data, epochs=6, hidden=(8,), dropout=0.1)
    made, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: made.append(make(*given)) or made[-1])
    run(data, settings, progress=False, compare=False)
    assert made[0].source == explain(data, settings).source
