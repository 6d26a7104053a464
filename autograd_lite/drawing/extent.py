"""How large a drawing will get, told without a layout: the longest way through it, box by box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Size = tuple[float, float]
SCREEN: Size = (1440.0, 9000.0)  # points: 1,920 pixels; and some screens down, which can be scrolled
ENDLESS, NARROW = (1e9, 0.0), (0.0, 1e9)  # of more boxes than are drawn
LETTER, SMALL_LETTER, ARRAY, GAP, BESIDE = 6.4, 5.0, 118.0, 34.0, 15.0


def width_of(title: str, value: Any) -> float:
    """The width of a box, about."""
    shown = ARRAY if np.size(value) > 6 else 10 + 44.0 * (np.shape(value) or (3,))[-1]
    return max(LETTER * len(title) + 12, shown, 90.0)


def height_of(value: Any, gradients: bool) -> float:
    """The height of a box, about."""
    if np.size(value) <= 1:
        return 50.0
    rows = min(int(np.prod(np.shape(value)[:-1])), 6)
    return 34 + (1 + gradients) * ((8.0 * rows + 62) if np.size(value) > 6 else (18.0 * rows + 20))


def fits(size: Size) -> bool:
    """Whether a drawing can be looked at without scrolling to the side."""
    return size[0] <= SCREEN[0] and size[1] <= SCREEN[1]


def extents(boxes: Sequence[Size], edges: Sequence[tuple[int, int, str]], together: Sequence[int]) -> tuple[Size, Size]:
    """The size of a graph from left to right, and of it from the top to the bottom; the boxes stand in the order of
    computation, an edge has its two ends and its label, and a box stands on the rank of the one that it is `together`
    with.
    """
    rank = ranks(together, edges)
    columns, labels = max(rank, default=0) + 1, [0.0] * (max(rank, default=0) + 1)
    for _, target, label in edges:
        labels[rank[target]] = max(labels[rank[target]], SMALL_LETTER * len(label))
    across: list[list[Size]] = [[] for _ in range(columns)]
    for box, column in zip(boxes, rank, strict=True):
        across[column].append(box)
    widest = sum(max((w for w, _ in column), default=0) for column in across)
    highest = sum(max((h for _, h in column), default=0) for column in across)
    beside = max((sum(w + BESIDE for w, _ in column) for column in across), default=0)
    stacked = max((sum(h + BESIDE for _, h in column) for column in across), default=0)
    return (widest + sum(labels) + GAP * columns, stacked), (beside + max(labels), highest + 2 * GAP * columns)


def ranks(together: Sequence[int], edges: Sequence[tuple[int, int, str]]) -> list[int]:
    """The column of each box: behind all that it needs; what needs nothing stands right before its first use."""
    count = len(together)
    rank, reached = [0] * count, [False] * count
    forward = [(together[a], together[b]) for a, b, _ in sorted(edges, key=lambda edge: edge[1]) if a < b]
    for _ in range(2):  # what stands together was not in order
        for source, target in forward:
            if source != target:
                rank[target], reached[target] = max(rank[target], rank[source] + 1), True
    first: dict[int, int] = {}
    for source, target in forward:
        first[source] = min(first.get(source, rank[target]), rank[target])
    return [rank[k] if reached[k] else max(first.get(k, 1) - 1, 0) for k in together]
