"""The gradient of the large batch from the gradients of its parts, which lie in different processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.compiler import TraceError
from autograd_lite.distributed.communicators import Communicator, agree
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import current_trace
from autograd_lite.tensor.tensor import Tensor

__all__ = ["average_gradients"]


def average_gradients(parameters: Tensor | Iterable[Tensor], communicator: Communicator, weight: float = 1.0) -> None:
    """Replace the gradients in every process by their weighted mean over all processes.

    With losses that are means over rows, and the number of rows as the weight, that is the gradient of the batch of
    all rows; optimizers that start equal then stay equal in all processes. Synchronous data-parallel training by one
    flat all-reduce per dtype, as in PyTorch's ``DistributedDataParallel`` (Li et al. 2020) and Horovod (Sergeev and
    Del Balso 2018). Call it in every process, between `backward()` and clipping or the step.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Leaves, the same in every process. One without a gradient counts as zeros; if no process has its gradient, it
        stays None. float16 is summed in float32.
    communicator : Communicator
        From `launch`, ``mpi4py.MPI.COMM_WORLD`` or `Alone`.
    weight : float
        How much this process counts for: the number of rows of its shard. With 0 (an empty shard) its gradients are
        not looked at, whatever they are.

    Raises
    ------
    ValueError
        In every process and before a gradient changes, if the processes have different parameters, or a weight is
        negative or not finite, or all are 0.
    RuntimeError
        If a parameter is not a leaf.
    TraceError
        In a compiled step, which cannot wait for other processes: compile only what comes before, with
        ``ag.compile(…, keep_grads=True)``.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.distributed import Alone, average_gradients
    >>> w = ag.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).mean().backward()
    >>> average_gradients([w], Alone(), weight=2)
    >>> w.grad
    array([3., 4.])
    """
    if current_trace.get() is not None:
        raise TraceError(
            "average_gradients waits for other processes, which a compiled program cannot do: compile the part up to "
            "backward() with ag.compile(…, keep_grads=True), and average and step after it"
        )
    tensors = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    leaves = [leaf_of(tensor) for tensor in tensors]
    weights = agree([f"{t.dtype}{t.shape}" for t in tensors], weight, communicator)
    check_weights(weights)
    share = float(weights[communicator.Get_rank()] / weights.sum())
    for dtype in sorted({wire(t.dtype) for t in tensors}, key=str):
        some = [(t, leaf) for t, leaf in zip(tensors, leaves, strict=True) if wire(t.dtype) == dtype]
        average([t for t, _ in some], [leaf for _, leaf in some], dtype, share, communicator)


def leaf_of(tensor: Tensor) -> Leaf:
    """What keeps the gradient of a parameter."""
    if tensor.leaf is None:
        raise RuntimeError(f"only leaves keep a gradient, and {describe(tensor.node)} was computed from others")
    return tensor.leaf


def check_weights(weights: NDArray[np.float64]) -> None:
    """Every process sees all weights, so that all of them raise and none is left waiting."""
    for rank, weight in enumerate(weights):
        if not 0 <= weight < np.inf:
            raise ValueError(f"process {rank} has the weight {weight}: give the number of rows in its shard")
    if not weights.any():
        raise ValueError("all processes have the weight 0: give the number of rows in their shards")


def wire(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which gradients travel: MPI knows no float16, and sums should not be rounded to it."""
    return np.promote_types(dtype, np.float32)


def average(
    tensors: list[Tensor], leaves: list[Leaf], dtype: np.dtype[Any], share: float, communicator: Communicator
) -> None:
    """All-reduce the gradients of one dtype; after them, who has one travels in the same array."""
    n, bounds = len(tensors), np.cumsum([0, *(t.size for t in tensors)])
    mine = np.zeros(bounds[-1] + n, dtype)
    for i, leaf in enumerate(leaves):
        if share and leaf.grad is not None:
            np.multiply(leaf.grad.reshape(-1), share, out=mine[bounds[i] : bounds[i + 1]], dtype=dtype)
            mine[bounds[-1] + i] = 1
    total = np.empty_like(mine)
    communicator.Allreduce(mine, total)
    for i, (tensor, leaf) in enumerate(zip(tensors, leaves, strict=True)):
        mean = total[bounds[i] : bounds[i + 1]].reshape(tensor.shape).astype(tensor.dtype)
        leaf.grad = mean if total[bounds[-1] + i] else None
