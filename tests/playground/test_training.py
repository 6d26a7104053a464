"""Trainings of the playground: the spiral is learned, the exported script does the same, numbers are the engine's."""

import base64
import itertools
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from autograd_lite.data.tabular import TableError
from autograd_lite.playground.choices import ACTIVATIONS, optimizers, schedules
from autograd_lite.playground.data import DATA_SETS, EXTENT
from autograd_lite.playground.features import FEATURES
from autograd_lite.playground.script import script
from autograd_lite.playground.sessions import Quiet, Sessions
from autograd_lite.playground.setup import Setup, options
from autograd_lite.playground.table import points_from_csv
from autograd_lite.playground.training import LONGEST_CURVE, Curve, Training
from autograd_lite.playground.view import FINE, snapshot


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def small(**changes):
    return Setup.parsed({"rows": 60, "hidden": [4, 3], "batch_size": 8, **changes})


# ---- data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DATA_SETS)
def test_points_lie_in_the_plane_and_both_classes_are_there(name):
    x, label = DATA_SETS[name](200, 0.0, np.random.default_rng(0))
    assert x.shape == (200, 2) and np.abs(x).max() < EXTENT
    assert 60 < label.sum() < 140 and set(label) == {0, 1}
    again, _ = DATA_SETS[name](200, 0.0, np.random.default_rng(0))
    assert np.array_equal(x, again)
    noisy, _ = DATA_SETS[name](200, 0.1, np.random.default_rng(0))
    assert not np.array_equal(x, noisy)


# ---- training ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "epochs"), [("moons", 60), ("circles", 100), ("xor", 60), ("linear", 20), ("spiral", 400)]
)
def test_every_data_set_is_learned_by_its_suggested_set_up(name, epochs):
    sessions = Sessions()
    answer = sessions.begin({"setup": options()["suggested"][name]})
    request = {"session": answer["session"], "steps": 10 * answer["steps_per_epoch"]}
    while answer["epoch"] < epochs and answer["test"]["accuracy"] <= 0.95:
        answer = sessions.advance(request)
    assert answer["test"]["accuracy"] > 0.95
    assert answer["compiled"]


@pytest.mark.parametrize("name", optimizers())
def test_every_optimizer_learns(name):
    if name == "HessianFree":
        pytest.importorskip("scipy")
    training = Training(small(optimizer=name, data="linear", l2=0.001, lr=optimizers()[name]["lr"]))
    before = training.measured["train"]["loss"]
    training.advance(40)
    assert training.measured["train"]["loss"] < before
    assert training.compiled == (name not in ("LBFGS", "Newton", "HessianFree"))


@pytest.mark.parametrize("data", DATA_SETS)
def test_lbfgs_goes_down_in_every_step(data):
    training = Training(Setup.parsed({**options()["suggested"][data], "optimizer": "LBFGS", "optimizer_settings": {}}))
    losses = [training.measured["train"]["loss"]]
    for _ in range(8):
        training.advance(1)
        losses.append(training.measured["train"]["loss"])
    assert all(after <= before + 1e-6 for before, after in itertools.pairwise(losses))
    assert losses[-1] < losses[0] and len(training.loader) == 1


def test_a_long_step_of_one_does_not_hold_up_the_others():
    sessions = Sessions()
    slow, quick = (sessions.begin({})["session"] for _ in range(2))
    with sessions.find({"session": slow}).turn:  # as while it makes a step
        assert sessions.advance({"session": quick, "steps": 2})["step"] == 2
        assert sessions.begin({"setup": {"data": "xor"}})["step"] == 0


def test_warnings_are_as_before_when_the_last_one_has_gone():
    before, quiet = list(warnings.filters), Quiet()
    with quiet(), quiet():
        warnings.warn("nobody hears it", RuntimeWarning, stacklevel=1)
    assert list(warnings.filters) == before


@pytest.mark.parametrize("name", schedules())
def test_every_schedule_sets_the_rate_by_epochs(name):
    training = Training(small(schedule=name))
    rates = []
    for _ in range(70):
        rates.append(training.lr)
        training.advance(len(training.loader))
    assert len(set(rates)) == 1 if name in ("constant", "ReduceLROnPlateau") else len(set(rates)) > 1


def test_compiled_training_is_that_of_eager_mode():
    fast, plain = Training(small(l1=0.001)), Training(small(l1=0.001))
    plain.compiled, plain.step = False, plain.eager
    fast.advance(50)
    plain.advance(50)
    assert fast.compiled
    for a, b in zip(fast.model.parameters(), plain.model.parameters(), strict=True):
        assert np.array_equal(a.data, b.data)


def test_a_step_that_cannot_be_compiled_is_eager():
    training = Training(small())

    def refuse(*_):
        raise RuntimeError("no program")

    training.step = refuse
    training.advance(3)
    assert training.steps == 3 and not training.compiled


def test_time_ends_an_advance():
    training = Training(small())
    training.advance(10_000, seconds=0)
    assert training.steps == 1


def test_a_long_curve_is_thinned_over_its_whole_length():
    curve = Curve()
    for epoch in range(5000):
        curve.add(epoch, epoch, -epoch)
    epochs = [point[0] for point in curve.points]
    assert len(epochs) <= LONGEST_CURVE and epochs[0] == 0 and epochs[-1] > 4950
    assert len(set(np.diff(epochs))) == 1


# ---- what is shown -------------------------------------------------------------------------------------------


def test_a_snapshot_shows_the_network():
    training = Training(small(l2=0.01))
    training.advance(20)
    seen = snapshot(training)
    weight, bias = training.model[0].weight.data, training.model[0].bias.data
    assert np.allclose(seen["layers"][0]["weight"], weight, rtol=1e-5)
    assert np.allclose(seen["layers"][0]["bias"], bias, rtol=1e-5)
    assert [layer["name"] for layer in seen["layers"]] == ["hidden 1", "hidden 2", "output"]
    picture = np.frombuffer(base64.b64decode(seen["boundary"]), np.uint8).reshape(FINE, FINE)
    corner = training.model(np.array([[-EXTENT, EXTENT]], np.float32)).data[0, 0]
    assert picture[0, 0] == np.rint(127 * (1 + np.tanh(corner / 2)))
    assert [len(layer) for layer in seen["fields"]] == [2, 4, 3]


def test_the_curve_ends_where_the_training_is():
    training = Training(small())
    for _ in range(3):
        training.advance(1)
        epoch, train, test = snapshot(training)["curve"][-1]
        assert epoch == training.steps / len(training.loader)
        assert (train, test) == (training.measured["train"]["loss"], training.measured["test"]["loss"])


def test_gradients_are_those_of_the_objective():
    training = Training(small(l2=0.01))
    seen = snapshot(training)["layers"][1]["weight_gradient"][2][1]
    weight = training.model[2].weight
    values = []
    for change in (1e-2, -1e-2):
        before = weight.data.copy()
        moved = before.copy()
        moved[2, 1] += change
        weight.data = moved
        values.append(training.objective(training.model(training.train[0]), training.train[1]).item())
        weight.data = before
    assert seen == pytest.approx((values[0] - values[1]) / 2e-2, rel=2e-2, abs=1e-5)


def test_looking_changes_nothing():
    watched, alone = Training(small()), Training(small())
    for _ in range(30):
        watched.advance(1)
        snapshot(watched)
    alone.advance(30)
    assert snapshot(watched) == snapshot(alone)


# ---- the script ----------------------------------------------------------------------------------------------

SCRIPTS = [
    ({"data": "spiral", "optimizer": "Adam", "optimizer_settings": {"betas": [0.8, 0.99]}, "noise": 0.03}, 55),
    ({"data": "xor", "l1": 0.001, "l2": 0.01, "schedule": "StepLR", "schedule_settings": {"step_size": 2}}, 40),
    ({"data": "circles", "schedule": "ReduceLROnPlateau", "schedule_settings": {"patience": 1}, "lr": 2.0}, 60),
    ({"data": "linear", "hidden": [], "optimizer": "LBFGS", "lr": 0.5, "l2": 0.01}, 9),
    (
        {"data": "moons", "features": ["x", "x * y / 6", "np.sin(y)"], "activations": ["ReLU"], "activation": "GELU"},
        30,
    ),
    ({"data": "own", "points": [[i / 4 - 3, (7 * i) % 11 / 2 - 3, i % 3 // 2] for i in range(25)]}, 20),
    ({"data": "moons", "optimizer": "HessianFree", "l2": 0.01, "lr": 1.0}, 6),
]


@pytest.mark.parametrize(("changes", "steps"), SCRIPTS, ids=[str(i) for i in range(len(SCRIPTS))])
def test_the_script_does_the_same(tmp_path, changes, steps):
    """Run in this interpreter, which is fast; one runs as a program of its own below."""
    if changes.get("optimizer") == "HessianFree":
        pytest.importorskip("scipy")
    training = Training(small(**changes))
    training.advance(steps)
    text = script(training.setup, training.steps, len(training.test[0]))
    names = {"__name__": "__main__", "print": lambda *_: None}
    exec(compile(text, "script.py", "exec"), names)
    assert names["steps"] == steps
    for ours, theirs in zip(training.model.parameters(), names["model"].parameters(), strict=True):
        assert np.array_equal(ours.data, theirs.data)
    assert names["measure"](*training.test) == tuple(training.measured["test"].values())


def test_the_script_runs_by_itself(tmp_path):
    sessions = Sessions()
    key = sessions.begin({"setup": {"hidden": [5], "optimizer_settings": {"momentum": 0.9, "nesterov": True}}})[
        "session"
    ]
    reached = sessions.advance({"session": key, "steps": 123})
    file = tmp_path / "script.py"
    file.write_text(sessions.script({"session": key})["script"])
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    printed = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True, env=paths).stdout
    for name in ("train", "test"):
        (line,) = re.findall(rf"{name} +loss (\S+) +accuracy (\S+)", printed)
        assert line == (f"{reached[name]['loss']:.6f}", f"{reached[name]['accuracy']:.4f}")


def test_a_script_before_training_trains():
    sessions = Sessions()
    made = sessions.script({"session": sessions.begin({})["session"]})
    assert made["name"] == "moons.py" and f"STEPS = {made['steps']}\n" in made["script"] and made["steps"] > 0


def test_points_of_a_file_lie_in_the_plane(tmp_path):
    file = tmp_path / "flowers.csv"
    rows = [f"{i},{100 + i * i},{'rose' if i % 3 else 'tulip'}" for i in range(30)]
    file.write_text("length,width,species\n" + "\n".join(rows))
    points = points_from_csv(file)
    assert points[0][:2] == [-5, -5] and points[-1][:2] == [5, 5]
    assert len(points) == 30 and {label for *_, label in points} == {0, 1}
    begun = Sessions().begin({"setup": options(points)["suggested"]["own"]})
    assert sum(map(len, begun["points"].values())) == 30
    assert options(points)["data"][0] == "own"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([f"{i},{i * i},{'abc'[i % 3]}" for i in range(30)], "has 3 classes"),
        ([f"{i},{'ab'[i % 2]}" for i in range(30)], "shows two columns of numbers, and there are 1"),
        ([f"{i},{i * i},{i * 1.37}" for i in range(30)], "has numbers"),
    ],
)
def test_another_file_is_refused(tmp_path, rows, reason):
    file = tmp_path / "table.csv"
    file.write_text(",".join(["x", "y", "target"][-len(rows[0].split(",")) :]) + "\n" + "\n".join(rows))
    with pytest.raises(TableError, match=reason):
        points_from_csv(file)


@pytest.mark.parametrize("name", FEATURES)
def test_a_network_is_given_functions_of_the_coordinates(name):
    training = Training(small(data="circles", features=[name]))
    x, y = training.places["train"].T
    assert np.array_equal(training.train[0][:, 0], eval(name, {"np": np, "x": x, "y": y}).astype(np.float32))
    assert np.abs(training.train[0]).max() <= EXTENT and training.model[0].weight.shape == (4, 1)


def test_products_tell_apart_what_no_line_does():
    training = Training(Setup.parsed({"data": "xor", "hidden": [], "features": ["x * y / 6"], "noise": 0.0}))
    training.advance(300)
    assert training.measured["test"]["accuracy"] == 1


def test_a_layer_can_have_an_activation_of_its_own():
    model = Training(small(hidden=[4, 3, 2], activations=["ReLU", "GELU"])).model
    assert [type(layer).__name__ for layer in model][1::2] == ["ReLU", "GELU", "Tanh"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_trains(activation):
    training = Training(small(activation=activation))
    training.advance(5)
    assert training.finite and training.compiled
