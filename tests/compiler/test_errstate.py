"""How NumPy's errors are handled in a function, so they are in its program: it warns of what eager mode warns of."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag

BAD = np.array([0.0, -1.0, 1e300])


def ignoring_one(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        y = np.log(x)
    return y + np.sqrt(x)


def ignoring_all(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.log(x) * np.sqrt(x) / x


def between(x: Any) -> Any:
    before = 1 / x
    with np.errstate(all="ignore"):
        inside = np.sqrt(x)
    return before + inside + np.log(x)


def nested(x: Any) -> Any:
    with np.errstate(all="ignore"):
        y = np.log(x)
        with np.errstate(invalid="warn"):
            z = np.sqrt(x)
        return y + z * (x / x)


def the_same_twice(x: Any) -> Any:
    with np.errstate(all="ignore"):
        y = np.log(x)
    return y + np.log(x)


def a_number(x: Any) -> Any:
    with np.errstate(all="ignore"):
        n = np.log(x[0])
    return n * x


def numbers_only(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        n = np.log(x[0])
    return np.sqrt(x[1]) + n


def gradients(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        value = np.log(x).sum()
    return ag.autograd.grad(value, [x])[0] * x + value.detach()


def set_for_good(x: Any) -> Any:
    before = np.seterr(divide="ignore")
    try:
        return np.log(x)
    finally:
        np.seterr(**before)


def by_decorator(x: Any) -> Any:
    return np.errstate(all="ignore")(lambda: np.log(x) + np.sqrt(x))()


def warning_again(x: Any) -> Any:
    with np.errstate(divide="warn", invalid="warn"):
        return np.log(x)


def without(x: Any) -> Any:
    return np.log(x) + np.exp(x)


FUNCTIONS = [
    *(ignoring_one, ignoring_all, between, nested, the_same_twice, a_number, numbers_only, gradients, set_for_good),
    *(by_decorator, warning_again, without),
]


def heard(f: Callable[[Any], Any], x: Any) -> tuple[bytes, set[str]]:
    """What a function gives, and of what it warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = f(ag.tensor(x, requires_grad=f.__name__ == "gradients"))
    return np.where(result.data == result.data, result.data, np.nan).tobytes(), {str(w.message) for w in caught}


@pytest.mark.parametrize("around", [{}, {"all": "ignore"}, {"all": "warn"}], ids=["", "ignore", "warn"])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_program_warns_of_what_eager_mode_warns_of(f: Any, around: dict[str, Any]) -> None:
    step = ag.compile(f)
    with np.errstate(**around):
        for _ in range(2):
            assert heard(step, BAD) == heard(f, BAD)
    for other in ({}, {"all": "ignore"}):  # the program has not taken over what was set around its first call
        if f is not set_for_good:
            with np.errstate(**other):
                assert heard(step, BAD) == heard(f, BAD)


@pytest.mark.parametrize(
    "settings", [{"divide": "raise"}, {"over": "print"}, {"all": "call", "call": print}, {"call": io.StringIO()}]
)
def test_errors_that_values_decide_on_are_refused(settings: dict[str, Any]) -> None:
    def f(x: Any) -> Any:
        with np.errstate(**settings):
            return np.log(x)

    with pytest.raises(ag.TraceError, match="np.errstate inside the function lets values decide"):
        ag.compile(f)(np.ones(3))


def test_what_is_set_around_the_call_holds_while_tracing() -> None:
    zeros = np.zeros(3)
    step = ag.compile(lambda x: x + np.log(zeros))
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero encountered in log"):
        step(zeros)
    with np.errstate(divide="warn"), pytest.warns(RuntimeWarning, match="divide by zero encountered in log"):
        step(zeros)
    with np.errstate(divide="ignore"):
        ag.compile(lambda x: x + np.log(zeros))(zeros)


def test_an_equation_of_an_optimizer_may_set_what_it_warns_of() -> None:
    class Careful(ag.optim.Optimizer):
        def __init__(self, params: Any, lr: float = 0.1) -> None:
            super().__init__(params, lr=lr)

        @staticmethod
        def update(g: Any, p: Any, state: Any, t: Any, lr: Any) -> Any:
            with np.errstate(divide="ignore"):
                return -lr / g, state

    w = ag.tensor(np.ones(3), requires_grad=True)
    optimizer = Careful([w])
    w.grad = np.zeros(3)
    optimizer.step()
    assert np.isneginf(w.data).all()


def test_around_the_call_errors_are_raised_as_in_eager_mode() -> None:
    step = ag.compile(without)
    step(np.ones(3))
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        step(np.zeros(3))


def test_clipping_warns_of_no_overflow_that_it_looks_after() -> None:
    w = ag.tensor(np.full(3, 1.0), requires_grad=True)

    @ag.compile
    def step(x: Any) -> Any:
        (w * x).sum().backward()
        norm = ag.nn.utils.clip_grad_norm_([w], 1.0)
        w.grad = None
        return norm

    assert np.isfinite(step(np.full(3, 1e200)).item())
