"""What each process starts from: the same numbers, and its own rows."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd_lite.distributed.communicators import Communicator, agree
from autograd_lite.engine.array_like import to_array
from autograd_lite.nn import Module
from autograd_lite.tensor.packing import pack, unpack
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten

__all__ = ["broadcast", "shard"]

T = TypeVar("T")


def broadcast(model_or_state: T, communicator: Communicator, root: int = 0) -> T:
    """Give every process the numbers that process `root` has.

    Parameters
    ----------
    model_or_state : Module or tree of arrays and numbers
        A module's parameters and buffers are overwritten. Of a state (a ``state_dict`` of a module or an optimizer,
        say) a copy is returned: ``optimizer.load_state_dict(broadcast(optimizer.state_dict(), communicator))``.
    communicator : Communicator
        From `launch`, ``mpi4py.MPI.COMM_WORLD`` or `Alone`.
    root : int
        The process whose numbers all get.

    Returns
    -------
    Module or tree
        The module itself, or the state of the root.

    Raises
    ------
    ValueError
        In every process and before anything changes, if the modules have arrays of different names, dtypes or
        shapes, or the processes disagree about the root. Of a state the other processes need not have anything like
        it: a new optimizer gets that of one which has been trained.
    TypeError
        In every process, if something in the root's state is a tensor or no number.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> from autograd_lite.distributed import Alone, broadcast
    >>> broadcast(nn.Linear(2, 1), Alone())
    Linear(in_features=2, out_features=1)  # 3 parameters
    >>> broadcast({"step": 3, "lr": 0.1}, Alone())
    {'step': 3, 'lr': 0.1}
    """
    if isinstance(model_or_state, Module):
        own = model_or_state.state_dict()
        agree([f"{name}, {a.dtype}{a.shape}" for name, a in own.items()], 0, communicator)
        model_or_state.load_state_dict(broadcast(own, communicator, root))
        return model_or_state
    root = agreed_root(root, communicator)
    header, failure = b"", None
    arrays: dict[str, NDArray[Any]] = {}
    if communicator.Get_rank() == root:
        try:
            text, arrays = pack(model_or_state, instead="broadcast the module that holds it, or a state_dict of arrays")
            header = json.dumps([text, [[name, a.dtype.str, a.shape] for name, a in arrays.items()]]).encode()
        except TypeError as error:
            failure = error  # raised when the others know that nothing will come
    lengths = np.array([-1 if failure else len(header), sum(a.nbytes for a in arrays.values())])
    communicator.Bcast(lengths, root=root)
    if lengths[0] < 0:
        raise failure or TypeError(f"process {root} has a state that cannot be sent: its own error says why")
    text, described = json.loads(bytes(sent(header, int(lengths[0]), communicator, root)))
    packed = sent(b"".join(a.tobytes() for a in arrays.values()), int(lengths[1]), communicator, root)
    return unpack(text, cut(packed, described))  # type: ignore[no-any-return]


def cut(packed: NDArray[np.uint8], described: Sequence[tuple[str, str, Sequence[int]]]) -> dict[str, NDArray[Any]]:
    """The arrays that lie in `packed` one after the other, by name."""
    arrays, start = {}, 0
    for name, dtype, shape in described:
        end = start + np.dtype(dtype).itemsize * math.prod(shape)
        arrays[name] = np.frombuffer(packed[start:end].tobytes(), dtype).reshape(shape).copy()
        start = end
    return arrays


def agreed_root(root: int, communicator: Communicator) -> int:
    """The root, if all processes mean the same one."""
    roots = agree([], root, communicator)
    if any(roots != roots[0]) or roots[0] not in range(communicator.Get_size()):
        raise ValueError(
            f"the root must be the same process everywhere, 0 … {communicator.Get_size() - 1}, and is "
            + ", ".join(f"{r:g} in process {i}" for i, r in enumerate(roots))
        )
    return int(root)


def sent(mine: bytes, length: int, communicator: Communicator, root: int) -> NDArray[np.uint8]:
    """The bytes of the root."""
    packed = np.frombuffer(bytearray(mine or length), np.uint8)
    if length:
        communicator.Bcast(packed, root=root)
    return packed


def shard(arrays: T, communicator: Communicator) -> T:
    """This process's part of the rows: contiguous, as many as the others have or one more.

    Parameters
    ----------
    arrays : array, tensor, or tree of them
        All of the same number of rows, the same ones in every process. If there are fewer rows than processes, some
        parts are empty.
    communicator : Communicator
        From `launch`, ``mpi4py.MPI.COMM_WORLD`` or `Alone`.

    Returns
    -------
    as `arrays`
        Views of NumPy arrays, not copies.

    Raises
    ------
    ValueError
        If the arrays have different numbers of rows, or there is none, or one without rows.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.distributed import Alone, shard
    >>> x, y = shard((np.zeros((5, 2)), np.arange(5)), Alone())
    >>> y
    array([0, 1, 2, 3, 4])
    """
    given, rebuild = flatten(arrays)
    leaves = [leaf if isinstance(leaf, Tensor) or type(leaf) is np.ndarray else to_array(leaf) for leaf in given]
    shapes = [np.shape(leaf) for leaf in leaves]
    if not shapes or any(shape[:1] == () for shape in shapes):
        raise ValueError(f"shard divides the rows of arrays, and got shapes {shapes}: give arrays with at least 1 axis")
    if len({shape[0] for shape in shapes}) > 1:
        raise ValueError(f"the arrays have different numbers of rows: {[shape[0] for shape in shapes]}")
    rows, rank, size = shapes[0][0], communicator.Get_rank(), communicator.Get_size()
    mine = slice(rows * rank // size, rows * (rank + 1) // size)
    return rebuild(leaf[mine] for leaf in leaves)  # type: ignore[no-any-return]
