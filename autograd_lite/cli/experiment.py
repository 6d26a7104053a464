"""One experiment from table to verdict: hold out a test part, train, and compare with simpler ways.

The test part is looked at once, at the end, and nothing in a run is chosen by it. The defaults below were ranked on
splits inside the training parts of the built-in data sets; test results were seen while they were, so on those data
sets they are a little optimistic.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn, optim
from autograd_lite.cli.predictor import Architecture, Predictor
from autograd_lite.compiler.runtime.compiled import Compiled, arranged
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.preparation import Standardizer, hold_out
from autograd_lite.engine.random import manual_seed
from autograd_lite.train.compiling import compiled_step
from autograd_lite.train.fit import fit
from autograd_lite.train.history import History
from autograd_lite.train.step import training_step

__all__ = ["OPTIMIZERS", "Experiment", "Result", "Settings", "default_settings", "explain", "prepare", "run"]

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.1
FEWEST_ROWS_TO_VALIDATE = 500
SMALL_REGRESSION_ROWS = 1000
MANY_ROWS = 10_000
STEPS = 4000
RATE, SGD_RATE = 1e-3, 0.02
SHRINKING = 1e-3
SMOOTHING = 0.1
OPTIMIZERS = ("adamw", "adam", "sgd")


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen about an experiment; `default_settings` chooses it."""

    hidden: tuple[int, ...]
    optimizer: str
    lr: float
    epochs: int
    batch_size: int
    dropout: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """What came out of an experiment.

    Attributes
    ----------
    measure : str
        ``accuracy`` or ``R²``: what `score` and `baselines` are, on the test part.
    score : float
    baselines : dict of str to float
        The majority class; or the mean and least squares.
    error : float or None
        Root of the mean squared error on the test part, for regression.
    """

    predictor: Predictor
    settings: Settings
    history: History
    train_rows: int
    validation_rows: int
    test_rows: int
    measure: str
    score: float
    baselines: dict[str, float]
    error: float | None
    seconds: float


def default_settings(dataset: Dataset, **given: Any) -> Settings:
    """Choose the settings that are not given, by task and size.

    A regression with fewer than 1000 rows gets a linear model, trained on all rows at once. Everything else gets
    two hidden layers, AdamW, about 4000 steps, a weight decay that takes a thousandth of each weight a step, and
    for classes a label smoothing of 0.1.

    Examples
    --------
    >>> from autograd_lite.data.datasets import load
    >>> default_settings(load("moons"), lr=0.01).hidden
    (128, 64)
    """
    rows = len(dataset.features)
    few = dataset.task == "regression" and rows < SMALL_REGRESSION_ROWS
    hidden = given.get("hidden", () if few else (128, 64))
    batch_size = 32 if rows < MANY_ROWS else 256
    chosen: dict[str, Any]
    if few and not hidden:
        chosen = {"optimizer": "adam", "lr": 0.05, "epochs": 500, "batch_size": rows}
    else:
        optimizer = given.get("optimizer", "adamw")
        rate = given.get("lr", SGD_RATE if optimizer == "sgd" else RATE)
        chosen = {
            "optimizer": optimizer,
            "lr": rate,
            "epochs": min(max(STEPS * batch_size // rows, 10), 100),
            "batch_size": batch_size,
            "weight_decay": SHRINKING / rate if optimizer == "adamw" else 0.0,
            "label_smoothing": SMOOTHING if dataset.task == "classification" else 0.0,
        }
    return Settings(**{"hidden": hidden, **chosen, **given})


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


def prepare(dataset: Dataset, settings: Settings) -> Experiment:
    """Hold rows out, and make the network with its initial weights, the loss and the optimizer."""
    manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    stratify = dataset.task == "classification"
    rest, test = hold_out(dataset.target, TEST_FRACTION, generator, stratify)
    fraction = VALIDATION_FRACTION if len(rest) >= FEWEST_ROWS_TO_VALIDATE else 0.0
    kept, held = hold_out(dataset.target[rest], fraction, generator, stratify)
    predictor = _untrained(dataset, settings, rest[kept])
    x, y = _inputs_and_targets(predictor, dataset)
    optimizer = _optimizer(predictor.network, settings)
    loss = nn.MSELoss() if predictor.target else nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    return Experiment(predictor, loss, optimizer, x, y, rest[kept], rest[held], test)


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


def run(dataset: Dataset, settings: Settings, progress: bool = True) -> Result:
    """Train on most of the rows and measure on the held-out rest.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
        The same settings, seed included, give the same result.
    progress : bool
        As in `fit`.

    Raises
    ------
    NonFiniteLossError
        If training diverges.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from autograd_lite.data.datasets import moons
    >>> data = moons(rows=200)
    >>> result = run(data, replace(default_settings(data), epochs=30), progress=False)
    >>> result.test_rows, result.score > result.baselines["majority class"]
    (40, True)
    """
    made = prepare(dataset, settings)
    predictor, x, y, train, validation, test = made.predictor, made.x, made.y, made.train, made.validation, made.test
    classes = predictor.target is None
    started = time.perf_counter()
    with np.errstate(over="ignore", invalid="ignore"):  # fit itself tells when training diverges
        history = fit(
            predictor.network,
            (x[train], y[train]),
            made.loss,
            made.optimizer,
            epochs=settings.epochs,
            validation=(x[validation], y[validation]) if len(validation) else None,
            metrics={"accuracy": accuracy} if classes and len(validation) else None,
            batch_size=settings.batch_size,
            progress=progress,
        )
    seconds = time.perf_counter() - started
    sizes = (len(train), len(validation), len(test))
    prediction, truth = predictor.predict(dataset.features[test]), dataset.target[test]
    rest = np.concatenate([train, validation])
    if classes:
        score, error = float(np.mean(prediction == truth)), None
        baselines = {"majority class": _majority_accuracy(dataset.target[rest], truth)}
    else:
        score, error = r_squared(prediction, truth), float(np.sqrt(np.mean((prediction - truth) ** 2)))
        baselines = {
            "mean": r_squared(np.full_like(truth, dataset.target[rest].mean()), truth),
            "least squares": r_squared(_least_squares(dataset, rest, test), truth),
        }
    measure = "accuracy" if classes else "R²"
    return Result(predictor, settings, history, *sizes, measure, score, baselines, error, seconds)


def accuracy(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the share of rows whose highest score, of shape (rows, classes), is that of its label."""
    return float(np.mean(scores.argmax(axis=1) == labels))


def r_squared(prediction: NDArray[Any], truth: NDArray[Any]) -> float:
    """Return the share of the variance of `truth` that `prediction` explains; NaN if there is none."""
    total = float(np.sum((truth - truth.mean()) ** 2))
    return 1 - float(np.sum((truth - prediction) ** 2)) / total if total else float("nan")


def _untrained(dataset: Dataset, settings: Settings, train: NDArray[np.intp]) -> Predictor:
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


def _majority_accuracy(train: NDArray[Any], truth: NDArray[Any]) -> float:
    return float(np.mean(truth == np.bincount(train).argmax()))


def _least_squares(dataset: Dataset, train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.float64]:
    """Predict the test part by the linear fit with the least squared error on all other rows."""
    standardizer = Standardizer.fit(dataset.features[train])
    columns = np.column_stack([standardizer(dataset.features).astype(np.float64), np.ones(len(dataset.features))])
    weights, *_ = np.linalg.lstsq(columns[train], dataset.target[train])
    return np.asarray(columns[test] @ weights)
