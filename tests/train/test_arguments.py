"""Each argument of `fit` and `evaluate` is asked before the first step, by name, and the message says what to write."""

import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks, nn, optim
from autograd_lite.train import arguments

X = np.random.default_rng(0).normal(size=(8, 2))
Y = X[:, :1]
MODEL = nn.Linear(2, 1).double()
OPTIMIZER = optim.SGD(MODEL.parameters(), lr=0.0)
RIGHT = {"model": MODEL, "data": (X, Y), "loss": nn.MSELoss(), "optimizer": OPTIMIZER, "validation": (X, Y)}
RIGHT |= {"epochs": 1, "progress": False}

ORDER = r"the order is fit\(model, data, loss, optimizer\)"
WRONG = {  # parameter: values, each with what the message says
    "model": [
        (nn.Linear, r"not the class Linear: write its parentheses, Linear\(…\)"),
        (lambda x: x, "a Module whose forward"),
        ((X, Y), ORDER),
        (X, ORDER),
        (None, "not None"),
        (MODEL.parameters(), "must be a Module"),
    ],
    "loss": [
        (nn.MSELoss, r"not the class MSELoss: write its parentheses, MSELoss\(\)"),
        ("mse", r"nn.MSELoss\(\) for numbers"),
        (OPTIMIZER, ORDER),
        (Y, r"go together: fit\(model, \(X, y\), loss, optimizer\)"),
        (None, "must be a function of prediction and target"),
        (3.0, "not 3.0"),
    ],
    "optimizer": [
        (optim.Adam, r"write Adam\(model.parameters\(\), lr=0.001\)"),
        ("adam", r"write optim.Adam\("),
        (nn.MSELoss(), ORDER),
        (0.01, r"write optim.Adam\("),
        (None, r"write optim.Adam\("),
    ],
    "epochs": [
        *[(2.0, "not 2.0: write 2"), (2.5, "not 2.5$"), ("2", "not '2'"), (True, "not True"), (None, "not None")],
        (-1, "at least 0, not -1"),
    ],
    "validation": [(0.2, "no rows are split off"), (True, "not True")],
    "metrics": [
        (["accuracy"], r'write metrics={"accuracy": ag.metrics.accuracy}'),
        ("r2", r"ag.metrics.r2"),
        ({"accuracy": "accuracy"}, "a dict of functions"),
        (ag.metrics.r2, "a dict of functions"),
        ({1: ag.metrics.r2}, "a dict of functions"),
        ({"loss": ag.metrics.r2}, "without the name 'loss'"),
    ],
    "checkpoint": [(3, "a folder, a file or an ag.callbacks.Checkpoint")],
    "resume": [(1, "True or False"), ("run/", "True or False")],
    "max_steps": [(1.0, "write 1"), (-1, "at least 0")],
    "train_metrics": [(1, "True or False"), ("yes", "True or False"), (None, "True or False")],
    "batch_size": [
        (32.0, "not 32.0: write 32"),
        ("all", "a whole number or None"),
        (0, "at least 1"),
        (True, "not True"),
    ],
    "shuffle": [(0, "True or False, not 0"), ("no", "True or False")],
    "generator": [(3, r"pass np.random.default_rng\(3\)"), (np.random.RandomState(0), r"default_rng\(seed\)")],
    "accumulate": [(2.0, "write 2"), (0, "at least 1"), (None, "a whole number")],
    "clip_norm": [("1", "a number or None"), (0.0, "positive, not 0.0"), (np.nan, "positive"), (True, "not True")],
    "clip_value": [([1.0], "a number or None"), (-1, "positive, not -1")],
    "callbacks": [
        (callbacks.EarlyStopping(), r"write \[callback\]"),
        (callbacks.EarlyStopping, r"write \[callback\]"),
        ([callbacks.EarlyStopping], "write its parentheses"),
        ([print], "instances of subclasses"),
        (None, "a list of ag.callbacks"),
    ],
    "progress": [(1, "True or False"), ("bar", "True or False")],
    "compile": [("no", "True or False"), (None, "True or False")],
}
CASES = [(name, value, words) for name, cases in WRONG.items() for value, words in cases]


def test_every_parameter_has_its_cases():
    names = set(inspect.signature(ag.fit).parameters)
    assert names - {"data"} == set(WRONG) == set(arguments.RULES)


@pytest.mark.parametrize(("name", "value", "words"), CASES, ids=[f"{i} {n}" for i, (n, _, _) in enumerate(CASES)])
def test_what_an_argument_cannot_be(name, value, words):
    before = MODEL.state_dict()
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        ag.fit(**{**RIGHT, name: value})
    assert name in str(caught.value)
    assert all(np.array_equal(a, before[n]) for n, a in MODEL.state_dict().items())


@pytest.mark.parametrize("name", ["model", "loss", "metrics"])
def test_evaluate_asks_the_same(name):
    for value, _ in WRONG[name]:
        with pytest.raises((TypeError, ValueError), match=f"evaluate: {name}"):
            ag.evaluate(**{"model": MODEL, "data": (X, Y), "loss": nn.MSELoss(), name: value})


def test_numpys_numbers_are_numbers():
    settings = {"epochs": np.int64(1), "batch_size": np.int32(4), "accumulate": np.uint8(2), "clip_norm": np.float32(1)}
    assert ag.fit(**{**RIGHT, **settings, "shuffle": np.bool_(False)}).epochs == 1
