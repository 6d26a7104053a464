"""`fit` compiles its step: nobody can tell, except by the clock and by a warning where it cannot."""

import random
import signal
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.train import compiling
from autograd_lite.train.fit import fit

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(70, 3)).astype(np.float32)
Y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 3).astype(np.float32)
LABELS = (Y[:, 0] > 3).astype(np.int64) + (Y[:, 0] > 5)


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """Compile after a few steps, so that short trainings show it."""
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)


class Mixture(nn.Module):
    """A model of the user's own: a weight of its own, a residual, a method, a setting."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 8), nn.Linear(8, 8)
        self.gate = nn.Parameter(np.full(8, 0.5, np.float32))
        self.head = nn.Linear(8, 3)
        self.slope = 0.1

    def activated(self, h):
        return np.where(h > 0, h, self.slope * h)

    def forward(self, x):
        h = self.activated(self.first(x))
        return self.head(h + self.gate * self.activated(self.second(h)))


def mlp():
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 3))


def restrained():
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))


def outcome(make, compile, optimizer=optim.Adam, data=(X, LABELS), loss=None, **settings):
    """What a training leaves behind, and the step that it used."""
    ag.manual_seed(3)
    model = make()
    settings = {"epochs": 6, "batch_size": 20, "validation": data, **settings}
    loss = loss or nn.CrossEntropyLoss()
    history = fit(
        model, data, loss, optimizer(model.parameters(), lr=0.01), progress=False, compile=compile, **settings
    )
    columns = {name: history[name] for name in history if name != "seconds"}
    return columns, model.state_dict(), ag.default_generator().random()


def same(a, b):
    assert a[0] == b[0]
    assert a[1].keys() == b[1].keys() and all(np.array_equal(a[1][name], b[1][name]) for name in a[1])
    assert a[2] == b[2]


@pytest.fixture
def programs(monkeypatch):
    """The compiled steps that a test makes."""
    made, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: made.append(make(*given)) or made[-1])
    return made


# ---- nobody can tell -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [mlp, restrained, Mixture])
@pytest.mark.parametrize("optimizer", [optim.SGD, optim.AdamW])
def test_compiled_training_is_eager_training_bit_for_bit(make, optimizer, programs):
    same(outcome(make, True, optimizer), outcome(make, False, optimizer))
    assert programs[0].signatures == ["float32 (20, 3), int64 (20,)", "float32 (10, 3), int64 (10,)"] or (
        programs[0].signatures == ["float32 (10, 3), int64 (10,)", "float32 (20, 3), int64 (20,)"]
    )


def test_regression_and_metrics_too(programs):
    def make():
        return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.LayerNorm(5), nn.Linear(5, 1))

    metrics = {"worst": lambda prediction, target: np.abs(prediction - target).max()}
    given = {"data": (X, Y), "loss": nn.MSELoss(), "metrics": metrics}
    same(outcome(make, True, **given), outcome(make, False, **given))
    assert programs


def test_a_learning_rate_that_changes_takes_effect(programs):
    def run(compile):
        ag.manual_seed(0)
        model = mlp()
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

        def slower(prediction, target):
            optimizer.param_groups[0]["lr"] *= 0.5
            return 0.0

        given = {"metrics": {"none": slower}, "validation": (X, LABELS), "epochs": 5, "progress": False}
        return fit(model, (X, LABELS), nn.CrossEntropyLoss(), optimizer, compile=compile, **given)["train_loss"]

    assert run(True) == run(False)
    assert programs[0].traced <= 2


def test_a_second_training_goes_on(programs):
    def run(compile):
        ag.manual_seed(0)
        model = restrained()
        optimizer = optim.Adam(model.parameters())
        given = {"epochs": 3, "progress": False, "compile": compile}
        fits = [fit(model, (X, LABELS), nn.CrossEntropyLoss(), optimizer, **given)["train_loss"] for _ in range(2)]
        return fits, model.state_dict()

    (compiled, state), (eager, expected) = run(True), run(False)
    assert compiled == eager
    assert all(np.array_equal(state[name], expected[name]) for name in expected)
    assert len(programs) == 2


def test_short_trainings_and_rare_shapes_stay_eager(programs):
    outcome(mlp, True, epochs=1, batch_size=35)
    assert not programs
    outcome(mlp, True, epochs=2, batch_size=20)  # 6 batches of 20 rows, 2 of 10
    assert programs[0].signatures == ["float32 (20, 3), int64 (20,)"]


def test_batches_of_many_shapes_are_traced_once_each(programs):
    batches = [(X[:n], LABELS[:n]) for n in range(10, 24)] * 5
    same(outcome(mlp, True, data=batches, epochs=1), outcome(mlp, False, data=batches, epochs=1))
    assert programs[0].traced == 8


def test_gradients_are_not_kept():
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epochs in (1, 5):
        fit(model, (X, LABELS), nn.CrossEntropyLoss(), optimizer, epochs=epochs, progress=False)
        assert all(p.grad is None for p in model.parameters())
    fit(model, (X, LABELS), nn.CrossEntropyLoss(), optimizer, epochs=1, progress=False, compile=False)
    assert all(p.grad is not None for p in model.parameters())


def test_anomaly_detection_gets_eager_steps_without_a_word(programs):
    with ag.detect_anomaly():
        outcome(mlp, True)
    assert not programs


# ---- errors are those of eager mode ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [mlp, restrained])
def test_a_wrong_label_is_named_as_in_eager_mode(make):
    wrong = LABELS.copy()
    wrong[-1] = 7
    batches = [(X[i : i + 10], LABELS[i : i + 10]) for i in range(0, 60, 10)] + [(X[60:], wrong[60:])]
    errors, states = [], []
    for compile in (True, False):
        ag.manual_seed(0)
        model = make()
        optimizer = optim.Adam(model.parameters())
        with pytest.raises(ValueError, match="class") as caught:
            fit(model, batches, nn.CrossEntropyLoss(), optimizer, epochs=1, progress=False, compile=compile)
        errors.append((type(caught.value), str(caught.value), getattr(caught.value, "__notes__", None)))
        states.append({name: p.numpy().copy() for name, p in ((n, p.detach()) for n, p in model.named_parameters())})
    assert errors[0] == errors[1]
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


def test_a_batch_that_only_eager_mode_accepts_ends_compiling():
    ignored = LABELS.copy()
    ignored[-1] = -100
    batches = [(X[i : i + 10], ignored[i : i + 10]) for i in range(0, 70, 10)] * 2
    with pytest.warns(ag.CompileWarning, match="ignore_index other than -100"):
        compiled = outcome(restrained, True, data=batches, epochs=1, validation=None)
    same(compiled, outcome(restrained, False, data=batches, epochs=1, validation=None))


def test_a_mistake_in_a_model_raises_what_it_raises():
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x):
            return self.linear(x) @ np.ones((2, 2), np.float32)

    with pytest.raises(ValueError, match="matmul"):
        outcome(Wrong, True)


def test_ctrl_c_in_a_compiled_training(programs):
    ag.manual_seed(0)
    model = mlp()

    class Presses(list):
        count = 0

        def __iter__(self):
            for batch in super().__iter__():
                self.count += 1
                if self.count == 25:
                    signal.raise_signal(signal.SIGINT)
                yield batch

    batches = Presses([(X[:30], LABELS[:30]), (X[30:60], LABELS[30:60])])
    history = fit(
        model,
        batches,
        nn.CrossEntropyLoss(),
        optim.Adam(model.parameters()),
        epochs=90,
        validation=(X, LABELS),
        progress=False,
    )
    assert history.interrupted and history.epochs == 12 and programs


# ---- what cannot be compiled is trained eagerly, with one warning -------------------------------------------


class Variant(nn.Module):
    """A linear model that does something else as well."""

    def __init__(self, also):
        super().__init__()
        self.linear, self.also = nn.Linear(3, 3), also
        self.calls, self.kept, self.generator = 0, [], np.random.default_rng(0)

    def forward(self, x):
        return self.also(self, self.linear(x), x)


def branches(model, y, x):
    return y if x.sum() > 0 else 2 * y


def looks(model, y, x):
    return y / abs(y).max().item()


def counts(model, y, x):
    model.calls += 1
    return y * 0.9**model.calls


def keeps(model, y, x):
    model.kept.append(y.detach())
    return y


def remembers(model, y, x):
    model.hidden = y
    return y


def tosses(model, y, x):
    return y if random.random() < 0.5 else 2 * y


def draws(model, y, x):
    return y + np.random.normal(size=y.shape).astype(np.float32)  # noqa: NPY002


def draws_its_own(model, y, x):
    return y + model.generator.normal(size=y.shape).astype(np.float32)


def masks(model, y, x):
    return y + y[x[:, 0] > 0].sum()


@pytest.mark.parametrize(
    ("also", "why"),
    [
        (branches, "np.where"),
        (looks, "asks for a value"),
        (counts, "changes the attribute 'calls' of a Variant"),
        (keeps, "changes a list"),
        (remembers, "changes the attribute 'hidden' of a Variant"),
        (tosses, "global random generator"),
        (draws, "global random generator"),
        (draws_its_own, "draws random numbers"),
        (masks, "boolean mask"),
    ],
)
def test_falls_back_with_one_warning_that_says_why(also, why):
    def seeded(compile):
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        return outcome(lambda: Variant(also), compile)

    with pytest.warns(ag.CompileWarning, match=why) as caught:
        compiled = seeded(True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert str(caught[0].message).startswith("fit trains without compiling: ")
    assert str(caught[0].message).endswith(". compile=False turns this warning off")
    same(compiled, seeded(False))


def test_hooks_are_called_in_every_step():
    calls = []

    def hooked():
        model = mlp()
        model[0].register_forward_hook(lambda module, inputs, output: calls.append(module.training))
        return model

    with pytest.warns(ag.CompileWarning, match="hooks"):
        outcome(hooked, True)
    assert calls.count(True) == 24

    def clipped():
        model = mlp()
        model[0].weight.register_hook(lambda g: np.clip(g, -0.1, 0.1))
        return model

    with pytest.warns(ag.CompileWarning, match="parameters have hooks"):
        same(outcome(clipped, True), outcome(clipped, False))


def test_a_model_that_somebody_keeps_changing_is_not_traced_for_ever(programs):
    ag.manual_seed(0)
    model = Mixture()
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    class Changing(list):
        def __iter__(self):
            for batch in super().__iter__():
                model.slope *= 0.99
                yield batch

    with pytest.warns(ag.CompileWarning, match="again and again") as caught:
        fit(model, Changing([(X, LABELS)] * 30), nn.CrossEntropyLoss(), optimizer, epochs=1, progress=False)
    assert len(caught) == 1
    assert programs[0].traced < 5


def test_compile_false_says_nothing(programs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome(lambda: Variant(branches), False)
    assert not programs
