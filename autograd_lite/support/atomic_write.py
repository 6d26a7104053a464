"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_writable", "write_arrays", "write_whole"]


def write_whole(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file under another name and rename it when it is complete: the name never stands for half of it.

    Raises
    ------
    OSError
        If the file cannot be written, or something other than a file has that name.
    """
    check_writable(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write an ``.npz`` without pickled objects, whole or not at all."""
    write_whole(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def check_writable(path: Path) -> None:
    """Raise OSError if such a file can surely not be written, before an hour of training goes into it."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path} exists and is not a file")
    if not path.parent.is_dir():
        raise OSError(f"{path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise OSError(f"{path}: no permission to write in {path.parent}")
