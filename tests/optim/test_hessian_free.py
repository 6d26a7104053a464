"""Hessian-free optimization: its products are exact, its damping follows the model, and it trains where SGD stands."""

import sys
from itertools import pairwise

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.optim.hessian_free import Curvature

pytest.importorskip("scipy")
HessianFree = ag.optim.HessianFree
F = nn.functional


def net(sizes, scale=None, seed=0):
    ag.manual_seed(seed)
    layers = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.Tanh())]
    model, rng = nn.Sequential(*layers).to(np.float64), np.random.default_rng(seed)
    for p in model.parameters() if scale else ():
        p.data = rng.normal(0, scale, p.shape) if p.ndim == 2 else np.zeros(p.shape)
    return model


def data(rows, columns, seed=0):
    return np.random.default_rng(seed).standard_normal((rows, columns))


LOSSES = {
    "squares": lambda z: F.mse_loss(z, data(5, 3, 1)),
    "classes": lambda z: F.cross_entropy(z, np.array([0, 2, 1, 1, 0])),
    "quartic": lambda z: (z**4).sum() + (z[:, 0] * z[:, 1] ** 2).sum(),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_products_equal_those_of_the_matrix(loss):
    model, x = net([4, 3, 3]), data(5, 4)
    parameters = list(model.parameters())
    optimizer = HessianFree(parameters)
    curvature = Curvature(model(x), loss, parameters)

    def outputs(*values):
        first, second = values[:2], values[2:]
        hidden = np.tanh(x @ first[0].T + first[1])
        return np.tanh(hidden @ second[0].T + second[1])

    values = [p.data.copy() for p in parameters]
    z = outputs(*values)
    J = np.concatenate([j.reshape(15, -1) for j in ag.jacobian(outputs, (0, 1, 2, 3))(*values)], axis=1)
    G = J.T @ ag.hessian(loss)(z).reshape(15, 15) @ J
    v = data(1, J.shape[1])[0]
    np.testing.assert_allclose(curvature.product(optimizer.parts(v)), G @ v, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(curvature.gradient, ag.grad(loss)(z).ravel() @ J, rtol=1e-10, atol=1e-12)
    assert curvature.loss == pytest.approx(float(loss(z)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_undamped_step_solves_least_squares(dtype):
    A, b = data(8, 3).astype(dtype), data(8, 1)[:, 0].astype(dtype)
    w = ag.tensor(np.zeros(3, dtype), requires_grad=True)
    optimizer = HessianFree([w], damping=0.0, cg_tolerance=1e-6)
    optimizer.step(lambda: (A @ w, lambda z: ((z - b) ** 2).sum()))
    np.testing.assert_allclose(w.data, np.linalg.lstsq(A, b, rcond=None)[0], rtol=1e-4)
    assert w.dtype == dtype


def test_outputs_may_be_a_tree_and_unused_parameters_stay():
    a, b, unused = (ag.tensor([value], requires_grad=True) for value in (3.0, -2.0, 7.0))
    optimizer = HessianFree([a, b, unused], damping=0.0, cg_tolerance=1e-12)
    optimizer.step(lambda: ({"a": a * 2, "b": (a + b,)}, lambda z: ((z["a"] - 4) ** 2 + (z["b"][0]) ** 2).sum()))
    np.testing.assert_allclose([*a.data, *b.data, *unused.data], [2, -2, 7], atol=1e-10)


def test_damping_follows_the_model():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = HessianFree([w], damping=0.3, cg_tolerance=1e-10)
    assert optimizer.step(lambda: (w, lambda z: (z**2).sum())) == 5.0
    assert optimizer.param_groups[0]["damping"] == pytest.approx(0.2)  # the model was right


@pytest.mark.parametrize("lr", [0.1, 0.5, 1.0])
def test_the_model_foretells_the_step_that_is_made(lr):
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = HessianFree([w], lr=lr, damping=1e-6, cg_tolerance=1e-10)
    optimizer.step(lambda: (w, lambda z: (z**2).sum()))
    assert optimizer.param_groups[0]["damping"] == pytest.approx(2 / 3 * 1e-6)


def test_a_step_that_goes_up_is_shortened_or_given_up():
    w = ag.tensor([1.0], requires_grad=True)
    optimizer = HessianFree([w], damping=0.0, lr=3.0)
    optimizer.step(lambda: (w, lambda z: (z**2).sum()))
    assert abs(w.data[0]) < 1 and optimizer.param_groups[0]["damping"] == 0
    hill = HessianFree([w], damping=1.0, lr=1e9)
    before = w.data.copy()
    hill.step(lambda: (w, lambda z: (z**2).sum()))
    np.testing.assert_array_equal(w.data, before)
    assert hill.param_groups[0]["damping"] == 1.5


def test_trains_a_deep_autoencoder_to_a_lower_loss_than_momentum():
    """Small random weights: the gradients vanish through six layers of tanh (Martens 2010, section 2).

    What is counted are products of matrices, in gradients: a gradient takes 3 for each layer, a Gauss-Newton product
    4 (J v and Jᵀ u, 2 each), a value 1.
    """
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    x, sizes, budget = digits.data[:100] / 16, [64, 32, 16, 8, 16, 32, 64], 1000

    def momentum(lr, mu):
        model = net(sizes, 0.03)
        optimizer = ag.optim.SGD(model.parameters(), lr=lr, momentum=mu)

        @ag.compile
        def step():
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), x)
            loss.backward()
            optimizer.step()
            return loss

        return min(float(step()) for _ in range(budget))

    model = net(sizes, 0.03)
    optimizer = HessianFree(model.parameters())
    steps = spent = 0
    while spent < budget - 150:  # no step takes more
        optimizer.step(lambda: (model(x), lambda z: F.mse_loss(z, x)))
        steps += 1
        spent = (2 * steps + optimizer.evaluations + 4 * optimizer.products) / 3
    assert spent <= budget
    reached = F.mse_loss(model(x), x).item()
    assert reached < 0.025
    for lr, mu in [(0.3, 0.9), (1.0, 0.9), (3.0, 0.9), (1.0, 0.95), (0.1, 0.99), (0.3, 0.99)]:
        assert reached < 0.5 * momentum(lr, mu)


def test_state_can_be_saved_and_training_goes_on_as_if_nothing_had_happened():
    x, y = data(20, 3), data(20, 2, 1)
    models = [net([3, 4, 2]), net([3, 4, 2], seed=5)]
    optimizers = [HessianFree(model.parameters()) for model in models]
    closures = [lambda model=model: (model(x), lambda z: F.mse_loss(z, y)) for model in models]
    for _ in range(3):
        optimizers[0].step(closures[0])
    models[1].load_state_dict(models[0].state_dict())
    optimizers[1].load_state_dict(optimizers[0].state_dict())
    for optimizer, closure in zip(optimizers, closures, strict=True):
        optimizer.step(closure)
    for p, q in zip(models[0].parameters(), models[1].parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize(
    ("error", "message", "closure"),
    [
        (TypeError, "gives \\(outputs, loss\\)", lambda w: (w**2).sum()),
        (TypeError, "must be tensors with history", lambda w: (w.data, lambda z: (z**2).sum())),
        (ValueError, "depend on none of its parameters", lambda w: (ag.tensor([1.0], requires_grad=True) * 2, np.sum)),
        (ValueError, "through the outputs only", lambda w: (w * 2, lambda z: (z**2).sum() + (w**2).sum())),
        (FloatingPointError, "no parameter has been changed", lambda w: (w * np.inf, lambda z: (z**2).sum())),
        (TypeError, "grad needs a function of one number", lambda w: (w * 2, lambda z: z**2)),
    ],
)
def test_what_it_cannot_do_is_refused_and_moves_nothing(error, message, closure):
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = HessianFree([w])
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        optimizer.step(lambda: closure(w))
    np.testing.assert_array_equal(w.data, [1.0, 2.0])


def test_settings_and_missing_extras(monkeypatch):
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match="max_cg must be at least 1"):
        HessianFree([w], max_cg=0)
    with pytest.raises(TypeError, match="give step\\(\\) a function"):
        HessianFree([w]).step()
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        HessianFree([w]).step(lambda: (w, lambda z: (z**2).sum()))
