"""A schedule that goes up and down between two learning rates, again and again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from autograd_lite.optim.lr_scheduler.scheduler import LRScheduler, at_least, for_each_group, of_group
from autograd_lite.optim.optimizer import Optimizer


class CyclicLR(LRScheduler):
    """Up and down between two learning rates (Smith 2017), momentum the other way round.

    It sets the momentum, or β₁ of optimizers with `betas`, too. It is called outside of a compiled step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    base_lr, max_lr : float or list of float
        The lowest and the largest learning rate, of all param groups or of each.
    step_size_up : int
        The number of steps on the way up.
    step_size_down : int, optional
        The number of steps on the way down; as many by default.
    mode : {"triangular", "triangular2", "exp_range"}
        Every cycle as high, each half as high as the one before, or lower by `gamma` with each step.
    gamma : float
        Of "exp_range".
    scale_fn : callable, optional
        How high a cycle is, in place of `mode`: a function of the number of the cycle (from 1), or of the step.
    scale_mode : {"cycle", "iterations"}
        Which of these `scale_fn` is given.
    cycle_momentum : bool
        Whether the momentum is set.
    base_momentum, max_momentum : float or list of float
        Between which it moves.
    last_epoch : int
        The number of the last step; -1 to begin.

    Raises
    ------
    ValueError
        If a setting is out of range, or the optimizer has no momentum.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0, momentum=0.9)
    >>> scheduler = ag.optim.lr_scheduler.CyclicLR(optimizer, 0.0, 1.0, step_size_up=2)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        down = step_size_up if step_size_down is None else step_size_down
        at_least(1, step_size_up=step_size_up, step_size_down=down)
        if mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(f"mode must be 'triangular', 'triangular2' or 'exp_range', not {mode!r}")
        self.cycled = next((name for name in ("betas", "momentum") if name in optimizer.defaults), None)
        if cycle_momentum and self.cycled is None:
            raise ValueError(f"{type(optimizer).__name__} has no momentum to cycle: give cycle_momentum=False")
        self.max_lrs = for_each_group(optimizer, "max_lr", max_lr)
        self.up, self.down = float(step_size_up), float(down)
        self.mode, self.gamma, self.cycle_momentum = mode, gamma, cycle_momentum
        self.scale_fn, self.scale_mode = scale_fn, scale_mode
        self.momenta = list(
            zip(
                for_each_group(optimizer, "base_momentum", base_momentum),
                for_each_group(optimizer, "max_momentum", max_momentum),
                strict=True,
            )
        )
        if last_epoch == -1:
            for group, lowest in zip(
                optimizer.param_groups, for_each_group(optimizer, "base_lr", base_lr), strict=True
            ):
                group["initial_lr"] = lowest
        super().__init__(optimizer, last_epoch)

    def advance(self) -> None:
        """Go on to the next step, without setting anything."""
        self.refuse_tracing()
        super().advance()

    def height(self) -> float:
        """How far up this step is: 0 is lowest, 1 largest."""
        length = self.up + self.down
        cycle = math.floor(1 + self.last_epoch / length)
        x, rise = 1 + self.last_epoch / length - cycle, self.up / length
        part = x / rise if x <= rise else (x - 1) / (rise - 1)
        if self.scale_fn is not None:
            return part * self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        lower: dict[str, float] = {"triangular2": 0.5 ** (cycle - 1), "exp_range": self.gamma**self.last_epoch}
        return part * lower.get(self.mode, 1.0)

    def scaled(self, lr: Any, group: int) -> Any:
        """From the lowest learning rate up to the largest, and down."""
        return lr + (of_group(self.max_lrs, group) - lr) * self.height()

    def applied_to(self, lrs: Sequence[Any]) -> list[Any]:
        """The learning rates of this step; the momenta are set."""
        if self.cycle_momentum:
            for i, group in enumerate(self.optimizer.param_groups):
                low, high = of_group(self.momenta, i)
                momentum = high - (high - low) * self.height()
                group.update(
                    {"betas": (momentum, *group["betas"][1:])} if self.cycled == "betas" else {"momentum": momentum}
                )
        return super().applied_to(lrs)

    def state_dict(self) -> dict[str, Any]:
        """As of every scheduler, without the function of your own."""
        return {name: value for name, value in super().state_dict().items() if name != "scale_fn"}
