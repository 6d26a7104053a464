"""What a run needs before it trains: settings, the parts of the rows, a network with its loss and optimizer.

The rules in `default_settings` were ranked on rows held out inside the training parts of the data sets that
`benchmarks.tables` lists, not on their test parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn, optim
from autograd_lite.cli.linear import FOLDS
from autograd_lite.cli.predictor import Architecture, Predictor
from autograd_lite.compiler.runtime.compiled import Compiled, arranged
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.preparation import Standardizer, hold_out
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.engine.random import manual_seed
from autograd_lite.train.compiling import compiled_step
from autograd_lite.train.step import training_step

__all__ = ["OPTIMIZERS", "Experiment", "Settings", "default_settings", "explain", "prepare", "untrained"]

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.15
FEWEST_ROWS_TO_VALIDATE = 50
FEW_ROWS = 5000  # up to here, five networks are trained in place of one
MANY_ROWS = 10_000
STEPS = 6000
RATE, SGD_RATE = 1e-3, 0.02
SHRINKING = 3e-4
SMOOTHING, MANY_CLASSES = 0.1, 5
OPTIMIZERS = ("adamw", "adam", "sgd")


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen about an experiment; `default_settings` chooses it.

    With `linear`, a linear model competes with the network. There may be several networks, each stopped by another
    part of the rows, whose mean is taken.
    """

    hidden: tuple[int, ...]
    optimizer: str
    lr: float
    epochs: int
    batch_size: int
    dropout: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    seed: int = 0
    linear: bool = False
    networks: int = 1


def default_settings(dataset: Dataset, **given: Any) -> Settings:
    """Choose the settings that are not given, by task and size.

    Two hidden layers, AdamW, about 6000 steps at most, a weight decay that takes 3/10000 of each weight a step, and
    where there are 5 classes or more a label smoothing of 0.1. A linear model competes with the network, unless layers
    or epochs are asked for, and up to 5000 rows it is the mean of five networks.

    Examples
    --------
    >>> from autograd_lite.data.datasets import load
    >>> default_settings(load("moons"), lr=0.01).hidden
    (128, 64)
    """
    rows = len(dataset.features)
    batch_size = given.get("batch_size", 32 if rows < MANY_ROWS else 256)
    optimizer = given.get("optimizer", "adamw")
    rate = given.get("lr", SGD_RATE if optimizer == "sgd" else RATE)
    alone = not {"hidden", "epochs"} & set(given)
    chosen: dict[str, Any] = {
        "hidden": (128, 64),
        "optimizer": optimizer,
        "lr": rate,
        "epochs": min(max(STEPS * batch_size // rows, 10), 200),
        "batch_size": batch_size,
        "weight_decay": SHRINKING / rate if optimizer == "adamw" else 0.0,
        "label_smoothing": SMOOTHING if len(dataset.class_names or ()) >= MANY_CLASSES else 0.0,
        "linear": alone,
        "networks": FOLDS if alone and rows <= FEW_ROWS else 1,
    }
    return Settings(**{**chosen, **given})


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything that a run needs before it trains.

    Attributes
    ----------
    x, y : arrays of shape (rows, ...)
        What the network and its loss see of the whole table.
    train, validation, test : arrays of int
        Which rows serve for what.
    """

    predictor: Predictor
    loss: nn.Module
    optimizer: optim.Optimizer
    x: NDArray[Any]
    y: NDArray[Any]
    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    test: NDArray[np.intp]


def prepare(
    dataset: Dataset, settings: Settings, encoder: TableEncoder | None = None, parts: Experiment | None = None
) -> Experiment:
    """Hold rows out, and make the network with its initial weights, the loss and the optimizer.

    With `parts`, the rows are shared out as there.
    """
    manual_seed(settings.seed)
    train, validation, test = (parts.train, parts.validation, parts.test) if parts else _parts(dataset, settings)
    predictor = untrained(dataset, settings, train, encoder)
    x, y = _inputs_and_targets(predictor, dataset)
    optimizer = _optimizer(predictor.network, settings)
    loss = nn.MSELoss() if predictor.target else nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    return Experiment(predictor, loss, optimizer, x, y, train, validation, test)


def _parts(dataset: Dataset, settings: Settings) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Draw the rows to train on, to stop by and to test with."""
    generator = np.random.default_rng(settings.seed)
    stratify = dataset.task == "classification"
    rest, test = hold_out(dataset.target, TEST_FRACTION, generator, stratify)
    alone = settings.networks == 1 and len(rest) >= FEWEST_ROWS_TO_VALIDATE
    fraction = VALIDATION_FRACTION if alone else 0.0
    kept, held = hold_out(dataset.target[rest], fraction, generator, stratify)
    return rest[kept], rest[held], test


def explain(dataset: Dataset, settings: Settings) -> Compiled:
    """The step that `run` trains with, compiled for a full batch; nothing is trained.

    Examples
    --------
    >>> from autograd_lite.data.datasets import moons
    >>> data = moons(rows=200)
    >>> print(explain(data, default_settings(data)).signatures[0])
    float32 (32, 2), int64 (32,)
    """
    made = prepare(dataset, settings)
    rows = made.train[: settings.batch_size]
    step = compiled_step(training_step(made.predictor.network, made.loss, made.optimizer), inputs=1)
    batch = (made.x[rows], made.y[rows])
    step.trace(batch, {}, *arranged(batch, {}))
    return step


def untrained(dataset: Dataset, settings: Settings, train: NDArray[np.intp], encoder: TableEncoder | None) -> Predictor:
    outputs = 1 if dataset.class_names is None else len(dataset.class_names)
    architecture = Architecture(dataset.features.shape[1], settings.hidden, outputs, settings.dropout)
    return Predictor(
        architecture,
        architecture.build(),
        Standardizer.fit(dataset.features[train]),
        Standardizer.fit(dataset.target[train]) if dataset.class_names is None else None,
        dataset.feature_names,
        dataset.class_names,
        dataset.target_name,
        encoder,
    )


def _inputs_and_targets(predictor: Predictor, dataset: Dataset) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what the network and its loss see: columns for regression, class numbers for classification."""
    target = dataset.target if predictor.target is None else predictor.target(dataset.target)[:, None]
    return predictor.features(dataset.features), target


def _optimizer(network: nn.Module, settings: Settings) -> optim.Optimizer:
    parameters, decay = network.parameters(), settings.weight_decay
    if settings.optimizer == "sgd":
        return optim.SGD(parameters, lr=settings.lr, momentum=0.9, weight_decay=decay)
    kind = {"adam": optim.Adam, "adamw": optim.AdamW}[settings.optimizer]
    return kind(parameters, lr=settings.lr, weight_decay=decay)
