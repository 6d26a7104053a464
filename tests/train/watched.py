"""What the tests of callbacks share: a small training, and callbacks that watch it."""

import numpy as np

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(48, 3)).astype(np.float32)
Y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 3).astype(np.float32)


def network():
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1))


def train(callbacks=(), model=None, lr=0.01, optimizer=None, **settings):
    if model is None:
        ag.manual_seed(0)
        model = network()
    optimizer = optimizer or optim.Adam(model.parameters(), lr=lr)
    settings = {"epochs": 4, "batch_size": 16, "progress": False, "validation": (X, Y), **settings}
    return model, ag.fit(model, (X, Y), nn.MSELoss(), optimizer, callbacks=callbacks, **settings)


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


class Diary(cb.Callback):
    """Notes every call."""

    def __init__(self, notes=None, name=""):
        self.notes, self.name = [] if notes is None else notes, name

    def on_train_begin(self, run):
        self.notes.append(self.name + "begin")

    def on_step_end(self, run, loss):
        assert type(loss) is float
        self.notes.append(f"{self.name}step {run.step}")

    def on_epoch_end(self, run, values):
        assert values["train_loss"] == run.history["train_loss"][-1]
        self.notes.append(f"{self.name}epoch {run.epoch}")

    def on_train_end(self, run):
        self.notes.append(self.name + "end")


class Scripted(cb.Callback):
    """Puts numbers of its own into what an epoch measured, for the callbacks after it."""

    def __init__(self, numbers):
        self.numbers = iter(numbers)
        self.states = []

    def on_epoch_end(self, run, values):
        values["scripted"] = next(self.numbers)
        self.states.append(run.model.state_dict())
