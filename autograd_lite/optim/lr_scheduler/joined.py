"""Several schedules for one optimizer: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from autograd_lite.optim.lr_scheduler.scheduler import LRScheduler
from autograd_lite.optim.optimizer import Optimizer


class JoinedSchedulers(LRScheduler):
    """What both ways of joining share: the schedulers, and a state dict that holds theirs."""

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        if not schedulers:
            raise ValueError(f"{type(self).__name__} got no schedulers")
        for i, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(
                    f"{type(self).__name__} joins schedulers whose step() needs nothing, and number {i} is a "
                    f"{type(scheduler).__name__}"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{type(self).__name__}: scheduler {i} belongs to another optimizer")
        self._schedulers = list(schedulers)
        super().__init__(optimizer)

    def state_dict(self) -> dict[str, Any]:
        """Its own count, and the state of each scheduler."""
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def check_state(self, state_dict: dict[str, Any]) -> None:
        """Refuse the state of others, or of other schedulers."""
        states = state_dict.get("_schedulers", ())
        if len(states) != len(self._schedulers):
            raise ValueError(f"the state is of {len(states)} schedulers, and this joins {len(self._schedulers)}")
        super().check_state(state_dict)
        for scheduler, state in zip(self._schedulers, states, strict=True):
            scheduler.check_state(state)

    def take(self, state_dict: dict[str, Any]) -> None:
        """Let each take its own, and then set the learning rates of all together."""
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.take(state)
        super().take({name: value for name, value in state_dict.items() if name != "_schedulers"})


class SequentialLR(JoinedSchedulers):
    """One schedule after the other, each from its own step 0: a warm-up and then a decay. Outside of a compiled step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    schedulers : list of LRScheduler
        In the order in which they come.
    milestones : list of int
        At which steps the second, the third … begins.
    last_epoch : int
        -1: it begins.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> parts = [LinearLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, 0.5)]
    >>> scheduler = SequentialLR(optimizer, parts, milestones=[2])
    >>> lrs = []
    >>> for _ in range(5):
    ...     lrs += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> lrs
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int], last_epoch: int = -1
    ) -> None:
        if len(milestones) != len(schedulers) - 1 or list(milestones) != sorted(milestones):
            raise ValueError(
                f"SequentialLR needs one milestone between each two of its {len(schedulers)} schedulers, in order, and "
                f"got {milestones}"
            )
        if last_epoch != -1:
            raise ValueError("SequentialLR begins with step 0: to go on, make it so and load its state_dict")
        self._milestones = list(milestones)
        super().__init__(optimizer, schedulers)

    @property
    def turn(self) -> int:
        """Which schedule's turn it is."""
        return bisect_right(self._milestones, self.last_epoch)

    def advance(self) -> None:
        """Let the schedule whose turn it is go on, or begin, without setting anything."""
        self.refuse_tracing()
        super().advance()
        begins = self.last_epoch == (self._milestones[self.turn - 1] if self.turn else 0)
        scheduler = self._schedulers[self.turn]
        scheduler.reset() if begins else scheduler.advance()

    def applied_to(self, lrs: Sequence[Any]) -> list[Any]:
        """What the schedule whose turn it is makes of learning rates."""
        return self._schedulers[self.turn].applied_to(lrs)


class ChainedScheduler(JoinedSchedulers):
    """All schedules at once: each scales what the one before it gives.

    A `CosineAnnealingLR` in it goes down to its `eta_min` whatever comes before it; only with ``eta_min=0`` are these
    PyTorch's numbers, which come from each other step by step.

    Parameters
    ----------
    schedulers : list of LRScheduler
        Whose multiples are multiplied.
    optimizer : Optimizer, optional
        Theirs.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, factor=0.5, total_iters=2), ExponentialLR(optimizer, 0.5)]
    >>> scheduler = ChainedScheduler(parts)
    >>> lrs = []
    >>> for _ in range(4):
    ...     lrs += scheduler.get_last_lr()
    ...     scheduler.step()
    >>> lrs
    [0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        super().__init__(optimizer or (schedulers[0].optimizer if schedulers else None), schedulers)  # type: ignore[arg-type]

    def advance(self) -> None:
        """Go on to the next step, without setting anything; the schedulers have taken their step 0."""
        super().advance()
        for scheduler in self._schedulers:
            scheduler.advance()

    def reset(self) -> None:
        """Let all begin again with step 0, without setting anything."""
        self.last_epoch = 0
        for scheduler in self._schedulers:
            scheduler.reset()

    def applied_to(self, lrs: Sequence[Any]) -> list[Any]:
        """What all schedules make of learning rates, one after the other."""
        for scheduler in self._schedulers:
            lrs = scheduler.applied_to(lrs)
        return list(lrs)
