"""Ctrl-C, and signals to end, that wait for the step at hand, so that they never leave a half-updated model."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

__all__ = ["StopOnInterrupt", "Stopped"]

T = TypeVar("T")
ENDING = ("SIGTERM", "SIGHUP")  # Windows has no second one


class Stopped(Exception):
    """Ctrl-C was pressed, or another signal came, and the step during which it did is done."""


class StopOnInterrupt:
    """Within this context the first Ctrl-C sets `requested`; the next one interrupts at once, as always.

    The handlers that were there come back on the first one and on leaving. Outside the main thread, where
    Python allows no handlers, and where Ctrl-C is ignored (a job in the background), nothing is installed.

    Parameters
    ----------
    ending : bool
        Whether SIGTERM and SIGHUP, by which a machine or a terminal ends its processes, are waited with, too.
    """

    def __init__(self, ending: bool = False) -> None:
        self.requested = False
        self._signals = [signal.SIGINT] + [getattr(signal, name) for name in ENDING if ending and hasattr(signal, name)]
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in self._signals:
                previous = signal.getsignal(number)
                # not one that is ignored, that Python did not install, nor a Ctrl-C that ends the process at once
                if callable(previous) or (previous is signal.SIG_DFL and number != signal.SIGINT):
                    self._previous[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._restore()

    def watch(self, batches: Iterable[T]) -> Iterator[T]:
        """Pass the batches on; raises Stopped in place of the next one, which is not drawn, once there was a signal."""
        rest = iter(batches)
        while True:
            if self.requested:
                raise Stopped
            try:
                batch = next(rest)
            except StopIteration:
                return
            yield batch

    def _request(self, signum: int, frame: FrameType | None) -> None:
        self.requested = True
        self._restore()

    def _restore(self) -> None:
        while self._previous:
            signal.signal(*self._previous.popitem())
