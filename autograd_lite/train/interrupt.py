"""Ctrl-C that waits for the step at hand, so that it never leaves a half-updated model."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

__all__ = ["StopOnInterrupt", "Stopped"]

T = TypeVar("T")


class Stopped(Exception):
    """Ctrl-C was pressed, and the step during which it was is done."""


class StopOnInterrupt:
    """Within this context the first Ctrl-C sets `requested`; the next one interrupts at once, as always.

    The handler that was there comes back on the first Ctrl-C and on leaving. Outside the main thread, where
    Python allows no handlers, and where Ctrl-C is ignored (a job in the background), nothing is installed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):  # not SIG_IGN, SIG_DFL, nor one that Python did not install
                signal.signal(signal.SIGINT, self._request)
                self._previous = previous
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._restore()

    def watch(self, batches: Iterable[T]) -> Iterator[T]:
        """Pass the batches on; raises Stopped in place of the next one once Ctrl-C was pressed."""
        for batch in batches:
            if self.requested:
                raise Stopped
            yield batch

    def _request(self, signum: int, frame: FrameType | None) -> None:
        self.requested = True
        self._restore()

    def _restore(self) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None
