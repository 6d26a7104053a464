"""Schedules that multiply the learning rate by a number which follows from the number of steps."""

from __future__ import annotations

import math
import types
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from autograd_lite.engine.tracing_protocol import applied
from autograd_lite.optim.lr_scheduler.scheduler import LRScheduler, at_least, for_each_group, of_group, within
from autograd_lite.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """A part of the learning rate for some steps, then all of it: times f, and from step T on times 1.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    factor : float
        f, between 0 and 1.
    total_iters : int
        The T above, in steps.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=0.5)
    >>> scheduler = ag.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=1)
    >>> scheduler.get_last_lr()
    [0.25]
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        within(0, 1, factor=factor)
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """f, then 1."""
        return self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)


class LinearLR(LRScheduler):
    """A straight line from one multiple of the learning rate to another: a warm-up, usually.

    At step t times a + (b - a) min(t, T) / T.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    start_factor, end_factor : float
        a and b, between 0 and 1.
    total_iters : int
        The T above, in steps.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=0.5)
    >>> warm_up = ag.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> for _ in range(2):
    ...     warm_up.step()
    >>> warm_up.get_last_lr()
    [0.375]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        within(0, 1, start_factor=start_factor, end_factor=end_factor)
        at_least(1, total_iters=total_iters)
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """a + (b - a) min(t, T) / T."""
        done = applied(min, self.total_iters, self.last_epoch) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class StepLR(LRScheduler):
    """Times γ after every `step_size` steps: γ^⌊t / step_size⌋.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    step_size : int
        How many steps make one stair.
    gamma : float
        γ.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        at_least(1, step_size=step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """γ^⌊t / step_size⌋."""
        return self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(LRScheduler):
    """Times γ at each of some milestones.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    milestones : iterable of int
        Numbers of steps; one that is named twice counts twice.
    gamma : float
        γ.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """γ to the number of milestones passed."""
        return self.gamma ** sum([(self.last_epoch >= at) * times for at, times in self.milestones.items()])


class ExponentialLR(LRScheduler):
    """Times γ in every step: γᵗ.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    gamma : float
        γ.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """γᵗ."""
        return self.gamma**self.last_epoch


class PolynomialLR(LRScheduler):
    """Down to 0 in T steps along a power: times (1 - min(t, T) / T)^power.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    total_iters : int
        The T above, in steps.
    power : float
        The power.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=4, power=2.0)
    >>> scheduler.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        at_least(1, total_iters=total_iters)
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def multiplier(self) -> Any:
        """(1 - min(t, T) / T)^power."""
        return (1.0 - applied(min, self.total_iters, self.last_epoch) / self.total_iters) ** self.power


class LambdaLR(LRScheduler):
    """Times a function of the number of steps, of your own.

    Inside a compiled step the function is traced: a branch on the number of steps is refused there.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rates are set.
    lr_lambda : callable, or list of callable
        Gives the multiple for a number of steps; one for all param groups, or one for each. A state dict holds the
        attributes of objects that are called, and nothing of functions.
    last_epoch : int
        The number of the last step; -1 to begin.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[Any], Any] | list[Callable[[Any], Any]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = for_each_group(optimizer, "lr_lambda", lr_lambda)
        super().__init__(optimizer, last_epoch)

    def scaled(self, lr: Any, group: int) -> Any:
        """Times the function."""
        return lr * of_group(self.lr_lambdas, group)(self.last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """As of every scheduler; of the functions, the attributes of those that are objects with attributes."""
        attributes = [None if isinstance(f, types.FunctionType) else vars(f).copy() for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": attributes}

    def take(self, state_dict: dict[str, Any]) -> None:
        """As of every scheduler; the functions stay, and objects among them get their attributes back."""
        for function, saved in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=False):
            vars(function).update(saved or {})
        super().take({name: value for name, value in state_dict.items() if name != "lr_lambdas"})


class MultiplicativeLR(LambdaLR):
    """Each step times a function of the number of steps, of your own; the product goes on.

    Inside a compiled step the function is traced: a branch on the number of steps is refused there.

    Parameters
    ----------
    optimizer, lr_lambda, last_epoch
        As in `LambdaLR`.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> optimizer = ag.optim.SGD([ag.tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = ag.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda t: 0.5)
    >>> scheduler.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[Any], Any] | list[Callable[[Any], Any]],
        last_epoch: int = -1,
    ) -> None:
        functions = for_each_group(optimizer, "lr_lambda", lr_lambda)
        self.products = [math.prod(map(f, range(1, last_epoch + 1))) * 1.0 for f in functions]
        super().__init__(optimizer, lr_lambda, last_epoch)

    def advance(self) -> None:
        """Go on to the next step, without setting anything."""
        super().advance()
        self.products = [p * f(self.last_epoch) for p, f in zip(self.products, self.lr_lambdas, strict=True)]

    def reset(self) -> None:
        """Begin again with step 0, without setting anything."""
        self.last_epoch, self.products = 0, [1.0 for _ in self.products]

    def scaled(self, lr: Any, group: int) -> Any:
        """Times the product of the function so far."""
        return lr * of_group(self.products, group)
