"""What a training leaves behind to look at: a table, a picture, TensorBoard's files."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from autograd_lite.support.atomic_write import check_writable, write_whole
from autograd_lite.support.optional_dependency import optional
from autograd_lite.train.callbacks.callback import Callback, Run

__all__ = ["CSVLogger", "LearningCurve", "TensorBoard"]


class CSVLogger(Callback):
    """Write a line per epoch into a table of comma-separated values, as soon as the epoch is done.

    Parameters
    ----------
    path : str or path
        The columns are the epoch, from 1, and what the history records.
    append : bool
        Go on in a file that is there; otherwise it is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If the file to go on in has other columns.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> callbacks = [ag.callbacks.CSVLogger("losses.csv")]
    """

    def __init__(self, path: str | os.PathLike[str], append: bool = False) -> None:
        self.path, self.append = Path(path), append
        self.file: TextIO | None = None
        self.first = True  # line of a training, before which the columns are looked at

    def on_train_begin(self, run: Run) -> None:
        check_writable(self.path)
        goes_on = self.append or run.step > 0
        self.file = self.path.open("a+" if goes_on else "w+", newline="", encoding="utf-8")
        self.first = True

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        assert self.file is not None
        columns = ["epoch", *values]
        writer = csv.writer(self.file)
        if self.first:
            self.file.seek(0)
            there, self.first = next(csv.reader(self.file), None), False
            if there is None:
                writer.writerow(columns)
            elif there != columns:
                raise ValueError(f"{self.path} has the columns {there}, and this training measures {columns}")
        writer.writerow([run.epoch, *values.values()])
        self.file.flush()

    def on_train_end(self, run: Run) -> None:
        if self.file is not None:
            self.file.close()
        self.file = None

    def state_dict(self) -> dict[str, Any]:
        """How long the table is."""
        assert self.file is not None
        return {"length": os.fstat(self.file.fileno()).st_size}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Forget the lines that were written later than that: their epochs come again."""
        assert self.file is not None
        length = os.fstat(self.file.fileno()).st_size
        self.file.truncate(min(length, state_dict["length"]))


class TensorBoard(Callback):
    """Write what the history records, and the learning rates, for TensorBoard.

    Parameters
    ----------
    folder : str or path
        For ``tensorboard --logdir folder``; a folder of its own for each training, so that they can be compared.

    Raises
    ------
    ModuleNotFoundError
        If tensorboardX is not installed.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> callbacks = [ag.callbacks.TensorBoard("runs/first")]
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.writer: Any = None

    def on_train_begin(self, run: Run) -> None:
        self.writer = optional("tensorboardX", "TensorBoard", "tensorboard").SummaryWriter(
            str(self.folder), **({"purge_step": run.history.epochs + 1} if run.step else {})
        )

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, run.epoch)
        for i, group in enumerate(run.optimizer.param_groups):
            if "lr" in group:
                self.writer.add_scalar(f"learning_rate/{i}", float(group["lr"]), run.epoch)
        self.writer.flush()

    def on_train_end(self, run: Run) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer = None


class LearningCurve(Callback):
    """Draw what the history records over the epochs, when the training ends.

    Parameters
    ----------
    path : str or path
        The picture; its ending says what kind: ``.png``, ``.svg``, ``.pdf``.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    OSError, ValueError
        If the file cannot be written, or matplotlib draws no such files: before the first step.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> callbacks = [ag.callbacks.LearningCurve("curve.png")]
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_train_begin(self, run: Run) -> None:
        figure = optional("autograd_lite.support.figure", "a learning curve", "plot").Figure()
        known = figure.canvas.get_supported_filetypes()
        if self.path.suffix[1:] not in known:
            raise ValueError(f"{self.path}: the name must end in one of {', '.join(sorted(known))}")
        check_writable(self.path)

    def on_train_end(self, run: Run) -> None:
        if run.history.epochs:
            figure = run.history.plot()
            write_whole(self.path, lambda file: figure.savefig(file, format=self.path.suffix[1:], dpi=150))
