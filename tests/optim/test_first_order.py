"""What first-order methods promise: they descend, whichever form of momentum; micro-batches make a batch."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim

OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.5),
    "SGD momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.5),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
    "RMSprop centered": lambda p: optim.RMSprop(p, lr=0.002, centered=True, momentum=0.8),
    "Adadelta": lambda p: optim.Adadelta(p, lr=1.0, rho=0.95, eps=1e-3),
    "Adam": lambda p: optim.Adam(p, lr=0.05),
    "AdamW": lambda p: optim.AdamW(p, lr=0.05, weight_decay=1e-4),
    "NAdam": lambda p: optim.NAdam(p, lr=0.05),
    "RAdam": lambda p: optim.RAdam(p, lr=0.05),
    "Adamax": lambda p: optim.Adamax(p, lr=0.05),
    "Rprop": lambda p: optim.Rprop(p, lr=0.05),
    "ASGD": lambda p: optim.ASGD(p, lr=0.5, lambd=0.0),
    "Lion": lambda p: optim.Lion(p, lr=0.01, betas=(0.5, 0.5)),
}
STEPS = 300


def quadratic(condition, seed=0):
    """½ (x - x*)ᵀ A (x - x*) in five dimensions, with curvatures from 1/condition to 1 along rotated axes."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    matrix = axes * np.geomspace(1 / condition, 1, 5) @ axes.T
    solution = rng.standard_normal(5)
    return lambda x: 0.5 * (x - solution) @ matrix @ (x - solution)


def minimized(name, loss, steps=STEPS):
    x = ag.tensor(np.zeros(5), requires_grad=True)
    optimizer = OPTIMIZERS[name]([x])
    start = loss(x).item()
    for _ in range(steps):
        optimizer.zero_grad()
        loss(x).backward()
        optimizer.step()
    return loss(x).item() / start


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_round_bowl_is_solved(name, seed):
    assert minimized(name, quadratic(2, seed)) < 1e-2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_long_valley_is_followed(name, seed):
    assert minimized(name, quadratic(1000, seed)) < 0.1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_climbing_is_descending_with_the_sign_turned(name):
    ends = []
    for maximize in (False, True):
        x = ag.tensor(np.ones(5), requires_grad=True)
        optimizer = OPTIMIZERS[name]([x])
        optimizer.param_groups[0].update(maximize=maximize, weight_decay=0.0)
        loss = quadratic(10)
        for _ in range(20):
            optimizer.zero_grad()
            (-loss(x) if maximize else loss(x)).backward()
            optimizer.step()
        ends.append(x.data.copy())
    np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_exact_zeros_in_the_gradient_do_no_harm(name):
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = OPTIMIZERS[name]([x])
    optimizer.param_groups[0]["weight_decay"] = 0.0
    for _ in range(12):
        x.grad = np.array([0.0, 1.0])
        optimizer.step()
    assert x.data[0] == 1.0 and x.data[1] < 2.0


def test_a_constant_gradient_has_no_variance_and_is_no_root_of_a_negative_number():
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    optimizer = optim.RMSprop([x], lr=1e-9, alpha=0.9, centered=True)
    for _ in range(500):
        x.grad = np.array([0.1, 0.7, 1e3])
        optimizer.step()
    assert np.all(np.isfinite(x.data))


@pytest.mark.parametrize("beta2", [0.2, 1 / 3, 0.5, 0.6, 0.7, 0.9])
def test_radam_with_a_short_memory_is_momentum_for_ever(beta2):
    """With ρ ≤ 5 (β₂ ≤ 2/3) the variance is never known well enough; nothing is divided by 0 on the way there."""
    x, y = (ag.tensor([1.0, -2.0], requires_grad=True) for _ in range(2))
    rectified, adam = optim.RAdam([x], lr=0.1, betas=(0.9, beta2)), optim.Adam([y], lr=0.1, betas=(0.9, beta2))
    mean = np.zeros(2)
    for t in range(1, 30):
        g = np.array([1.0, 0.01 * t])
        mean = 0.9 * mean + 0.1 * g
        before = x.data.copy()
        x.grad = y.grad = g
        rectified.step()
        adam.step()
        if 2 / (1 - beta2) - 1 <= 5:
            np.testing.assert_allclose(x.data, before - 0.1 * mean / (1 - 0.9**t), rtol=1e-13, atol=1e-15)
    assert np.all(np.isfinite(x.data))


# The two ways to write momentum.


def heavy_ball(gradient, x, lr, momentum, steps):
    """Polyak's form: x ← x - α ∇f(x) + μ (x - what x was before)."""
    before = x
    for _ in range(steps):
        x, before = x - lr * gradient(x) + momentum * (x - before), x
        yield x


def velocity(gradient, x, lr, momentum, steps):
    """The articles' form: v ← μ v - α ∇f(x), x ← x + v."""
    v = np.zeros_like(x)
    for _ in range(steps):
        v = momentum * v - lr * gradient(x)
        x = x + v
        yield x


@pytest.mark.parametrize("form", [heavy_ball, velocity])
@pytest.mark.parametrize(("lr", "momentum"), [(0.1, 0.9), (0.5, 0.5), (1.0, 0.0)])
def test_the_forms_of_momentum_are_one(form, lr, momentum):
    """With a learning rate that stays: b in SGD is -v / α, and v is the last step."""
    loss = quadratic(10)
    gradient = ag.grad(loss)
    x = ag.tensor(np.ones(5), requires_grad=True)
    optimizer = optim.SGD([x], lr=lr, momentum=momentum)
    for expected in form(gradient, np.ones(5), lr, momentum, 60):
        optimizer.zero_grad()
        loss(x).backward()
        optimizer.step()
        np.testing.assert_allclose(x.data, expected, rtol=1e-11, atol=1e-12)


# Accumulation, and repeatability.


def network():
    ag.manual_seed(5)
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).double()


def data(n=64):
    rng = np.random.default_rng(6)
    return rng.standard_normal((n, 6)), rng.integers(3, size=n)


def test_eight_micro_batches_make_the_gradient_of_a_large_batch():
    model, (x, labels) = network(), data()
    nn.functional.cross_entropy(model(x), labels).backward()
    whole = [p.grad for p in model.parameters()]
    model.zero_grad()
    for part, part_labels in zip(np.split(x, 8), np.split(labels, 8), strict=True):
        (nn.functional.cross_entropy(model(part), part_labels) / 8).backward()
    for p, g in zip(model.parameters(), whole, strict=True):
        np.testing.assert_allclose(p.grad, g, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_by_micro_batches_is_training_by_large_batches(name):
    ends = []
    for parts in (1, 8):
        model, (x, labels) = network(), data()
        optimizer = optim.SGD(model.parameters(), lr=0.5) if name == "SGD" else OPTIMIZERS[name](model.parameters())
        for _ in range(5):
            optimizer.zero_grad()
            for part, part_labels in zip(np.split(x, parts), np.split(labels, parts), strict=True):
                (nn.functional.cross_entropy(model(part), part_labels) / parts).backward()
            optimizer.step()
        ends.append([p.data for p in model.parameters()])
    for a, b in zip(*ends, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_seed_gives_the_same_bits(name):
    ends = []
    for _ in range(2):
        ag.manual_seed(8)
        model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
        optimizer = OPTIMIZERS[name](model.parameters())
        history = ag.fit(model, data(), loss=nn.CrossEntropyLoss(), optimizer=optimizer, epochs=3, progress=False)
        ends.append((history["train_loss"], [p.data for p in model.parameters()]))
    assert ends[0][0] == ends[1][0]
    for a, b in zip(ends[0][1], ends[1][1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_settings_of_rprop_are_checked():
    for settings in ({"etas": (1.5, 2.0)}, {"step_sizes": (2.0, 1.0)}):
        with pytest.raises(ValueError, match="etas must lie below and above 1 and step_sizes in order"):
            optim.Rprop([ag.tensor([1.0], requires_grad=True)], **settings)
