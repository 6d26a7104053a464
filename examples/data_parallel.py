"""Data-parallel training: two processes, each with half of every batch, find the parameters that one process finds.

Each process has the whole net; gradients are averaged before every step. The same under MPI, on several machines:
``train(MPI.COMM_WORLD, epochs)`` in a script that ``mpiexec -n 4 python -m mpi4py script.py`` starts.

    python examples/data_parallel.py
"""

import sys
import time

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data.datasets import load
from autograd_lite.distributed import Alone, Averager, broadcast, launch, shard

SEED, BATCH, HELD_OUT = 0, 128, 360


def digits():
    """Images and labels in a fixed random order, the held-out ones first."""
    data = load("digits")
    order = np.random.default_rng(SEED).permutation(len(data.target))
    return data.features[order] / 16, data.target[order]


def train(communicator, epochs: int) -> nn.Module:
    """A net after training; every process gets the same one."""
    images, labels = (a[HELD_OUT:] for a in digits())
    ag.manual_seed(SEED + communicator.Get_rank())  # other first weights in each process …
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).double()
    broadcast(model, communicator)  # … until all take those of process 0
    loss, optimizer = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    average = Averager(model.parameters(), communicator)
    draw = np.random.default_rng(SEED)  # the same batches everywhere
    for _ in range(epochs):
        order = draw.permutation(len(images))
        for start in range(0, len(order), BATCH):
            mine = shard(order[start : start + BATCH], communicator)
            optimizer.zero_grad()
            loss(model(images[mine]), labels[mine]).backward()
            average(weight=len(mine))
            optimizer.step()
    return model


def accuracy(model: nn.Module) -> float:
    """The share of held-out images whose highest score is that of their digit."""
    images, labels = (a[:HELD_OUT] for a in digits())
    with ag.no_grad():
        return float(np.mean(model(images).numpy().argmax(axis=1) == labels))


def main(epochs: int = 20) -> float:
    """Train in one process and in two, compare, and give the accuracy of the two."""
    start = time.perf_counter()
    alone = train(Alone(), epochs)
    print(f"1 process:   accuracy {accuracy(alone):.4f}, {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    together = launch(train, 2, epochs)
    print(f"2 processes: accuracy {accuracy(together[0]):.4f}, {time.perf_counter() - start:.1f} s, starting included")
    states = [model.state_dict() for model in (alone, *together)]
    apart = max(np.abs(states[0][name] - state[name]).max() for state in states[1:] for name in state)
    print(f"largest difference of a parameter: {apart:.1e}")
    if apart > 1e-9:
        raise ArithmeticError("two processes have found other parameters than one")
    return accuracy(together[0])


if __name__ == "__main__":
    sys.exit(main() < 0.95)
