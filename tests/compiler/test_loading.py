"""What a user calls things stays a name in the text, and the text can be read where it fails."""

import keyword
import linecache
import traceback
from collections import deque

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.compiler.codegen.spelling import on_one_line, readable
from autograd_lite.compiler.runtime import loading
from tests.compiler.check import check, compiled

EVIL = 'x\n    raise SystemExit\n    #"]'
NAMES = [
    EVIL,
    "x\r#",
    "x\u2028y",
    "x²",
    "ﬁ",
    "class",
    "int",
    "np",
    "state",
    "shared",
    "aligned",
    "blocks",
    "ValueError",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_module_or_tensor_gets_into_the_code(name):
    class Model(nn.Module):
        def __init__(self):
            self.inner = type(name or "K", (nn.Linear,), {})(3, 2)
            setattr(self, name, nn.Linear(2, 2))

        def forward(self, x):
            return getattr(self, name)(self.inner(x))

    model = Model()
    scale = ag.tensor(2.0 * np.ones(2), name=name)
    fi = ag.tensor(3.0 * np.ones(2), name="fi")

    def step(x):
        nn.functional.dropout(x, 0.5)
        return (np.swapaxes(model(x) * scale * fi, 0, 1) * 2).sum() + (x * 3)[0].sum()

    check(step, (ag.tensor(np.ones((4, 3))),), (ag.tensor(np.ones((4, 3))),))


@pytest.mark.parametrize("name", [*NAMES, *keyword.kwlist, "<lambda>"])
def test_no_name_of_a_function_breaks_the_code(name):
    def step(x):
        return np.concatenate([np.tanh(x), x * 2]) * x[0]

    step.__name__ = name
    check(step, (ag.tensor([1.0, 2.0]),), (ag.tensor([2.0, 2.0]),))


@pytest.mark.parametrize("name", NAMES)
def test_a_readable_name_is_one(name):
    assert readable(name).isidentifier()
    assert len(on_one_line(name).splitlines()) <= 1


def test_a_traceback_shows_the_line_that_failed():
    step = compiled(lambda x, i: (x * 2)[i])
    x = ag.tensor([1.0, 2.0])
    step(x, np.array([0, 1]))
    with pytest.raises(IndexError) as caught:
        step(x, np.array([0, 7]))
    lines = [frame.line for frame in traceback.extract_tb(caught.value.__traceback__) if "<compiled" in frame.filename]
    assert len(lines) == 1
    assert lines[0].split("  #")[0].rstrip() in step.source


def test_a_text_goes_when_many_others_have_come(monkeypatch):
    monkeypatch.setattr(loading, "MOST", 3)
    monkeypatch.setattr(loading, "LATEST", deque())
    before = set(linecache.cache)
    for n in range(5):
        compiled(lambda x: x * 2)(ag.tensor(np.ones(n + 1)))
    assert set(linecache.cache) - before == set(loading.LATEST)
    assert len(loading.LATEST) == 3
