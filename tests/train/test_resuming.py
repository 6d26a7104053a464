"""A training that is left at any place and resumed is the one that was not: bit for bit, however often."""

import os
import signal

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim
from autograd_lite.train import compiling
from tests.optim.test_lr_scheduler import EVERY
from tests.train import killed
from tests.train.watched import X, Y, same

OPTIMIZERS = [name for name in optim.__all__ if isinstance(getattr(optim, name), type) and name != "Optimizer"]
EPOCHS, BATCHES = 3, 3  # per epoch


@pytest.fixture(autouse=True)
def soon_compiled(monkeypatch):
    monkeypatch.setattr(compiling, "EAGER_STEPS", 2)


class Leave(cb.Callback):
    """Stops once, after a step of this training."""

    def __init__(self, after):
        self.after = after

    def on_step_end(self, run, loss):
        if run.step == self.after:
            run.stop("left")


class Pressed(Leave):
    """Sends a signal instead."""

    def __init__(self, after, number=signal.SIGINT):
        super().__init__(after)
        self.number = number

    def on_step_end(self, run, loss):
        if run.step == self.after:
            signal.raise_signal(self.number)


class Parts:
    """A training as a script makes it each time that it is started."""

    def __init__(self, optimizer=optim.Adam, scheduler=None, every="epoch", seed=0, own_generator=False, **settings):
        ag.manual_seed(seed)
        own = np.random.default_rng(seed) if own_generator else None
        dropout = nn.Dropout(0.2, own) if optimizer is not optim.HessianFree else nn.Identity()
        self.model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), dropout, nn.Linear(4, 1))
        momentum = {"momentum": 0.9} if optimizer is optim.SGD else {}
        self.optimizer = optimizer(self.model.parameters(), **momentum)
        self.callbacks = [] if scheduler is None else [cb.Schedule(scheduler(self.optimizer), every)]
        self.settings = {"epochs": EPOCHS, "batch_size": 16, "validation": (X, Y), "progress": False, **settings}

    def fit(self, *more, **settings):
        given = {**self.settings, **settings}
        data = given.pop("data", (X, Y))
        callbacks = [*self.callbacks, *more]
        return ag.fit(self.model, data, nn.MSELoss(), self.optimizer, callbacks=callbacks, **given)

    def outcome(self, history):
        state = self.optimizer.state_dict()
        numbers = {name: values for name, values in history.items() if name != "seconds"}
        return self.model.state_dict(), repr(state), numbers, ag.default_generator().bit_generator.state


def equal(a, b):
    return same(a[0], b[0]) and a[1:] == b[1:]


def resumed_at(places, folder, leave=Leave, more=list, **parts):
    """Leave a training after each of these steps, and make it anew each time."""
    for seed, place in enumerate([*places, None]):
        made = Parts(seed=seed + 7 * bool(seed), **parts)
        history = made.fit(*more(), *([] if place is None else [leave(place)]), checkpoint=folder, resume=True)
        assert not place or history.epochs == (place - 1 if leave is Leave else place) // BATCHES or history.stopped
    return made.outcome(history)


def undisturbed(more=list, **parts):
    made = Parts(**parts)
    return made.outcome(made.fit(*more()))


@pytest.mark.parametrize("compile", [True, False], ids=["compiled", "eager"])
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.filterwarnings("ignore::autograd_lite.CompileWarning")
def test_every_optimizer(name, compile, tmp_path):
    parts = {"optimizer": getattr(optim, name), "compile": compile}
    assert equal(resumed_at([1, 5, 6], tmp_path, **parts), undisturbed(**parts))


@pytest.mark.parametrize("every", ["epoch", "step"])
@pytest.mark.parametrize("name", EVERY)
def test_every_scheduler(name, every, tmp_path):
    parts = {"optimizer": optim.SGD, "scheduler": EVERY[name], "every": every}
    assert equal(resumed_at([2, 3, 7], tmp_path, **parts), undisturbed(**parts))


SETTINGS = {
    "accumulated": {"accumulate": 2},
    "a generator of the data": {"generator": True},
    "a generator of dropout": {"own_generator": True},
    "measured": {"metrics": {"mae": ag.metrics.mae}, "train_metrics": True},
    "clipped": {"clip_norm": 0.1},
    "validation that draws": {"validation": "shuffled"},
    "weights": {"data": (X, Y, np.linspace(0, 1, 48))},
    "batches": {"data": "batches"},
}


def made_anew(settings):
    settings = dict(settings)
    if settings.get("generator"):
        settings["generator"] = np.random.default_rng(3)
    if settings.get("validation"):
        settings["validation"] = ag.DataLoader(X, Y, shuffle=True, batch_size=16)
    if settings.get("data") == "batches":
        settings["data"] = Noisy()
    return settings


class Noisy:
    """Batches of the caller's own, with noise from a generator of theirs."""

    def __init__(self):
        self.generator = np.random.default_rng(5)

    def __len__(self):
        return BATCHES

    def __iter__(self):
        for i in range(BATCHES):
            yield X[16 * i : 16 * i + 16] + self.generator.normal(size=(16, 3)), Y[16 * i : 16 * i + 16]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("leave", [Leave, Pressed])
def test_every_setting(settings, leave, tmp_path):
    whole = undisturbed(**made_anew(settings))
    for seed, place in enumerate([1, 4, None]):
        made = Parts(seed=seed * 5, **made_anew(settings))
        history = made.fit(*([] if place is None else [leave(place)]), checkpoint=tmp_path, resume=True)
    assert equal(made.outcome(history), whole)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_end_with_a_checkpoint_even_in_the_first_epoch(name, tmp_path):
    if not hasattr(signal, name):
        pytest.skip(f"no {name} on this system")
    number = getattr(signal, name)
    before = signal.getsignal(number)
    history = Parts().fit(Pressed(2, number), checkpoint=tmp_path)
    assert history.interrupted and history.epochs == 0 and signal.getsignal(number) == before
    assert equal(resumed_at([], tmp_path), undisturbed())


def test_without_a_checkpoint_a_signal_to_end_ends(tmp_path):
    before = signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(3)))
    try:
        with pytest.raises(SystemExit):
            Parts().fit(Pressed(2, signal.SIGTERM))
    finally:
        signal.signal(signal.SIGTERM, before)


class InMeasuring:
    """Presses Ctrl-C while it measures, once."""

    def __init__(self, after):
        self.calls, self.after = 0, after

    def __call__(self, prediction, target):
        self.calls += 1
        if self.calls == self.after:
            signal.raise_signal(signal.SIGINT)
        return 0.5


def test_an_epoch_that_is_left_while_it_is_measured(tmp_path):
    def fit(after, **checkpoint):
        made = Parts(metrics={"m": InMeasuring(after)}, train_metrics=True)
        return made.outcome(made.fit(**checkpoint))

    whole = fit(0)
    assert fit(3, checkpoint=tmp_path)[2]["train_loss"] == whole[2]["train_loss"][:1]
    assert equal(fit(0, checkpoint=tmp_path, resume=True), whole)


@pytest.mark.parametrize("steps", [[1, 2, 3], [3], [4, 4, 6, 7], [8, None]])
def test_steps_that_are_counted(steps, tmp_path):
    for count in [*steps, None]:
        made = Parts(max_steps=count)
        history = made.fit(checkpoint=tmp_path, resume=True)
        assert history.stopped == (None if count is None else f"max_steps={count}")
        assert history.epochs == (EPOCHS if count is None else count // BATCHES)
    assert equal(made.outcome(history), undisturbed())
    assert Parts().fit(max_steps=EPOCHS * BATCHES).stopped is None


# What callbacks remember.


@pytest.mark.parametrize("places", [[], [2], [3, 4, 8]])
def test_records_patience_and_tables_go_on(places, tmp_path):
    def more(folder):
        folder.mkdir(exist_ok=True)
        return [
            cb.EarlyStopping("validation_loss", patience=2, min_delta=0.05),
            cb.Converged(tolerance=1e-3, patience=2),
            cb.CSVLogger(folder / "t.csv"),
            cb.Checkpoint(folder / "best.npz", monitor="validation_loss", mode="max"),
            cb.Checkpoint(folder / "m-{epoch:03d}-{step}.npz", every_steps=2, keep=2),
        ]

    settings = {"epochs": 12}
    whole = undisturbed(lambda: more(tmp_path / "whole"), **settings)
    parts = resumed_at(places, tmp_path / "run", more=lambda: more(tmp_path / "parts"), **settings)
    assert equal(parts, whole)
    tables = [np.genfromtxt(tmp_path / name / "t.csv", delimiter=",", skip_header=1) for name in ("whole", "parts")]
    assert np.array_equal(tables[0][:, :3], tables[1][:, :3]) and len(tables[0]) > 2
    best = [ag.load(tmp_path / name / "best.npz") for name in ("whole", "parts")]
    assert same(best[0]["model"], best[1]["model"])
    files = [sorted(path.name for path in (tmp_path / name).glob("m-*")) for name in ("whole", "parts")]
    assert files[0] == files[1] and len(files[0]) == 2


def test_a_training_that_is_over_returns_what_it_returned(tmp_path):
    def parts():
        return [cb.EarlyStopping("train_loss", patience=1, min_delta=10.0)]

    first = Parts(epochs=9)
    history = first.fit(*parts(), checkpoint=tmp_path)
    again = Parts(epochs=9, seed=5)
    kept = again.fit(*parts(), checkpoint=tmp_path, resume=True)
    assert kept.stopped == history.stopped is not None
    assert equal(again.outcome(kept)[:3], first.outcome(history)[:3])


def test_a_training_can_be_made_longer(tmp_path):
    Parts(epochs=2).fit(checkpoint=tmp_path)
    assert equal(resumed_at([], tmp_path, epochs=4), undisturbed(epochs=4))


# Files.


def test_the_newest_of_several_files_is_gone_on_from(tmp_path):
    saving = cb.Checkpoint(tmp_path / "m-{epoch}.npz")
    Parts(epochs=11).fit(checkpoint=saving)
    assert saving.newest().name == "m-11.npz" and len(list(tmp_path.iterdir())) == 11


def test_a_training_does_not_begin_among_the_files_of_another(tmp_path):
    Parts(epochs=2).fit(checkpoint=cb.Checkpoint(tmp_path / "m-{epoch}.npz"))
    with pytest.raises(FileExistsError, match=r"m-2.npz is of another training: resume=True goes on"):
        Parts(epochs=1).fit(checkpoint=cb.Checkpoint(tmp_path / "m-{epoch}.npz"))
    Parts(epochs=1).fit(cb.Checkpoint(tmp_path / "m-{epoch}.npz"))


def test_looking_at_a_training_that_was_left_changes_nothing(tmp_path):
    """Fewer epochs than there are already: nothing is trained, and the place in the epoch stays."""
    Parts().fit(Leave(5), checkpoint=tmp_path)
    assert Parts(seed=3, epochs=1).fit(checkpoint=tmp_path, resume=True).epochs == 1
    assert equal(resumed_at([], tmp_path), undisturbed())


@pytest.mark.parametrize("path", ["m-{epok}.npz", "m-{epoch.npz", "m-{}.npz", "m-{epoch:x}{0}.npz", "{epoch}/m.npz"])
def test_a_name_is_formatted_or_refused(path):
    with pytest.raises(ValueError, match=r"may have \{epoch\} and \{step\}"):
        cb.Checkpoint(path)


def test_braces_that_are_meant(tmp_path):
    Parts(epochs=1).fit(cb.Checkpoint(tmp_path / "{{a}}-{epoch:03d}.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["{a}-001.npz"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": 2}, "there is one file"),
        ({"every_steps": 0}, "every_steps must be at least 1"),
        ({"every_seconds": 0}, "every_seconds must be positive"),
        ({"every_seconds": 5, "monitor": "train_loss"}, "choose one"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        cb.Checkpoint("c.npz", **settings)


def test_every_few_steps_and_seconds(tmp_path):
    Parts().fit(cb.Checkpoint(tmp_path / "{step}.npz", every_steps=2))
    assert {path.name for path in tmp_path.iterdir()} == {"2.npz", "4.npz", "6.npz", "8.npz", "9.npz"}
    Parts(epochs=1).fit(cb.Checkpoint(tmp_path / "s{step}.npz", every_seconds=1e-9))
    assert len(list(tmp_path.glob("s*"))) == BATCHES


def test_what_cannot_be_gone_on_with_is_refused_and_changes_nothing(tmp_path):
    with pytest.raises(ValueError, match="say where it is"):
        Parts().fit(resume=True)
    with pytest.raises(ValueError, match="the best epoch is no place to go on from"):
        Parts().fit(checkpoint=cb.Checkpoint(tmp_path / "c.npz", monitor="train_loss"))
    stopping = cb.EarlyStopping(patience=5)
    Parts().fit(stopping, Leave(5), checkpoint=tmp_path)
    for settings, message in (
        ({}, "had other callbacks: they differ in EarlyStopping"),
        ({"more": [stopping], "generator": np.random.default_rng()}, "other generators: they differ in data.generator"),
    ):
        made = Parts(seed=3)
        before = made.model.state_dict()
        with pytest.raises(ValueError, match=message):
            made.fit(*settings.pop("more", []), checkpoint=tmp_path, resume=True, **settings)
        assert same(made.model.state_dict(), before)
    with pytest.raises(ValueError, match="the data have fewer"):
        Parts().fit(stopping, checkpoint=tmp_path, resume=True, batch_size=48)
    cb.save_checkpoint(tmp_path / "hand.npz", made.model, made.optimizer)
    with pytest.raises(ValueError, match="written by save_checkpoint"):
        Parts().fit(checkpoint=tmp_path / "hand.npz", resume=True)


def test_an_error_leaves_the_checkpoint_before_it(tmp_path):
    class Fails(Leave):
        def on_step_end(self, run, loss):
            if run.step == self.after:
                raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        Parts().fit(Fails(5), checkpoint=tmp_path)
    assert ag.load(tmp_path / "training.npz")["step"] == 3
    assert equal(resumed_at([], tmp_path), undisturbed())


def test_a_long_history_is_small(tmp_path):
    model = nn.Linear(2, 1)
    history = ag.History()
    for i in range(100_000):
        history.append({"train_loss": 1 / (i + 1), "seconds": 0.1})
    cb.save_checkpoint(tmp_path / "c.npz", model, optim.SGD(model.parameters(), lr=0.1), history=history)
    assert os.path.getsize(tmp_path / "c.npz") < 3e6
    assert dict(cb.load_checkpoint(tmp_path / "c.npz", model)) == dict(history)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_killed_at_random_moments(tmp_path):
    """By SIGKILL, SIGTERM and Ctrl-C; ``python -m tests.train.killed 30`` does it more often."""
    digest, _ = killed.survived(tmp_path / "killed", kills=3, compile=True)
    assert digest == killed.train(tmp_path / "whole", compile=True)
    assert {path.name for path in (tmp_path / "killed").iterdir()} == killed.FILES
