"""Processes on this machine that train together, through shared memory: no MPI needed.

Each exchange writes into one half of the shared memory, waits at a barrier and reads what the others wrote. The next
exchange uses the other half; whoever comes back to the first one has passed a barrier behind which all have read it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["launch"]

CHUNK = 1 << 20  # bytes of one process that travel at a time
SAYING = 128  # bytes in which a process says what it is doing
GRACE = 1.0  # seconds in which the others may clean up after one has failed
PATIENCE = 60.0  # seconds after which a process that waits says for whom
IMPORTABLE = "the function must stand in a file that can be imported"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Stopped(RuntimeError):
    """Another process has failed, so this one cannot go on."""


class SharedMemory:
    """The communicator that `launch` gives to each process."""

    def __init__(self, rank: int, size: int, memory: Any, barrier: Any) -> None:
        self.rank, self.size, self.barrier, self.half = rank, size, barrier, 0
        self.memory = np.frombuffer(memory, np.uint8)[size * 8 :].reshape(2, size, SAYING + CHUNK)
        self.exchanges = np.frombuffer(memory, np.uint64, size)  # how many each process has come to

    def Get_rank(self) -> int:
        """The number of this process, from 0."""
        return self.rank

    def Get_size(self) -> int:
        """How many processes there are."""
        return self.size

    def Allreduce(self, sendbuf: NDArray[Any], recvbuf: NDArray[Any], /) -> None:
        """Write the sum of all `sendbuf` into every `recvbuf`: added in the order of the ranks, so equal everywhere."""
        if sendbuf.dtype != recvbuf.dtype or sendbuf.size != recvbuf.size or not recvbuf.flags.c_contiguous:
            raise ValueError(
                f"Allreduce needs two C-contiguous arrays of one dtype and size, not {sendbuf.dtype}{sendbuf.shape} "
                f"and {recvbuf.dtype}{recvbuf.shape}"
            )
        what = f"Allreduce of {sendbuf.size} numbers of {sendbuf.dtype}"
        source, target = sendbuf.reshape(-1), recvbuf.reshape(-1)
        step = CHUNK // sendbuf.itemsize
        for start in range(0, max(source.size, 1), step):
            parts = self.exchange(what, source[start : start + step].view(np.uint8)).view(source.dtype)
            total = target[start : start + step]
            total[...] = parts[0]
            for part in parts[1:]:
                total += part

    def Bcast(self, buf: NDArray[Any], root: int = 0) -> None:
        """Copy `buf` of process `root` into all others."""
        if root not in range(self.size) or not buf.flags.c_contiguous:
            raise ValueError(f"Bcast needs a C-contiguous array and a root from 0 to {self.size - 1}, not {root}")
        flat = buf.reshape(-1).view(np.uint8)
        for start in range(0, max(flat.size, 1), CHUNK):
            part = flat[start : start + CHUNK]
            part[...] = self.exchange(f"Bcast of {flat.size} bytes from process {root}", part)[root]

    def Barrier(self) -> None:
        """Wait until all processes are here."""
        self.exchange("Barrier")

    def exchange(self, what: str, mine: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """The bytes of all processes, one row each, once all of them are here and do the same."""
        mine = np.empty(0, np.uint8) if mine is None else mine
        half, self.half = self.memory[self.half], 1 - self.half
        half[self.rank, :SAYING] = np.frombuffer(what.encode()[:SAYING].ljust(SAYING), np.uint8)
        half[self.rank, SAYING : SAYING + mine.size] = mine
        self.exchanges[self.rank] += np.uint64(1)
        try:
            self.barrier.wait()
        except threading.BrokenBarrierError:
            raise Stopped(f"process {self.rank} stops, because another one has failed") from None
        said = [bytes(row[:SAYING]).decode(errors="replace").strip() for row in half]
        if any(saying != said[0] for saying in said):
            doing = "; ".join(f"process {i}: {saying}" for i, saying in enumerate(said))
            raise RuntimeError(f"the processes must make the same calls in the same order, and do not: {doing}")
        theirs: NDArray[np.uint8] = half[:, SAYING : SAYING + mine.size]
        return theirs

    def awaited(self) -> list[int]:
        """Who has not come to the exchange in which this process is."""
        return [rank for rank, count in enumerate(self.exchanges) if count < self.exchanges[self.rank]]


def watch(communicator: SharedMemory) -> None:
    """End this process with its parent, however that ends; say for whom this process waits if it waits long."""
    parent: Any = multiprocessing.parent_process()
    last, since = -1, time.monotonic()
    while not connection.wait([parent.sentinel], timeout=PATIENCE / 4):
        awaited, now = communicator.awaited(), int(communicator.exchanges[communicator.rank])
        if now != last or not awaited:
            last, since = now, time.monotonic()
        elif time.monotonic() - since >= PATIENCE:
            since = float("inf")  # once for each exchange
            names = " and ".join(f"process {rank}" for rank in awaited)
            print(f"process {communicator.rank} has waited {PATIENCE:.0f} s for {names}", file=sys.stderr, flush=True)
    os._exit(1)


def work(
    rank: int, size: int, memory: Any, barrier: Any, pipe: Any, function: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    """What a process does: it sends ``(result, None, "")`` or ``(None, error, traceback)``."""
    try:
        communicator = SharedMemory(rank, size, memory, barrier)
        threading.Thread(target=watch, args=(communicator,), daemon=True).start()
        result = function(communicator, *args)
        communicator.exchange("has returned")  # so that nobody waits for ever for one that has gone
        pipe.send((result, None, ""))
    except BaseException as error:
        pipe.send((None, portable(error), traceback.format_exc()))
        barrier.abort()


def portable(error: BaseException) -> Exception:
    """The error if it survives being sent, else one that says the same; leaving a process does not end the caller."""
    try:
        if isinstance(error, Exception) and type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    except Exception:  # an exception whose arguments cannot be sent, or whose class cannot be made from them
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")


@contextmanager
def few_threads(processes: int) -> Iterator[None]:
    """Let the processes share the cores: BLAS reads its number of threads from the environment when it is loaded."""
    unset = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(unset, str(max((os.cpu_count() or 1) // processes, 1))))
    try:
        yield
    finally:
        for name in unset:
            os.environ.pop(name, None)


def launch(function: Callable[..., Any], processes: int, *args: Any) -> list[Any]:
    """Run ``function(communicator, *args)`` in several new processes on this machine, and wait for all.

    Parameters
    ----------
    function : callable
        Stands in a file that can be imported (no lambda, nothing typed at a prompt); a script calls `launch` under
        ``if __name__ == "__main__":``, because the new processes import it.
    processes : int
        How many. Each gets its share of the cores for BLAS, unless ``OPENBLAS_NUM_THREADS`` and the like are set.
    *args
        Sent to each process by pickle.

    Returns
    -------
    list
        What the function returned in each process, in the order of their ranks.

    Raises
    ------
    Exception
        The first error of any process, with that process's traceback as a note; the others are stopped.
    RuntimeError
        If a process ends without a result, or the processes do not make the same calls of the communicator.
    ValueError
        If `processes` is not at least 1.

    Examples
    --------
    ::

        def train(communicator, seed): ...


        if __name__ == "__main__":
            results = launch(train, 2, 0)
    """
    if not isinstance(processes, int | np.integer) or processes < 1:
        raise ValueError(f"processes must be a whole number of at least 1, not {processes!r}")
    context = multiprocessing.get_context("spawn")
    memory, barrier = context.RawArray("B", processes * (8 + 2 * (SAYING + CHUNK))), context.Barrier(processes)
    running: dict[Any, Any] = {}
    try:
        with few_threads(processes):
            for rank in range(processes):
                receive, send = context.Pipe(duplex=False)
                settings = (rank, processes, memory, barrier, send, function, args)
                process = context.Process(target=work, args=settings, daemon=True)
                start(process)
                send.close()  # so that the end of the process is the end of the pipe
                running[receive] = process
        return results(running)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.join(GRACE)
            process.kill()
            process.join()


def start(process: Any) -> None:
    """Start a process; its function and arguments are sent to it."""
    try:
        process.start()
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        error.add_note(f"launch sends the function and its arguments to new processes: {IMPORTABLE}")
        raise


def results(running: dict[Any, Any]) -> list[Any]:
    """Wait for what each process sends; after the first failure only as long as the others need to stop."""
    pipes, found = list(running), {}
    failures: list[tuple[Exception, str]] = []
    waiting, deadline = list(running), None
    while waiting and (ready := connection.wait(waiting, deadline and max(deadline - time.monotonic(), 0))):
        for pipe in cast(list[connection.Connection], ready):
            waiting.remove(pipe)
            try:
                found[pipe], error, where = pipe.recv()
            except EOFError:
                running[pipe].join()
                error, where = RuntimeError(ended(pipes.index(pipe), running[pipe].exitcode)), ""
            if error is not None:
                failures.append((error, where and f"in process {pipes.index(pipe)}:\n{where}".strip()))
                deadline = deadline or time.monotonic() + GRACE
    if failures:
        error, note = next((f for f in failures if not isinstance(f[0], Stopped)), failures[0])
        if note:
            error.add_note(note)
        raise error
    for process in running.values():
        process.join()
    return [found[pipe] for pipe in pipes]


def ended(rank: int, exitcode: int | None) -> str:
    """The message about a process that is gone without a word."""
    return (
        f"process {rank} ended with exit code {exitcode} and without a result. If it did not even start: {IMPORTABLE}, "
        'and a script must call launch under if __name__ == "__main__":'
    )
