"""The gradient of the large batch from the gradients of its parts, which lie in different processes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.compiler import TraceError
from autograd_lite.distributed.communicators import Communicator, agree, gathered
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import current_trace
from autograd_lite.tensor.tensor import Tensor

__all__ = ["Averager", "average_gradients"]


class Averager:
    """Replaces the gradients in every process by their weighted mean over all processes, step after step.

    With losses that are means over rows, and the number of rows as the weight, that is the gradient of the batch of
    all rows; optimizers that start equal then stay equal in all processes. Synchronous data-parallel training by one
    flat all-reduce per dtype, as in PyTorch's ``DistributedDataParallel`` (Li et al. 2020) and Horovod (Sergeev and
    Del Balso 2018). What must be the same everywhere is compared once, here; a step is one exchange.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Leaves, the same in every process.
    communicator : Communicator
        From `launch`, ``mpi4py.MPI.COMM_WORLD`` or `Alone`.

    Raises
    ------
    ValueError
        In every process, if they have different parameters.
    RuntimeError
        If a parameter is not a leaf.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.distributed import Alone, Averager
    >>> w = ag.tensor([3.0, 4.0], requires_grad=True)
    >>> average = Averager([w], Alone())
    >>> (w * w).mean().backward()
    >>> average(weight=2)
    False
    >>> w.grad
    array([3., 4.])
    """

    def __init__(self, parameters: Tensor | Iterable[Tensor], communicator: Communicator) -> None:
        tensors = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        self.communicator, self.leaves = communicator, [leaf_of(t) for t in tensors]
        agree([f"{t.dtype}{t.shape}" for t in tensors], 0, communicator)
        kinds = sorted({wire(t.dtype) for t in tensors}, key=str) or [np.dtype(float)]
        self.buffers = [Buffer([t for t in tensors if wire(t.dtype) == kind], kind) for kind in kinds]

    def __call__(self, weight: float = 1.0, stop: bool = False) -> bool:
        """Average once; call it in every process, between `backward()` and clipping or the step.

        Parameters
        ----------
        weight : float
            How much this process counts for: the number of rows of its shard. With 0 (an empty shard) its gradients
            are not looked at, whatever they are. A parameter without a gradient counts as zeros; if no process has its
            gradient, it stays None. float16 is summed in float32.
        stop : bool
            Whether this process wishes to end the training after this step.

        Returns
        -------
        bool
            Whether any process wishes to: the same in all of them, so that none goes on alone.

        Raises
        ------
        ValueError
            In every process and before a gradient changes, if a weight is negative or not finite, or all are 0.
        TraceError
            In a compiled step, which cannot wait for other processes: compile only what comes before, with
            ``ag.compile(…, keep_grads=True)``.
        """
        if current_trace.get() is not None:
            raise TraceError(
                "average_gradients waits for other processes, which a compiled program cannot do: compile the part up "
                "to backward() with ag.compile(…, keep_grads=True), and average and step after it"
            )
        valid = 0 <= weight < np.inf
        for buffer in self.buffers:
            buffer.pack(weight if valid else 0.0, [weight if valid else 0.0, not valid, stop])
            self.communicator.Allreduce(buffer.sent, buffer.received)
        total, invalid, stopping = self.buffers[0].received[-3:]
        if invalid:
            weights = gathered([weight], self.communicator)[:, 0]
            wrong = next(rank for rank, w in enumerate(weights) if not 0 <= w < np.inf)
            raise ValueError(f"process {wrong} has the weight {weights[wrong]}: give the number of rows in its shard")
        if not total:
            raise ValueError("all processes have the weight 0: give the number of rows in their shards")
        for buffer in self.buffers:
            buffer.unpack(total)
        return bool(stopping)


class Buffer:
    """Where the gradients of one dtype travel: [gradients × weight, who has one, weight, invalid, stop]."""

    def __init__(self, tensors: list[Tensor], dtype: np.dtype[Any]) -> None:
        bounds = np.cumsum([0, *(t.size for t in tensors)]).tolist()
        self.size = bounds[-1]
        self.sent: NDArray[Any] = np.zeros(self.size + len(tensors) + 3, dtype)
        self.received: NDArray[Any] = np.zeros_like(self.sent)
        self.places = [
            (t, leaf_of(t), slice(*ends)) for t, ends in zip(tensors, itertools.pairwise(bounds), strict=True)
        ]

    def pack(self, weight: float, last: list[float]) -> None:
        """Put the gradients side by side."""
        self.sent[-3:] = last
        for i, (_, leaf, span) in enumerate(self.places, self.size):
            self.sent[i] = present = bool(weight) and leaf.grad is not None
            if present:
                np.multiply(leaf.grad.reshape(-1), weight, out=self.sent[span], dtype=self.sent.dtype)
            else:
                self.sent[span] = 0

    def unpack(self, total: Any) -> None:
        """Divide what came by the weight of all, and give each leaf its own."""
        for i, (tensor, leaf, span) in enumerate(self.places, self.size):
            mean = (self.received[span] / total).reshape(tensor.shape).astype(tensor.dtype, copy=False)
            leaf.grad = mean if self.received[i] else None


def average_gradients(parameters: Tensor | Iterable[Tensor], communicator: Communicator, weight: float = 1.0) -> None:
    """Replace the gradients in every process by their weighted mean over all processes, once (see `Averager`).

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Leaves, the same in every process.
    communicator : Communicator
        From `launch`, ``mpi4py.MPI.COMM_WORLD`` or `Alone`.
    weight : float
        How much this process counts for: the number of rows of its shard.

    Raises
    ------
    ValueError, RuntimeError, TraceError
        As `Averager` does, in every process.

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
    Averager(parameters, communicator)(weight)


def leaf_of(tensor: Tensor) -> Leaf:
    """What keeps the gradient of a parameter."""
    if tensor.leaf is None:
        raise RuntimeError(f"only leaves keep a gradient, and {describe(tensor.node)} was computed from others")
    return tensor.leaf


def wire(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which gradients travel: MPI knows no float16, and sums should not be rounded to it."""
    return np.promote_types(dtype, np.float32)
