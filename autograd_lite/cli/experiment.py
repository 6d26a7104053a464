"""One experiment from table to verdict: hold out a test part, train, and compare with simpler ways.

The test part is looked at once, at the end, and nothing in a run is chosen by it. A part of the other rows decides
when training stops and which weights are kept; where rows are few, five parts do so in turn, and no row is lost to
it. They decide, too, whether the network or a linear model is the better one for these rows.

The rules in `default_settings` were ranked by cross-validation inside the training parts of the data sets that
`benchmarks.tables` lists; their test parts were not looked at.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn, optim
from autograd_lite.cli.baselines import baseline_scores
from autograd_lite.cli.linear import Linear, fit_linear, folds, log_loss
from autograd_lite.cli.predictor import Architecture, Predictor
from autograd_lite.cli.scores import Score, class_score, uneven, value_score
from autograd_lite.compiler.runtime.compiled import Compiled, arranged
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.preparation import Standardizer, hold_out
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.engine.random import manual_seed
from autograd_lite.train.callbacks.stopping import EarlyStopping
from autograd_lite.train.compiling import compiled_step
from autograd_lite.train.fit import fit
from autograd_lite.train.history import History
from autograd_lite.train.step import training_step

__all__ = ["OPTIMIZERS", "Experiment", "Result", "Settings", "default_settings", "explain", "prepare", "run"]

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.15
FEW_ROWS = 1000  # below, rows are measured on in turn, by five networks
MANY_ROWS = 10_000
STEPS = 6000
PATIENCE = 600  # steps
RATE, SGD_RATE = 1e-3, 0.02
SHRINKING = 1e-3
SMOOTHING = 0.1
OPTIMIZERS = ("adamw", "adam", "sgd")


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen about an experiment; `default_settings` chooses it.

    With `linear`, a linear model competes with the network.
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


@dataclass(frozen=True)
class Result:
    """What came out of an experiment.

    Attributes
    ----------
    measure : str
        ``accuracy`` or ``R²``: what `score` and `baselines` are, on the test part.
    score : float
    baselines : dict of str to float
        The majority class and logistic regression, or the mean and ridge regression; gradient boosting.
    scores : dict of str to Score
        Those and what stands beside them, with that of the model under ``"model"``.
    contest : dict of str to float
        The loss of the network and of the linear model on rows that they were not trained on; empty if there was none.
    """

    predictor: Predictor
    settings: Settings
    history: History
    train_rows: int
    validation_rows: int
    test_rows: int
    measure: str
    scores: dict[str, Score]
    seconds: float
    contest: dict[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return self.scores["model"].value

    @property
    def baselines(self) -> dict[str, float]:
        return {name: score.value for name, score in self.scores.items() if name != "model"}

    @property
    def error(self) -> float | None:
        """Root of the mean squared error on the test part, for regression."""
        return self.scores["model"].beside.get("typical error")


def default_settings(dataset: Dataset, **given: Any) -> Settings:
    """Choose the settings that are not given, by task and size.

    Two hidden layers, AdamW, at most 6000 steps, a weight decay that takes a thousandth of each weight a step, and for
    classes a label smoothing of 0.1. A linear model competes with them, unless layers are asked for.

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
    chosen: dict[str, Any] = {
        "hidden": (128, 64),
        "optimizer": optimizer,
        "lr": rate,
        "epochs": min(max(STEPS * batch_size // rows, 10), 200),
        "batch_size": batch_size,
        "weight_decay": SHRINKING / rate if optimizer == "adamw" else 0.0,
        "label_smoothing": SMOOTHING if dataset.task == "classification" else 0.0,
        "linear": not {"hidden", "epochs"} & set(given),
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


def prepare(dataset: Dataset, settings: Settings, encoder: TableEncoder | None = None) -> Experiment:
    """Hold rows out, and make the network with its initial weights, the loss and the optimizer."""
    manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    stratify = dataset.task == "classification"
    rest, test = hold_out(dataset.target, TEST_FRACTION, generator, stratify)
    fraction = VALIDATION_FRACTION if len(dataset.target) >= FEW_ROWS else 0.0
    kept, held = hold_out(dataset.target[rest], fraction, generator, stratify)
    predictor = _untrained(dataset, settings, rest[kept], encoder)
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


def run(
    dataset: Dataset,
    settings: Settings,
    progress: bool = True,
    encoder: TableEncoder | None = None,
    compare: bool = True,
) -> Result:
    """Train on most of the rows and measure on the held-out rest.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
        The same settings, seed included, give the same result.
    progress : bool
        As in `fit`.
    encoder : TableEncoder, optional
        What made the columns of a file, for the predictor.
    compare : bool
        Train the baselines that take time too.

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
    made = prepare(dataset, settings, encoder)
    started = time.perf_counter()
    rest = np.concatenate([made.train, made.validation])
    x = Standardizer.fit(dataset.features[rest]).exactly(dataset.features)
    linear = _linear(dataset, x, rest, settings.seed)
    contest: dict[str, float] = {}
    if not len(made.validation):
        contest, settings = _cross_validated(dataset, settings, made, linear, x, progress)
    if contest and contest["linear"] <= contest["network"]:
        history = History()
    else:
        history = _train(made, settings, made.train, made.validation, progress)[0]
        if settings.linear and len(made.validation) and not history.interrupted:
            contest = _contest_on_validation(dataset, made, x, settings.seed)
    predictor = made.predictor
    if contest and contest["linear"] <= contest["network"]:
        predictor = _of_linear(dataset, linear, settings, rest, encoder)
    seconds = time.perf_counter() - started
    test, truth = made.test, dataset.target[made.test]
    baselines = baseline_scores(dataset, x, linear, rest, test, compare)
    if dataset.class_names is None:
        score, measure = value_score(predictor.predict(dataset.features[test]), truth), "R²"
    else:
        score = class_score(predictor.probabilities(dataset.features[test]), truth, uneven(dataset.target))
        measure = "accuracy"
    sizes = (len(made.train), len(made.validation), len(test))
    return Result(predictor, settings, history, *sizes, measure, {"model": score, **baselines}, seconds, contest)


def _train(
    made: Experiment,
    settings: Settings,
    train: NDArray[np.intp],
    held: NDArray[np.intp],
    progress: bool,
) -> tuple[History, EarlyStopping]:
    """Train the network of an experiment; with rows held out, until they are predicted no better, and go back."""
    x, y = made.x, made.y
    classes = made.predictor.target is None
    patience = max(5, PATIENCE * settings.batch_size // max(len(train), 1))
    stopping = EarlyStopping("validation_loss", patience=patience)
    with np.errstate(over="ignore", invalid="ignore"):  # fit itself tells when training diverges
        history = fit(
            made.predictor.network,
            (x[train], y[train]),
            made.loss,
            made.optimizer,
            epochs=settings.epochs,
            validation=(x[held], y[held]) if len(held) else None,
            metrics={"accuracy": accuracy} if classes and len(held) else None,
            batch_size=settings.batch_size,
            callbacks=[stopping] if len(held) else [],
            progress=progress,
        )
    return history, stopping


def _cross_validated(
    dataset: Dataset, settings: Settings, made: Experiment, linear: Linear, x: NDArray[np.float64], progress: bool
) -> tuple[dict[str, float], Settings]:
    """Measure five networks on the rows that each did not see; return the contest, and how many epochs were best."""
    if not settings.linear:
        return {}, settings
    y, losses, best = dataset.target[made.train], 0.0, []
    for train, held in folds(y, dataset.task == "classification", settings.seed):
        again = prepare(dataset, settings)
        _, stopping = _train(again, settings, made.train[train], made.train[held], False)
        losses += len(held) * _network_loss(dataset, again.predictor, made.train[held])
        best.append(stopping.best_epoch)
    contest = {"network": losses / len(y), "linear": linear.loss}
    return contest, replace(settings, epochs=max(1, round(float(np.median(best)))))


def _contest_on_validation(dataset: Dataset, made: Experiment, x: NDArray[np.float64], seed: int) -> dict[str, float]:
    linear = _linear(dataset, x, made.train, seed)
    scores = linear(x[made.validation])
    network = _network_loss(dataset, made.predictor, made.validation)
    y = dataset.target[made.validation]
    if dataset.class_names is not None:
        return {"network": network, "linear": log_loss(scores, y)}
    target = dataset.target[made.train]
    return {"network": network, "linear": float(np.mean((scores[:, 0] - (y - target.mean()) / target.std()) ** 2))}


def _network_loss(dataset: Dataset, predictor: Predictor, rows: NDArray[np.intp]) -> float:
    outputs = predictor.outputs(dataset.features[rows])
    if predictor.target is None:
        return log_loss(outputs, dataset.target[rows])
    return float(np.mean((outputs[:, 0] - predictor.target.exactly(dataset.target[rows])) ** 2))


def _linear(dataset: Dataset, x: NDArray[np.float64], rows: NDArray[np.intp], seed: int) -> Linear:
    y = dataset.target[rows]
    if dataset.class_names is not None:
        return fit_linear(x[rows], y, len(dataset.class_names), seed)
    return fit_linear(x[rows], (y - y.mean()) / (y.std() or 1.0), None)


def _of_linear(
    dataset: Dataset, linear: Linear, settings: Settings, rest: NDArray[np.intp], encoder: TableEncoder | None
) -> Predictor:
    """Put the weights of a linear model into a network without hidden layers."""
    predictor = _untrained(dataset, replace(settings, hidden=()), rest, encoder)
    state = {"0.weight": linear.weight.astype(np.float32), "0.bias": linear.bias.astype(np.float32)}
    predictor.network.load_state_dict(state)
    return predictor


def accuracy(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the share of rows whose highest score, of shape (rows, classes), is that of its label."""
    return float(np.mean(scores.argmax(axis=1) == labels))


def _untrained(
    dataset: Dataset, settings: Settings, train: NDArray[np.intp], encoder: TableEncoder | None
) -> Predictor:
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
