"""What a running `fit` shows: a bar where tqdm and a terminal are there, plain lines elsewhere, or nothing.

All three answer the same calls, so the training loop does not know which one it has.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

__all__ = ["Silent", "progress_display"]

SECONDS_BETWEEN_LINES = 0.5
SECONDS_WITHOUT_A_LINE = 30.0
BAR = "{desc} {percentage:3.0f}%|{bar:16}| {elapsed}<{remaining}{postfix}"


class Silent:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def step(self) -> None:
        """Take note of one training step; called in the inner loop, so it must cost next to nothing."""

    def epoch_end(self, epoch: int, values: Mapping[str, float]) -> None:
        """Take note of what one epoch measured."""

    def close(self) -> None:
        """Leave the terminal tidy."""


class Lines(Silent):
    """Write a line per epoch to stderr; of quick epochs only some, but always the first and the last.

    In an epoch that takes long a line every half a minute says how far it has come.
    """

    def __init__(self, epochs: int, steps: int, done: int) -> None:
        self.epochs, self.steps, self.done = epochs, steps, done
        self.pending = ""
        self.written, self.shown = -math.inf, time.monotonic()

    def step(self) -> None:
        self.done += 1
        if time.monotonic() - self.shown >= SECONDS_WITHOUT_A_LINE:
            self.shown = time.monotonic()
            self.close()
            print(f"step {self.done}/{self.epochs * self.steps}", file=sys.stderr, flush=True)

    def epoch_end(self, epoch: int, values: Mapping[str, float]) -> None:
        self.pending = f"epoch {epoch:>{len(str(self.epochs))}}/{self.epochs}   {_readable(values, '   ')}"
        if time.monotonic() - self.written >= SECONDS_BETWEEN_LINES:
            self.close()
            self.written = self.shown = time.monotonic()

    def close(self) -> None:
        if self.pending:
            print(self.pending, file=sys.stderr, flush=True)
            self.pending = ""


class Bar(Silent):
    """Draw tqdm's bar over all steps, with the latest epoch's numbers beside it."""

    def __init__(self, epochs: int, steps: int, done: int, tqdm: Any) -> None:
        self.epochs = epochs
        self.bar = tqdm(
            total=epochs * steps, initial=done, desc=f"epoch 0/{epochs}", dynamic_ncols=True, bar_format=BAR
        )
        self.step = self.bar.update  # type: ignore[method-assign]

    def epoch_end(self, epoch: int, values: Mapping[str, float]) -> None:
        self.bar.set_description_str(f"epoch {epoch}/{self.epochs}", refresh=False)
        measured = {name: value for name, value in values.items() if name != "seconds"}
        self.bar.set_postfix_str(_readable(measured, ", "), refresh=False)

    def close(self) -> None:
        self.bar.close()


def progress_display(wanted: bool, epochs: int, steps: int, done: int = 0) -> Silent:
    """Choose the display for a run of `epochs` epochs of `steps` steps each, of which so many are done already."""
    if not wanted:
        return Silent()
    interactive = sys.stderr is not None and sys.stderr.isatty()
    if interactive or "ipykernel" in sys.modules:
        try:
            from tqdm import tqdm
        except ImportError:
            return Lines(epochs, steps, done)
        return Bar(epochs, steps, done, tqdm)
    return Lines(epochs, steps, done)


def _readable(values: Mapping[str, float], separator: str) -> str:
    return separator.join(f"{name} {value:.4g}" for name, value in values.items())
