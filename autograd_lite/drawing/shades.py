"""Boxes coloured by a number: how long a call took, how much memory it holds, how large a gradient is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.drawing.array_cells import number, rms
from autograd_lite.drawing.arrows import Item
from autograd_lite.drawing.folding import Fold
from autograd_lite.engine.graph import Node
from autograd_lite.support.colours import FAINT, STRONG, ZERO, Colour, blend
from autograd_lite.tensor.tensor import wrap

DECADES = 6  # from the lightest to the darkest gradient
Measure = Callable[[Item], float | None]
UNITS = {"time": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "bytes": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))}


def nodes_of(item: Item) -> list[Node]:
    """The nodes that a box stands for."""
    return item.members if isinstance(item, Fold) else [item] if isinstance(item, Node) else []


def shown_node(item: Item) -> Node | None:
    """The node whose value a box shows."""
    return item if isinstance(item, Node) else item.outputs[-1] if isinstance(item, Fold) and item.outputs else None


def measure(color: Any, seconds: Mapping[Node, float], gradients: Mapping[Node, Any]) -> Measure:
    """What a box is coloured by."""

    def time(item: Item) -> float | None:
        known = [seconds[node] for node in nodes_of(item) if node in seconds]
        return sum(known) if known else None

    def size(item: Item) -> float:
        return float(sum(node.value.nbytes for node in nodes_of(item)) or np.asarray(getattr(item, "value", 0)).nbytes)

    def gradient(item: Item) -> float | None:
        node = shown_node(item)
        return rms(gradients[node]) if node is not None and node in gradients else None

    def given(item: Item) -> float | None:
        node = shown_node(item)
        return None if node is None else float(color(wrap(node)))

    def of_module(item: Item) -> float | None:
        return color.get(item.call.path) if isinstance(item, Fold) and item.call else None

    known: dict[Any, Measure] = {"time": time, "bytes": size, "gradient": gradient}
    return of_module if isinstance(color, Mapping) else given if callable(color) else known[color]


def amount(value: float, color: Any) -> str:
    """A measured number with its unit."""
    for scale, unit in UNITS.get(color, ()) if isinstance(color, str) else ():
        if value >= scale:
            return f"{number(value / scale, 3)} {unit}"
    return number(value, 3)


def share(value: float, largest: float, color: Any) -> float:
    """How dark an amount is: gradients, which may be many powers of ten apart, by their logarithm."""
    part = min(abs(value) / largest, 1.0) if largest else 0.0
    if not np.isfinite(value):
        return 1.0
    if color == "gradient" or isinstance(color, Mapping):
        return max(1 + float(np.log10(part)) / DECADES, 0.0) if part else 0.0
    return part


def shade(share: float) -> str:
    """The colour of a share of the largest amount."""
    middle: Colour = FAINT
    return blend(ZERO, middle, 2 * share) if share < 0.5 else blend(middle, STRONG, 2 * share - 1)
