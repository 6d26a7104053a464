"""PyTorch as its tutorials write it, with Adam as it comes."""

import torch
from torch import nn

from benchmarks.problem import BETAS, EPSILON, LEARNING_RATE, Problem, Step


def build(problem: Problem, fused: bool | None = None) -> Step:
    """Return one eager training step; ``fused=True`` asks for Adam in one native kernel."""
    modules: list[nn.Module] = []
    for weight, bias in problem.layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))
        modules += [linear, nn.ReLU()]
    model = nn.Sequential(*modules[:-1])
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, fused=fused)
    x, labels = torch.from_numpy(problem.x), torch.from_numpy(problem.labels)

    def step() -> torch.Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_function(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step
