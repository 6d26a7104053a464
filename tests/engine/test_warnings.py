"""Warnings about programs that run and are probably wrong, and silence about those that look like them."""

import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.engine import warnings as cautions


@pytest.fixture
def w():
    return ag.tensor([1.0, 2.0], requires_grad=True, name="w")


def loss(w):
    return (w * w).sum()


def by_optimizer(w):
    optimizer = ag.optim.SGD([w], lr=0.1)
    return optimizer.step


def by_hand(w):
    def step():
        w.data -= 0.1 * w.grad

    return step


@pytest.mark.parametrize("way", [by_optimizer, by_hand])
def test_a_forgotten_zero_grad_warns_when_the_mixture_is_used(w, way):
    step = way(w)
    loss(w).backward()
    step()
    loss(w).backward()
    with pytest.warns(
        ag.ForgottenZeroGradWarning, match="parameter 'w' to which .* was zero_grad\\(\\) forgotten"
    ) as seen:
        step()
    assert seen[0].filename == __file__
    loss(w).backward()
    with pytest.warns(ag.ForgottenZeroGradWarning):
        step()


@pytest.mark.parametrize(
    "clear",
    [
        lambda w, optimizer: optimizer.zero_grad(),
        lambda w, optimizer: setattr(w, "grad", None),
        lambda w, optimizer: w.grad.fill(0),
        lambda w, optimizer: setattr(w, "grad", np.zeros(2)),
    ],
)
def test_clearing_in_any_way_is_clearing(w, clear):
    optimizer = ag.optim.SGD([w], lr=0.1)
    for _ in range(3):
        clear(w, optimizer) if w.grad is not None else None
        loss(w).backward()
        optimizer.step()


def test_micro_batches_accumulate_without_a_warning(w):
    optimizer = ag.optim.Adam([w], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        for _ in range(4):
            loss(w).backward()
        optimizer.step()


def test_two_steps_on_one_gradient_are_allowed(w):
    optimizer = ag.optim.SGD([w], lr=0.1)
    loss(w).backward()
    optimizer.step()
    optimizer.step()


def test_a_gradient_that_is_set_is_fresh(w):
    optimizer = ag.optim.SGD([w], lr=0.1)
    for _ in range(3):
        w.grad = np.ones(2)
        loss(w).backward()
        optimizer.step()


def test_training_a_gan_is_no_mistake():
    made, judge = nn.Linear(1, 1), nn.Linear(1, 1)
    of_judge, of_made = ag.optim.SGD(judge.parameters(), lr=0.1), ag.optim.SGD(made.parameters(), lr=0.1)
    noise = np.ones((3, 1), np.float32)
    for _ in range(3):
        of_judge.zero_grad()
        judge(made(noise).detach()).mean().backward()
        of_judge.step()
        of_made.zero_grad()
        judge(made(noise)).mean().backward()  # adds to what the judge's step has used
        of_made.step()


def test_all_parameters_give_one_warning():
    model = nn.Linear(2, 1)
    list(model.named_parameters())
    optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        model(np.ones((1, 2), np.float32)).sum().backward()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            optimizer.step()
    assert len(seen) == 1 and "'weight' and of 1 more" in str(seen[0].message)


def test_warnings_can_be_turned_off_together_and_one_by_one(w):
    for category in (ag.AutogradWarning, ag.ForgottenZeroGradWarning):
        step = by_optimizer(w)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=category)
            for _ in range(3):
                loss(w).backward()
                step()
    assert issubclass(ag.GrowingHistoryWarning, ag.AutogradWarning)


def test_adding_up_losses_of_a_training_with_their_history_warns(w):
    optimizer, total = ag.optim.SGD([w], lr=0.0), ag.tensor(0.0, name="total")

    def train(total):
        for _ in range(cautions.SUSPICIOUS + 5):
            optimizer.zero_grad()
            value = loss(w)
            value.backward()
            optimizer.step()
            total += value

    with pytest.warns(ag.GrowingHistoryWarning, match=r"updated in place 1,000 times.*total \+= loss.item\(\)") as seen:
        train(total)
    assert len(seen) == 1 and seen[0].filename == __file__


def test_adding_up_the_numbers_does_not_warn(w):
    total = 0.0
    for _ in range(cautions.SUSPICIOUS + 5):
        total += loss(w).item()


def test_long_sums_that_will_be_walked_back_warn_late_and_arrays_never(w):
    total = ag.tensor(0.0)
    for _ in range(cautions.ENDLESS - 1):
        total += w[0]
    with pytest.warns(ag.GrowingHistoryWarning, match="10,000 times"):
        total += w[0]
    rows = ag.zeros(3)
    for _ in range(cautions.ENDLESS + 1):
        rows[0] = w[0]
