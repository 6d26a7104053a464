"""Arrays of two or three columns are combined with a stretched one column by column, which is the same, bit for bit."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.compiler.check import check, check_training, compiled

RNG = np.random.default_rng(0)
FUNCTIONS = [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum]
STRETCHED = {"a row": lambda a: a[3], "a row of one": lambda a: a[3:4], "a column": lambda a: a[:, 1:2]}
CASES = {  # arrays of the program's own, which stay in their places
    "in another array": lambda a, b, f, s: f(a * 2, s(b * 3)),
    "from the left": lambda a, b, f, s: f(s(b * 3), a * 2),
    "in place of the other": lambda a, b, f, s: f(np.exp(a), s(b * 3)),
    "with itself": lambda a, b, f, s: f(a * 2, s(a * 2)),
    "with its first column": lambda a, b, f, s: f(a * 2, (a * 2)[:, :1]),
    "with sums": lambda a, b, f, s: f(a * 2, np.sum(b * 3, axis=1, keepdims=True)),
    "twice": lambda a, b, f, s: f(f(a * 2, s(b * 3)), s(b * 3)),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stretch", STRETCHED)
@pytest.mark.parametrize("columns", [2, 3])
def test_the_same_bits(columns, stretch, case):
    for function in FUNCTIONS:
        calls = [
            tuple(ag.tensor(RNG.normal(size=(7, columns)).astype(np.float32), requires_grad=True) for _ in "ab")
            for _ in range(3)
        ]
        step = check(lambda a, b, f=function: -CASES[case](a, b, f, STRETCHED[stretch]), *calls)
        last = [line for line in step.source.splitlines() if f"np.{function.__name__}(" in line][-columns:]
        assert all(f"_{column}" in line for column, line in enumerate(last))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_trains_the_same_and_its_text_has_the_columns(classes):
    def make():
        model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, classes))
        optimizer, criterion = optim.Adam(model.parameters()), nn.CrossEntropyLoss()

        def step(x, labels):
            optimizer.zero_grad()
            loss = criterion(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss

        return step, model.parameters

    batches = [(RNG.normal(size=(9, 4)).astype(np.float32), RNG.integers(classes, size=9)) for _ in range(4)]
    source = check_training(make, batches).source
    last = classes - 1
    assert f"np.add(linear_2_{last}, bias_2_{last}, out=linear_2_{last})" in source
    assert re.search(rf"linear_2_{last} = linear_2\[:, {last}\]", source)


def test_wide_arrays_go_as_a_whole():
    step = compiled(lambda a: np.exp(a * 2 + (a * 3)[0]))
    step(ag.tensor(np.ones((9, 4))))
    assert "[:, " not in step.source
