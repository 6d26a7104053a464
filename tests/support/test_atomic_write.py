"""Files are there whole or not at all, whatever happens to their writers."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest

from autograd_lite.support import atomic_write
from autograd_lite.support.atomic_write import write_arrays, write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from autograd_lite.support.atomic_write import write_whole
def write(file):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), write)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def full(file):
    file.write(b"x" * 10)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_names_the_file_and_keeps_the_old_one(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match=r"No space left on device: '.*a\.bin'"):
        write_whole(path, full)
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.bin"]


def test_a_real_disk_that_is_full(tmp_path):
    """In a process that may write only so much: the system's own error, in the middle of an array."""
    resource = pytest.importorskip("resource")
    code = (
        "import resource, signal, sys, numpy as np\nfrom pathlib import Path\n"
        "from autograd_lite.support.atomic_write import write_arrays\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "write_arrays(Path(sys.argv[1]), {'a': np.zeros(10_000)})\n"
    )
    assert resource
    write_arrays(tmp_path / "a.npz", {"a": np.ones(3)})
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.npz"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "a.npz" in done.stderr.splitlines()[-1]
    assert names(tmp_path) == ["a.npz"] and (np.load(tmp_path / "a.npz")["a"] == 1).all()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_a_killed_writer_left_is_removed_by_the_next_one(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert len(names(tmp_path)) == 2 and path.read_bytes() == b"old"
    write_whole(tmp_path / "b.bin", lambda file: file.write(b"new"))
    assert names(tmp_path) == ["a.bin", "b.bin"]


def test_what_others_are_writing_stays(tmp_path):
    host = os.uname().nodename
    others = {f".a.bin.{host}.{os.getppid()}.0.tmp", ".a.bin.another-host.99999999.0.tmp", ".a.tmp"}
    for name in others:
        (tmp_path / name).touch()
    before = f".a.bin.{host}.{os.getpid()}.999999.tmp"  # of a process that had this number before
    (tmp_path / before).touch()

    def write(file):
        write_whole(tmp_path / "inner.bin", lambda other: other.write(b"inner"))
        file.write(b"outer")

    write_whole(tmp_path / "a.bin", write)
    assert set(names(tmp_path)) == others | {"a.bin", "inner.bin"}


def test_pickles_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "b.npz", {"a": np.array([None])})
    assert names(tmp_path) == [] and not atomic_write.BEING_WRITTEN
