"""Schedules along a cosine: down, down again and again, or up and down once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from autograd_lite.engine.tracing_protocol import applied
from autograd_lite.optim.lr_scheduler.scheduler import LRScheduler, at_least, for_each_group, of_group, within
from autograd_lite.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Down along half a cosine (Loshchilov and Hutter 2017), and up again after `T_max` steps.

    ``lr = eta_min + (base - eta_min) (1 + cos(π t / T_max)) / 2``

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    T_max : int
        After how many steps the lowest is reached.
    eta_min : float
        The lowest learning rate.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    >>> for _ in range(4):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        at_least(1, T_max=T_max)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def scaled(self, lr: Any, group: int) -> Any:
        """The formula above."""
        return self.eta_min + (lr - self.eta_min) * (1 + applied(math.cos, math.pi * self.last_epoch / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """Down along half a cosine again and again (SGDR, Loshchilov and Hutter 2017).

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    T_0 : int
        How many steps the first way down takes.
    T_mult : int
        How many times longer each way down is than the one before.
    eta_min : float
        The lowest learning rate.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
    >>> for _ in range(4):
    ...     scheduler.step()
    >>> [round(lr, 3) for lr in scheduler.get_last_lr()]
    [0.5]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        at_least(1, T_0=T_0, T_mult=T_mult)
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.T_cur, self.T_i = -1, T_0
        for _ in range(last_epoch + 1):
            self.turn()
        super().__init__(optimizer, last_epoch)

    def turn(self) -> None:
        """Count the steps of this way down, or begin with the next one."""
        self.T_cur += 1
        again = self.T_cur >= self.T_i
        self.T_cur = self.T_cur * (1 - again)
        self.T_i = self.T_i * (1 + again * (self.T_mult - 1))

    def advance(self) -> None:
        """Go on to the next step, without setting anything."""
        super().advance()
        self.turn()

    def reset(self) -> None:
        """Begin again with the first way down, without setting anything."""
        self.T_cur, self.T_i = -1, self.T_0
        super().reset()

    def scaled(self, lr: Any, group: int) -> Any:
        """The cosine, from the base learning rate down to the lowest."""
        return self.eta_min + (lr - self.eta_min) * (1 + applied(math.cos, math.pi * self.T_cur / self.T_i)) / 2


class OneCycleLR(LRScheduler):
    """Up to a large learning rate and down to almost nothing (Smith and Topin 2018), momentum the other way round.

    It sets the momentum, or β₁ of optimizers with `betas`, too. It is called outside of a compiled step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    max_lr : float or list of float
        The largest learning rate, of all param groups or of each.
    total_steps : int, optional
        The number of steps; or `epochs` and `steps_per_epoch`, whose product it is.
    pct_start : float
        The part of the steps on which the learning rate rises.
    anneal_strategy : {"cos", "linear"}
        Along a cosine or a straight line.
    cycle_momentum : bool
        Whether the momentum is set.
    base_momentum, max_momentum : float or list of float
        Between which it moves.
    div_factor, final_div_factor : float
        The learning rate begins at max_lr / div_factor, and ends at that / final_div_factor.
    three_phase : bool
        Down to where it began first, as fast as it rose, and to nothing then.
    last_epoch : int
        The number of the last step; -1 to begin.

    Raises
    ------
    ValueError
        If a setting is out of range, the optimizer has no momentum, or there are more steps than `total_steps`.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0, momentum=0.9)
    >>> scheduler = ag.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2.0, total_steps=10)
    >>> scheduler.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr(), optimizer.param_groups[0]["momentum"]
    ([2.0], 0.85)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.max_lrs = for_each_group(optimizer, "max_lr", max_lr)
        if total_steps is None and epochs is not None and steps_per_epoch is not None:
            total_steps = epochs * steps_per_epoch
        if total_steps is None:
            raise ValueError("OneCycleLR: how long is the cycle? Give total_steps, or epochs and steps_per_epoch")
        at_least(1, total_steps=total_steps)
        within(0, 1, pct_start=pct_start)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be 'cos' or 'linear', not {anneal_strategy!r}")
        self.cycled = next((name for name in ("betas", "momentum") if name in optimizer.defaults), None)
        if cycle_momentum and self.cycled is None:
            raise ValueError(f"{type(optimizer).__name__} has no momentum to cycle: give cycle_momentum=False")
        self.total_steps, self.anneal_strategy, self.cycle_momentum = total_steps, anneal_strategy, cycle_momentum
        self.final_div_factor = final_div_factor
        self.momenta = list(
            zip(
                for_each_group(optimizer, "base_momentum", base_momentum),
                for_each_group(optimizer, "max_momentum", max_momentum),
                strict=True,
            )
        )
        rise = float(pct_start * total_steps)
        self.ends = [rise - 1, *([2 * rise - 2] if three_phase else []), total_steps - 1]  # of the phases
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, self.max_lrs, strict=True):
                group["initial_lr"] = highest / div_factor
        super().__init__(optimizer, last_epoch)

    def advance(self) -> None:
        """Go on to the next step, without setting anything."""
        self.refuse_tracing()
        if self.last_epoch >= self.total_steps:
            raise ValueError(f"the cycle is over: step() is called at most total_steps = {self.total_steps} times")
        super().advance()

    def annealed(self, corners: tuple[float, ...]) -> float:
        """Where the way from corner to corner has come to, one phase for each."""
        phase = sum([self.last_epoch > end for end in self.ends[:-1]])
        start = self.ends[phase - 1] if phase else 0.0
        length = self.ends[phase] - start
        part = (self.last_epoch - start) / length if length else 1.0
        first, last = corners[phase], corners[phase + 1]
        if self.anneal_strategy == "linear":
            return (last - first) * part + first
        return last + (first - last) / 2 * (math.cos(math.pi * part) + 1)

    def scaled(self, lr: Any, group: int) -> Any:
        """From the base learning rate up to the largest, and down."""
        lowest = self.base_lrs[group] / self.final_div_factor
        middle = (lr,) if len(self.ends) == 3 else ()
        return self.annealed((lr, of_group(self.max_lrs, group), *middle, lowest))

    def applied_to(self, lrs: Sequence[Any]) -> list[Any]:
        """The learning rates of this step; the momenta are set."""
        if self.cycle_momentum:
            for i, group in enumerate(self.optimizer.param_groups):
                low, high = of_group(self.momenta, i)
                momentum = self.annealed((high, low, high, high))
                group.update(
                    {"betas": (momentum, *group["betas"][1:])} if self.cycled == "betas" else {"momentum": momentum}
                )
        return super().applied_to(lrs)
