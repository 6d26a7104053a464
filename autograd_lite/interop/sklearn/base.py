"""What the estimators share: `fit` and `partial_fit`, whatever the network and whatever the task."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd_lite.data.loader import DataLoader
from autograd_lite.engine.array_like import array_of_any, is_array_like
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.interop.sklearn.lbfgs import Direct, Problem, minimise
from autograd_lite.interop.sklearn.objective import objective
from autograd_lite.interop.sklearn.settings import check_settings, generator_from, made_optimizer
from autograd_lite.interop.sklearn.sparse import SparseLoader, dense, issparse
from autograd_lite.interop.sklearn.trainer import Trainer, borrowed
from autograd_lite.interop.sklearn.training import Progress, train
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.tensor.tensor import plain

__all__ = ["ATTRIBUTES", "PARAMETERS", "GradientDescentEstimator", "complete", "keep", "scores_of"]

Array = NDArray[Any]

# What all of them document.
PARAMETERS = """
    solver : str
        "lbfgs", which goes down to the minimum over all rows; or the name of one of `ag.optim`, such as "adam" and
        "sgd", which takes batches. "lbfgs" looks at no batches, rates and passes: its steps count as iterations.
    alpha : float
        Penalty: ``alpha / 2 · |weights|² / rows of a batch`` is added to the mean loss.
    batch_size : int, "auto" or None
        Rows for one step; 200 by default, or all if they are fewer; None for all.
    learning_rate_init : float
        The learning rate.
    learning_rate : {"constant", "invscaling", "adaptive"}
        How it goes on: as it is; divided by ``(1 + rows seen) ** power_t``; or a fifth, whenever training would stop,
        down to 1e-6.
    power_t : float
        See `learning_rate`.
    momentum, nesterovs_momentum : float, bool
        Of ``solver="sgd"``.
    max_iter : int
        The largest number of passes over the data, or of steps of "lbfgs".
    shuffle : bool
        Whether each pass has an order of its own.
    random_state : int, RandomState, Generator or None
        Where first weights, orders and the validation part are drawn from.
    tol, n_iter_no_change : float, int
        Training stops when the loss has not fallen by `tol` in more than `n_iter_no_change` passes; "lbfgs" when the
        gradient is at most `tol`, in a linear model a millionth of it.
    verbose : bool
        Whether to print the loss of each pass.
    warm_start : bool
        Whether `fit` goes on from what was learned before.
    early_stopping, validation_fraction : bool, float
        Whether to put this fraction of the rows aside, to stop by the score there, and keep the best parameters.
    optimizer : str, class or callable, optional
        In place of `solver`: the name of one of `ag.optim`, or what makes one from the parameters and ``lr=``."""
ATTRIBUTES = """
    loss_curve_, loss_, n_iter_
        The loss in each pass, the last of them, how many passes the last call made.
    validation_scores_, validation_loss_curve_, best_validation_score_, best_loss_
        With `early_stopping` the scores and losses on the validation part, and the best score; without it, the lowest
        loss.
    coefs_, intercepts_, n_layers_, n_outputs_, out_activation_
        The weights, (fan_in, fan_out), and biases of each layer; the numbers of layers, that of the inputs being one,
        and of outputs; what makes predictions of scores: "identity", "logistic" or "softmax".
    module_, optimizer_
        The network and its optimizer."""

ROWS_AT_ONCE = 200  # of a batch, as in scikit-learn
FLOATS = (np.float64, np.float32)


class GradientDescentEstimator(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A network, trained on batches of rows.

    What is learned has the dtype of the first X that it is learned from, float64 or float32. A task (`Classifier`,
    `Regressor`) says what the targets are, a network (`Perceptron`, `Linear`) how it is made.

    Attributes
    ----------
    module_ : Module
        The network.
    optimizer_ : Optimizer
    loss_curve_ : list of float
        The mean loss in each pass over the data; `loss_` is the last one.
    n_iter_ : int
        How many passes the last call made.
    """

    solver: str
    optimizer: Any
    learning_rate: str
    power_t: float
    alpha: float
    batch_size: int | str | None
    learning_rate_init: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    warm_start: bool
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: float

    module_: Module
    optimizer_: Optimizer
    loss_curve_: list[float]
    validation_loss_curve_: Any

    # What the task says.

    target_checks: dict[str, Any]
    _loss: Callable[..., Any]
    _encoded: Callable[..., Array]
    _outputs: Callable[[Array], int]
    _score_on: Callable[..., float]
    _multilabel: bool = False
    _dtype: Any

    # What the network says.

    _network: Callable[[list[Array], int, np.random.Generator], Module]

    def _learned(self) -> None:
        """Set the attributes that depend on what was learned."""

    # Training.

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train until the loss, or the score on a validation part, no longer improves, or for `max_iter` passes.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,), or (n_samples, n_outputs) in a regression
        sample_weight : array_like, shape (n_samples,), optional
            How often each row counts; a row of weight 0 is as good as left out.

        Raises
        ------
        ValueError
            If a parameter is out of range or the data is none to learn from.
        NonFiniteLossError
            If training diverges.
        """
        check_settings(self)
        fresh = not (self.warm_start and hasattr(self, "module_"))
        arrays = self._data(X, y, sample_weight, fresh)
        self._random = generator_from(self.random_state)
        if fresh:
            self._make_network(arrays)
        held_out = None
        if self.early_stopping:
            arrays, held_out = self._split(arrays)
        progress = Progress(self.tol, self.n_iter_no_change, None if held_out is None else self._measure(held_out))
        self.validation_loss_curve_ = None if held_out is None else []
        if (self.optimizer or self.solver) == "lbfgs":
            self.optimizer_ = minimise(self, self._problem(arrays), progress)
        else:
            self._make_trainer()
            with borrowed(self._trainer, self._kind()) as trainer:
                train(self, trainer, self._loader(arrays), self.max_iter, progress)
            self._trainer.steps.clear()  # a program has memory of its own
        self.best_loss_ = None if held_out else min(self.loss_curve_)
        self.best_validation_score_ = progress.best if held_out else None
        self.validation_scores_ = progress.scores if held_out else None
        self._learned()
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, **known: Any) -> Self:
        """Make one pass over some data."""
        check_settings(self)
        if self.early_stopping:
            raise ValueError(
                f"{type(self).__name__}: partial_fit makes one pass and cannot stop early: set early_stopping=False, "
                "or call fit"
            )
        fresh = not hasattr(self, "module_")
        arrays = self._data(X, y, sample_weight, fresh, **known)
        if fresh:
            self._random = generator_from(self.random_state)
            self._make_network(arrays)
        if not hasattr(self, "_trainer") or self._trainer.module is not self.module_:
            self._make_trainer()
        train(self, self._trainer, self._loader(arrays), epochs=1)
        self._learned()
        return self

    def _data(self, X: Any, y: Any, sample_weight: Any, fresh: bool, **known: Any) -> list[Array]:
        """The inputs, the weights if there are any, and the target, as arrays that can be trained on."""
        X, y, sample_weight = map(complete, (X, y, sample_weight))
        x, y = validate_data(self, X, y, dtype=FLOATS, accept_sparse="csr", reset=fresh, **self.target_checks)
        if fresh:
            self._dtype = x.dtype
        dtype = self._trained_in(self._dtype)
        x = x.astype(dtype, copy=False)
        if sample_weight is None and getattr(self, "class_weight", None) is None:
            return [x, self._encoded(y, None, dtype, fresh, **known)]
        weight = _check_sample_weight(sample_weight, x, dtype=dtype, ensure_non_negative=True)
        weight = weight * self._class_weights(y, weight).astype(dtype)
        if not (weight > 0).all():
            x, y, weight = (a[weight > 0] for a in (x, y, weight))
            if not x.shape[0]:
                raise ValueError(
                    f"{type(self).__name__}: sample_weight is 0 for all rows: there is nothing to learn from"
                )
        return [x, weight, self._encoded(y, weight, dtype, fresh, **known)]

    def _trained_in(self, dtype: Any) -> Any:
        """The dtype of the network for data of a dtype."""
        return dtype

    def _class_weights(self, y: Array, weight: Array) -> Array:
        """What each row counts for because of its class."""
        return np.ones(len(y))

    def _strength(self) -> float:
        """The penalty's."""
        return self.alpha

    def _make_network(self, arrays: list[Array]) -> None:
        """Start from the beginning."""
        self.n_outputs_ = self._outputs(arrays[-1])
        self.module_ = self._network(arrays, self.n_outputs_, self._random)
        self.loss_curve_ = []

    def _make_trainer(self) -> None:
        self.optimizer_ = made_optimizer(self, list(self.module_.parameters()))
        self._trainer = Trainer(self.module_, self.optimizer_, self._loss, self._strength())

    def _problem(self, arrays: list[Array]) -> Problem:
        """What "lbfgs" minimises."""
        return Direct(self.module_, self._loss, self._strength(), [dense(self, arrays[0]), *arrays[1:]])

    def _measure(self, held_out: list[Array]) -> Callable[[Module], float]:
        """What gives the score on the validation part, and keeps the loss there."""
        x, *weight, target = held_out

        def measure(module: Module) -> float:
            scores = scores_of(module, x)
            output = (scores, *weight) if weight else scores
            with no_grad():
                loss = objective(self._loss, module, 0.0)(output, target)
            self.validation_loss_curve_.append(float(plain(loss)))
            return self._score_on(scores, *weight, target)

        return measure

    def _kind(self) -> Hashable:
        """What two networks must share to be trained by the same steps; None for one that the user has made."""
        chosen = self.optimizer or self.solver
        if not isinstance(chosen, str) or getattr(self, "module", None) is not None:
            return None
        shapes = tuple([(name, p.shape, p.dtype) for name, p in self.module_.named_parameters()])
        return type(self), shapes, getattr(self, "activation", None), self._strength(), repr(self.optimizer_)

    def _loader(self, arrays: list[Array]) -> Any:
        rows = arrays[0].shape[0]
        wanted: Any = ROWS_AT_ONCE if self.batch_size == "auto" else self.batch_size or rows
        size = min(rows, wanted)
        make: Any = SparseLoader if issparse(arrays[0]) else DataLoader
        return make(*arrays, batch_size=size, shuffle=bool(self.shuffle), generator=self._random)

    def _split(self, arrays: list[Array]) -> tuple[list[Array], list[Array]]:
        """A part to train on, and one to measure on."""
        parts = train_test_split(
            *arrays,
            test_size=self.validation_fraction,
            random_state=int(self._random.integers(2**31)),
            stratify=arrays[-1].ravel() if hasattr(self, "classes_") and not self._multilabel else None,
        )
        if parts[1].shape[0] < 2:
            raise ValueError(
                f"{type(self).__name__}: the validation part has one row: raise validation_fraction, or set "
                "early_stopping=False"
            )
        return parts[::2], parts[1::2]

    # Use.

    def _scores(self, X: Any) -> Array:
        """What the network gives for new rows."""
        check_is_fitted(self, "module_")
        x = validate_data(self, complete(X), dtype=FLOATS, accept_sparse="csr", reset=False)
        return scores_of(self.module_, x).astype(self._dtype, copy=False)

    def __sklearn_tags__(self) -> Any:
        """Say that X may be sparse."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def keep(estimator: Any, given: dict[str, Any]) -> None:
    """Set the arguments of a constructor as attributes, which is all that one of scikit-learn's may do."""
    for name, value in given.items():
        if name not in ("self", "__class__"):
            setattr(estimator, name, value)


def complete(data: Any) -> Any:
    """Data as scikit-learn takes them; refused where it would pass over something, such as a mask."""
    is_frame = hasattr(data, "columns")  # whose names scikit-learn looks at
    return array_of_any(data) if isinstance(data, list) or (is_array_like(data) and not is_frame) else data


def scores_of(module: Module, x: Any) -> Array:
    """What a network gives for the rows of `x`, in its own dtype."""
    if issparse(x):
        parts = [scores_of(module, x[i : i + ROWS_AT_ONCE].toarray()) for i in range(0, x.shape[0], ROWS_AT_ONCE)]
        return np.concatenate(parts)
    dtype = next(module.parameters()).dtype
    with no_grad():
        scores: Array = module(x.astype(dtype, copy=False)).numpy()
    return scores
