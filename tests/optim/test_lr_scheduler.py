"""Every schedule sets PyTorch's learning rates (golden numbers), resumes, and works in a compiled step or says no."""

import copy

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim import lr_scheduler
from tests.golden import load

CASES = load("schedulers")
IDS = [case["name"][:70] for case in CASES]


def optimizer_of(case):
    groups = [{"params": [ag.tensor(0.0, requires_grad=True)], "lr": lr} for lr in (0.5, 0.03)]
    return getattr(optim, case["optimizer"])(
        groups, lr=1.0, **({"momentum": 0.9} if case["optimizer"] == "SGD" else {})
    )


def made(optimizer, case, **further):
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in case["settings"].items()}
    if "lr_lambda" in settings:
        text = settings["lr_lambda"]
        functions = [eval(f"lambda t: {part}") for part in ([text] if isinstance(text, str) else text)]
        settings["lr_lambda"] = functions[0] if isinstance(text, str) else functions
    return getattr(lr_scheduler, case["scheduler"])(optimizer, **settings, **further)


def scheduler_of(case, optimizer):
    parts = [made(optimizer, part) for part in case["schedulers"]]
    if case["scheduler"] == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(parts)
    return made(optimizer, case, **({"schedulers": parts} if parts else {}))


def take(case, scheduler, i):
    scheduler.step(*([] if case["metrics"] is None else [case["metrics"][i]]))


def momenta(case, optimizer):
    values = [group[case["momentum"]] for group in optimizer.param_groups]
    return [value[0] if isinstance(value, tuple) else value for value in values]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_learning_rates_equal_pytorch(case):
    optimizer = optimizer_of(case)
    scheduler = scheduler_of(case, optimizer)
    for i, lrs in enumerate(case["lrs"]):
        if i:
            take(case, scheduler, i - 1)
        got = [group["lr"] for group in optimizer.param_groups]
        assert scheduler.get_last_lr() == got
        np.testing.assert_allclose(got, lrs, rtol=1e-11, atol=1e-15)
        if case["momentum"]:
            np.testing.assert_allclose(momenta(case, optimizer), case["momenta"][i], rtol=1e-12)
    state = scheduler.state_dict()
    for name in ("last_epoch", "T_cur", "T_i", "best", "num_bad_epochs", "cooldown_counter"):
        if name in case["state"] and not case["schedulers"]:
            assert state[name] == case["state"][name]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_state_dict_resumes_exactly(case):
    optimizer = optimizer_of(case)
    scheduler = scheduler_of(case, optimizer)
    for i in range(23):
        take(case, scheduler, i)
    other_optimizer = optimizer_of(case)
    other = scheduler_of(case, other_optimizer)
    other_optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    other.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    assert other.get_last_lr() == scheduler.get_last_lr()
    for i in range(23, 40):
        take(case, scheduler, i)
        take(case, other, i)
        assert other.get_last_lr() == scheduler.get_last_lr()


FORMULAS = [case for case in CASES if not case["schedulers"] and case["metrics"] is None and not case["momentum"]]
FORMULAS = [case for case in FORMULAS if "base_lr" not in case["settings"]]  # which is the optimizer's no longer


@pytest.mark.parametrize("case", FORMULAS, ids=[case["name"][:70] for case in FORMULAS])
def test_a_schedule_can_be_made_in_the_middle(case):
    optimizer = optimizer_of(case)
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    scheduler = made(optimizer, case, last_epoch=16)
    np.testing.assert_allclose(scheduler.get_last_lr(), case["lrs"][17], rtol=1e-11, atol=1e-15)
    with pytest.raises(KeyError, match="initial_lr"):
        made(optimizer_of(case), case, last_epoch=16)


# In a compiled step.

OUTSIDE = ("SequentialLR", "OneCycleLR", "CyclicLR", "ReduceLROnPlateau")
REFUSED = [case for case in CASES if case["scheduler"] in OUTSIDE]
INSIDE = [case for case in CASES if case["scheduler"] not in OUTSIDE]


def step_with(optimizer, scheduler):
    w = optimizer.param_groups[0]["params"][0]

    def step(x):
        optimizer.zero_grad()
        loss = (w * x) ** 2 + w
        loss.backward()
        optimizer.step()
        scheduler.step()
        return loss

    return step


@pytest.mark.parametrize("case", INSIDE, ids=[case["name"][:70] for case in INSIDE])
def test_a_schedule_in_a_compiled_step_takes_effect_in_every_call(case):
    outcomes = []
    for change in (lambda step: step, ag.compile):
        optimizer = optimizer_of(case)
        scheduler = scheduler_of(case, optimizer)
        step = change(step_with(optimizer, scheduler))
        lrs = []
        for i in range(20):
            step(np.array(0.1 * i))
            lrs.append([scheduler.get_last_lr(), [group["lr"] for group in optimizer.param_groups]])
        outcomes.append((lrs, scheduler.state_dict(), optimizer.param_groups[0]["params"][0].item()))
    (lrs, state, w), (compiled_lrs, compiled_state, compiled_w) = outcomes
    assert compiled_lrs == lrs
    assert compiled_w == w
    assert compiled_state == state
    assert len(step.signatures) == 1
    np.testing.assert_allclose(lrs[-1][1], case["lrs"][20], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("case", REFUSED, ids=[case["name"][:70] for case in REFUSED])
def test_a_schedule_that_decides_by_values_is_refused_in_a_compiled_step(case):
    optimizer = optimizer_of(case)
    scheduler = scheduler_of(case, optimizer)
    before = copy.deepcopy(scheduler.state_dict())
    w = optimizer.param_groups[0]["params"][0]

    @ag.compile
    def step(x):
        optimizer.zero_grad()
        loss = (w * x) ** 2
        loss.backward()
        optimizer.step()
        scheduler.step(*([loss] if case["metrics"] is not None else []))
        return loss

    with pytest.raises(ag.TraceError, match="outside of the compiled function"):
        step(np.array(1.0))
    assert scheduler.state_dict() == before
    assert type(optimizer.param_groups[0]["lr"]) is float


def test_settings_changed_between_calls_of_a_compiled_step_take_effect():
    optimizer = optim.SGD([ag.tensor(0.0, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    step = ag.compile(step_with(optimizer, scheduler))
    step(np.array(1.0))
    scheduler.gamma = 0.1
    step(np.array(1.0))
    assert scheduler.get_last_lr() == [0.1**2]
    optimizer.param_groups[0]["initial_lr"] = 8.0
    step(np.array(1.0))
    assert scheduler.get_last_lr() == [8 * 0.1**3]
    assert len(step.signatures) == 1


def test_a_warm_up_from_nothing_in_a_compiled_step():
    """A learning rate of 0 is a place like others once it is scheduled."""
    optimizer = optim.SGD([ag.tensor(1.0, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda t: 0.25 * t)
    step = ag.compile(step_with(optimizer, scheduler))
    for _ in range(3):
        step(np.array(1.0))
    assert optimizer.param_groups[0]["lr"] == 0.1 * 0.75


def test_the_program_shows_the_formula(tmp_path):
    optimizer = optim.SGD([ag.tensor(1.0, requires_grad=True)], lr=0.1)
    parts = [lr_scheduler.LinearLR(optimizer, 0.5), lr_scheduler.CosineAnnealingLR(optimizer, 50)]
    step = ag.compile(step_with(optimizer, lr_scheduler.ChainedScheduler(parts)))
    step(np.array(1.0))
    assert "math.cos(" in step.source and "min(total_iters, " in step.source
    step.save(tmp_path / "step.py")
    namespace = {"__file__": str(tmp_path / "step.py"), "__name__": "step"}
    exec((tmp_path / "step.py").read_text(), namespace)
    namespace["saved"].close()
    for _ in range(7):
        (theirs,) = namespace["step"](np.array(1.0))
        assert theirs == step(np.array(1.0)).item()


def test_a_lambda_that_branches_is_refused_in_a_compiled_step():
    optimizer = optim.SGD([ag.tensor(1.0, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda t: 1.0 if t < 3 else 0.5)
    with pytest.raises(ag.TraceError, match="asks for a value"):
        ag.compile(step_with(optimizer, scheduler))(np.array(1.0))
    assert scheduler.last_epoch == 0


# What is refused, and what is warned of.


def test_a_learning_rate_set_by_hand_is_not_lost_silently():
    optimizer = optim.SGD([ag.tensor(1.0, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.param_groups[0]["lr"] = 7.0
    with pytest.warns(ag.AutogradWarning, match="7.0 that was set meanwhile is lost"):
        scheduler.step()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda o: lr_scheduler.ConstantLR(o, factor=2), ValueError, "factor must lie between 0 and 1, and is 2"),
        (lambda o: lr_scheduler.LinearLR(o, total_iters=0), ValueError, "total_iters must be at least 1"),
        (lambda o: lr_scheduler.StepLR(o, 0), ValueError, "step_size"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 0), ValueError, "T_mult"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0), ValueError, "total_steps"),
        (lambda o: lr_scheduler.OneCycleLR(o, [1.0, 2.0], 9), ValueError, "each of the 1 param groups"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 9, anneal_strategy="sine"), ValueError, "anneal_strategy"),
        (lambda o: lr_scheduler.OneCycleLR(optim.Adagrad([leaf()]), 1.0, 9), ValueError, "no momentum to cycle"),
        (lambda o: lr_scheduler.StepLR("sgd", 3), TypeError, "schedules an optimizer, not str"),
        (lambda o: lr_scheduler.LambdaLR(None, abs), TypeError, "takes an optimizer first"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0), ValueError, "factor must be smaller than 1"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, "low"), ValueError, "mode"),
        (lambda o: lr_scheduler.ChainedScheduler([]), ValueError, "no schedulers"),
        (lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(o)]), TypeError, "needs nothing"),
        (lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 3)], [4]), ValueError, "one milestone between"),
        (lambda o: lr_scheduler.LRScheduler(o), NotImplementedError, "multiplier"),
    ],
)
def test_bad_settings_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make(optim.SGD([leaf()], lr=0.1))


def leaf():
    return ag.tensor(1.0, requires_grad=True)


def test_one_cycle_ends():
    scheduler = lr_scheduler.OneCycleLR(optim.SGD([leaf()], lr=0.1, momentum=0.9), 1.0, total_steps=3)
    for _ in range(3):
        scheduler.step()
    with pytest.raises(ValueError, match="cycle is over"):
        scheduler.step()


def test_a_state_that_does_not_fit_changes_nothing():
    scheduler = lr_scheduler.StepLR(optim.SGD([leaf()], lr=0.1), 3)
    with pytest.raises(ValueError, match="not the state of a StepLR"):
        scheduler.load_state_dict({"last_epoch": 5, "_last_lr": [0.1, 0.2], "gamma": 0.7})
    assert (scheduler.last_epoch, scheduler.gamma) == (0, 0.1)


def test_a_group_that_is_added_later_is_scheduled_from_its_own_learning_rate():
    optimizer = optim.SGD([leaf()], lr=0.1)
    scheduler = lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    scheduler.step()
    optimizer.add_param_group({"params": [leaf()], "lr": 8.0})
    scheduler.step()
    assert scheduler.get_last_lr() == [0.025, 2.0]


@pytest.mark.parametrize("base", [0.0, 1])
def test_base_learning_rates_that_are_0_or_an_int(base):
    optimizer = optim.SGD([leaf()], lr=base)
    scheduler = lr_scheduler.LinearLR(optimizer, 0.5, total_iters=4)
    step = ag.compile(step_with(optimizer, scheduler))
    step(np.array(1.0))
    step(np.array(1.0))
    assert scheduler.get_last_lr() == [base * 0.75]
    assert type(optimizer.param_groups[0]["lr"]) is float


def test_schedulers_may_follow_and_contain_each_other():
    optimizer = optim.SGD([leaf()], lr=1.0)
    both = lr_scheduler.ChainedScheduler(
        [lr_scheduler.ExponentialLR(optimizer, 0.5), lr_scheduler.StepLR(optimizer, 2, gamma=0.1)]
    )
    scheduler = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.ConstantLR(optimizer, 0.25), both], [2])
    lrs = scheduler.get_last_lr()
    for _ in range(4):
        scheduler.step()
        lrs += scheduler.get_last_lr()
    np.testing.assert_allclose(lrs, [0.25, 0.25, 1.0, 0.5, 0.025])


def test_cycles_can_have_a_height_of_your_own():
    for scale_mode, expected in (("cycle", [1.0, 0.5]), ("iterations", [1 / 2, 1 / 6])):
        optimizer = optim.SGD([leaf()], lr=0.1, momentum=0.9)
        scheduler = lr_scheduler.CyclicLR(
            optimizer, 0.0, 1.0, 2, scale_fn=lambda n: 1 / max(n, 1), scale_mode=scale_mode
        )
        highest = []
        for i in range(1, 7):
            scheduler.step()
            highest += scheduler.get_last_lr() if i in (2, 6) else []
        np.testing.assert_allclose(highest, expected)
        assert "scale_fn" not in scheduler.state_dict()
    with pytest.raises(ValueError, match="mode must be"):
        lr_scheduler.CyclicLR(optimizer, 0.0, 1.0, mode="square")
    with pytest.raises(ValueError, match="no momentum to cycle"):
        lr_scheduler.CyclicLR(optim.Adagrad([leaf()]), 0.0, 1.0)


# Going on.


def one_rate(**groups):
    return optim.SGD([leaf()], lr=1.0, momentum=0.9, **groups)


EVERY = {  # by name: how each is made, for whichever optimizer
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o), lr_scheduler.StepLR(o, 2)]
    ),
    "ConstantLR": lr_scheduler.ConstantLR,
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 9),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda t: 0.9**t),
    "LinearLR": lr_scheduler.LinearLR,
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [1, 3]),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda t: 0.9),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, 50),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, 9),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o, total_iters=2), lr_scheduler.StepLR(o, 2)], [3]
    ),
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
}


def go(scheduler, steps=1):
    for _ in range(steps):
        scheduler.step(*[1.0] * isinstance(scheduler, lr_scheduler.ReduceLROnPlateau))


def test_every_scheduler_is_here():
    assert EVERY.keys() == set(lr_scheduler.__all__) - {"LRScheduler"}


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("order", ["optimizer first", "scheduler first"])
def test_states_that_are_loaded_go_on_in_whichever_order(make, order):
    """As PyTorch's tutorials do it, the new scheduler is made when the optimizer's state has been loaded."""
    optimizer = one_rate()
    scheduler = make(optimizer)
    go(scheduler, 4)
    states = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
    other = one_rate()
    if order == "optimizer first":
        other.load_state_dict(states[0])
    again = make(other)
    again.load_state_dict(states[1])
    if order != "optimizer first":
        other.load_state_dict(states[0])
    for _ in range(3):
        assert other.state_dict() == optimizer.state_dict()
        assert again.state_dict() == scheduler.state_dict() or "Lambda" in type(again).__name__
        go(scheduler)
        go(again)


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_group_that_is_added_later_follows(make):
    optimizer = one_rate()
    scheduler = make(optimizer)
    go(scheduler, 3)
    first = optimizer.param_groups[0]
    optimizer.add_param_group({"params": [leaf()], "lr": first.get("initial_lr", first["lr"])})
    state = scheduler.state_dict()
    assert len(state["_last_lr"]) == 2
    scheduler.load_state_dict(state)
    go(scheduler, 3)
    rates = [group["lr"] for group in optimizer.param_groups]
    assert rates[0] == pytest.approx(rates[1]) and scheduler.get_last_lr() == rates
    assert optimizer.param_groups[0]["momentum"] == optimizer.param_groups[1]["momentum"]


def test_a_group_without_a_setting_of_its_own_is_refused():
    optimizer = optim.SGD([{"params": [leaf()]}, {"params": [leaf()]}], lr=1.0)
    scheduler = lr_scheduler.LambdaLR(optimizer, [lambda t: 1.0, lambda t: 0.5])
    optimizer.add_param_group({"params": [leaf()]})
    with pytest.raises(ValueError, match="param group 2 was added after"):
        scheduler.step()


@pytest.mark.parametrize("made", EVERY)
def test_the_state_of_another_scheduler_is_refused_and_changes_nothing(made):
    scheduler = EVERY[made](one_rate())
    before = copy.deepcopy(scheduler.state_dict())
    for name, make in EVERY.items():
        if name != made:
            with pytest.raises(ValueError, match=r"not the state of a|the state is of"):
                scheduler.load_state_dict(make(one_rate()).state_dict())
    assert scheduler.state_dict() == before


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("start", [-10.0, 0.0, 10.0])
def test_a_plateau_of_metrics_of_either_sign(mode, sign, threshold_mode, start):
    settings = {"mode": mode, "threshold_mode": threshold_mode, "threshold": 0.01, "patience": 0}
    for change, lr in ((-0.5, 1.0), (0.0, 0.1), (0.05, 0.1)):  # better, the same, worse
        scheduler = lr_scheduler.ReduceLROnPlateau(one_rate(), **settings)
        scheduler.step(start)
        scheduler.step(start + sign * change)
        assert scheduler.get_last_lr() == [pytest.approx(lr)]
