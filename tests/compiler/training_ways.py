"""What happens to a model and its optimizer between two training steps: each change is given the step's number."""

import copy

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 3)).astype(np.float32), rng.normal(size=(5, 2)).astype(np.float32)


class Net(nn.Module):
    def __init__(self):
        self.a = nn.Linear(3, 4)
        self.b = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Linear(4, 2))
        self.scale, self.plus = 1.0, True

    def forward(self, x):
        h = np.tanh(self.a(x)) * self.scale
        return self.b(h) if self.plus else self.b(-h)


class Training:
    """A model, an optimizer, and room for what a change keeps."""

    def __init__(self, optimizer=None):
        ag.manual_seed(3)
        self.model = Net()
        self.optimizer = (optimizer or sgd)(self.model)
        self.kept = None

    @property
    def group(self):
        return self.optimizer.param_groups[0]

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = ((self.model(x) - y) ** 2).mean()
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def sgd(model):
    return optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def adam(model):
    return optim.Adam(model.parameters(), lr=0.1)


def half(model):
    return optim.SGD(model.a.parameters(), lr=0.1)


def setting(**values):
    """A change of an optimizer's settings, one value after the other."""
    return lambda t, n: t.group.update({key: copy.copy(value[n % len(value)]) for key, value in values.items()})


def betas_in_place(t, n):
    if n == 0:
        t.group["betas"] = [0.9, 0.99]
    else:
        t.group["betas"][0] = 0.1 * n


def rate_in_place(t, n):
    if n == 0:
        t.group["lr"] = np.array(0.1)
    else:
        t.group["lr"] *= 0.5


def group_added(t, n):
    if n == 1:
        t.optimizer.add_param_group({"params": list(t.model.b.parameters()), "lr": 0.5})


def weights_loaded(t, n):
    state = t.model.state_dict()
    t.model.load_state_dict({key: a * 0.5 if a.dtype.kind == "f" else a for key, a in state.items()})


def optimizer_loaded(t, n):
    if n == 1:
        t.kept = copy.deepcopy(t.optimizer.state_dict())
    if n == 3:
        t.optimizer.load_state_dict(t.kept)


def optimizer_replaced(t, n):
    if n == 2:
        t.optimizer = adam(t.model)


def all_replaced(t, n):
    if n == 2:
        t.model = Net()
        t.optimizer = sgd(t.model)


def all_copied(t, n):
    if n == 2:
        t.model, t.optimizer = copy.deepcopy((t.model, t.optimizer))


def layer_replaced(t, n):
    t.model.b[1] = nn.Tanh() if n % 2 == 0 else nn.ReLU()


def weight_in_place(t, n):
    with ag.no_grad():
        t.model.a.weight[...] = t.model.a.weight * 0.9


def parameter_replaced(t, n):
    if n == 2:
        t.model.a.bias = nn.Parameter(np.ones(4, np.float32))


def dtype_changed(t, n):
    if n == 2:
        t.model.to(np.float64)
        t.optimizer = sgd(t.model)


def hooked(t, n):
    if n % 2 == 0:
        t.kept = t.model.a.weight.register_hook(lambda g: g * (n + 1))
    else:
        t.kept()


def forward_hooked(t, n):
    if n % 2 == 0:
        t.kept = t.model.a.register_forward_hook(lambda m, i, o: o * (n + 1))
    else:
        t.kept()


def hook_reads(t, n):
    if n == 0:
        t.kept = {"k": 1.0}
        t.model.a.weight.register_hook(lambda g: g * t.kept["k"])
        t.model.a.register_forward_hook(lambda m, i, o: o * t.kept["k"])
    t.kept["k"] = n * 0.5


def forward_replaced(t, n):
    if n == 1:
        t.model.a.forward = lambda x: x @ np.ones((3, 4), np.float32)
    if n == 3:
        del t.model.a.forward


CHANGES = {
    "nothing": lambda t, n: None,
    "frozen": lambda t, n: setattr(t.model.a.weight, "requires_grad", n % 2 == 1),
    "a layer's mode": lambda t, n: t.model.b[1].train(n % 2 == 1),
    "statistics' mode": lambda t, n: t.model.b[2].train(n % 2 == 1),
    "all modes": lambda t, n: t.model.train(n % 2 == 1),
    "a number": lambda t, n: setattr(t.model, "scale", n * 0.5),
    "a flag": lambda t, n: setattr(t.model, "plus", n % 2 == 1),
    "dropout's rate": lambda t, n: setattr(t.model.b[1], "p", 0.1 * n),
    "momentum of statistics": lambda t, n: setattr(t.model.b[2], "momentum", 0.1 * (n + 1)),
    "eps of a layer": lambda t, n: setattr(t.model.b[2], "eps", 0.1 * (n + 1)),
    "a buffer": lambda t, n: t.model.b[2].running_mean.__setitem__(..., n * 1.0),
    "the seed": lambda t, n: ag.manual_seed(7),
    "a name": lambda t, n: setattr(t.model.a.weight, "name", f"w{n}"),
    "a gradient": lambda t, n: setattr(t.model.a.weight, "grad", np.ones((4, 3), np.float32)),
    "a weight": lambda t, n: setattr(t.model.a.weight, "data", t.model.a.weight.data * 0.9),
    "a layer at the end": lambda t, n: t.model.b.append(nn.ReLU()),
    "rates of all types": setting(lr=[0, 1, 0.5, True, 0.0, -0.0, np.float32(0.1), np.array(0.2)]),
    "a rate of NumPy": setting(lr=[np.float32(0.1), np.float64(0.1), 0.2, np.float64(0.3)]),
    "weight decay": setting(weight_decay=[0.0, 0.1, 0.2, 0.0, 0, 1]),
    "momentum": setting(momentum=[0.9, 0.0, 0.5, 0.0, 0, 0.2]),
    "switches": setting(maximize=[True, False, False], nesterov=[True, False]),
    **{
        change.__name__: change
        for change in (
            *(betas_in_place, rate_in_place, group_added, weights_loaded, optimizer_loaded, optimizer_replaced),
            *(all_replaced, all_copied, layer_replaced, weight_in_place, parameter_replaced, dtype_changed),
            *(hooked, forward_hooked, hook_reads, forward_replaced),
        )
    },
}
OF_ADAM = {
    "frozen": CHANGES["frozen"],
    "betas": setting(betas=[(0.5, 0.9), [0.5, 0.5], (0.5, 0.5), (np.float64(0.1), 0.2), (0.0, 0.9)]),
    "betas_in_place": betas_in_place,
    "amsgrad": setting(amsgrad=[True, False, False]),
    "optimizer_loaded": optimizer_loaded,
    "all_copied": all_copied,
}
TRAININGS = {
    **{name: (change, half if change is group_added else sgd) for name, change in CHANGES.items()},
    **{f"{name}, Adam": (change, adam) for name, change in OF_ADAM.items()},
}
