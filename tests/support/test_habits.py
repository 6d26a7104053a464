"""Every row of the habits tables: what is told in place of what there is not, and words that mean the same."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.support.habits import KEYWORDS, MODULE, OTHERWISE, PACKAGE, TENSOR, spelled

X = np.array([[3.0, 1.0, 2.5], [0.5, 5.0, 4.0]])


@pytest.mark.parametrize("owner", [ag.tensor(X), nn.Parameter(X), nn.Linear(2, 2), ag], ids=lambda o: type(o).__name__)
def test_what_there_is_not_says_what_to_write(owner):
    table = TENSOR if isinstance(owner, ag.Tensor) else MODULE if isinstance(owner, nn.Module) else PACKAGE
    for name, instead in table.items():
        with pytest.raises(AttributeError, match=re.escape(f"has no attribute {name!r}; write {instead}")):
            getattr(owner, name)
        assert not hasattr(owner, name)
        assert name not in dir(owner)


NAMES = re.compile(r"\b(?:np|ag|nn|x)(?:\.\w+)+")


@pytest.mark.parametrize("text", sorted({*TENSOR.values(), *PACKAGE.values(), *MODULE.values(), *OTHERWISE.values()}))
def test_what_is_told_is_there(text):
    names = {"np": np, "ag": ag, "nn": nn, "x": ag.tensor(X)}
    for path in NAMES.findall(text):
        first, *rest = path.split(".")
        found = names[first]
        for name in rest:
            found = getattr(found, name)


REDUCTIONS = ("sum", "mean", "prod", "any", "all", "argmax", "argmin")


@pytest.mark.parametrize("name", REDUCTIONS)
def test_dim_and_keepdim_are_axis_and_keepdims(name):
    x = ag.tensor(X)
    expected = getattr(X, name)(axis=1, keepdims=True)
    np.testing.assert_array_equal(getattr(x, name)(dim=1, keepdim=True), expected)
    np.testing.assert_array_equal(getattr(x, name)(1, keepdim=True), expected)


CALLS = {
    "cumsum": lambda x, **word: x.cumsum(**word),
    "cumprod": lambda x, **word: x.cumprod(**word),
    "argsort": lambda x, **word: x.argsort(**word),
    "softmax": lambda x, **word: x.softmax(**word),
    "log_softmax": lambda x, **word: x.log_softmax(**word),
    "logsumexp": lambda x, **word: x.logsumexp(**word),
    "ag.softmax": lambda x, **word: ag.softmax(x, **word),
    "ag.softmax of an array": lambda x, **word: ag.softmax(X, **word),
    "ag.log_softmax": lambda x, **word: ag.log_softmax(x, **word),
    "F.softmax": lambda x, **word: nn.functional.softmax(x, **word),
    "F.log_softmax": lambda x, **word: nn.functional.log_softmax(x, **word),
    "ag.cat": lambda x, **word: ag.cat([x, x], **word),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_one_thing_has_two_words(call):
    x = ag.tensor(X)
    np.testing.assert_array_equal(call(x, dim=0), call(x, axis=0))


def test_lists_of_axes():
    assert ag.tensor(np.ones((2, 3, 4))).mean(dim=[1, 2]).shape == (2,)
    assert ag.tensor(np.ones((2, 3, 4))).diagonal(dim1=1, dim2=2).shape == (2, 3)


def test_two_words_for_one_thing_are_refused():
    x = ag.tensor(X)
    for call in (
        lambda: x.sum(axis=1, dim=1),
        lambda: x.cumsum(axis=1, dim=1),
        lambda: x.mean(0, dim=1),
        lambda: x.cumsum(0, dim=1),
        lambda: nn.functional.softmax(x, 0, axis=1),
    ):
        with pytest.raises(TypeError, match="two words for one thing|multiple values|axis"):
            call()


@pytest.mark.parametrize(("name", "word"), OTHERWISE)
def test_a_word_that_means_something_else_in_pytorch_is_refused(name, word):
    with pytest.raises(TypeError, match=re.escape(f"{name}({word}=…): ")):
        spelled(name, {word: 1})
    with pytest.raises(TypeError):
        getattr(ag.tensor(X), name)(**{word: 1})


def test_the_words_are_no_parameters_of_our_own_functions():
    for word in KEYWORDS:
        with pytest.raises(TypeError):
            ag.sigmoid(X, **{word: 0})
