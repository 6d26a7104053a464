"""What processes talk through, and how they make sure that they talk about the same arrays."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Alone", "Communicator", "agree"]


class Communicator(Protocol):
    """The part of mpi4py's communicators that is needed: ``mpi4py.MPI.COMM_WORLD`` is one as it is.

    Buffers are C-contiguous arrays of numbers; every process has to make the same calls in the same order.
    """

    def Get_rank(self) -> int:
        """The number of this process, from 0."""

    def Get_size(self) -> int:
        """How many processes there are."""

    def Allreduce(self, sendbuf: Any, recvbuf: Any, /) -> None:
        """Write the sum of all `sendbuf` into every `recvbuf`."""

    def Bcast(self, buf: Any, root: int = 0) -> None:
        """Copy `buf` of process `root` into all others."""

    def Barrier(self) -> None:
        """Wait until all processes are here."""


class Alone:
    """The communicator of a process that is the only one: the same script with and without others.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.distributed import Alone
    >>> total = np.empty(2)
    >>> Alone().Allreduce(np.array([1.0, 2.0]), total)
    >>> total
    array([1., 2.])
    """

    def Get_rank(self) -> int:
        """0."""
        return 0

    def Get_size(self) -> int:
        """1."""
        return 1

    def Allreduce(self, sendbuf: NDArray[Any], recvbuf: NDArray[Any], /) -> None:
        """Copy the one summand."""
        recvbuf[...] = sendbuf

    def Bcast(self, buf: NDArray[Any], root: int = 0) -> None:
        """Nothing: `buf` is there."""

    def Barrier(self) -> None:
        """Nothing: nobody else is to come."""


def gathered(row: Sequence[float], communicator: Communicator) -> NDArray[np.float64]:
    """The rows of all processes, which are of one length, as a matrix."""
    mine = np.zeros((communicator.Get_size(), len(row)))
    mine[communicator.Get_rank()] = row
    everyones: NDArray[np.float64] = np.empty_like(mine)
    communicator.Allreduce(mine, everyones)
    return everyones


def agree(arrays: Sequence[str], number: float, communicator: Communicator) -> NDArray[np.float64]:
    """Make sure that all processes mean the same `arrays`, each told by its dtype, shape and the like.

    Returns
    -------
    float64 array of one element per process
        The `number` of each.

    Raises
    ------
    ValueError
        In every process, and before any array is sent, if they differ.
    """
    digests = [zlib.crc32(array.encode()) for array in arrays]
    everyones = gathered([number, len(arrays), zlib.crc32("\n".join(arrays).encode())], communicator)
    counts, all_digests = everyones[:, 1], everyones[:, 2]
    rank, everywhere = communicator.Get_rank(), "build the same model in the same way in every process"
    if any(counts != counts[0]):
        having = ", ".join(f"process {i} has {count:.0f}" for i, count in enumerate(counts))
        raise ValueError(f"the processes have different numbers of arrays: {having}; {everywhere}")
    if any(all_digests != all_digests[0]):
        details = gathered(digests, communicator)
        first = int(np.argmax(np.any(details != details[0], axis=0)))
        others = [i for i, column in enumerate(details[:, first]) if column != digests[first]]
        raise ValueError(
            f"the processes have different arrays: number {first} is {arrays[first]} in process {rank}, and another "
            f"one in {', '.join(f'process {i}' for i in others)}; {everywhere}"
        )
    return everyones[:, 0]
