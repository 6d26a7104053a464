"""The corrected experiments of the textbook listings reproduce their reference numbers through the public API."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim


def descend(loss, parameters, lr, steps):
    """Plain gradient descent; the loss before each step."""
    optimizer = optim.SGD(parameters, lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, (1.98965876, 0.03040452)), (0.5, (1.9536389, 0.13630729))], ids=["2/n", "1/2n"]
)
def test_linear_regression_of_article_000(factor, expected):
    x, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[2.0], [4.0], [6.0], [8.0]])
    model = nn.Linear(1, 1, dtype=np.float64)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    mse = nn.MSELoss()
    descend(lambda: factor * mse(model(x), y), model.parameters(), lr=0.01, steps=1000)
    np.testing.assert_allclose([model.weight.item(), model.bias.item()], expected, atol=5e-9)


def test_gradient_descent_of_article_001():
    state = np.random.RandomState(1)
    x = state.rand(100, 1)
    y = 3 * x + state.rand(100, 1)
    theta = ag.tensor(state.rand(1, 1), requires_grad=True, name="theta")
    assert abs(theta.item() - 0.95017612) < 5e-9
    descend(lambda: 0.5 * ((x @ theta - y) ** 2).mean(), [theta], lr=0.01, steps=1000)
    assert abs(theta.item() - 3.61334238) < 5e-9


def test_loss_per_iteration_of_article_002():
    x = y = np.array([1.0, 2.0, 3.0, 4.0])
    theta = ag.tensor(0.0, requires_grad=True)
    losses = descend(lambda: ((x * theta - y) ** 2).mean(), [theta], lr=0.05, steps=100)
    np.testing.assert_allclose(losses[:3], [7.5, 0.46875, 0.029296875])
    assert abs(theta.item() - 1) < 1e-12


def test_least_squares_of_article_004():
    state = np.random.RandomState(42)
    x = state.rand(100, 1)
    y = 3 * x + 2 + state.randn(100, 1) * 0.5
    model = nn.Linear(1, 1, dtype=np.float64)
    mse = nn.MSELoss()
    descend(lambda: mse(model(x), y), model.parameters(), lr=0.5, steps=2000)
    np.testing.assert_allclose([model.weight.item(), model.bias.item()], [2.77011339, 2.10754808], atol=5e-9)
