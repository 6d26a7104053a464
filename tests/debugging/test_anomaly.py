"""`detect_anomaly` names the first value or gradient that is not finite, the call that made it, and the user's line."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine import graph
from autograd_lite.engine.grad_mode import grad_enabled, watcher


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def message(run):
    with pytest.raises(ag.AnomalyError) as caught, ag.detect_anomaly():
        run()
    return str(caught.value)


@pytest.fixture
def p():
    return ag.tensor([0.5, 0.0, -1.0], requires_grad=True, name="p")


def test_the_first_value_that_is_not_finite_is_named_with_its_line(p):
    def run():
        likelihood = np.log(p)  # this line
        loss = (likelihood * 2).mean()
        loss.backward()

    text = message(run)
    assert text.startswith(
        "the first value that is not finite: log(tensor 'p' of shape (3,) and dtype float64) gave -inf at [1] "
        "(2 of 3 elements) from 0.0"
    )
    assert f"{__file__}:" in text and text.splitlines()[0].endswith("likelihood = np.log(p)  # this line")


def test_a_line_of_a_notebook_is_one_of_a_cell(p):
    names = {"np": np, "p": p}
    exec(compile("def run():\n    np.log(p).sum().backward()", "/tmp/ipykernel_123/456.py", "exec"), names)
    assert "cell:2" in message(names["run"]) and "ipykernel" not in message(names["run"])


def test_an_infinity_and_the_nan_that_came_of_it_are_both_named():
    x = ag.tensor([800.0], requires_grad=True, name="x")
    text = message(lambda: (np.exp(x) / np.exp(x)).sum().backward())
    assert "exp(tensor 'x' of shape (1,) and dtype float64) gave inf at [0] from 800.0" in text
    assert "Then divide(" in text and "gave nan at [0] from inf and inf" in text


def test_a_bad_leaf_is_named():
    x = ag.tensor([1.0, np.nan], requires_grad=True, name="weights")
    assert "tensor 'weights' of shape (2,) and dtype float64 holds nan at [1]" in message(
        lambda: (2 * x).sum().backward()
    )


def test_without_backward_the_end_of_the_block_tells(p):
    assert "log(tensor 'p'" in message(lambda: np.log(p))


def test_an_infinity_that_is_meant_is_no_anomaly(p):
    with ag.detect_anomaly():
        ag.softmax(np.where(p >= 0, p, -np.inf)).max().backward()
    assert np.isfinite(p.grad).all()


def test_the_first_gradient_that_is_not_finite_is_named_with_its_rule_and_forward_line(p):
    def run():
        root = np.sqrt(p[:2])  # this line
        (root * 3).sum().backward()

    text = message(run)
    assert "that of sqrt(tensor of shape (2,) and dtype float64) in tensor of shape (2,)" in text
    assert "is inf at [1] (1 of 2 elements), where its argument is 0.0 and the gradient that arrives is 3.0" in text
    assert text.endswith("root = np.sqrt(p[:2])  # this line")


@pytest.mark.parametrize(
    "choose",
    [
        lambda p: np.where(p > 0, np.log(p), 0.0),
        lambda p: np.where(p > 0, np.log(np.where(p > 0, p, 1)), 0.0),
        lambda p: ag.where_safe(p > 0, np.log, p, 0.0),
    ],
)
def test_the_branch_that_where_does_not_take_is_no_anomaly(p, choose):
    with ag.detect_anomaly():
        choose(p).sum().backward()
    np.testing.assert_allclose(p.grad, [2.0, 0.0, 0.0])


def test_a_gradient_that_was_given_or_made_by_a_hook_is_not_blamed_on_a_rule(p):
    assert "the gradient that arrives at multiply" in message(lambda: (p * 2).backward([1.0, np.nan, 1.0]))

    def run():
        y = p * 2
        z = y * 3
        y.register_hook(lambda g: g * np.inf)
        z.sum().backward()

    assert "made by a hook" in message(run)


def test_recorded_walks_are_watched_too(p):
    assert "that of sqrt" in message(lambda: ag.autograd.grad(np.sqrt(p[:2]).sum(), p, create_graph=True))


def test_a_stamped_leaf_is_refused_as_always(p):
    def run():
        loss = (p * p).sum()
        p.data = np.zeros(3)
        loss.backward()

    with pytest.raises(RuntimeError, match=r"call backward\(\) before the update"), ag.detect_anomaly():
        run()


def test_right_programs_run_and_give_the_same(p):
    def run():
        x = ag.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        np.tanh(np.stack([x * 2, x**2])[:, 0]).mean().backward()
        return x.grad

    expected = run()
    with ag.detect_anomaly():
        np.testing.assert_array_equal(run(), expected)


def test_modes_inside_and_after(p):
    with ag.detect_anomaly():
        with ag.no_grad():
            np.log(p)  # what is not recorded is not judged
            with ag.enable_grad():
                assert isinstance(grad_enabled.get(), type(watcher.get()))
        assert ag.is_grad_enabled() is True
    assert grad_enabled.get() is True and watcher.get() is None
    with pytest.raises(ZeroDivisionError), ag.detect_anomaly():
        raise ZeroDivisionError
    assert grad_enabled.get() is True and watcher.get() is None


def test_it_decorates(p):
    @ag.detect_anomaly()
    def step():
        np.log(p).sum().backward()

    with pytest.raises(ag.AnomalyError, match="log"):
        step()


def test_lines_are_forgotten_before_they_fill_memory(p, monkeypatch):
    monkeypatch.setattr("autograd_lite.debugging.anomaly.LIMIT", 3)
    with ag.detect_anomaly():
        y = p
        for _ in range(10):
            y = y * 2
        assert len(watcher.get().lines) == 3
        y.sum().backward()
    np.testing.assert_array_equal(p.grad, np.full(3, 1024.0))
    assert graph.TABLE
