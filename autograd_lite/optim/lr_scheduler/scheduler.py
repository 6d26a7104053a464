"""What the schedules share: the count of steps, the learning rates that they set, and their state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, TypeVar

from autograd_lite.compiler import TraceError
from autograd_lite.engine.tracing_protocol import current_trace, known
from autograd_lite.engine.warnings import AutogradWarning, warn
from autograd_lite.optim.optimizer import Optimizer

BOOKKEEPING = {"_last_lr", "base_lrs", "_step_count", "_is_initial", "_get_lr_called_within_step", "verbose"}
T = TypeVar("T")


class LRScheduler:
    """Base class: a schedule is what becomes of a learning rate at step `last_epoch`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set; those that it has now (or had, when its first scheduler was made) are the base.
    last_epoch : int
        The number of the last step; -1 to begin.

    Attributes
    ----------
    last_epoch : int
        How often `step` has been called.
    base_lrs : list of float
        The learning rates that the schedule scales, one for each param group, which keeps its own as "initial_lr".

    Raises
    ------
    TypeError, KeyError, ValueError
        If there is no optimizer; if a schedule is to go on, and the optimizer's groups have no "initial_lr"; if a
        setting is out of range.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__} schedules an optimizer, not {type(optimizer).__name__}")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch != -1 and "initial_lr" not in group:
                raise KeyError(
                    f"param group {i} has no 'initial_lr' to go on from: load the optimizer's state_dict first, or "
                    f"make the {type(self).__name__} with last_epoch=-1 and load its own"
                )
            group.setdefault("initial_lr", group["lr"])
        self._last_lr: list[Any] = []
        self.last_epoch = last_epoch
        if last_epoch == -1:
            self.reset()
        else:
            self.advance()
        self.write(self.get_lr())

    @property
    def base_lrs(self) -> list[Any]:
        """What the optimizer's param groups keep as "initial_lr"."""
        return [group.setdefault("initial_lr", group["lr"]) for group in self.optimizer.param_groups]

    def scaled(self, lr: Any, group: int) -> Any:
        """What becomes of a learning rate of a group at this step; by default it is multiplied by `multiplier`."""
        return lr * self.multiplier()

    def multiplier(self) -> Any:
        """The number by which learning rates are multiplied at this step."""
        raise NotImplementedError(f"{type(self).__name__} has to define multiplier() or scaled(lr, group)")

    def advance(self) -> None:
        """Go on to the next step, without setting anything."""
        self.last_epoch += 1

    def reset(self) -> None:
        """Begin again with step 0, without setting anything."""
        self.last_epoch = -1
        self.advance()

    def applied_to(self, lrs: Sequence[Any]) -> list[Any]:
        """What becomes of learning rates, one for each param group, at this step."""
        return [self.scaled(lr, i) for i, lr in enumerate(lrs)]

    def get_lr(self) -> list[Any]:
        """The learning rates of this step, one for each param group."""
        return self.applied_to(self.base_lrs)

    def get_last_lr(self) -> list[Any]:
        """The learning rates that were set last, one for each param group; of a new group that which it has."""
        return self._last_lr + [group["lr"] for group in self.optimizer.param_groups[len(self._last_lr) :]]

    def step(self) -> None:
        """Set the learning rates for the next step of the optimizer: call it after ``optimizer.step()``."""
        self.check_untouched()
        self.advance()
        self.write(self.get_lr())

    def check_untouched(self) -> None:
        """Warn if somebody else has set a learning rate, because it is lost now."""
        for group, lr in zip(self.optimizer.param_groups, self._last_lr, strict=False):
            if known(lr) and known(group["lr"]) and group["lr"] != lr:
                warn(
                    f"{type(self).__name__} sets the learning rate that follows from its number of steps, and the "
                    f"{group['lr']} that was set meanwhile is lost: join several schedulers by ChainedScheduler or "
                    "SequentialLR; to scale the whole schedule, change the group's 'initial_lr'",
                    AutogradWarning,
                )
                return

    def write(self, lrs: Sequence[Any]) -> None:
        """Set the learning rates."""
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            group["lr"] = lr
        self._last_lr = list(lrs)

    def traced_places(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Where its numbers stand, for a trace of a step: the count, the settings, and what it sets."""
        for name, value in vars(self).items():
            if is_number(value) or (isinstance(value, list) and all(map(is_number, value))):
                yield vars(self), name
        for group in self.optimizer.param_groups:
            if known(group["lr"]) and is_number(group["lr"]) and not group["lr"]:  # others are the optimizer's places
                yield group, "lr"

    def state_dict(self) -> dict[str, Any]:
        """Count and settings as plain numbers, in PyTorch's form; without the optimizer, which has its own."""
        kept = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return {**kept, "base_lrs": self.base_lrs, "_last_lr": self.get_last_lr(), "_step_count": self.last_epoch + 1}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state of the same kind of scheduler, and set the learning rates that were set last.

        It may be loaded before or after the optimizer's own state.

        Raises
        ------
        ValueError
            If it is not the state of such a scheduler, or of one for as many param groups; nothing has changed then.
        """
        self.check_state(state_dict)
        self.take(state_dict)

    def check_state(self, state_dict: dict[str, Any]) -> None:
        """Refuse the state of another kind of scheduler, which has other names, or of other param groups."""
        own, theirs = self.state_dict().keys() - BOOKKEEPING, state_dict.keys() - BOOKKEEPING
        groups = len(self.optimizer.param_groups)
        if own != theirs or len(state_dict.get("_last_lr", ())) != groups:
            names = ", ".join(sorted(own ^ theirs))
            raise ValueError(
                f"this is not the state of a {type(self).__name__} of {groups} param groups"
                + (f": they differ in {names}" if names else "")
            )

    def take(self, state_dict: dict[str, Any]) -> None:
        """Take over a state that has been checked; what goes along with the learning rates is set, too."""
        shared = vars(self).keys() & state_dict.keys() - {"optimizer"}
        vars(self).update({name: copy(state_dict[name]) for name in shared})
        for group, lr in zip(self.optimizer.param_groups, state_dict.get("base_lrs", ()), strict=False):
            group["initial_lr"] = lr
        self.get_lr()
        self.write(state_dict["_last_lr"])

    def refuse_tracing(self) -> None:
        """Say that this schedule looks at values, which a compiled step cannot do."""
        if current_trace.get() is not None:
            raise TraceError(
                f"{type(self).__name__} decides by values, and a compiled step makes the same calls in every call: "
                "call scheduler.step() outside of the compiled function, after it"
            )


def is_number(value: Any) -> bool:
    """Whether a setting is a number that may change from call to call."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def at_least(least: float, **settings: float) -> None:
    """Refuse settings that are too small."""
    for name, value in settings.items():
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, and is {value}")


def within(low: float, high: float, **settings: float) -> None:
    """Refuse settings out of a range."""
    for name, value in settings.items():
        if not low <= value <= high:
            raise ValueError(f"{name} must lie between {low} and {high}, and is {value}")


def for_each_group(optimizer: Optimizer, name: str, value: Any) -> list[Any]:
    """A setting as a list, one for each param group."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"a scheduler takes an optimizer first, not {type(optimizer).__name__}")
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{name} must be one value, or one for each of the {groups} param groups, not {len(value)}")
    return list(value)


def of_group(values: Sequence[T], group: int) -> T:
    """The setting of a param group; one that was added later has that of the others, if they agree."""
    if group < len(values):
        return values[group]
    if any(value != values[0] for value in values):
        raise ValueError(
            f"param group {group} was added after the scheduler was made, whose settings differ from group to group "
            f"({values}): make the scheduler again, with one for each"
        )
    return values[0]
