"""What each process starts from: the same numbers, and its own rows."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd_lite.distributed.communicators import Communicator, agree
from autograd_lite.engine.array_like import array_of_any, to_array
from autograd_lite.nn import Module
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import flatten, leaves_and_places

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
        In every process and before anything changes, if the processes have arrays of different names, dtypes or
        shapes, or disagree about the root.
    TypeError
        If something in the state is a tensor or no number.

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
        model_or_state.load_state_dict(broadcast(model_or_state.state_dict(), communicator, root))
        return model_or_state
    leaves, rebuild = flatten(model_or_state)
    places = [place for _, place in leaves_and_places(model_or_state, "state")]
    arrays = [numbers(leaf, place) for leaf, place in zip(leaves, places, strict=True)]
    described = [f"{place}, {a.dtype}{a.shape}" for a, place in zip(arrays, places, strict=True)]
    roots = agree(described, root, communicator)
    if any(roots != roots[0]) or roots[0] not in range(communicator.Get_size()):
        raise ValueError(
            f"the root must be the same process everywhere, 0 … {communicator.Get_size() - 1}, and is "
            + ", ".join(f"{r:g} in process {i}" for i, r in enumerate(roots))
        )
    packed = np.frombuffer(bytearray(b"".join(a.tobytes() for a in arrays)), np.uint8)
    if packed.size:
        communicator.Bcast(packed, root=root)
    bounds = np.cumsum([0, *(a.nbytes for a in arrays)])
    received = [
        packed[start:stop].view(a.dtype).reshape(a.shape).copy()
        for a, start, stop in zip(arrays, bounds, bounds[1:], strict=False)
    ]
    return rebuild(map(like, received, leaves))  # type: ignore[no-any-return]


def numbers(leaf: Any, place: str) -> NDArray[Any]:
    """A leaf of a state as an array that can be sent as bytes."""
    if isinstance(leaf, Tensor):
        raise TypeError(f"{place} is a tensor: broadcast the module that holds it, or a state_dict of arrays")
    array: NDArray[Any] = array_of_any(leaf)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{place} is {array.dtype}, not numbers")
    return array


def like(array: NDArray[Any], leaf: Any) -> Any:
    """What came as an array, in the kind of what was sent: an array, NumPy's number or Python's."""
    if isinstance(leaf, np.ndarray) or array.ndim:
        return array
    return array[()] if isinstance(leaf, np.generic) else array.item()


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
