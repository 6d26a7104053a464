"""autograd_lite as its README shows it: a Sequential, a loss and an optimizer, eagerly."""

from collections.abc import Callable
from typing import Any

import autograd_lite as ag
from autograd_lite import nn, optim
from benchmarks.problem import BETAS, EPSILON, LEARNING_RATE, Problem, Step


def model_and_step(problem: Problem) -> Callable[[Any, Any], ag.Tensor]:
    """Make the model, and return its training step as a function of a batch."""
    modules: list[nn.Module] = []
    for weight, bias in problem.layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data = weight.copy()
        linear.bias.data = bias.copy()
        modules += [linear, nn.ReLU()]
    model = nn.Sequential(*modules[:-1])
    loss_function = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)

    def step(x: Any, labels: Any) -> ag.Tensor:
        optimizer.zero_grad()
        loss = loss_function(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


def build(problem: Problem) -> Step:
    """Return one eager training step; the loss comes back as a Tensor."""
    step = model_and_step(problem)
    x, labels = problem.x, problem.labels
    return lambda: step(x, labels)
