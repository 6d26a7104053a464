"""Trainings in files, written while they run."""

from __future__ import annotations

import os
import re
import string
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_lite.support.atomic_write import check_writable
from autograd_lite.train.callbacks.callback import Callback, Run, monitored
from autograd_lite.train.callbacks.stopping import Record
from autograd_lite.train.saving import ENDINGS, checked_ending, load_checkpoint, save, save_checkpoint

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]


class Checkpoint(Callback):
    """Write the whole training into a file, so that `fit` can go on with it, bit for bit.

    That is model, optimizer and history, what the other callbacks keep, all generators and the place in the data. It is
    written once more when the training is over or stopped, by Ctrl-C or a signal to end, too; not after an error.
    Checkpoints are called after all other callbacks.

    Parameters
    ----------
    path : str or path
        The file, ending in ``.npz`` or ``.safetensors``. Each one replaces the one before, in one go: a crash while
        writing leaves the old one. ``{epoch}`` and ``{step}`` in the name keep them apart: ``"m-{epoch:03d}.npz"``.
    every_epochs, every_steps : int, optional
        Epochs and steps between files. After each epoch, if nothing else is said.
    every_seconds : float, optional
        The seconds of work that a crash may cost: a file is written after the first step that ends later.
    keep : int, optional
        How many files stay, if their names are kept apart: the last ones.
    monitor : str, optional
        Write only when this quantity of the history is better than ever before (and then in any epoch).
    mode : {"min", "max"}
        Whether small or large is good.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If a setting is out of range or, in training, the monitored quantity is not measured.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> import autograd_lite as ag
    >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
    >>> model = ag.nn.Linear(1, 1)
    >>> optimizer = ag.optim.Adam(model.parameters())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saving = ag.callbacks.Checkpoint(f"{folder}/line.npz", every_seconds=60)
    ...     _ = ag.fit(model, (x, 2 * x), ag.nn.MSELoss(), optimizer, epochs=3, progress=False, callbacks=[saving])
    ...     ag.callbacks.load_checkpoint(f"{folder}/line.npz", model, optimizer).epochs
    3
    """

    after_others = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        every_epochs: int | None = None,
        every_steps: int | None = None,
        every_seconds: float | None = None,
        keep: int | None = None,
        monitor: str | None = None,
        mode: str = "min",
    ) -> None:
        self.path, self.keep, self.monitor, self.record = os.fspath(path), keep, monitor, Record(mode)
        checked_ending(self.path)
        self.pattern = pattern_of(self.path)
        counts = {"every_epochs": every_epochs, "every_steps": every_steps, "keep": keep}
        for name, count in counts.items():
            if count is not None and count < 1:
                raise ValueError(f"{name} must be at least 1, not {count}")
        if every_seconds is not None and not every_seconds > 0:
            raise ValueError(f"every_seconds must be positive, not {every_seconds}")
        said = [every for every in (every_epochs, every_steps, every_seconds) if every is not None]
        if monitor is not None and said:
            raise ValueError("a checkpoint is written every so often, or when monitor= is best: choose one")
        if keep is not None and self.place(1, 1) == self.place(2, 2):
            raise ValueError(f"there is one file, {self.path!r}, and none to keep= beside it: put {{epoch}} into it")
        self.every_epochs = 1 if not said else every_epochs
        self.every_steps, self.every_seconds = every_steps, every_seconds
        self.files: list[str] = []
        self.last: tuple[int, int] | None = None  # epochs and steps when a file was written
        self.written = 0.0
        self.start()

    def start(self) -> None:
        """Nothing has been written in this training."""
        self.record.reset()
        self.files, self.last, self.written = [], None, time.monotonic()

    def place(self, epoch: int, step: int) -> Path:
        """The file of an epoch and a step."""
        folder, name = os.path.split(self.path)
        return Path(folder, name.format(epoch=epoch, step=step))

    def newest(self) -> Path | None:
        """The file to go on from, of those that are there."""
        folder = Path(self.path).parent
        there = [path for path in folder.iterdir() if self.pattern.fullmatch(path.name)] if folder.is_dir() else []
        return max(there, key=self.numbers, default=None)

    def check_alone(self) -> None:
        """Refuse to begin among the files of another training: resuming could not tell whose is the newest."""
        found = self.newest()
        if found is not None and self.place(1, 1) != self.place(2, 2):
            raise FileExistsError(
                f"{found} is of another training: resume=True goes on with it; to begin anew, write elsewhere"
            )

    def numbers(self, path: Path) -> list[int]:
        """The numbers in the name of a file."""
        found = self.pattern.fullmatch(path.name)
        return [int(number) for number in found.groups()] if found else []

    def on_train_begin(self, run: Run) -> None:
        self.start()
        check_writable(self.place(1, 1))

    def on_step_end(self, run: Run, loss: float) -> None:
        late = self.every_seconds is not None and time.monotonic() - self.written >= self.every_seconds
        if late or (self.every_steps is not None and run.step % self.every_steps == 0):
            self.write(run)

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        if self.monitor is not None:
            wanted = self.record.broken(monitored(values, self.monitor), run.epoch)
        else:
            wanted = self.every_epochs is not None and run.epoch % self.every_epochs == 0
        if wanted:
            self.write(run)

    def on_run_over(self, run: Run) -> None:
        if self.monitor is None and self.last != (run.history.epochs, run.step):
            self.write(run)

    def write(self, run: Run) -> None:
        """Write a file, and remove those that are not to be kept."""
        path = self.place(run.epoch, run.step)
        self.files = [name for name in self.files if name != str(path)] + [str(path)]
        gone = self.files[: -self.keep] if self.keep else []
        self.files = self.files[len(gone) :]
        save(run.state_dict(), path)
        self.last, self.written = (run.history.epochs, run.step), time.monotonic()
        for name in gone:
            Path(name).unlink(missing_ok=True)

    def state_dict(self) -> dict[str, Any]:
        """The record, and which files there are."""
        return {"record": self.record.state_dict(), "files": self.files}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on so."""
        self.record.load_state_dict(state_dict["record"])
        self.files = list(state_dict["files"])


def checkpoint_of(given: Any) -> Checkpoint:
    """What `fit` was given as `checkpoint`: one that is made, or the name of a file or of a folder for it."""
    if isinstance(given, Checkpoint):
        if given.monitor is not None:
            raise ValueError(
                "the best epoch is no place to go on from: write checkpoint='run/', and the Checkpoint with monitor= "
                "into callbacks"
            )
        return given
    path = Path(given)
    if path.suffix not in ENDINGS:
        path.mkdir(parents=True, exist_ok=True)
        path /= "training.npz"
    return Checkpoint(path, every_epochs=1, every_seconds=60)


def pattern_of(path: str) -> re.Pattern[str]:
    """What the names of the files look like that a path stands for; refused where they could not be told apart."""
    folder, name = os.path.split(path)
    try:
        parts = list(string.Formatter().parse(name))
        pattern = re.compile("".join(re.escape(text) + (r"(\d+)" if field else "") for text, field, *_ in parts))
        if "{epoch" in folder or "{step" in folder or not pattern.fullmatch(name.format(epoch=1, step=1)):
            raise ValueError("no whole numbers in the name of the file alone")
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(
            f"{path!r}: the name of a checkpoint may have {{epoch}} and {{step}} in it, such as 'm-{{epoch:03d}}.npz', "
            f"and other braces doubled; its folder may not ({type(error).__name__}: {error})"
        ) from None
    return pattern
