"""The numbers of schedules and optimizers: what was equal once may part, and what the step leaves there is there."""

import copy
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.optim import lr_scheduler as schedules

OBJECTS = ("optimizer", "rule", "lr_lambdas", "_schedulers")  # in a schedule


class Schedule(schedules.LRScheduler):
    """One whose rule is given."""

    def __init__(self, optimizer, rule, **settings):
        self.rule = rule
        vars(self).update(copy.deepcopy(settings))
        super().__init__(optimizer)

    def scaled(self, lr, group):
        return self.rule(self, lr, group)


def in_a_new_list(s, lr, i):
    s.a = [s.a[0] * 0.5, s.a[1] * 0.25]
    return lr * s.a[i]


def in_place(s, lr, i):
    s.a[i] *= 0.5 + 0.25 * i
    return lr * s.a[i]


def in_a_new_tuple(s, lr, i):
    s.a = (s.a[0] * 0.5, s.a[1] * 0.25)
    return lr * s.a[i]


def in_a_dict(s, lr, i):
    s.a["xy"[i]] *= 0.5 + 0.25 * i
    return lr * s.a["xy"[i]]


def nested(s, lr, i):
    s.a[i][0] *= 0.5 + 0.25 * i
    return lr * s.a[i][0] * s.a[i][1]


def nested_in_a_dict(s, lr, i):
    s.a["x"]["y"][i] *= 0.5 + 0.25 * i
    return lr * s.a["x"]["y"][i]


def exchanged(s, lr, i):
    s.a = [s.a[1], s.a[0] * 0.5]
    return lr * s.a[i]


def longer(s, lr, i):
    s.a.append(1.0)
    return lr * len(s.a)


def one_constant(s, lr, i):
    s.a = [5.0, s.a[1] * 0.5]
    return lr * s.a[1]


def counting(s, lr, i):
    s.a[0] += 1
    return lr / (s.a[0] // 2 + s.a[1])


def by_type(s, lr, i):
    return lr * (2 if isinstance(s.a[1], int) else s.a[1])


def signed(s, lr, i):
    return lr * (1 - s.a[i] * 2) + s.a[i]


PARTING = [
    *[(rule, [1.0, 1.0]) for rule in (in_a_new_list, in_place, exchanged, longer, one_constant)],
    (in_a_new_tuple, (1.0, 1.0)),
    (in_a_dict, {"x": 1.0, "y": 1.0}),
    (nested, [[1.0, 1.0], [1.0, 1.0]]),
    (nested_in_a_dict, {"x": {"y": [1.0, 1.0]}}),
    *[(rule, a) for rule in (counting, by_type) for a in ([1, 1], [1, 1.0], [True, 1])],
    (signed, [0.0, -0.0]),
]


def states(compile, make, change=lambda s, n: None):
    """What a step gives, and what stands in the schedule and the optimizer after each call."""
    w, v = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([3.0], requires_grad=True)
    optimizer = ag.optim.Adam([{"params": [w]}, {"params": [v], "betas": (0.9, 0.9)}], lr=0.1)
    schedule = make(optimizer)

    @compile
    def step(x):
        optimizer.zero_grad()
        loss = (w * x).sum() + (v * v).sum()
        loss.backward()
        optimizer.step()
        schedule.step()
        return loss.detach()

    found = []
    for n in range(4):
        found.append(step(np.ones(2)).item())
        change(schedule, n)
        found += [repr({k: s for k, s in vars(schedule).items() if k not in OBJECTS})]
        found += [repr([(g["lr"], g["betas"]) for g in optimizer.param_groups]), w.tolist(), v.tolist()]
    return found, step


def eager(f):
    return f


def compare(make, change=lambda s, n: None):
    """See that a compiled step leaves what eager mode leaves; gives it, or None where it is refused."""
    with warnings.catch_warnings(action="ignore"):
        try:
            found, step = states(ag.compile, make, change)
        except ag.TraceError:
            return None
        assert found == states(eager, make, change)[0]
    return step


@pytest.mark.parametrize(("rule", "a"), PARTING)
def test_numbers_that_were_equal_part(rule, a):
    compare(lambda optimizer: Schedule(optimizer, rule, a=a))


def given(s, lr, i):
    return lr * s.a[i] if isinstance(s.a, list | tuple) else lr * (s.a or 0.5)


def by_branch(s, lr, i):
    return lr * (2 if s.a else 1)


def by_length(s, lr, i):
    return lr * len(s.a)


VALUES = [1.0, 2.0, 0.0, 2, 0, True, [1.0, 2.0], [2.0, 2.0], [2, 2.0], [1.0, 2.0, 3.0], (1.0, 1.0), None, np.float64(3)]
PAIRS = [(VALUES[i - k], VALUES[i]) for i in range(len(VALUES)) for k in (1, 3)]


@pytest.mark.parametrize("rule", [given, by_branch])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_what_a_schedule_holds_is_exchanged(rule, a, b):
    compare(
        lambda optimizer: Schedule(optimizer, rule, a=a),
        lambda s, n: setattr(s, "a", copy.copy(b if n % 2 == 0 else a)),
    )


def test_a_list_that_somebody_lengthens():
    compare(lambda optimizer: Schedule(optimizer, by_length, a=[1.0, 1.0]), lambda s, n: s.a.append(1.0))


def momentum_goes_down(s, lr, i):
    group = s.optimizer.param_groups[i]
    group["betas"] = (group["betas"][0] * 0.5, group["betas"][1])
    return lr


def rates_exchanged(s, lr, i):
    first, second = s.optimizer.param_groups
    first["weight_decay"], second["weight_decay"] = second["weight_decay"], first["weight_decay"]
    return lr


def decay_becomes_the_rate(s, lr, i):
    s.optimizer.param_groups[i]["weight_decay"] = s.optimizer.param_groups[i]["eps"]
    return lr


@pytest.mark.parametrize("rule", [momentum_goes_down, rates_exchanged, decay_becomes_the_rate])
def test_settings_that_a_step_changes(rule):
    def make(optimizer):
        for n, group in enumerate(optimizer.param_groups):
            group["weight_decay"] = 0.1 * (n + 1)
        return Schedule(optimizer, rule)

    compare(make)


def test_products_are_traced_once():
    step = compare(lambda optimizer: schedules.MultiplicativeLR(optimizer, [lambda t: 0.5, lambda t: 1 / (t + 1)]))
    assert step.traced == 1


def test_two_schedules_of_a_rate_that_begins_with_nothing():
    def make(optimizer):
        warm_up = schedules.LambdaLR(optimizer, lambda t: t / 4)
        return schedules.ChainedScheduler([warm_up, schedules.ExponentialLR(optimizer, 0.5)], optimizer)

    assert compare(make).traced <= 2
