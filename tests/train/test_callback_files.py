"""Callbacks that write files: checkpoints to go on from, tables, pictures."""

import csv
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim
from autograd_lite.optim import lr_scheduler as schedulers
from autograd_lite.train import compiling
from tests.train.watched import Diary, Scripted, network, same, train

# ---- checkpoints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.AdamW])
@pytest.mark.parametrize("compile", [True, False])
def test_a_training_that_is_resumed_is_the_one_that_was_not_interrupted(make, compile, tmp_path, monkeypatch):
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)

    def fresh():
        ag.manual_seed(0)
        model = network()
        settings = {"momentum": 0.9} if make is optim.SGD else {"betas": (0.8, 0.99)}
        return model, make(model.parameters(), lr=0.01, **settings)

    model, optimizer = fresh()
    _, whole = train(model=model, optimizer=optimizer, epochs=6, compile=compile)
    begun, begun_optimizer = fresh()
    train([cb.Checkpoint(tmp_path / "c.npz")], model=begun, optimizer=begun_optimizer, epochs=3, compile=compile)

    ag.manual_seed(99)
    resumed = network()
    resumed_optimizer = make(resumed.parameters(), lr=1.0, **({"momentum": 0.1} if make is optim.SGD else {}))
    history = cb.load_checkpoint(tmp_path / "c.npz", resumed, resumed_optimizer)
    _, rest = train(model=resumed, optimizer=resumed_optimizer, epochs=3, compile=compile)
    assert history["train_loss"] + rest["train_loss"] == whole["train_loss"]
    assert same(resumed.state_dict(), model.state_dict())
    assert resumed_optimizer.param_groups[0].get("betas") == optimizer.param_groups[0].get("betas")


@pytest.mark.parametrize("first", ["checkpoint", "schedule"])
@pytest.mark.parametrize(
    "make",
    [
        lambda optimizer, **last: schedulers.CosineAnnealingLR(optimizer, T_max=4, **last),
        lambda optimizer, **last: schedulers.OneCycleLR(optimizer, max_lr=0.1, total_steps=7, **last),
        lambda optimizer, **last: schedulers.CosineAnnealingWarmRestarts(optimizer, T_0=2, **last),
    ],
)
def test_a_scheduler_goes_on_too(make, first, tmp_path):
    def fresh():
        ag.manual_seed(0)
        model = network()
        return model, optim.Adam(model.parameters(), lr=0.01)

    model, optimizer = fresh()
    _, whole = train([cb.Schedule(make(optimizer))], model=model, optimizer=optimizer, epochs=6)
    model, optimizer = fresh()
    both = [cb.Checkpoint(tmp_path / "c.npz"), cb.Schedule(make(optimizer))]
    train(both if first == "checkpoint" else both[::-1], model=model, optimizer=optimizer, epochs=3)

    model, optimizer = fresh()
    history = cb.load_checkpoint(tmp_path / "c.npz", model, optimizer)
    going_on = cb.Schedule(make(optimizer, last_epoch=history.epochs - 1))
    _, rest = train([going_on], model=model, optimizer=optimizer, epochs=3)
    assert history["train_loss"] + rest["train_loss"] == whole["train_loss"]


def test_checkpoints_every_few_epochs_and_of_the_best(tmp_path):
    train([cb.Checkpoint(tmp_path / "{epoch}.npz", every_epochs=2)], epochs=5)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2.npz", "4.npz", "5.npz"]
    model, _ = train([Scripted([3, 1, 2, 2]), cb.Checkpoint(tmp_path / "best.npz", monitor="scripted")])
    position = ag.default_generator().bit_generator.state
    assert cb.load_checkpoint(tmp_path / "best.npz", model).epochs == 2
    assert ag.default_generator().bit_generator.state == position  # without an optimizer nothing goes on


def test_a_checkpoint_holds_no_pickles(tmp_path):
    train([cb.Checkpoint(tmp_path / "c.npz")], epochs=1)
    with np.load(tmp_path / "c.npz", allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_what_is_no_checkpoint_or_does_not_fit_changes_nothing(tmp_path):
    path = tmp_path / "c.npz"
    train([cb.Checkpoint(path)], epochs=1)
    model = nn.Linear(3, 1)
    optimizer = optim.Adam(model.parameters())
    before = model.state_dict()
    with pytest.raises(ValueError, match="missing"):
        cb.load_checkpoint(path, model, optimizer)
    other = network()
    state = other.state_dict()
    with pytest.raises(ValueError, match="other parameter groups"):
        cb.load_checkpoint(path, other, optimizer)
    assert same(model.state_dict(), before) and same(other.state_dict(), state)
    for content in (b"", b"nothing", path.read_bytes()[:-100]):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(ValueError, match="is damaged"):
            cb.load_checkpoint(tmp_path / "bad.npz", other)
    with pytest.raises(FileNotFoundError):
        cb.load_checkpoint(tmp_path / "none.npz", other)


def test_a_checkpoint_that_cannot_be_written_is_refused_before_the_first_step(tmp_path):
    diary = Diary()
    for callback in (cb.Checkpoint, cb.CSVLogger, cb.LearningCurve):
        with pytest.raises(OSError, match="no folder"):
            train([diary, callback(tmp_path / "none" / ("c.npz" if callback is cb.Checkpoint else "c.png"))])
    assert "step 1" not in diary.notes


# ---- tables and pictures ---------------------------------------------------------------------------------


def test_csv(tmp_path):
    path = tmp_path / "t.csv"
    _, history = train([cb.CSVLogger(path)], epochs=3)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [float(row["validation_loss"]) for row in rows] == history["validation_loss"]
    train([cb.CSVLogger(path, append=True)], epochs=2)
    assert len(path.read_text().splitlines()) == 6
    with pytest.raises(ValueError, match="has the columns"):
        train([cb.CSVLogger(path, append=True)], validation=None)
    assert len(path.read_text().splitlines()) == 6
    train([cb.CSVLogger(path)], epochs=1)
    assert len(path.read_text().splitlines()) == 2


def test_learning_curve(tmp_path):
    pytest.importorskip("matplotlib")
    metrics = {"mae": ag.metrics.mae}
    train([cb.LearningCurve(tmp_path / "c.svg")], metrics=metrics, train_metrics=True)
    text = (tmp_path / "c.svg").read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    train([cb.LearningCurve(tmp_path / "c.png")], epochs=1)
    assert (tmp_path / "c.png").read_bytes()[1:4] == b"PNG"
    with pytest.raises(ValueError, match="must end in one of"):
        train([cb.LearningCurve(tmp_path / "c.doc")])


def test_tensorboard(tmp_path, monkeypatch):
    written = []

    class SummaryWriter:
        def __init__(self, logdir):
            assert logdir == str(tmp_path)

        def add_scalar(self, name, value, step):
            written.append((name, value, step))

        def flush(self):
            pass

        def close(self):
            written.append("closed")

    monkeypatch.setitem(sys.modules, "tensorboardX", type(sys)("tensorboardX"))
    sys.modules["tensorboardX"].SummaryWriter = SummaryWriter
    _, history = train([cb.TensorBoard(tmp_path)], epochs=2)
    assert [v for n, v, _ in written[:-1] if n == "train_loss"] == history["train_loss"]
    assert ("learning_rate/0", 0.01, 2) in written and written[-1] == "closed"


@pytest.mark.parametrize(
    ("package", "callback"), [("tensorboardX", cb.TensorBoard), ("matplotlib.figure", cb.LearningCurve)]
)
def test_a_package_that_is_missing(package, callback, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "autograd_lite.support.figure", raising=False)
    name = package.partition(".")[0]
    with pytest.raises(ModuleNotFoundError, match=rf"{name}, which is not installed: pip install \"autograd_lite\["):
        train([callback(tmp_path / "c.png")])
