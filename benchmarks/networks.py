"""The four networks that every subject trains: ReLU MLPs from tiny to memory-bound."""

from typing import NamedTuple


class Network(NamedTuple):
    """Layer sizes from input to output, and the number of rows in the one fixed batch."""

    sizes: tuple[int, ...]
    batch: int


NETWORKS = {
    "moons": Network((2, 16, 16, 2), batch=100),
    "digits": Network((64, 128, 64, 10), batch=64),
    "mnist-size": Network((784, 256, 128, 10), batch=128),
    "wide": Network((1024, 1024, 1024, 10), batch=512),
}
