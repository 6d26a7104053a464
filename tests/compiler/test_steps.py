"""Training steps as users write them: what they do beside a forward pass, a backward pass and an update."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.compiler.check import check, check_training, compiled, values

N, FEATURES, CLASSES = 6, 4, 3
cross_entropy = nn.functional.cross_entropy


def batches(count=3):
    rng = np.random.default_rng(3)
    return [(rng.normal(size=(N, FEATURES)).astype(np.float32), rng.integers(CLASSES, size=N)) for _ in range(count)]


def network(width=5, *layers):
    return nn.Sequential(nn.Linear(FEATURES, width), nn.ReLU(), *layers, nn.Linear(width, CLASSES))


def update(model, opt, x, target):
    opt.zero_grad()
    loss = cross_entropy(model(x), target)
    loss.backward()
    opt.step()
    return loss


def gradients_added_up():
    model = network()
    opt = optim.Adam(model.parameters())

    def step(x, target):
        opt.zero_grad()
        total = 0.0
        for part in (slice(0, 2), slice(2, N)):
            loss = cross_entropy(model(x[part]), target[part])
            loss.backward()
            total = total + loss.detach()
        opt.step()
        return total

    return step, model.tensors


def several_updates_in_a_call():
    model = network(5, nn.BatchNorm1d(5), nn.Dropout())
    opt = optim.Adam(model.parameters(), amsgrad=True)

    def step(x, target):
        return [update(model, opt, x, target) for _ in range(3)]

    return step, model.tensors


def a_schedule_inside():
    model = network()
    opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    def step(x, target):
        loss = update(model, opt, x, target)
        opt.param_groups[0]["lr"] *= 0.5
        return loss

    return step, model.tensors


def clipping_by_norm():
    model = network()
    opt = optim.SGD(model.parameters(), lr=0.1)

    def step(x, target):
        opt.zero_grad()
        loss = cross_entropy(model(x), target)
        loss.backward()
        norm = np.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
        for p in model.parameters():
            p.grad = p.grad * np.minimum(1.0, 0.1 / (norm + 1e-6))
        opt.step()
        return loss, norm

    return step, model.tensors


def hooks():
    model = network()
    opt = optim.SGD(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.register_hook(lambda g: g * 0.5)
    return lambda x, target: update(model, opt, x, target), model.tensors


def updates_by_hand():
    w, b = nn.Parameter(np.ones((CLASSES, FEATURES))), nn.Parameter(np.zeros(CLASSES))
    average, count = ag.tensor(np.zeros((CLASSES, FEATURES), np.float32)), ag.tensor(0)

    def step(x, target):
        w.grad = b.grad = None
        loss = cross_entropy(x @ w.T + b, target)
        loss.backward()
        for p in (w, b):
            p.data -= 0.1 * p.grad
        with ag.no_grad():
            average[...] = 0.9 * average + 0.1 * w
        count.data = count + 1
        return loss

    return step, lambda: enumerate([w, b, average, count])


def frozen_layers():
    model = network()
    for p in list(model.parameters())[:2]:
        p.requires_grad = False
    opt = optim.Adam([p for p in model.parameters() if p.requires_grad])
    return lambda x, target: update(model, opt, x, target), model.tensors


def many_parameters():
    model = network(300, nn.Linear(300, 300))
    opt = optim.AdamW(model.parameters(), lr=0.01)
    return lambda x, target: update(model, opt, x, target), model.tensors


def a_recurrent_network():
    into, again, out = nn.Linear(1, 5), nn.Linear(5, 5), nn.Linear(5, CLASSES)
    model = nn.Sequential(into, again, out)
    opt = optim.Adam(model.parameters())

    def step(x, target):
        opt.zero_grad()
        state = np.zeros((N, 5), np.float32)
        for i in range(FEATURES):
            state = np.tanh(into(x[:, i : i + 1]) + again(state))
        loss = cross_entropy(out(state), target)
        loss.backward()
        opt.step()
        return loss

    return step, model.tensors


def an_embedding():
    table, out = nn.Parameter(np.random.default_rng(0).normal(size=(CLASSES, 5))), nn.Linear(5, CLASSES)
    opt = optim.Adam([table, *out.parameters()])

    def step(x, target):
        opt.zero_grad()
        loss = cross_entropy(out(table[target]) + x[:, :CLASSES], target)
        loss.backward()
        opt.step()
        return loss

    return step, lambda: enumerate([table, *out.parameters()])


STEPS = [gradients_added_up, several_updates_in_a_call, a_schedule_inside, clipping_by_norm, hooks, updates_by_hand]
STEPS += [frozen_layers, many_parameters, a_recurrent_network, an_embedding]


@pytest.mark.parametrize("make", STEPS, ids=lambda make: make.__name__)
def test_step(make):
    def made():
        step, tensors = make()
        return step, lambda: [tensor for _, tensor in tensors()]

    check_training(made, batches())


INPUTS = {
    "in Fortran order": lambda x, target: (np.asfortranarray(x), target),
    "every other column": lambda x, target: (np.repeat(x, 2, axis=1)[:, ::2], np.repeat(target, 2)[::2]),
    "tensors": lambda x, target: (ag.tensor(x), ag.tensor(target)),
    "double": lambda x, target: (x.astype(float), target),
    **{f"labels of {t}": lambda x, target, t=t: (x, target.astype(t)) for t in ("int8", "uint8", "int32", "uint64")},
}


@pytest.mark.parametrize("name", INPUTS)
def test_input(name):
    def make():
        model = network()
        opt = optim.Adam(model.parameters())
        return lambda x, target: update(model, opt, x, target), lambda: list(model.parameters())

    check_training(make, [INPUTS[name](*batch) for batch in batches()])


def test_a_program_follows_the_layout_of_its_inputs():
    def make():
        model = network()
        opt = optim.Adam(model.parameters())
        return lambda x, target: update(model, opt, x, target), lambda: list(model.parameters())

    first, second, third = batches()
    check_training(make, [first, INPUTS["in Fortran order"](*second), INPUTS["every other column"](*third)], traces=3)


def test_assignment_by_a_mask():
    def positive(x):
        y = x * 1.0
        y[y < 0] = 0
        return y

    check(positive, (ag.tensor([1.0, -1.0]),), (ag.tensor([-1.0, 2.0]),))


def test_results_are_nobody_elses_memory():
    double = compiled(lambda x: 2 * x)
    first = double(np.ones(3))
    double(np.zeros(3))
    np.testing.assert_array_equal(values(first), [2, 2, 2])

    x = np.ones(3)
    same = compiled(lambda x: x)(x)
    x[0] = 5
    np.testing.assert_array_equal(values(same), [1, 1, 1])

    w = ag.tensor([1.0, 2.0], requires_grad=True)

    def grow():
        w.data = w.data * 2
        return w.detach()

    step = compiled(grow)
    first, second = step(), step()
    np.testing.assert_array_equal(values(first), [2, 4])
    np.testing.assert_array_equal(values(second), [4, 8])


def test_parts_of_a_concatenation_that_are_views():
    def join(a, b):
        p, q = np.exp(a), np.exp(b)
        whole = np.concatenate([p[::-1], q, np.exp(a + b)[:2], (p * q).reshape(-1)])
        return whole.sum(), whole * 2, np.concatenate([np.sin(a), np.cos(b)]) * np.concatenate([p, q])

    rng = np.random.default_rng(0)
    check(join, *[[ag.tensor(rng.normal(size=4)) for _ in range(2)] for _ in range(2)])


@pytest.mark.parametrize("optimizer", [optim.SGD, optim.Adam])
def test_parameters_that_have_been_updated_equally_often_and_are_not_any_more(optimizer):
    def trained(change):
        frozen, goes_on, unused = (ag.tensor([0.5, 1.0], requires_grad=True) for _ in range(3))
        kept = optimizer([frozen, goes_on, unused], lr=0.1)

        def step(x):
            kept.zero_grad()
            (frozen * x + goes_on * goes_on).sum().backward()
            kept.step()

        step = change(step)
        for call in range(6):
            frozen.requires_grad = call < 2
            step(np.array([1.0, 2.0]))
        return goes_on.data.tolist()

    assert trained(ag.compile) == trained(lambda f: f)
