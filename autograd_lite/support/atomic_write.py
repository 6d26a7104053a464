"""Files that are written whole or not at all, and what killed writers left behind."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

__all__ = ["check_writable", "write_arrays", "write_whole"]

HOST = os.uname().nodename if os.name == "posix" else "here"
NUMBERS = itertools.count()  # of this process's files
BEING_WRITTEN: set[Path] = set()


def write_whole(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file under another name and rename it when it is complete: the name never stands for half of it.

    The folder is made sure of as well as the file. What writers that were killed have left in it is removed.

    Raises
    ------
    OSError
        If the file cannot be written (what had the name before is there still), or something other than a file has
        that name.
    """
    check_writable(path)
    remove_leftovers(path.parent)
    temporary = path.with_name(f".{path.name}.{HOST}.{os.getpid()}.{next(NUMBERS)}.tmp")
    BEING_WRITTEN.add(temporary)
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:  # a full disk, say, of which the system does not tell the name
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
        BEING_WRITTEN.discard(temporary)


def sync_folder(folder: Path) -> None:
    """Let the new name, too, survive a power cut, where the system can promise that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        with suppress(OSError):  # not on every file system
            os.fsync(descriptor)
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes of this machine that are no longer there."""
    for path in folder.glob(f".*.{HOST}.*.*.tmp"):
        number = path.name.split(".")[-3]
        if number.isdecimal() and path not in BEING_WRITTEN and not is_running(int(number)):
            path.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether another process of that number runs, as far as can be known; what is of this one is known otherwise."""
    if process == os.getpid():
        return False
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


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
