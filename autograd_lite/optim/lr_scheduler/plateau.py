"""A schedule that looks at how training goes."""

from __future__ import annotations

import math
from typing import Any, Literal

from autograd_lite.compiler import TraceError
from autograd_lite.engine.tracing_protocol import current_trace
from autograd_lite.optim.lr_scheduler.scheduler import for_each_group, of_group
from autograd_lite.optim.optimizer import Optimizer
from autograd_lite.tensor.tensor import plain


class ReduceLROnPlateau:
    """Times `factor` when a metric has not become better for more than `patience` steps.

    It looks at the metric, and is therefore called outside of a compiled step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    mode : {"min", "max"}
        Whether small or large is good.
    factor : float
        Smaller than 1.
    patience : int
        How many bad steps are let pass.
    threshold, threshold_mode : float and {"rel", "abs"}
        By how much the metric has to be better than the best: by this part of it, or by this.
    cooldown : int
        How many steps after a change nothing is counted.
    min_lr : float or list of float
        The learning rates do not go below it.
    eps : float
        Changes that are not larger are not made.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if not 0 <= factor < 1:
            raise ValueError(f"factor must be smaller than 1 and not negative, and is {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"mode is 'min' or 'max', threshold_mode 'rel' or 'abs', not {mode!r}, {threshold_mode!r}")
        self.min_lrs = for_each_group(optimizer, "min_lr", min_lr)
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown, self.eps = threshold, threshold_mode, cooldown, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.last_epoch = self.num_bad_epochs = self.cooldown_counter = 0

    def step(self, metrics: Any) -> None:
        """Look at a metric (a number, or a tensor or an array of one), and set the learning rates.

        Raises
        ------
        TraceError
            In a compiled step.
        """
        if current_trace.get() is not None:
            raise TraceError(
                "ReduceLROnPlateau looks at the metric, which has no value in a compiled step: call scheduler.step() "
                "outside of the compiled function, after it"
            )
        current = float(plain(metrics))
        self.last_epoch += 1
        if self.is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def is_better(self, current: float) -> bool:
        """Whether a metric is better than the best by more than the threshold."""
        sign = 1 if self.mode == "max" else -1
        relative = self.threshold_mode == "rel"
        part = math.copysign(self.threshold, self.best)  # of a negative best, too, better is further on
        bound = self.best * (1 + sign * part) if relative else self.best + sign * self.threshold
        return current > bound if self.mode == "max" else current < bound

    def reduce(self) -> None:
        """Multiply the learning rates by the factor."""
        for i, group in enumerate(self.optimizer.param_groups):
            lr = max(group["lr"] * self.factor, of_group(self.min_lrs, i))
            if group["lr"] - lr > self.eps:
                group["lr"] = lr

    def get_last_lr(self) -> list[Any]:
        """The learning rates, one for each param group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Counts and settings as plain numbers, in PyTorch's form."""
        kept = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return {**kept, "_last_lr": self.get_last_lr()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state; the optimizer's learning rates come with its own.

        Raises
        ------
        ValueError
            If it is the state of another kind of scheduler; nothing has changed then.
        """
        groups = len(self.optimizer.param_groups)
        groups, needed = len(self.optimizer.param_groups), vars(self).keys() - {"optimizer"} | {"_last_lr"}
        if not needed <= state_dict.keys() or len(state_dict["_last_lr"]) != groups:
            raise ValueError(f"this is not the state of a ReduceLROnPlateau of {groups} param groups")
        vars(self).update({name: state_dict[name] for name in vars(self) if name in state_dict and name != "optimizer"})
