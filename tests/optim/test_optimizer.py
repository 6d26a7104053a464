"""The base class: flat memory, groups, state, and what it refuses."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.compiler.codegen import kernel


def leaves(*shapes, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [ag.tensor(rng.standard_normal(shape), dtype=dtype, requires_grad=True) for shape in shapes]


def give_gradients(params, seed=1):
    rng = np.random.default_rng(seed)
    for p in params:
        p.grad = rng.standard_normal(p.shape)


def test_parameters_keep_their_values_and_become_views_of_one_aligned_array():
    params = leaves((2, 3), (), (4,))
    before = [p.data.copy() for p in params]
    optimizer = optim.Adam(params)
    (memory,) = optimizer.flats[0]
    assert memory.values.ctypes.data % 64 == 0
    for p, value in zip(params, before, strict=True):
        np.testing.assert_array_equal(p.data, value)
    assert np.shares_memory(params[0].data, memory.values)
    assert np.shares_memory(params[2].data, memory.values)


@pytest.mark.parametrize("block", [1, 5, 7, 100])
def test_blocks_cut_the_same_update(monkeypatch, block):
    expected = leaves((3, 4), (), (5,), (2, 2))
    give_gradients(expected)
    optim.Adam(expected, lr=0.1).step()
    monkeypatch.setattr(kernel, "BLOCK", block)
    params = leaves((3, 4), (), (5,), (2, 2))
    give_gradients(params)
    optim.Adam(params, lr=0.1).step()
    for p, q in zip(params, expected, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_dtypes_are_kept_apart():
    a, b = leaves((3,), dtype=np.float32) + leaves((3,), dtype=np.float64)
    give_gradients([a, b])
    optim.Adam([a, b]).step()
    assert a.dtype == np.float32 and b.dtype == np.float64


def test_state_dict_resumes_exactly_even_in_another_optimizer():
    params, twins = leaves((2, 2), (3,)), leaves((2, 2), (3,))
    first, second = optim.AdamW(params, lr=0.1, amsgrad=True), optim.AdamW(twins, lr=0.9, amsgrad=True)
    for i in range(3):
        give_gradients(params, i)
        first.step()
    for p, q in zip(params, twins, strict=True):
        q.data = p.data
    second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
    assert second.param_groups[0]["lr"] == 0.1
    for optimizer, some in ((first, params), (second, twins)):
        give_gradients(some, 9)
        optimizer.step()
    for p, q in zip(params, twins, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_a_state_dict_that_does_not_fit_changes_nothing():
    params = leaves((2, 2))
    optimizer = optim.Adam(params)
    give_gradients(params)
    optimizer.step()
    before = optimizer.state_dict()
    other = optim.Adam(leaves((3,)))
    give_gradients(other.param_groups[0]["params"])
    other.step()
    with pytest.raises(ValueError, match="does not fit"):
        optimizer.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match="other parameter groups"):
        optimizer.load_state_dict(optim.Adam(leaves((2, 2), (1,))).state_dict())
    np.testing.assert_array_equal(optimizer.state_dict()["state"][0]["exp_avg"], before["state"][0]["exp_avg"])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_model_and_optimizer_are_copied_together_and_train_on_alone(duplicate):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x = np.ones((4, 2))

    def train(model, optimizer):
        for _ in range(3):
            optimizer.zero_grad()
            (model(x) ** 2).mean().backward()
            optimizer.step()
        return [p.data.copy() for p in model.parameters()]

    train(model, optimizer)
    twin, twin_optimizer = duplicate((model, optimizer))
    before = [p.data.copy() for p in model.parameters()]
    after = train(twin, twin_optimizer)
    for p, value in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, value)
    for value, expected in zip(after, train(model, optimizer), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_two_optimizers_on_the_same_parameters_both_move_them():
    (p,) = leaves((3,))
    first, second = optim.SGD([p], lr=1.0), optim.SGD([p], lr=1.0)
    start = p.data.copy()
    p.grad = np.ones(3)
    first.step()
    second.step()
    first.step()
    np.testing.assert_allclose(p.data, start - 3)


def test_data_replaced_after_construction_is_what_is_updated():
    (p,) = leaves((3,))
    optimizer = optim.SGD([p], lr=1.0)
    p.data = np.zeros(3)
    p.grad = np.ones(3)
    optimizer.step()
    np.testing.assert_array_equal(p.data, -np.ones(3))


def test_momentum_switched_on_later_is_remembered():
    (p,) = leaves((2,))
    optimizer = optim.SGD([p], lr=1.0)
    p.grad = np.ones(2)
    optimizer.step()
    start = p.data.copy()
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    optimizer.step()
    np.testing.assert_allclose(p.data, start - 1 - 1.5)


def test_zero_grad_and_closure():
    (p,) = leaves((2,))
    optimizer = optim.SGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(3)]
    assert losses == sorted(losses, reverse=True)
    optimizer.zero_grad()
    assert p.grad is None


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: optim.SGD([]), ValueError, "no parameters"),
        (lambda p: optim.SGD(p), TypeError, "write \\[tensor\\]"),
        (lambda p: optim.SGD(ag.nn.Linear(1, 1)), TypeError, "model.parameters\\(\\), not model"),
        (lambda p: optim.SGD([p], lr="0.1"), TypeError, "SGD: lr must be a number, and is '0.1'"),
        (lambda p: optim.SGD([p], lr=ag.tensor(0.1)), TypeError, "SGD: lr must be a number"),
        (lambda p: optim.Adam([p], betas=0.9), ValueError, "betas must lie in .* two of them"),
        (lambda p: optim.Adam([p], betas=(0.9, 0.9, 0.9)), ValueError, "betas must lie in .* two of them"),
        (lambda p: optim.SGD([p, p]), ValueError, "twice"),
        (lambda p: optim.SGD([p * 2]), TypeError, "leaves"),
        (lambda p: optim.SGD([ag.tensor(1.0)]), TypeError, "require a gradient"),
        (lambda p: optim.SGD([np.ones(2)]), TypeError, "leaves"),
        (lambda p: optim.SGD([p], lr=-1), ValueError, "lr must not be negative"),
        (lambda p: optim.SGD([p], lr=float("nan")), ValueError, "lr"),
        (lambda p: optim.SGD([p], nesterov=True), ValueError, "Nesterov"),
        (lambda p: optim.Adam([p], betas=(1.0, 0.9)), ValueError, "betas"),
        (lambda p: optim.Adam([{"params": [p], "momentum": 1}]), TypeError, "no setting"),
        (lambda p: optim.Adagrad([p], lr_decay=-1), ValueError, "lr_decay must not be negative"),
        (lambda p: optim.Adagrad([p], initial_accumulator_value=-1), ValueError, "initial_accumulator_value"),
        (lambda p: optim.RMSprop([p], alpha=-0.1), ValueError, "alpha"),
        (lambda p: optim.Adadelta([p], rho=1.5), ValueError, "rho must lie in"),
        (lambda p: optim.NAdam([p], momentum_decay=-1), ValueError, "momentum_decay"),
        (lambda p: optim.RAdam([p], betas=(0.9, 1.0)), ValueError, "betas"),
    ],
)
def test_bad_settings_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make(*leaves((2,)))


def test_the_state_of_another_optimizer_is_refused():
    (p,) = leaves((2,))
    other, optimizer = optim.SGD([p], lr=0.5, momentum=0.9), optim.Adam([p])
    p.grad = np.ones(2)
    other.step()
    with pytest.raises(ValueError, match="no exp_avg, which Adam remembers"):
        optimizer.load_state_dict(other.state_dict())
    assert optimizer.param_groups[0]["lr"] == 1e-3


@pytest.mark.parametrize("rates", [np.geomspace(0.3, 0.01, 6), np.float32([0.3, 0.2, 0.1])])
def test_learning_rates_of_numpys_give_the_same_bits_compiled(rates):
    def trained(compile):
        p = ag.tensor(np.float32([1.0, -2.0, 3.0]), requires_grad=True)
        optimizer = optim.Adam([p], lr=rates[0])

        def step():
            optimizer.zero_grad()
            (p**3).sum().backward()
            optimizer.step()

        step = ag.compile(step) if compile else step
        for lr in rates:
            optimizer.param_groups[0]["lr"] = lr
            step()
        return p.data

    np.testing.assert_array_equal(trained(True), trained(False))


def test_a_parameter_that_changed_its_nature_is_refused():
    (p,) = leaves((2,))
    optimizer = optim.SGD([p], lr=0.1)
    p.data = np.zeros(3)
    p.grad = np.ones(3)
    with pytest.raises(RuntimeError, match="make the optimizer after"):
        optimizer.step()


def test_repr_shows_settings():
    assert "6 parameters in 1 tensors, lr=0.5" in repr(optim.SGD(leaves((2, 3)), lr=0.5))


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.NAdam(p, lr=0.1),
        lambda p: optim.Adagrad(p, lr=0.1, initial_accumulator_value=0.5),
        lambda p: optim.RMSprop(p, momentum=0.9, centered=True),
        lambda p: optim.RAdam(p, lr=0.1),
        lambda p: optim.Adadelta(p),
    ],
)
def test_every_state_resumes_exactly(make):
    params, twins = leaves((2, 2), (3,), (0,), ()), leaves((2, 2), (3,), (0,), ())
    first, second = make(params), make(twins)
    second.load_state_dict(first.state_dict())
    for i in range(8):
        give_gradients(params, i)
        first.step()
    for p, q in zip(params, twins, strict=True):
        q.data = p.data
    second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
    for optimizer, some in ((first, params), (second, twins)):
        give_gradients(some, 9)
        optimizer.step()
    for p, q in zip(params, twins, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_state_that_is_one_number_is_saved_as_one():
    """As in PyTorch, whose states are taken over; before the first step they say nothing yet."""
    params = leaves((2, 2))
    optimizer = optim.NAdam(params)
    give_gradients(params)
    optimizer.step()
    state = optimizer.state_dict()
    assert np.shape(state["state"][0]["mu_product"]) == ()
    state["state"][0]["exp_avg"] = np.array(1.0)
    with pytest.raises(ValueError, match="exp_avg of shape"):
        optimizer.load_state_dict(state)
    adagrad = optim.Adagrad(leaves((2,)), initial_accumulator_value=0.5)
    saved = adagrad.state_dict()
    adagrad.load_state_dict({**saved, "state": {0: {"step": 0.0, "sum": np.full(2, 0.5)}}})
    give_gradients(adagrad.param_groups[0]["params"])
    adagrad.step()
    g = adagrad.param_groups[0]["params"][0].grad
    np.testing.assert_allclose(adagrad.state_dict()["state"][0]["sum"], 0.5 + g * g)


def test_a_groups_own_entries_are_kept_and_do_no_harm():
    params = leaves((2,))
    optimizer = optim.SGD(params, lr=0.1)
    optimizer.param_groups[0]["name"] = "encoder"
    give_gradients(params)
    optimizer.step()
    assert optimizer.state_dict()["param_groups"][0]["name"] == "encoder"


def test_a_loaded_setting_brings_its_state():
    def trained(momentum):
        w = ag.tensor([1.0, 2.0], requires_grad=True)
        optimizer = ag.optim.SGD([w], lr=0.1, momentum=momentum)
        (w * w).sum().backward()
        optimizer.step()
        return w, optimizer

    (w, optimizer), (other, plain) = trained(0.9), trained(0.0)
    plain.load_state_dict(optimizer.state_dict())
    other.data = w.data
    for parameter, each in ((w, optimizer), (other, plain)):
        each.zero_grad()
        (parameter * parameter).sum().backward()
        each.step()
    np.testing.assert_array_equal(other.data, w.data)


def test_the_constructor_takes_the_settings_of_the_equation():
    w = ag.tensor([1.0], requires_grad=True)
    names = list(inspect.signature(optim.Adam).parameters)
    assert names == ["params", "lr", "betas", "eps", "weight_decay", "amsgrad", "maximize"]
    assert inspect.signature(optim.AdamW).parameters["weight_decay"].default == 0.01
    assert optim.Adam([w], 0.5).param_groups[0]["lr"] == 0.5
    with pytest.raises(TypeError, match=r"Adam got an unexpected keyword argument 'beta'; it takes params, lr, betas,"):
        optim.Adam([w], beta=0.9)
    with pytest.raises(TypeError, match="SGD missing a required argument: 'params'"):
        optim.SGD(lr=0.1)


def test_frozen_parameters_stay_as_they_are_until_they_are_not():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    optimizer = ag.optim.Adam(model.parameters(), lr=0.1)
    before = model.state_dict()

    def step():
        optimizer.zero_grad()
        model(np.ones((4, 2))).sum().backward()
        optimizer.step()
        return [name for name, value in model.state_dict().items() if not np.array_equal(value, before[name])]

    assert step() == ["1.weight", "1.bias"]
    model[0].requires_grad_()
    assert step() == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_nothing_but_frozen_parameters_is_refused():
    model = nn.Linear(2, 3).requires_grad_(False)
    with pytest.raises(ValueError, match="all parameters of the optimizer are frozen"):
        ag.optim.SGD(model.parameters())
    with pytest.raises(TypeError, match="leaves that require a gradient"):
        ag.optim.SGD([ag.tensor([1.0]), *nn.Linear(1, 1).parameters()])


@pytest.mark.parametrize("make", [set, frozenset, lambda ps: [{"params": set(ps)}]])
def test_a_set_of_parameters_is_refused_as_it_has_no_order(make):
    with pytest.raises(TypeError, match="a set has another order in every run"):
        optim.SGD(make([ag.tensor(1.0, requires_grad=True)]), lr=0.1)
