"""Data-parallel training: every process has the whole model and a part of each batch, and gradients are averaged.

One step, in each process (`launch` starts them here; under ``mpiexec`` the communicator is ``MPI.COMM_WORLD``)::

    broadcast(model, communicator)  # once: the same start everywhere
    images, labels = shard((images, labels), communicator)
    loss(model(images), labels).backward()
    average_gradients(model.parameters(), communicator, weight=len(images))
    optimizer.step()  # the same step everywhere

What a model computes from a whole batch besides its gradient is computed from the shard: the statistics of
``BatchNorm``, for instance; ``broadcast(model, communicator)`` makes the running ones equal again.
"""

from autograd_lite.distributed.averaging import Averager, average_gradients
from autograd_lite.distributed.communicators import Alone, Communicator
from autograd_lite.distributed.processes import launch
from autograd_lite.distributed.sharing import broadcast, shard

__all__ = ["Alone", "Averager", "Communicator", "average_gradients", "broadcast", "launch", "shard"]
