"""Callbacks: when they are called, what they may do, and that a training with them is the one without them."""

import itertools
import math
import signal

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim
from autograd_lite.train import compiling
from autograd_lite.train.callbacks.stopping import Record
from tests.train.watched import Diary, Scripted, network, same, train

# ---- the protocol ----------------------------------------------------------------------------------------


def test_the_order_of_the_calls():
    diary = Diary()
    train([diary], epochs=2)
    expected = ["begin", "step 1", "step 2", "step 3", "epoch 1", "step 4", "step 5", "step 6", "epoch 2", "end"]
    assert diary.notes == expected
    notes = []
    train([Diary(notes, "a "), Diary(notes, "b ")], epochs=1, batch_size=None)
    assert notes == ["a begin", "b begin", "a step 1", "b step 1", "a epoch 1", "b epoch 1", "b end", "a end"]


class Stops(cb.Callback):
    def __init__(self, step=None, epoch=None):
        self.step, self.epoch = step, epoch

    def on_step_end(self, run, loss):
        if run.step == self.step:
            run.stop("enough steps")
            run.stop("and more than enough")

    def on_epoch_end(self, run, values):
        if run.epoch == self.epoch:
            run.stop("enough epochs")


def test_stopping_after_an_epoch_and_in_the_middle_of_one():
    diary = Diary()
    _, history = train([Stops(epoch=2), diary])
    assert history.stopped == "enough epochs" and history.epochs == 2 and not history.interrupted
    assert diary.notes[-2:] == ["epoch 2", "end"]
    assert "stopped: enough epochs" in repr(history)

    diary = Diary()
    _, history = train([Stops(step=4), diary])
    assert history.stopped == "enough steps" and history.epochs == 1
    assert diary.notes[-2:] == ["step 4", "end"]


@pytest.mark.parametrize("method", ["on_train_begin", "on_step_end", "on_epoch_end", "on_train_end"])
def test_what_a_callback_raises_is_raised_and_the_others_are_told_of_the_end(method):
    class Fails(cb.Callback):
        pass

    def fail(*_):
        raise ZeroDivisionError("mine")

    setattr(Fails, method, fail)
    diary = Diary()
    with pytest.raises(ZeroDivisionError, match="mine"):
        train([diary, Fails()])
    assert diary.notes[0] == "begin" and diary.notes[-1] == "end"


class Broken(nn.Linear):
    """Gives no numbers."""

    def __init__(self):
        super().__init__(3, 1)

    def forward(self, x):
        return super().forward(x) * np.float32(np.nan)


def test_the_end_is_told_after_divergence_and_ctrl_c():
    diary = Diary()
    with pytest.raises(ag.train.NonFiniteLossError):
        train([diary], model=(broken := Broken()), optimizer=optim.SGD(broken.parameters(), lr=0.1))
    assert diary.notes[-1] == "end"

    class Presses(Diary):
        def on_step_end(self, run, loss):
            super().on_step_end(run, loss)
            if run.step == 5:
                signal.raise_signal(signal.SIGINT)

        def on_train_end(self, run):
            super().on_train_end(run)
            assert run.history.interrupted

    presses = Presses()
    _, history = train([presses])
    assert history.interrupted and history.epochs == 1
    assert presses.notes[-2:] == ["step 5", "end"]


def test_what_is_no_callback_is_refused():
    with pytest.raises(TypeError, match="write its parentheses"):
        train([cb.Converged])
    with pytest.raises(TypeError, match="subclasses of ag.callbacks.Callback"):
        train([print])


@pytest.mark.parametrize("compile", [True, False])
def test_a_training_with_callbacks_is_the_one_without_bit_for_bit(compile, tmp_path, monkeypatch):
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)
    programs, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: programs.append(make(*given)) or programs[-1])
    alone, expected = train(compile=False, epochs=6)
    for _ in range(2):
        given = [
            cb.EarlyStopping(patience=50, restore_best=False),
            cb.Checkpoint(tmp_path / "c.npz"),
            cb.CSVLogger(tmp_path / "t.csv"),
            cb.TimeLimit(1e6),
            cb.Converged(0.0),
            Diary(),
        ]
        model, history = train(given, compile=compile, epochs=6)
        assert same(model.state_dict(), alone.state_dict())
        assert history["train_loss"] == expected["train_loss"]
        assert history["validation_loss"] == expected["validation_loss"]
    assert [program.traced for program in programs] == [1, 1] * compile


# ---- stopping --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "settings", "epochs", "best_epoch"),
    [
        ([3, 2, 1, 1, 1, 0], {"patience": 2}, 5, 3),
        ([3, 2, 1, 1, 0, 0], {"patience": 2}, 6, 5),
        ([3, 2.5, 2, 1.5, 1, 0], {"patience": 2, "min_delta": 0.5}, 6, 6),
        ([3, 2.6, 2.2, 2.1, 2, 0], {"patience": 1, "min_delta": 0.5}, 2, 1),
        ([3, 2.6, 2.4, 2.1, 2, 0], {"patience": 2, "min_delta": 0.5}, 5, 3),
        ([0.1, 0.5, 0.4, 0.4, 0.4, 1], {"patience": 3, "mode": "max"}, 5, 2),
        ([math.nan, 2, math.nan, math.nan, 1, 1], {"patience": 2}, 4, 2),
    ],
)
def test_early_stopping(numbers, settings, epochs, best_epoch):
    script, stopping = Scripted(numbers), cb.EarlyStopping("scripted", **settings)
    model, history = train([script, stopping], epochs=6)
    assert history.epochs == epochs
    assert stopping.best_epoch == best_epoch and stopping.best == numbers[best_epoch - 1]
    assert same(model.state_dict(), script.states[best_epoch - 1])
    assert (history.stopped is None) == (epochs == 6)


def test_early_stopping_restores_the_best_when_ctrl_c_cuts_an_epoch_short():
    class Presses(cb.Callback):
        def on_step_end(self, run, loss):
            if run.step == 8:
                signal.raise_signal(signal.SIGINT)

    script = Scripted([2, 1])
    model, history = train([script, cb.EarlyStopping("scripted"), Presses()])
    assert history.interrupted and same(model.state_dict(), script.states[1])


def test_early_stopping_can_leave_the_model_and_be_used_again():
    script, stopping = Scripted([1, 2, 3, 1, 2, 3]), cb.EarlyStopping("scripted", patience=2, restore_best=False)
    for last in (2, 5):
        model, history = train([script, stopping])
        assert history.epochs == 3 and same(model.state_dict(), script.states[last])


def test_a_quantity_that_is_not_measured():
    for stopping, message in [
        (cb.EarlyStopping(), "pass validation= to fit .there are: train_loss."),
        (cb.Converged(monitor="loss"), "monitors 'loss', which is not measured"),
    ]:
        with pytest.raises(ValueError, match=message):
            train([stopping], validation=None)


@pytest.mark.parametrize(("patience", "epochs"), [(1, 3), (2, 6)])
def test_converged(patience, epochs):
    numbers = [3, 2, 1.95, 1, 0.95, 0.92, 0.91]
    _, history = train([Scripted(numbers), cb.Converged(0.1, "scripted", patience)], epochs=7)
    assert history.epochs == epochs and "converged" in history.stopped


def test_time_limit(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("autograd_lite.train.callbacks.stopping.time.monotonic", lambda: next(clock))
    _, history = train([cb.TimeLimit(4)])
    assert history.stopped == "the time limit of 4 s" and history.epochs == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: cb.EarlyStopping(patience=0),
        lambda: cb.EarlyStopping(min_delta=-1),
        lambda: cb.EarlyStopping(mode="auto"),
        lambda: cb.Converged(-1),
        lambda: cb.Converged(patience=0),
        lambda: cb.TimeLimit(-1),
        lambda: cb.Checkpoint("model.pt"),
        lambda: cb.Checkpoint("m.npz", every_epochs=0),
        lambda: cb.Checkpoint("m.npz", every_epochs=2, monitor="train_loss"),
        lambda: cb.Schedule(optim.Adam(network().parameters()), every="batch"),
        lambda: cb.Schedule(optim.Adam(network().parameters()), every="step", monitor="train_loss"),
    ],
)
def test_settings_out_of_range(make):
    with pytest.raises(ValueError, match="[a-z]"):
        make()


def test_record():
    record = Record("min")
    assert [record.broken(v, i) for i, v in enumerate([math.nan, math.inf, 2.0, 2.0, 1.0, math.nan])] == [
        False, True, True, False, True, False,
    ]  # fmt: skip


# ---- schedules -------------------------------------------------------------------------------------------


class Scheduler:
    def __init__(self):
        self.calls = []

    def step(self, *given):
        self.calls.append(given)


class OnPlateau(Scheduler):
    def step(self, metrics, epoch=None):
        self.calls.append((metrics,))


def test_schedules():
    per_epoch, per_step, plateau, monitoring, greedy = Scheduler(), Scheduler(), OnPlateau(), OnPlateau(), OnPlateau()
    _, history = train(
        [
            cb.Schedule(per_epoch),
            cb.Schedule(per_step, every="step"),
            cb.Schedule(plateau),
            cb.Schedule(monitoring, monitor="train_loss"),
            cb.Schedule(greedy, every="step"),
        ]
    )
    assert per_epoch.calls == [()] * 4 and per_step.calls == [()] * 12
    assert [v for (v,) in plateau.calls] == history["validation_loss"]
    assert [v for (v,) in monitoring.calls] == history["train_loss"]
    assert np.mean([v for (v,) in greedy.calls[:3]]) == pytest.approx(history["train_loss"][0])
    train([cb.Schedule(again := OnPlateau())], validation=None)
    assert len(again.calls) == 4
    with pytest.raises(TypeError, match="has none"):
        cb.Schedule(print)


@pytest.mark.parametrize("every", ["epoch", "step"])
def test_a_schedule_takes_effect_in_compiled_steps_without_tracing_again(every, monkeypatch):
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)
    programs, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: programs.append(make(*given)) or programs[-1])

    def run(compile):
        ag.manual_seed(0)
        model = network()
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

        class Decay:
            def step(self):
                optimizer.param_groups[0]["lr"] *= 0.9

        return train([cb.Schedule(Decay(), every)], model=model, optimizer=optimizer, epochs=6, compile=compile)

    (compiled, history), (eager, expected) = run(True), run(False)
    assert history["train_loss"] == expected["train_loss"]
    assert same(compiled.state_dict(), eager.state_dict())
    assert programs[0].traced == 1
