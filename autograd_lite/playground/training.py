"""One training: data, network and optimizer of a set-up, moved on step by step."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn, optim
from autograd_lite.compiler import compile
from autograd_lite.data import DataLoader
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.playground.choices import FIXED, WHOLE, schedules
from autograd_lite.playground.data import DATA_SETS, OWN, Points
from autograd_lite.playground.features import features
from autograd_lite.playground.setup import Setup, SetupError
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train import l1_penalty, l2_penalty
from autograd_lite.train.step import training_step

__all__ = ["Curve", "Training", "measure"]

LONGEST_CURVE = 400
MOST_FOR_NEWTON = 200  # a step takes a backward pass for each


class Curve:
    """Losses over epochs, thinned out as they become many: a bounded number of points over the whole time."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float, float]] = []
        self.stride = 1

    def add(self, epoch: int, train: float, test: float) -> None:
        """Keep the losses after an epoch, if it is one of those that are kept."""
        if epoch % self.stride == 0:
            self.points.append((epoch, train, test))
        if len(self.points) > LONGEST_CURVE:
            self.stride *= 2
            self.points = [point for point in self.points if point[0] % self.stride == 0]


class Training:
    """A network in training.

    Parameters
    ----------
    setup : Setup

    Attributes
    ----------
    train, test : (float32 array of shape (rows, features), float32 array of shape (rows, 1))
        What the network is given of points, and their labels, 0 or 1.
    places : dict of str to array of shape (rows, 2)
        The points of "train" and of "test".
    steps, epoch : int
        Updates made, and whole passes over the training part.
    turn : Lock
        Held by who moves it on: others wait for this training only.
    compiled : bool
        Whether the step runs as a program.

    Raises
    ------
    SetupError
        If the optimizer or the schedule does not take its settings.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup, self.turn = setup, threading.Lock()  # one request at a time moves it
        generator = np.random.default_rng(setup.seed)
        points, label = made_points(setup, generator)
        order = generator.permutation(setup.count)
        x, y = features(setup.features, points[order]), label[order, None].astype(np.float32)
        held = min(max(round(setup.test_share * setup.count), 1), setup.count - 1)
        self.train, self.test = (x[held:], y[held:]), (x[:held], y[:held])
        self.places = {"train": points[order][held:], "test": points[order][:held]}
        self.model = network(setup, generator)
        parameters = sum(p.size for p in self.model.parameters())
        if setup.optimizer == "Newton" and parameters > MOST_FOR_NEWTON:
            raise SetupError(
                f"Newton solves with all second derivatives, here of up to {MOST_FOR_NEWTON} parameters, and this "
                f"network has {parameters}: take fewer neurons, or LBFGS"
            )
        self.weights = [layer.weight for layer in self.model if isinstance(layer, nn.Linear)]
        self.loss = nn.BCEWithLogitsLoss()
        try:
            self.optimizer = _made(getattr(optim, setup.optimizer), self.model.parameters(), setup)
            self.scheduler = _scheduler(self.optimizer, setup)
        except (ValueError, TypeError) as error:
            raise SetupError(str(error)) from None
        rows = len(self.train[0]) if setup.optimizer in WHOLE else setup.batch_size
        self.loader = DataLoader(*self.train, batch_size=rows, shuffle=True, generator=generator)
        self.pending = iter(self.loader)
        self.compiled = type(self.optimizer).step is optim.Optimizer.step
        self.eager = self.eager_step()
        self.step = compile(self.eager) if self.compiled else self.eager
        self.steps = self.epoch = 0
        self.curve = Curve()
        self.measured = self.measure()
        self.curve.add(0, self.measured["train"]["loss"], self.measured["test"]["loss"])

    def objective(self, output: Any, target: Any, weights: Any = None) -> Any:
        """What training makes small: the mean cross-entropy and the penalties on the weights."""
        value = self.loss(output, target)
        weights = self.weights if weights is None else weights
        if self.setup.l1:
            value = value + self.setup.l1 * l1_penalty(weights)
        if self.setup.l2:
            value = value + self.setup.l2 * l2_penalty(weights)
        return value

    def eager_step(self) -> Callable[..., Any]:
        """The step in the form that the optimizer asks for."""
        if self.setup.optimizer != "HessianFree":
            return training_step(self.model, self.objective, self.optimizer)
        return lambda x, y: self.optimizer.step(
            lambda: ((self.model(x), *self.weights), lambda z: self.objective(z[0], y, z[1:]))
        )

    def advance(self, steps: int, seconds: float = np.inf) -> None:
        """Make updates: so many, or fewer when the time is over.

        Raises
        ------
        FloatingPointError
            If training has diverged: a weight is NaN or infinite.
        """
        end = time.perf_counter() + seconds
        for _ in range(steps):
            batch = next(self.pending, None)
            if batch is None:
                self.pending = iter(self.loader)
                batch = next(self.pending)
            self.update(*batch)
            self.steps += 1
            if self.steps % len(self.loader) == 0:
                self.end_epoch()
            if time.perf_counter() > end:
                break
        self.measured = self.measure()

    def update(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Make one step, by the program if there can be one."""
        if self.compiled:
            try:
                self.step(x, y)
                return
            except Exception:  # tracing leaves everything as it was; what is wrong beside that, eager mode says
                self.compiled, self.step = False, self.eager
        self.step(x, y)

    def end_epoch(self) -> None:
        """Measure, and let the schedule set the next learning rate."""
        self.epoch += 1
        train, test = self.evaluate(self.train)[0], self.evaluate(self.test)[0]
        self.curve.add(self.epoch, train, test)
        if self.scheduler is not None:
            self.scheduler.step(*([train] if _takes_loss(self.scheduler) else []))

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    @property
    def finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(bool(np.isfinite(p.data).all()) for p in self.model.parameters())

    def evaluate(self, part: tuple[NDArray[Any], NDArray[Any]]) -> tuple[float, float]:
        """Loss without penalties, and accuracy."""
        return measure(self.model, self.loss, *part)

    def measure(self) -> dict[str, dict[str, float]]:
        """Loss and accuracy on the training and the test part."""
        parts = {"train": self.train, "test": self.test}
        return {name: dict(zip(("loss", "accuracy"), self.evaluate(part), strict=True)) for name, part in parts.items()}


def made_points(setup: Setup, generator: np.random.Generator) -> Points:
    """The points of a set-up and their labels: drawn at random, or a person's own."""
    if setup.data != OWN:
        return DATA_SETS[setup.data](setup.rows, setup.noise, generator)
    own = np.array(setup.points)
    return own[:, :2], own[:, 2].astype(np.int64)


def network(setup: Setup, generator: np.random.Generator) -> nn.Sequential:
    """What is given of a point in, one logit out."""
    layers: list[nn.Module] = []
    width = len(setup.features)
    for i, units in enumerate(setup.hidden):
        layers += [nn.Linear(width, units, generator=generator), getattr(nn, setup.activation_of(i))()]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 1, generator=generator))


def measure(model: nn.Module, loss: Callable[..., Tensor], x: NDArray[Any], y: NDArray[Any]) -> tuple[float, float]:
    """Loss and accuracy of a model that gives logits."""
    with no_grad():
        logits = model(x)
        return float(loss(logits, y)), float(np.mean((logits.data > 0) == y))


def _made(kind: Any, parameters: Any, setup: Setup) -> Any:
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in setup.optimizer_settings.items()}
    return kind(parameters, lr=setup.lr, **settings, **FIXED.get(setup.optimizer, {}))


def _scheduler(optimizer: Any, setup: Setup) -> Any:
    if setup.schedule == "constant":
        return None
    kind = getattr(optim.lr_scheduler, setup.schedule)
    return kind(optimizer, **{**schedules()[setup.schedule], **setup.schedule_settings})


def _takes_loss(scheduler: Any) -> bool:
    return bool(inspect.signature(scheduler.step).parameters)
