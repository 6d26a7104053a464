"""The plain text of every function of the table gives the numbers of eager mode: it is put in place of what runs."""

from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.compiler.codegen.inlining import inlined
from autograd_lite.compiler.passes import LEGIBLE, optimized
from autograd_lite.compiler.runtime import executable
from tests.compiler.check import check, check_training
from tests.compiler.test_functions import ALL, FUNCTIONS, IN_PLACE, derivatives, others
from tests.compiler.test_layers import LOSSES, OPTIMIZERS, batches, network, training

CLOSE, CLOSE_IN_SINGLE = 1e-12, 1e-4


def close(a, b):
    """Whether two results are the same up to rounding."""
    a, b = np.asarray(a), np.asarray(b)
    scale = np.max(np.abs(b), initial=0.0, where=np.isfinite(b)) if b.dtype.kind in "fc" else 0.0
    tolerance = CLOSE if a.dtype.itemsize >= 8 else CLOSE_IN_SINGLE
    return a.shape == b.shape and a.dtype == b.dtype and np.allclose(a, b, tolerance, tolerance * scale, equal_nan=True)


@pytest.fixture
def plain(monkeypatch):
    """Compiled functions run their plain text."""
    monkeypatch.setattr(executable, "optimized", partial(optimized, passes=LEGIBLE))
    monkeypatch.setattr(executable, "laid_out", inlined)
    monkeypatch.setattr(executable, "same_bits", close)


@pytest.mark.parametrize("function", FUNCTIONS + list(IN_PLACE), ids=lambda f: f.__name__)
def test_function(plain, function):
    args, settings = (ALL | IN_PLACE)[function][0]
    step, arrays = derivatives(function, args, settings, order=1)
    check(step, arrays, others(arrays), tolerance=CLOSE)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_function_in_single_precision(plain, function):
    step, arrays = derivatives(function, *ALL[function][-1], order=1)
    arrays = [a.astype(np.float32) for a in arrays]
    check(step, arrays, others(arrays), tolerance=CLOSE_IN_SINGLE)


@pytest.mark.parametrize("name", LOSSES)
def test_loss(plain, name):
    loss, last, targets = LOSSES[name]
    make = training(lambda: [*network()(), *(layer() for layer in last)], loss)
    check_training(make, list(batches(targets=targets)), tolerance=CLOSE_IN_SINGLE)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(plain, name):
    check_training(training(network(), nn.MSELoss, OPTIMIZERS[name]), list(batches()), tolerance=CLOSE_IN_SINGLE)


def run(text, *args):
    """What a text gives, with NumPy alone."""
    space = {}
    exec(text, space)
    return space["gradient"](*args)


def body(text):
    """The lines between the head of the function and what it returns."""
    return text[text.index("    # forward") : text.index("    return")].splitlines()


class TestText:
    def test_it_is_the_mathematics(self):
        text = ag.source(lambda x: np.tanh(x) ** 3, 2.0)
        assert "    d_x = 3 * tanh**2 * (1 - tanh**2)" in body(text)

    def test_numbers_of_arrays_are_numbers(self):
        text = ag.source(lambda x, w: np.mean((x @ w - 1) ** 2), np.ones((4, 3)), np.ones((3, 2)))
        assert [line.split("#")[0].rstrip() for line in body(text)] == [
            "",
            "    difference = x @ w - 1",
            "    total = np.sum(difference**2)",
            "    quotient = total / 8",
            "",
            "",
            "    product = 0.125 * (2 * difference)",
            "    d_x = product @ w.T",
            "    d_w = x.T @ product",
        ]

    def test_it_runs_with_numpy_alone(self):
        x, w, labels = np.random.default_rng(0).normal(size=(3, 4)), np.ones((4, 2)), np.array([0, 1, 1])
        scores = nn.functional.cross_entropy
        value, d_x, d_w = run(ag.source(lambda x, w: scores(np.tanh(x) @ w, labels), x, w), x, w)
        tensors = [ag.tensor(a, requires_grad=True) for a in (x, w)]
        loss = scores(np.tanh(tensors[0]) @ tensors[1], labels)
        loss.backward()
        for got, expected in zip((value, d_x, d_w), (loss.item(), *(t.grad for t in tensors)), strict=True):
            np.testing.assert_allclose(got, np.asarray(expected), rtol=CLOSE, atol=CLOSE)

    def test_helpers_stand_last(self):
        text = ag.source(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), np.ones(2))
        assert text.index("def gradient") < text.index("def zero_untaken")
        with np.errstate(all="ignore"):
            assert run(text, np.array([4.0, 0.0]))[1].tolist() == [0.25, 0.0]

    def test_a_step_names_its_modules_and_shows_the_update_as_an_equation(self):
        model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

        def step(x):
            optimizer.zero_grad()
            loss = model(x).mean()
            loss.backward()
            optimizer.step()
            return loss

        before = model[0].weight.tolist()
        text = ag.source(step, np.ones((4, 2), np.float32), argnums=())
        assert model[0].weight.tolist() == before
        for piece in ("# 1: Tanh", "# backward", "# update", "    total = momentum * momentum_buffer + g\n"):
            assert piece in text
        assert "aligned" not in text and "out=" not in text

    def test_the_text_that_runs_is_there_when_asked_for(self):
        text = ag.source(lambda x: np.sum(np.tanh(x)), np.ones(3), plain=False)
        assert "np.tanh(x, out=tanh)" in text
        assert run(text, np.ones(3))[0] == np.sum(np.tanh(np.ones(3)))
