"""One experiment from table to verdict: hold out a test part, train, and compare with simpler ways.

The test part is looked at once, at the end, and nothing in a run is chosen by it. A part of the other rows decides
when training stops and which weights are kept. Where rows are few, five parts do so in turn, each for a network of
its own, and the mean of the five predicts: no row is lost, and the mean is better than each. The same parts decide
whether a linear model is the better one for these rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn
from autograd_lite.cli.baselines import baseline_scores
from autograd_lite.cli.linear import Linear, constant, fit_linear, folds
from autograd_lite.cli.predictor import Predictor
from autograd_lite.cli.scores import Score, class_score, uneven, value_score
from autograd_lite.cli.setup import (
    OPTIMIZERS,
    Experiment,
    Settings,
    default_settings,
    explain,
    prepare,
    untrained,
)
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.preparation import Standardizer
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.train.callbacks.stopping import EarlyStopping
from autograd_lite.train.fit import fit
from autograd_lite.train.history import History

__all__ = ["OPTIMIZERS", "Experiment", "Result", "Settings", "default_settings", "explain", "prepare", "run"]

PATIENCE = 600  # steps


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
        The share of errors (for values: of the variance) that the network, the linear model and the same answer always
        leave on rows that they were not trained on; empty if there was none.
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
    if settings.networks > 1:
        predictor, history, wrong = _ensemble(dataset, settings, made, encoder, progress)
        contest = {"network": wrong, "linear": linear.loss} if settings.linear and not history.interrupted else {}
    else:
        predictor, history = made.predictor, _train(made, settings, made.train, made.validation, progress)
        if settings.linear and len(made.validation) and not history.interrupted:
            contest = _contest_on_validation(dataset, made, x, settings.seed)
    if contest:
        contest["the same answer always"] = _loss_of_constant(dataset, rest)
        winner = min(reversed(contest), key=lambda name: contest[name])  # of equals, the simplest
        if winner != "network":
            weights = linear if winner == "linear" else constant(linear, dataset.target[rest], dataset.class_names)
            predictor = _of_linear(dataset, weights, settings, rest, encoder)
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
) -> History:
    """Train the network of an experiment; with rows held out, until they are predicted no better, and go back."""
    x, y = made.x, made.y
    classes = made.predictor.target is None
    patience = max(5, PATIENCE * settings.batch_size // max(len(train), 1))
    with np.errstate(over="ignore", invalid="ignore"):  # fit itself tells when training diverges
        return fit(
            made.predictor.network,
            (x[train], y[train]),
            made.loss,
            made.optimizer,
            epochs=settings.epochs,
            validation=(x[held], y[held]) if len(held) else None,
            metrics={"accuracy": accuracy} if classes and len(held) else None,
            batch_size=settings.batch_size,
            callbacks=[EarlyStopping("validation_loss", patience=patience)] if len(held) else [],
            progress=progress,
        )


def _ensemble(
    dataset: Dataset, settings: Settings, made: Experiment, encoder: TableEncoder | None, progress: bool
) -> tuple[Predictor, History, float]:
    """Train five networks, each on four fifths of the rows and stopped by the last fifth.

    Returns
    -------
    predictor : Predictor
        Their mean.
    history : History
        That of the last one.
    wrong : float
        What they leave wrong of the rows that each did not see.
    """
    y, wrong, networks = dataset.target[made.train], 0.0, []
    for number, (train, held) in enumerate(folds(y, dataset.task == "classification", settings.seed)):
        again = prepare(dataset, replace(settings, seed=settings.seed + number), encoder, parts=made)
        history = _train(again, settings, made.train[train], made.train[held], progress)
        networks.append(again.predictor.network)
        wrong += len(held) * _loss(dataset, again.predictor.outputs(dataset.features[made.train[held]]), y[held], y)
        if history.interrupted:
            break
    predictor = untrained(
        dataset, replace(settings, hidden=tuple(len(networks) * n for n in settings.hidden)), made.train, encoder
    )
    predictor.network.load_state_dict(mean_of_networks(networks))
    return predictor, history, wrong / len(y)


def mean_of_networks(networks: Sequence[nn.Module]) -> dict[str, NDArray[Any]]:
    """Return the state of the wide network whose output is the mean of theirs: side by side, with nothing across.

    Examples
    --------
    >>> small = [nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)) for _ in range(2)]
    >>> wide = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 1))
    >>> _ = wide.load_state_dict(mean_of_networks(small))
    >>> x = np.ones((1, 2), np.float32)
    >>> bool(np.isclose(wide(x).item(), (small[0](x).item() + small[1](x).item()) / 2))
    True
    """
    states = [network.state_dict() for network in networks]
    first, last = list(states[0])[:2], list(states[0])[-2:]
    wide: dict[str, NDArray[Any]] = {}
    for name in states[0]:
        parts = [np.asarray(state[name]) for state in states]
        if name in last:
            parts = [part / len(parts) for part in parts]
        if name in last and name.endswith("bias"):
            wide[name] = np.sum(parts, axis=0)
        elif name in last:
            wide[name] = np.concatenate(parts, axis=1) if name not in first else np.sum(parts, axis=0)
        elif name in first or name.endswith("bias"):
            wide[name] = np.concatenate(parts)
        else:
            wide[name] = _block_diagonal(parts)
    return wide


def _block_diagonal(parts: list[NDArray[Any]]) -> NDArray[Any]:
    rows, columns = parts[0].shape
    whole = np.zeros((len(parts), rows, len(parts), columns), dtype=parts[0].dtype)
    for i, part in enumerate(parts):
        whole[i, :, i] = part
    return whole.reshape(len(parts) * rows, len(parts) * columns)


def _contest_on_validation(dataset: Dataset, made: Experiment, x: NDArray[np.float64], seed: int) -> dict[str, float]:
    linear, y = _linear(dataset, x, made.train, seed), dataset.target
    outputs: dict[str, NDArray[Any]] = {
        "network": made.predictor.outputs(dataset.features[made.validation]),
        "linear": linear(x[made.validation]),
    }
    return {name: _loss(dataset, each, y[made.validation], y[made.train]) for name, each in outputs.items()}


def _loss(dataset: Dataset, outputs: NDArray[Any], truth: NDArray[Any], train: NDArray[Any]) -> float:
    """Return the share of wrong classes, or the mean squared error in units of the variance of `train`."""
    if dataset.class_names is not None:
        return float(np.mean(outputs.argmax(axis=1) != truth))
    return float(np.mean((outputs[:, 0] - (truth - train.mean()) / (train.std() or 1.0)) ** 2))


def _loss_of_constant(dataset: Dataset, rows: NDArray[np.intp]) -> float:
    if dataset.class_names is None:
        return 1.0
    return 1 - float(np.bincount(dataset.target[rows]).max()) / len(rows)


def _linear(dataset: Dataset, x: NDArray[np.float64], rows: NDArray[np.intp], seed: int) -> Linear:
    y = dataset.target[rows]
    if dataset.class_names is not None:
        return fit_linear(x[rows], y, len(dataset.class_names), seed)
    return fit_linear(x[rows], (y - y.mean()) / (y.std() or 1.0), None)


def _of_linear(
    dataset: Dataset, linear: Linear, settings: Settings, rest: NDArray[np.intp], encoder: TableEncoder | None
) -> Predictor:
    """Put the weights of a linear model into a network without hidden layers."""
    predictor = untrained(dataset, replace(settings, hidden=()), rest, encoder)
    state = {"0.weight": linear.weight.astype(np.float32), "0.bias": linear.bias.astype(np.float32)}
    predictor.network.load_state_dict(state)
    return predictor


def accuracy(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the share of rows whose highest score, of shape (rows, classes), is that of its label."""
    return float(np.mean(scores.argmax(axis=1) == labels))
