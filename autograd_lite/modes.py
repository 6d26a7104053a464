"""Whether calls are recorded, and who watches: modes of the current thread or task, never of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, Protocol


class Watcher(Protocol):
    """Who sees every call that is recorded, and every walk back."""

    def recorded(self, node: Any) -> None:
        """`node` has been recorded."""

    def walk(self, roots: Sequence[Any]) -> Callable[[Any, int, Any, Any], None] | None:
        """A walk begins: give what is to see the gradient `ga` that goes from a node to its i-th argument, with the
        node's own, as ``seen(node, i, g, ga)``.
        """


watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
grad_enabled: ContextVar[bool | Watcher] = ContextVar("grad_enabled", default=True)  # a watcher: recorded and watched


class GradMode(ContextDecorator):
    """Switches recording on or off inside a ``with`` block or a decorated function."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.tokens: list[Token[bool | Watcher]] = []

    def _recreate_cm(self) -> GradMode:  # a decorated function may run in two threads at once
        return GradMode(self.enabled)

    def __enter__(self) -> None:
        self.tokens.append(grad_enabled.set(self.enabled and (watcher.get() or True)))

    def __exit__(self, *_: object) -> None:
        grad_enabled.reset(self.tokens.pop())


def no_grad() -> GradMode:
    """Do not record: a context manager and a decorator.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(1.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     y = 2 * x
    >>> y.requires_grad
    False
    """
    return GradMode(False)


def enable_grad() -> GradMode:
    """Record again inside `no_grad`: a context manager and a decorator.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(1.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     y = 2 * x
    >>> y.requires_grad
    True
    """
    return GradMode(True)


def is_grad_enabled() -> bool:
    """Whether calls are recorded here and now."""
    return bool(grad_enabled.get())
