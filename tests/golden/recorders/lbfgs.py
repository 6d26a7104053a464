"""``lbfgs.npz``: L-BFGS on three problems, several calls of ``step``.

A case holds

``problem``      one of `PROBLEMS`; `loss` writes them with what NumPy and PyTorch share
``settings``     keywords of ``torch.optim.LBFGS``
``start``        the parameters before, by name
``data``         the arrays of the problem, by name
``trajectory``   for each parameter its values after each of the `STEPS` calls of ``step``
``losses``       (STEPS,), what ``step`` returned: the loss before it
``evaluations``  (STEPS,), how often the loss had been evaluated after each call
"""

from typing import Any

import numpy as np
import torch

from . import leaf, normal

STEPS = 6

SETTINGS: list[dict[str, Any]] = [
    {"max_iter": 1, "lr": 0.5},
    {"max_iter": 3, "lr": 0.5, "history_size": 2},
    {"max_iter": 4, "line_search_fn": "strong_wolfe"},
    {"max_iter": 3, "line_search_fn": "strong_wolfe", "history_size": 3, "lr": 0.1},
    {"max_iter": 10, "max_eval": 5, "line_search_fn": "strong_wolfe"},
    {"max_iter": 40, "line_search_fn": "strong_wolfe"},
]
PROBLEMS: dict[str, dict[str, dict[str, np.ndarray]]] = {
    "rosenbrock": {"start": {"x": np.array([-1.2, 1.0, 0.8, -0.5])}, "data": {}},
    "regression": {
        "start": {"w": normal("lbfgs w", 3), "b": np.array(0.25)},
        "data": {"X": normal("lbfgs X", 12, 3), "y": normal("lbfgs y", 12)},
    },
    "net": {
        "start": {"U": normal("lbfgs U", 4, 3), "a": normal("lbfgs a", 4), "v": normal("lbfgs v", 4)},
        "data": {"X": normal("lbfgs X", 12, 3), "y": normal("lbfgs y", 12)},
    },
}


def loss(problem: str, p: dict[str, Any], data: dict[str, Any], tanh: Any) -> Any:
    """Return the loss of a problem at the parameters `p`."""
    if problem == "rosenbrock":
        x = p["x"]
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    if problem == "regression":
        return ((data["X"] @ p["w"] + p["b"] - data["y"]) ** 2).mean()
    return ((tanh(data["X"] @ p["U"].T + p["a"]) @ p["v"] - data["y"]) ** 2).mean()


def cases() -> list[dict[str, Any]]:
    """Return one case for each problem and settings."""
    return [run(problem, settings) for problem in PROBLEMS for settings in SETTINGS]


def run(problem: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Make the steps and return the case."""
    parts = PROBLEMS[problem]
    p = {name: leaf(array) for name, array in parts["start"].items()}
    data = {name: torch.tensor(array) for name, array in parts["data"].items()}
    optimizer = torch.optim.LBFGS(list(p.values()), **settings)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss(problem, p, data, torch.tanh)
        value.backward()
        return value

    trajectory: dict[str, list[np.ndarray]] = {name: [] for name in p}
    losses, evaluations = [], []
    for _ in range(STEPS):
        losses.append(optimizer.step(closure).item())
        evaluations.append(optimizer.state[next(iter(p.values()))]["func_evals"])
        for name, x in p.items():
            trajectory[name].append(x.detach().numpy().copy())
    return {
        "name": f"{problem} " + " ".join(f"{key}={value}" for key, value in settings.items()),
        "problem": problem,
        "settings": settings,
        **parts,
        "trajectory": {name: np.stack(values) for name, values in trajectory.items()},
        "losses": np.array(losses),
        "evaluations": np.array(evaluations),
    }
