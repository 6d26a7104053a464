"""`solver="lbfgs"`: the minimum over all rows at once, by `ag.optim.LBFGS`.

A linear model is solved in coordinates in which the curvature of its squared errors and penalty is the same in all
directions (one singular value decomposition of the columns): columns in other units, and columns that nearly repeat
each other, cost no more steps than others.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from autograd_lite.interop.sklearn.affine import Standardised
from autograd_lite.interop.sklearn.objective import objective
from autograd_lite.interop.sklearn.training import Progress
from autograd_lite.nn import Module, Parameter
from autograd_lite.nn import functional as F
from autograd_lite.optim import LBFGS
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.train.interrupt import StopOnInterrupt, Stopped
from autograd_lite.train.recovery import NonFiniteLossError

__all__ = ["Direct", "Problem", "Whitened", "minimise"]

Array = NDArray[Any]
LARGEST = 2_048  # columns: beyond, a decomposition takes longer than the steps that it saves
SCALE = 2.0**20  # of the loss: LBFGS does not remember curvatures along a step that are below 1e-10
FLAT = 1e-6  # of a gradient that no step can make smaller: rounding


class Problem:
    """A loss over all rows as a function of some parameters."""

    parameters: list[Parameter]
    goal = 1.0  # times the estimator's `tol` is the gradient at which a minimum is reached

    def loss(self) -> Any:
        """The loss where the parameters are."""
        raise NotImplementedError

    def apply(self) -> None:
        """Let the network be where the parameters are."""


class Direct(Problem):
    """The loss of any network, in its own parameters."""

    def __init__(self, module: Module, loss: Callable[..., Tensor], alpha: float, arrays: list[Array]) -> None:
        self.module, self.parameters = module, list(module.parameters())
        self.objective, self.arrays = objective(loss, module, alpha), arrays

    def loss(self) -> Any:
        x, *weight, target = self.arrays
        output = self.module(x)
        return self.objective((output, *weight) if weight else output, target)


class Whitened(Problem):
    """The loss of a `Standardised` network, in coordinates in which its curvature is even.

    With X the standardised columns and the penalty ``alpha / 2 · |coef|² / n``, the matrix ``[X / √n; √(alpha / n) /
    spread]`` has the singular values S and directions V: ``weight = z (V / S)ᵀ`` makes the curvature of half a squared
    error 1 in all directions of z. Directions that are 0 but for rounding are left out, and stay where they are.
    """

    goal = 1e-6

    def __init__(self, module: Standardised, loss: Callable[..., Tensor], alpha: float, arrays: list[Array]) -> None:
        x, *weight, self.target = arrays
        self.module, self.row_loss, self.alpha = module, loss, alpha
        state = {name: array.astype(np.float64) for name, array in module.state_dict().items()}
        columns = (x.astype(np.float64) - state["center"]) / state["spread"]
        self.share = weight[0].astype(np.float64) if weight else np.ones(len(x))
        self.rows = float(self.share.sum())
        self.mean = np.zeros(columns.shape[1]) if module.bias is None else self.share @ columns / self.rows
        columns -= self.mean  # what rounding, or the data of an earlier fit, leaves of it
        stacked = [np.sqrt(self.share / self.rows)[:, None] * columns]
        if alpha:
            stacked.append(np.diag(np.sqrt(alpha / self.rows) / state["spread"]))
        directions, sizes = axes_of(np.concatenate(stacked))
        self.turn = directions / sizes
        self.columns, self.coef = columns @ self.turn, self.turn / state["spread"][:, None]
        start = state["weight"] @ (directions * sizes)
        self.rest = state["weight"] - start @ self.turn.T  # of a warm start, in the directions left out
        self.offset = columns @ self.rest.T if self.rest.any() else 0.0
        self.z = Parameter(start, dtype=np.float64)
        self.bias = (
            None if module.bias is None else Parameter(state["bias"] + state["weight"] @ self.mean, dtype=np.float64)
        )
        self.parameters = [p for p in (self.z, self.bias) if p is not None]
        self.target = self.target.astype(np.float64) if self.target.dtype.kind == "f" else self.target

    def loss(self) -> Any:
        scores = F.linear(self.columns, self.z, self.bias) + self.offset
        losses: Any = self.row_loss(scores, self.target, reduction="none")
        losses = losses.reshape(len(self.share), -1).sum(axis=1)
        value = (losses * self.share).sum() / self.rows
        if not self.alpha:
            return value
        coef = self.z @ self.coef.T + self.rest / self.module.spread.detach().numpy()
        return value + np.vdot(coef, coef) * (0.5 * self.alpha / self.rows)

    def apply(self) -> None:
        weight = self.rest + self.z.detach().numpy() @ self.turn.T
        changed = {"weight": weight}
        if self.bias is not None:
            changed["bias"] = self.bias.detach().numpy() - weight @ self.mean
        self.module.load_state_dict(changed, strict=False)


def axes_of(matrix: Array) -> tuple[Array, Array]:
    """The right singular vectors of a matrix, as columns, and its singular values; its columns, where it is large."""
    features = matrix.shape[1]
    if features > LARGEST:
        sizes = np.linalg.norm(matrix, axis=0)
        return np.eye(features), np.where(sizes > 0, sizes, 1.0)
    triangle = np.linalg.qr(matrix, mode="r") if len(matrix) > features else matrix
    _, sizes, directions = np.linalg.svd(triangle, full_matrices=False)
    kept = sizes > max(matrix.shape) * np.finfo(float).eps * np.max(sizes, initial=0)
    if not kept.any():  # columns of zeros: any direction will do
        return np.eye(features)[:, :1], np.ones(1)
    return directions[kept].T, sizes[kept]


class Remembered:
    """A closure that does not compute again where it has just been."""

    def __init__(self, problem: Problem, optimizer: LBFGS) -> None:
        self.problem, self.optimizer = problem, optimizer
        self.point: Any = None
        self.value = np.nan
        self.gradients: list[Any] = []

    def __call__(self) -> float:
        point = self.optimizer.flat.values
        if self.point is None or not np.array_equal(point, self.point):
            self.optimizer.zero_grad()
            with np.errstate(over="ignore", invalid="ignore"):
                loss = self.problem.loss() * SCALE
                loss.backward()
            self.point, self.value = point.copy(), float(plain(loss))
            self.gradients = [p.grad for p in self.problem.parameters]
        for p, gradient in zip(self.problem.parameters, self.gradients, strict=True):
            p.grad = gradient
        return self.value

    def slope(self) -> float:
        """The largest component of the gradient of the loss."""
        return max((float(np.abs(g).max(initial=0)) for g in self.gradients if g is not None), default=0.0) / SCALE


def minimise(estimator: Any, problem: Problem, progress: Progress) -> LBFGS:
    """Take steps to the minimum; gives the optimizer, sets `loss_`, `n_iter_` and goes on with `loss_curve_`.

    It ends where the gradient is small enough, where no step goes further down (which is rounding if the
    gradient is flat), or where the score on the validation part no longer improves.
    """
    settings: dict[str, Any] = {"max_iter": 1, "max_eval": 30, "tolerance_grad": 0, "tolerance_change": 0}
    optimizer = LBFGS(problem.parameters, history_size=30, line_search_fn="strong_wolfe", **settings)
    closure = Remembered(problem, optimizer)
    estimator.n_iter_, estimator.loss_ = 0, checked(estimator, closure())
    goal = problem.goal * estimator.tol
    polishing = False  # where the loss shows no more progress, the gradient still does
    with StopOnInterrupt() as stop:
        for step in ended(stop.watch(range(1, estimator.max_iter + 1))):
            point, before, slope = closure.point, closure.value, closure.slope()
            optimizer.step(closure)
            if polishing and not slope_at(closure) < slope:
                optimizer.move(point)
                closure()
                break
            estimator.n_iter_, estimator.loss_ = step, checked(estimator, closure())
            estimator.loss_curve_.append(estimator.loss_)
            if estimator.verbose:
                print(f"Iteration {step}, loss = {estimator.loss_:.8f}")
            problem.apply()
            if progress.measure and progress.has_stopped(estimator.loss_, estimator.module_):
                break
            if closure.slope() <= goal:
                break
            if closure.value >= before and not polishing:
                if closure.slope() > FLAT and optimizer.memory.get("n_iter", 1) == 1:
                    break
                if closure.slope() > FLAT:
                    optimizer.memory.clear()  # what it remembers leads nowhere: begin with the gradient again
                else:
                    polishing, optimizer.param_groups[0]["line_search_fn"] = True, None
    problem.apply()
    estimator.module_.eval()
    if progress.best_state is not None:
        estimator.module_.load_state_dict(progress.best_state)
    optimizer.zero_grad()
    if stop.requested:
        warnings.warn("Training interrupted by user.", stacklevel=3)
    elif closure.slope() > max(FLAT, goal) and not (progress.measure and progress.waited):
        warnings.warn(
            f"{type(estimator).__name__} has not converged after {estimator.n_iter_} steps (max_iter="
            f"{estimator.max_iter}): raise max_iter, or standardise the features",
            ConvergenceWarning,
            stacklevel=3,
        )
    return optimizer


def slope_at(closure: Remembered) -> float:
    """The largest component of the gradient where the parameters are now."""
    closure()
    return closure.slope()


def ended(steps: Iterator[int]) -> Iterator[int]:
    """The steps up to Ctrl-C."""
    try:
        yield from steps
    except Stopped:
        return


def checked(estimator: Any, scaled: float) -> float:
    """The loss, which must be a number."""
    loss = scaled / SCALE
    if not np.isfinite(loss):
        raise NonFiniteLossError(f"{type(estimator).__name__}: the loss is {loss} at the start: look at the data")
    return loss
