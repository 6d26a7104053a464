"""A set-up as a Python script that trains in the same way, bit for bit."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

from autograd_lite import optim
from autograd_lite.playground.choices import FIXED, WHOLE, schedules
from autograd_lite.playground.data import DATA_SETS, OWN
from autograd_lite.playground.features import text
from autograd_lite.playground.setup import Setup

__all__ = ["script"]

HEAD = '''\
"""{data}: {network}, {optimizer}, {steps} steps. Exported from `autograd-lite play`; run it with Python."""

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

STEPS = {steps}
generator = np.random.default_rng({seed})  # draws the points, the first weights and the order of the batches


{make}

{features}
points, label = {points}
order = generator.permutation({rows})
x, y = features(points[order]), label[order, None].astype(np.float32)
x_test, y_test, x, y = x[:{held}], y[:{held}], x[{held}:], y[{held}:]

model = nn.Sequential(
{layers}
)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = optim.{optimizer}({settings})
'''
GRADIENT = """\
@ag.compile
def step(x, y):
    optimizer.zero_grad()
    loss = objective(model(x), y)
    loss.backward()
    optimizer.step()
    return loss
"""
CLOSURE = """\
def step(x, y):
    def closure():
        optimizer.zero_grad()
        loss = objective(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure)
"""
HESSIAN_FREE = """\
def step(x, y):
    return optimizer.step(lambda: ((model(x), *weights), lambda z: objective(z[0], y, z[1:])))
"""
TRAIN = """\
def measure(x, y):
    with ag.no_grad():
        logits = model(x)
        return float(loss_fn(logits, y)), float(np.mean((logits.data > 0) == y))


batches = ag.DataLoader(x, y, batch_size={batch_size}, shuffle=True, generator=generator)
steps = 0
while steps < STEPS:
    for batch in batches:
        step(*batch)
        steps += 1
        if steps == STEPS:
            break
{schedule}
for name, part in {{"train": (x, y), "test": (x_test, y_test)}}.items():
    loss, accuracy = measure(*part)
    print(f"{{name:5}}  loss {{loss:.6f}}  accuracy {{accuracy:.4f}}")
"""


def script(setup: Setup, steps: int, held: int) -> str:
    """Write the script.

    Parameters
    ----------
    setup : Setup
    steps : int
        How many updates it makes.
    held : int
        How many points are the test part.

    Examples
    --------
    >>> print(script(Setup(hidden=()), steps=100, held=200).splitlines()[0])
    \"\"\"moons: 2 -> 1, SGD, 100 steps. Exported from `autograd-lite play`; run it with Python.\"\"\"
    """
    widths = (len(setup.features), *setup.hidden, 1)
    layers = []
    for i, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        layers.append(f"    nn.Linear({inputs}, {outputs}, generator=generator),")
        if i < len(setup.hidden):
            layers.append(f"    nn.{setup.activation_of(i)}(),")
    if setup.data == OWN:
        make, points = f"own = np.array({setup.as_json()['points']})\n", "own[:, :2], own[:, 2]"
    else:
        make = _without_annotations(inspect.getsource(DATA_SETS[setup.data]))
        points = f"{setup.data}({setup.rows}, {setup.noise!r}, generator)"
    head = HEAD.format(
        data=setup.data,
        network=" -> ".join(map(str, widths)),
        optimizer=setup.optimizer,
        steps=steps,
        seed=setup.seed,
        make=make,
        points=points,
        features=text(setup.features),
        rows=setup.count,
        held=held,
        layers="\n".join(layers),
        settings=", ".join(
            [
                "model.parameters()",
                f"lr={setup.lr!r}",
                *_arguments({**setup.optimizer_settings, **FIXED.get(setup.optimizer, {})}, tuple),
            ]
        ),
    )
    each_epoch, made = _schedule(setup)
    train = TRAIN.format(
        batch_size=setup.count - held if setup.optimizer in WHOLE else setup.batch_size, schedule=each_epoch
    )
    objective, step = _objective(setup), _step(setup)
    if not objective:
        step = step.replace("objective(", "loss_fn(")
    return "\n\n".join(part for part in (head + made, objective, step, train) if part)


def _without_annotations(source: str) -> str:
    """A data function's text, with a signature that needs no imports."""
    name, rest = source.removeprefix("def ").split("(", 1)
    return f"def {name}(rows, noise, generator):{rest.split('-> Points:', 1)[1]}"


def _arguments(settings: dict[str, Any], kind: type = list) -> list[str]:
    return [f"{name}={kind(value) if isinstance(value, list) else value!r}" for name, value in settings.items()]


def _schedule(setup: Setup) -> tuple[str, str]:
    """What comes at the end of an epoch, and what makes the scheduler."""
    if setup.schedule == "constant":
        return "", ""
    settings = {**schedules()[setup.schedule], **setup.schedule_settings}
    made = f"scheduler = optim.lr_scheduler.{setup.schedule}({', '.join(['optimizer', *_arguments(settings)])})\n"
    takes_loss = setup.schedule == "ReduceLROnPlateau"
    call = f"scheduler.step({'measure(x, y)[0]' * takes_loss})"
    return f"    if steps % len(batches) == 0:\n        {call}  # once an epoch\n", made


def _objective(setup: Setup) -> str:
    """The loss with its penalties."""
    penalties = {"l1_penalty": setup.l1, "l2_penalty": setup.l2}
    terms = [f"    loss = loss + {rate!r} * ag.{name}(weights)" for name, rate in penalties.items() if rate]
    if not terms and setup.optimizer != "HessianFree":
        return ""
    lines = ["weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]\n\n"]
    lines += ["def objective(output, target, weights=weights):", "    loss = loss_fn(output, target)", *terms]
    return "\n".join([*lines, "    return loss\n"])


def _step(setup: Setup) -> str:
    if setup.optimizer == "HessianFree":
        return HESSIAN_FREE
    by_gradient = getattr(optim, setup.optimizer).step is optim.Optimizer.step
    return GRADIENT if by_gradient else CLOSURE
