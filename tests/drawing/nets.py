"""More than forty nets, as users write them: what is drawn, what it is called with, and the model that is watched."""

from itertools import pairwise

import numpy as np

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F


def normal(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


def leaf(*shape, name=None):
    return ag.tensor(normal(*shape) / 2, requires_grad=True, name=name)


IMAGES, SERIES, TABLE, WORDS = normal(2, 1, 8, 8), normal(5, 2, 3), normal(6, 4), np.arange(12).reshape(3, 4) % 7
LABELS, TARGETS = np.array([0, 1, 2, 0, 1, 2]), normal(6, 1)


class Residual(nn.Module):
    def __init__(self, inner, norm=None):
        self.inner, self.norm = inner, norm

    def forward(self, x):
        return x + self.inner(x if self.norm is None else self.norm(x))


class Attention(nn.Module):
    def __init__(self, width):
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        scores = self.q(x) @ np.swapaxes(self.k(x), -1, -2) / 2.0
        return self.out(F.softmax(scores) @ self.v(x))


class Heads(nn.Module):
    def __init__(self, width, count):
        self.project, self.out, self.count = nn.Linear(width, 3 * width), nn.Linear(width, width), count

    def forward(self, x):
        parts = np.split(self.project(x), 3, axis=-1)
        q, k, v = (np.swapaxes(p.reshape(len(x), self.count, -1), 0, 1) for p in parts)
        mixed = F.softmax(q @ np.swapaxes(k, 1, 2) + np.triu(np.full((len(x),) * 2, -1e9), 1)) @ v
        return self.out(np.swapaxes(mixed, 0, 1).reshape(x.shape))


class Transformer(nn.Module):
    def __init__(self, width, depth):
        self.words = nn.Embedding(7, width)
        self.blocks = nn.Sequential(*(self.block(width) for _ in range(depth)))
        self.head = nn.Linear(width, 7)

    @staticmethod
    def block(width):
        wide = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        return nn.Sequential(Residual(Attention(width), nn.LayerNorm(width)), Residual(wide, nn.LayerNorm(width)))

    def forward(self, x):
        return self.head(self.blocks(self.words(x)))


class UShape(nn.Module):
    def __init__(self):
        self.down, self.deep = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
        self.pool, self.up = nn.MaxPool2d(2), nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x):
        a = F.relu(self.down(x))
        b = F.relu(self.deep(self.pool(a)))
        wide = np.repeat(np.repeat(b, 2, axis=2), 2, axis=3)
        return self.up(np.concatenate([a, wide], axis=1))


class Recurrent(nn.Module):
    def __init__(self, cell):
        self.cell, self.head = cell, nn.Linear(4, 1)

    def forward(self, x):
        state = None
        for t in range(len(x)):
            state = self.cell(x[t], state)
        return self.head(state[0] if isinstance(state, tuple) else state)


class HandLSTM(nn.Module):
    def __init__(self):
        self.w = nn.Parameter(normal(7, 16) / 4)

    def forward(self, x):
        h = c = np.zeros((2, 4), np.float32)
        for t in range(len(x)):
            i, f, g, o = np.split(np.concatenate([x[t], h], axis=1) @ self.w, 4, axis=1)
            c = F.sigmoid(f) * c + F.sigmoid(i) * np.tanh(g)
            h = F.sigmoid(o) * np.tanh(c)
        return h


class Tied(nn.Module):
    def __init__(self):
        self.words = nn.Embedding(7, 4)

    def forward(self, x):
        return self.words(x).mean(axis=1) @ self.words.weight.T


class Buffered(nn.Module):
    def __init__(self):
        self.shift, self.linear = nn.Buffer(normal(4)), nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x - self.shift)


def mlp(*widths, between=nn.Tanh):
    layers = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), between())]
    return nn.Sequential(*layers[:-1])


def with_loss(model, loss, x, target):
    return lambda: loss(model(x), target), (), model


def plain(model, *arguments):
    return model, arguments, model


def gan():
    generator, critic = mlp(4, 4, 4), mlp(4, 4, 1)
    bce = nn.BCEWithLogitsLoss()
    return lambda z: bce(critic(generator(z)), np.ones((6, 1))), (TABLE,), None


def by_hand():
    w1, b1, w2 = leaf(4, 3, name="w1"), leaf(3, name="b1"), leaf(3, 1, name="w2")
    return lambda x: np.square(np.tanh(x @ w1 + b1) @ w2 - TARGETS).mean(), (TABLE,), None


def shared():
    layer = nn.Linear(4, 4)
    return plain(nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh(), layer), TABLE)


doubled = ag.custom_vjp(lambda x: x * 2.0, lambda g, y, x: g * 2.0)


def own_function():
    layer = nn.Linear(4, 2)
    return lambda x: doubled(np.exp(-layer(np.log1p(np.abs(x))))).sum(), (TABLE,), layer


def scaled():
    model = mlp(4, 3, 1)
    return lambda x: model(x / 255), (TABLE,), model


def masked():
    layer = nn.Linear(4, 2)
    return lambda x: np.where(x > 0, layer(x) @ np.ones((2, 4)), 0.0).sum(), (TABLE,), layer


def checkpointed():
    inner, head = mlp(4, 4, 4), nn.Linear(4, 1)
    return lambda x: head(ag.checkpoint(inner)(x)), (TABLE,), None


def norm_of_weights():
    model = mlp(4, 3, 1)
    penalty = lambda: sum((np.linalg.norm(p) for p in model.parameters()), 0.0)
    return lambda x: np.square(model(x)).mean() + 0.1 * penalty(), (TABLE,), model


def forked():
    a, b, trunk = nn.Linear(3, 2), nn.Linear(3, 1), mlp(4, 3, 3)

    def both(x):
        h = trunk(x)
        return a(h).sum() * 2.0 + np.square(b(h)).sum()

    return both, (TABLE,), None


def siamese():
    model = mlp(4, 3, 2)
    return lambda a, b: np.square(model(a) - model(b)).sum(), (TABLE, TABLE[::-1].copy()), None


def in_place():
    w = leaf(4, 2, name="w")

    def filled(x):
        y = x @ w
        y[0] = 0.0
        y += 1.0
        return y.sum()

    return filled, (TABLE,), None


NETS = {
    "neuron": lambda: (lambda x, w, b: np.tanh(x @ w + b).sum(), (normal(3), leaf(3), leaf(1)), None),
    "linear": lambda: plain(nn.Linear(4, 2), TABLE),
    "mlp": lambda: plain(mlp(4, 8, 3), TABLE),
    "mlp by hand": by_hand,
    "mlp with cross entropy": lambda: with_loss(mlp(4, 8, 3), nn.CrossEntropyLoss(), TABLE, LABELS),
    "mlp with smoothing": lambda: with_loss(mlp(4, 3), nn.CrossEntropyLoss(label_smoothing=0.1), TABLE, LABELS),
    "mlp with MSE": lambda: with_loss(mlp(4, 3, 1), nn.MSELoss(), TABLE, TARGETS),
    "mlp with Huber": lambda: with_loss(mlp(4, 3, 1), nn.HuberLoss(), TABLE, TARGETS),
    "deep mlp": lambda: plain(mlp(*[4] * 31), TABLE),
    "scaled input": scaled,
    "layer norm first": lambda: plain(nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 2)), TABLE),
    "batch norm": lambda: plain(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU()), TABLE),
    "batch norm, evaluated": lambda: plain(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).eval(), TABLE),
    "dropout": lambda: plain(nn.Sequential(nn.Linear(4, 3), nn.Dropout(), nn.Linear(3, 1)), TABLE),
    "activations": lambda: plain(nn.Sequential(nn.Linear(4, 3), nn.GELU(), nn.SiLU(), nn.Softmax(-1)), TABLE),
    "cnn": lambda: plain(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()), IMAGES),
    "cnn, strided": lambda: plain(nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), nn.AvgPool2d(2), nn.Flatten()), IMAGES),
    "cnn with norm": lambda: plain(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU()), IMAGES),
    "residual": lambda: plain(Residual(mlp(4, 4, 4)), TABLE),
    "residual with norm": lambda: plain(Residual(mlp(4, 4, 4), nn.LayerNorm(4)), TABLE),
    "residual cnn": lambda: plain(Residual(nn.Conv2d(1, 1, 3, padding=1)), IMAGES),
    "U": lambda: plain(UShape(), IMAGES),
    "rnn": lambda: plain(Recurrent(nn.RNNCell(3, 4)), SERIES),
    "gru": lambda: plain(Recurrent(nn.GRUCell(3, 4)), SERIES),
    "lstm": lambda: plain(Recurrent(nn.LSTMCell(3, 4)), SERIES),
    "lstm by hand": lambda: plain(HandLSTM(), SERIES),
    "long rnn": lambda: plain(Recurrent(nn.RNNCell(3, 4)), normal(20, 2, 3)),
    "embedding": lambda: plain(nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(16, 2)), WORDS),
    "tied weights": lambda: plain(Tied(), WORDS),
    "attention": lambda: plain(Attention(4), TABLE),
    "attention block": lambda: plain(Residual(Attention(4), nn.LayerNorm(4)), TABLE),
    "heads": lambda: plain(Heads(4, 2), TABLE),
    "transformer": lambda: plain(Transformer(4, 2), WORDS),
    "gan": gan,
    "shared weights": shared,
    "siamese": siamese,
    "buffer": lambda: plain(Buffered(), TABLE),
    "own function": own_function,
    "mask": masked,
    "checkpoint": checkpointed,
    "penalty": norm_of_weights,
    "fork": forked,
    "in place": in_place,
}


def net(name):
    """The net of that name, drawn from the same numbers every time."""
    ag.manual_seed(0)
    return NETS[name]()
