"""States and whole trainings in files: `save`, `load`, and checkpoints of model, optimizer, schedule and history.

A file is an ``.npz`` of plain arrays and one text that says how they belong together, without pickled objects: opening
a stranger's runs no code. Or it is a ``.safetensors`` file, with the same text beside the arrays.
"""

from __future__ import annotations

import copy
import importlib
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.nn import Module
from autograd_lite.optim import Optimizer
from autograd_lite.support.atomic_write import write_arrays, write_whole
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.packing import pack, unpack
from autograd_lite.train.history import History

__all__ = ["load", "load_checkpoint", "save", "save_checkpoint"]

KIND = "autograd_lite checkpoint 2"
TREE = "tree"  # the name of the text
ENDINGS = (".npz", ".safetensors")


def save(state: Any, path: str | os.PathLike[str]) -> None:
    """Write a state into a file, whole or not at all: a crash while writing leaves what was there before.

    Parameters
    ----------
    state : tree of arrays, numbers and text, or what has a `state_dict`
        A module, an optimizer, a scheduler, a history; or several, in dicts, lists and tuples. What `load` gives back
        are their states, for ``load_state_dict``.
    path : str or path
        Ending in ``.npz``, or in ``.safetensors``.

    Raises
    ------
    OSError
        If the file cannot be written.
    TypeError
        If something in it is neither numbers nor text.
    ValueError
        If the name has another ending.
    ModuleNotFoundError
        If safetensors is not installed, for a file of that kind.

    Examples
    --------
    >>> import tempfile
    >>> import autograd_lite as ag
    >>> model = ag.nn.Linear(2, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ag.save({"model": model, "epoch": 3}, f"{folder}/state.npz")
    ...     state = ag.load(f"{folder}/state.npz")
    >>> state["epoch"], model.load_state_dict(state["model"])
    (3, Mismatch(missing=[], unexpected=[]))
    """
    place = checked_ending(path)
    text, arrays = pack(state, objects=True)
    if place.suffix == ".npz":
        write_arrays(place, {**arrays, TREE: np.frombuffer(text.encode(), np.uint8)})
        return
    safetensors = optional("safetensors.numpy", "a .safetensors file", "safetensors")
    content = safetensors.save({name: np.array(a, order="C") for name, a in arrays.items()}, {TREE: text})
    write_whole(place, lambda file: file.write(content))


def load(path: str | os.PathLike[str]) -> Any:
    """What `save` has written; of a file of arrays by somebody else, a dict of them.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is damaged, holds pickled objects or has another ending.

    Examples
    --------
    See `save`.
    """
    place = checked_ending(path)
    with place.open("rb") as file:
        try:
            if place.suffix == ".npz":
                found = np.load(file, allow_pickle=False)
                arrays = {name: found[name] for name in found.files}
                text = arrays.pop(TREE).tobytes().decode() if TREE in arrays else None
            else:
                safetensors = optional("safetensors", "a .safetensors file", "safetensors")
                with safetensors.safe_open(place, "numpy") as content:
                    arrays = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118 - no mapping
                    text = (content.metadata() or {}).get(TREE)
            return arrays if text is None else unpack(text, arrays)
        except ModuleNotFoundError:
            raise
        except Exception:  # the readers of zip files and of array headers raise nearly anything on damaged bytes
            raise ValueError(f"{path} is not a file that `save` or Checkpoint has written, or is damaged") from None


def checked_ending(path: str | os.PathLike[str]) -> Path:
    """The path, if its ending says what kind of file it is."""
    place = Path(path)
    if place.suffix not in ENDINGS:
        raise ValueError(f"a state is written to an .npz or .safetensors file: give a name that ends so, not {path!s}")
    return place


def save_checkpoint(
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Optimizer | None = None,
    *,
    scheduler: Any = None,
    history: History | None = None,
) -> None:
    """Write what a training of one's own loop needs to go on, with the state of the default generator.

    A card goes with it: the versions, the modules and the optimizer, as text (``ag.load(path)["card"]``).

    Parameters
    ----------
    path : str or path
        Ending in ``.npz``, or in ``.safetensors``.
    model, optimizer, scheduler, history
        What there is; the scheduler has a `state_dict`.

    Raises
    ------
    OSError, ValueError
        As `save`.

    Examples
    --------
    >>> import tempfile
    >>> import autograd_lite as ag
    >>> model = ag.nn.Linear(2, 1)
    >>> optimizer = ag.optim.Adam(model.parameters(), lr=0.5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ag.callbacks.save_checkpoint(f"{folder}/c.npz", model, optimizer)
    ...     optimizer.param_groups[0]["lr"] = 1.0
    ...     _ = ag.callbacks.load_checkpoint(f"{folder}/c.npz", model, optimizer)
    >>> optimizer.param_groups[0]["lr"]
    0.5
    """
    save(checkpoint(model, optimizer, scheduler, history), path)


def checkpoint(model: Module, optimizer: Any, scheduler: Any, history: History | None, **settings: Any) -> Any:
    """The tree of a checkpoint; `settings` go onto its card."""
    return {
        "kind": KIND,
        "card": {
            "autograd_lite": importlib.import_module("autograd_lite").__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "model": repr(model),
            "optimizer": repr(optimizer),
            "settings": {name: repr(value) for name, value in settings.items()},
        },
        "model": model,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "history": history or History(),
        "generator": default_generator().bit_generator.state,
    }


def load_checkpoint(
    path: str | os.PathLike[str], model: Module, optimizer: Optimizer | None = None, *, scheduler: Any = None
) -> History:
    """Give a model, and an optimizer and a scheduler to go on with, what a checkpoint has kept.

    ``fit(…, checkpoint=path, resume=True)`` goes on with a training of `fit`, with its callbacks, generators and place
    in the data; this is for loops of one's own, and for models that are to predict.

    Parameters
    ----------
    path : str or path
        The file, of `Checkpoint` or `save_checkpoint`.
    model : Module
        Of the same structure as the one that was trained.
    optimizer : Optimizer, optional
        Of the same kind, over the model's parameters. With it the default generator, too, goes on where it was.
    scheduler : optional
        With a `load_state_dict`, if the checkpoint has the state of one.

    Returns
    -------
    History
        The epochs up to this one.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is no checkpoint, is damaged, or does not fit the model, the optimizer or the scheduler; nothing has
        changed then.

    Examples
    --------
    See `save_checkpoint`.
    """
    kept = read_checkpoint(path)
    given = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    wanted = {name: part for name, part in given.items() if part is not None}
    if missing := [name for name in wanted if kept[name] is None]:
        raise ValueError(f"{path} has no state of {' and '.join(missing)}")
    take_over([(part, kept[name]) for name, part in wanted.items()])
    if optimizer is not None:
        default_generator().bit_generator.state = kept["generator"]
    history = History()
    history.load_state_dict(kept["history"])
    return history


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The tree of a checkpoint."""
    kept = load(path)
    if not isinstance(kept, Mapping) or kept.get("kind") != KIND:
        raise ValueError(f"{path} is not a file that Checkpoint or save_checkpoint has written")
    return dict(kept)


def take_over(pairs: Iterable[tuple[Any, Any]]) -> None:
    """Load each state into its object: all of them or, after an error, none."""
    pairs = list(pairs)
    before = [(part, copy.deepcopy(part.state_dict())) for part, _ in pairs]
    try:
        for part, state in pairs:
            part.load_state_dict(state)
    except Exception:
        for part, state in before:
            part.load_state_dict(state)
        raise
