"""What callbacks, and whoever else, change between the steps of `fit` has the same effect compiled and not."""

import types
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F
from autograd_lite.train import compiling

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
Y = RNG.normal(size=(40, 2))
WEIGHTS = RNG.random(40)
scale_of_all = 1.0


class Net(nn.Module):
    """A network that reads settings of all kinds."""

    def __init__(self):
        self.first, self.second = nn.Linear(4, 6), nn.Linear(6, 2)
        self.drop = nn.Dropout(0.25)
        self.gain = nn.Parameter(1.0)
        self.slope, self.mask, self.settings = 0.1, np.ones(6), {"act": "tanh", "powers": [1.0, 0.5]}
        self.shift = ag.tensor(np.zeros(2))

    def forward(self, x):
        h = self.first(x) * self.mask * self.gain
        h = np.tanh(h) if self.settings["act"] == "tanh" else F.leaky_relu(h, self.slope)
        return self.second(self.drop(h)) * self.settings["powers"][0] + self.shift


class World:
    """What a training works with, and what an event may change."""

    def __init__(self, kind):
        ag.manual_seed(3)
        self.net = Net().double()
        self.optimizer = kind(self.net.parameters(), lr=0.05)
        self.penalty = {"beta": 0.0}
        self.config = types.SimpleNamespace(weight=1.0, target_noise=np.zeros((1, 2)))
        self.first_state = self.net.state_dict()
        self.calls = []

    def loss(self, prediction, target):
        error = ((prediction - target - self.config.target_noise) ** 2).mean() * self.config.weight
        return error * scale_of_all + self.penalty["beta"] * ag.l2_penalty(self.net)


def load(world, run):
    world.net.load_state_dict(world.first_state)


def freeze(world, run):
    world.net.first.weight.requires_grad = not world.net.first.weight.requires_grad


def swap(world, run):
    world.net.second.weight.data = world.net.second.weight.data[::-1]


def another_layer(world, run):
    world.net.drop = nn.Dropout(0.5) if run.step < 40 else nn.Identity()


def hook(world, run):
    world.net.gain.register_hook(lambda g: g * 0.5)


def anneal(world, run):
    world.penalty["beta"] += 0.01


def change_global(world, run):
    global scale_of_all
    scale_of_all = 1.0 + run.step / 100


EVENTS = {
    "learning rate": lambda w, run: w.optimizer.param_groups[0].__setitem__("lr", 0.01 * run.step),
    "another kind of learning rate": lambda w, run: w.optimizer.param_groups[0].__setitem__("lr", np.float64(0.02)),
    "weight decay switched on": lambda w, run: w.optimizer.param_groups[0].__setitem__("weight_decay", 0.1),
    "the state is loaded": load,
    "a parameter is frozen": freeze,
    "a parameter is exchanged": swap,
    "a parameter without axes": lambda w, run: setattr(w.net.gain, "data", 0.5),
    "a parameter in place": lambda w, run: w.net.first.bias.data.__iadd__(0.1),
    "a buffer that is a constant": lambda w, run: setattr(w.net.shift, "data", np.array([run.step, 1.0])),
    "another layer": another_layer,
    "the mode": lambda w, run: w.net.drop.eval(),
    "the probability of a layer": lambda w, run: setattr(w.net.drop, "p", 0.6),
    "a hook": hook,
    "a number of a layer": lambda w, run: (w.net.settings.update(act="leaky"), setattr(w.net, "slope", run.step / 50)),
    "an array of a layer": lambda w, run: setattr(w.net, "mask", np.arange(6.0) * run.step / 100),
    "an array in place": lambda w, run: w.net.mask.__imul__(0.5),
    "text in a dict": lambda w, run: w.net.settings.__setitem__("act", "leaky"),
    "a number in a list": lambda w, run: w.net.settings["powers"].__setitem__(0, run.step / 50),
    "a dict": anneal,
    "an object": lambda w, run: setattr(w.config, "weight", run.step / 30),
    "an array of an object": lambda w, run: w.config.target_noise.__iadd__(0.25),
    "a global": change_global,
    "the method of the loss": lambda w, run: setattr(w.config, "weight", 0.0 if run.step % 2 else 2.0),
    "the seed": lambda w, run: ag.manual_seed(run.step),
    "the recorded state of the optimizer": lambda w, run: w.optimizer.load_state_dict(w.optimizer.state_dict()),
    "the gradient": lambda w, run: setattr(w.net.first.weight, "grad", np.ones((6, 4))),
    "the attributes of the class": lambda w, run: setattr(Net, "unused", run.step),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)
    monkeypatch.setitem(globals(), "scale_of_all", 1.0)


def trained(event, kind, compile):
    """The losses and the parameters after a training in which something happens now and then."""
    global scale_of_all
    scale_of_all = 1.0
    world = World(kind)

    class Now(ag.callbacks.Callback):
        def on_step_end(self, run, loss):
            if run.step in (20, 27, 28, 45):
                EVENTS[event](world, run)

    with warnings.catch_warnings(action="ignore", category=ag.CompileWarning):
        history = ag.fit(
            world.net, (X, Y), world.loss, world.optimizer, epochs=7, batch_size=5, progress=False, compile=compile,
            callbacks=[Now()],
        )  # fmt: skip
    return history["train_loss"], world.net.state_dict()


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
@pytest.mark.parametrize("event", EVENTS)
def test_events_between_steps(event, kind):
    (losses, state), (found, ours) = trained(event, kind, False), trained(event, kind, True)
    assert losses == found
    for name, a in state.items():
        np.testing.assert_array_equal(ours[name], a, err_msg=name)
