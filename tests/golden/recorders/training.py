"""``training.npz``: a small net trained for 50 steps on one batch, end to end.

The net is ``Sequential(Linear(3, 5), Tanh(), Linear(5, 2))``, the loss `MSELoss`. A case holds

``optimizer``, ``settings``   as in ``optimizers.npz``
``x`` (8, 3), ``target`` (8, 2)
``start``      the state dict before training: ``0.weight 0.bias 2.weight 2.bias``
``gradients``  of the first step, under the same names
``losses``     (50,), each before its update
``final``      the state dict after 50 updates
"""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn

from . import normal

STEPS = 50
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {"lr": 0.03}),
    ("Adam", {"lr": 0.03, "amsgrad": True, "weight_decay": 0.01}),
    ("AdamW", {"lr": 0.03}),
    ("Adagrad", {"lr": 0.1}),
    ("RMSprop", {"lr": 0.01, "centered": True, "momentum": 0.5}),
    ("Adadelta", {"lr": 1.0}),
    ("NAdam", {"lr": 0.03}),
    ("RAdam", {"lr": 0.03}),
]


def cases() -> list[dict[str, Any]]:
    """Return one case for each row of `OPTIMIZERS`."""
    return [train(name, settings) for name, settings in OPTIMIZERS]


def train(optimizer: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Train the net and return its case."""
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    start = {key: normal(f"net {key}", *value.shape) for key, value in net.state_dict().items()}
    net.load_state_dict({key: torch.tensor(array) for key, array in start.items()})
    x = normal("training x", 8, 3)
    target = np.round(np.stack([np.sin(x.sum(1)), x[:, 0] * x[:, 1]], axis=1), 3) + 0.0
    algorithm = getattr(torch.optim, optimizer)(net.parameters(), foreach=False, **settings)
    losses: list[torch.Tensor] = []
    first: dict[str, Any] = {}
    for _ in range(STEPS):
        algorithm.zero_grad()
        loss = nn.functional.mse_loss(net(torch.tensor(x)), torch.tensor(target))
        torch.autograd.backward(loss)
        if not first:
            first = {name: deepcopy(p.grad) for name, p in net.named_parameters()}
        algorithm.step()
        losses.append(loss.detach())
    return {
        "name": f"{optimizer} {settings}",
        "optimizer": optimizer,
        "settings": settings,
        "x": x,
        "target": target,
        "start": start,
        "gradients": first,
        "losses": torch.stack(losses),
        "final": net.state_dict(),
    }
