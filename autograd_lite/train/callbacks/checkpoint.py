"""Trainings in files: model, optimizer, history and randomness, to go on from bit for bit.

A file is an ``.npz`` of plain arrays and one JSON text, without pickled objects: opening a stranger's runs no code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.support.atomic_write import check_writable, write_arrays
from autograd_lite.train.callbacks.callback import Callback, Run, monitored
from autograd_lite.train.callbacks.stopping import Record
from autograd_lite.train.history import History

__all__ = ["Checkpoint", "load_checkpoint"]

FORMAT = "autograd_lite checkpoint 1"
MODEL, TREE = "model/", "tree"


class Checkpoint(Callback):
    """Write model, optimizer, history and the state of the default generator into a file, every few epochs.

    Parameters
    ----------
    path : str or path
        The file, ending in ``.npz``. Each one replaces the one before, in one go: a crash while writing leaves the old
        one. ``{epoch}`` in the name keeps them apart.
    every : int
        Epochs between files; the first is written after so many.
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
    ...     saving = ag.callbacks.Checkpoint(f"{folder}/line.npz")
    ...     _ = ag.fit(model, (x, 2 * x), ag.nn.MSELoss(), optimizer, epochs=3, progress=False, callbacks=[saving])
    ...     ag.callbacks.load_checkpoint(f"{folder}/line.npz", model, optimizer).epochs
    3
    """

    def __init__(
        self, path: str | os.PathLike[str], every: int = 1, monitor: str | None = None, mode: str = "min"
    ) -> None:
        self.path, self.every, self.monitor, self.record = os.fspath(path), every, monitor, Record(mode)
        if not self.path.endswith(".npz"):
            raise ValueError(f"a checkpoint is an .npz file: give a name that ends so, not {self.path!r}")
        if every < 1:
            raise ValueError(f"every must be at least 1, not {every}")
        if monitor is not None and every != 1:
            raise ValueError("a checkpoint is written every few epochs, or when monitor= is best: choose one")

    def place(self, epoch: int) -> Path:
        """The file for an epoch."""
        return Path(self.path.replace("{epoch}", str(epoch)))

    def on_train_begin(self, run: Run) -> None:
        self.record.reset()
        check_writable(self.place(1))

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        if self.monitor is not None:
            wanted = self.record.broken(monitored(values, self.monitor), run.epoch)
        else:
            wanted = run.epoch % self.every == 0
        if wanted:
            save_checkpoint(self.place(run.epoch), run.model, run.optimizer, run.history)


def save_checkpoint(path: Path, model: Module, optimizer: Optimizer, history: History) -> None:
    """Write what `load_checkpoint` reads."""
    arrays = {f"{MODEL}{name}": array for name, array in model.state_dict().items()}
    tree = {
        "optimizer": pack(optimizer.state_dict(), arrays),
        "history": dict(history),
        "generator": pack(default_generator().bit_generator.state, arrays),
    }
    arrays[TREE] = np.array(json.dumps({"format": FORMAT, **tree}))
    write_arrays(path, arrays)


def load_checkpoint(path: str | os.PathLike[str], model: Module, optimizer: Optimizer | None = None) -> History:
    """Give a model, and an optimizer to go on training with, what a `Checkpoint` has kept.

    Parameters
    ----------
    path : str or path
        The file.
    model : Module
        Of the same structure as the one that was trained.
    optimizer : Optimizer, optional
        Of the same kind, over the model's parameters. With it the default generator, too, goes on where it was: a
        training that is resumed is the one that was not interrupted, bit for bit (unless `fit` shuffles by a generator
        of its own). Callbacks begin anew; a scheduler goes on if it is made after this, with ``last_epoch=n - 1`` for
        the n steps that it has made (``history.epochs``, if one after each epoch).

    Returns
    -------
    History
        The epochs up to this one.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is no checkpoint, is damaged, or does not fit the model or the optimizer; nothing has changed then.

    Examples
    --------
    See `Checkpoint`.
    """
    with open(path, "rb") as file:
        try:
            loaded = np.load(file, allow_pickle=False)
            arrays = {name: loaded[name] for name in loaded.files}
            tree = json.loads(str(arrays.pop(TREE)))
            if tree["format"] != FORMAT:
                raise ValueError(tree["format"])
            history = tree["history"]
            state, generator = unpack(tree["optimizer"], arrays), unpack(tree["generator"], arrays)
        except Exception:  # the readers of zip files and of array headers raise nearly anything on damaged bytes
            raise ValueError(f"{path} is not a file that Checkpoint has written, or is damaged") from None
    before = model.state_dict()
    model.load_state_dict({name.removeprefix(MODEL): a for name, a in arrays.items() if name.startswith(MODEL)})
    if optimizer is not None:
        try:
            optimizer.load_state_dict(state)
        except Exception:
            model.load_state_dict(before)
            raise
        default_generator().bit_generator.state = generator
    result = History()
    for row in zip(*history.values(), strict=True):
        result.append(dict(zip(history, row, strict=True)))
    return result


def pack(value: Any, arrays: dict[str, Any]) -> Any:
    """A tree of dicts, tuples, lists, numbers, texts and arrays as JSON can hold it; the arrays go into `arrays`."""
    if isinstance(value, np.ndarray):
        name = f"array/{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {"dict": [[key, pack(part, arrays)] for key, part in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [pack(part, arrays) for part in value]}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a checkpoint holds numbers and arrays, and the optimizer's state has a {type(value).__name__}")


def unpack(packed: Any, arrays: Mapping[str, Any]) -> Any:
    """The tree that was packed."""
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: unpack(part, arrays) for key, part in content}
    return {"tuple": tuple, "list": list}[kind](unpack(part, arrays) for part in content)
