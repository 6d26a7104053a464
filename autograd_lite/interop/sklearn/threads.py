"""One thread for the products of small matrices.

Two threads share a product of a few million multiplications in the time that it takes them to meet, and where other
programs have the cores they wait for each other ten times longer than they compute.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController

from autograd_lite.nn import Module

__all__ = ["threads_for"]

SMALL = 2**22  # multiplications


class Limit:
    """The limit that all fits at a time share, so that the last one to end puts back what the first one has found."""

    def __init__(self) -> None:
        self.lock, self.users = threading.Lock(), 0
        self.set: Any = None

    def enter(self) -> None:
        """Set it, if nobody has."""
        with self.lock:
            if not self.users:
                self.set = controller().limit(limits=1, user_api="blas")
            self.users += 1

    def leave(self) -> None:
        """Put the number of threads back, if nobody else needs the limit."""
        with self.lock:
            self.users -= 1
            if not self.users:
                self.set.restore_original_limits()


limit = Limit()


@functools.cache
def controller() -> Any:
    """What sets the number of threads; to look for the libraries takes milliseconds."""
    return ThreadpoolController()


@contextmanager
def threads_for(module: Module, rows: int) -> Iterator[None]:
    """One thread, while a network trains on so few rows at a time that all of its products are small.

    A parameter takes part in one multiplication for each row; in those of more than two axes, filters, in more.
    """
    parameters = list(module.parameters())
    if rows * max([p.size for p in parameters], default=0) > SMALL or any(p.ndim > 2 for p in parameters):
        yield
        return
    limit.enter()
    try:
        yield
    finally:
        limit.leave()
