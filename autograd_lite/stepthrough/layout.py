"""Where the boxes and arrows of a drawn graph go: by graphviz's `dot` where it is installed, else by layers.

The layered drawing follows Sugiyama, Tagawa and Toda (1981): every box in a column behind those that it needs, long
arrows in stretches of one column, the order in each column by the mean place of the neighbours.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

HEIGHT, BETWEEN_ROWS, BETWEEN_COLUMNS, MARGIN = 50.0, 22.0, 64.0, 14.0
SWEEPS, PATIENCE = 12, 20  # rounds of ordering; seconds for dot

Edge = tuple[int, int]
Point = tuple[float, float]


class Layout(NamedTuple):
    """The size of the drawing, the centre of each box, and the path of each arrow, as in SVG."""

    width: float
    height: float
    centres: list[Point]
    paths: list[str]


def layout(widths: Sequence[float], edges: Sequence[Edge]) -> Layout:
    """Place boxes of these `widths`, joined by `edges` (from, to); an edge leads from an earlier box to a later one."""
    return by_dot(widths, edges) or by_layers(widths, edges)


def by_dot(widths: Sequence[float], edges: Sequence[Edge]) -> Layout | None:
    """The drawing that `dot` makes; None where there is none."""
    program = shutil.which("dot")
    if program is None:
        return None
    lines = ["digraph {", f"rankdir=LR; nodesep={BETWEEN_ROWS / 72}; ranksep={BETWEEN_COLUMNS / 72};"]
    lines += ['node [shape=box fixedsize=true label=""]; edge [arrowhead=none]']
    lines += [f"{i} [width={w / 72:.4f} height={HEIGHT / 72:.4f}]" for i, w in enumerate(widths)]
    lines += [f"{a}:e -> {b}:w" for a, b in edges]
    try:
        done = subprocess.run(
            [program, "-Tplain"], input="\n".join([*lines, "}"]), capture_output=True, text=True, timeout=PATIENCE
        )
        return read_plain(done.stdout, len(widths), edges) if done.returncode == 0 else None
    except (OSError, subprocess.SubprocessError, ValueError, LookupError):
        return None


def read_plain(text: str, count: int, edges: Sequence[Edge]) -> Layout:
    """Read what ``dot -Tplain`` writes: inches, from the lower left."""
    width = height = 0.0
    centres: list[Point] = [(0.0, 0.0)] * count
    found: dict[Edge, list[str]] = {}
    for line in text.splitlines():
        kind, *words = line.split()
        if kind == "graph":
            width, height = float(words[1]) * 72, float(words[2]) * 72
        elif kind == "node":
            centres[int(words[0])] = (float(words[1]) * 72 + MARGIN, height - float(words[2]) * 72 + MARGIN)
        elif kind == "edge":
            numbers = [float(word) * 72 for word in words[3 : 3 + 2 * int(words[2])]]
            points = [(x + MARGIN, height - y + MARGIN) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
            found.setdefault((int(words[0]), int(words[1])), []).append(curve(points))
    paths = [found[edge].pop(0) for edge in edges]
    return Layout(width + 2 * MARGIN, height + 2 * MARGIN, centres, paths)


def curve(points: Sequence[Point]) -> str:
    """Bézier curves through every third of `points`."""
    (x, y), *rest = points
    return f"M{x:.0f} {y:.0f}C" + " ".join(f"{a:.0f} {b:.0f}" for a, b in rest)


def by_layers(widths: Sequence[float], edges: Sequence[Edge]) -> Layout:
    """The drawing that needs no other program."""
    columns = columns_of(len(widths), edges)
    chains, places = chains_of(columns, edges)
    layers: list[list[int]] = [[] for _ in range(max(columns, default=0) + 1)]
    for item, column in enumerate(places):
        layers[column].append(item)
    before: list[list[int]] = [[] for _ in places]
    after: list[list[int]] = [[] for _ in places]
    for chain in chains:
        for a, b in pairwise(chain):
            after[a].append(b)
            before[b].append(a)
    heights = [HEIGHT if i < len(widths) else 8.0 for i in range(len(places))]
    y = arrange(layers, before, after, heights)

    x, left = [0.0] * len(places), MARGIN
    for layer in layers:
        wide = max((widths[i] for i in layer if i < len(widths)), default=0.0)
        for i in layer:
            x[i] = left + wide / 2
        left += wide + BETWEEN_COLUMNS
    top = min((y[i] - heights[i] / 2 for i in range(len(y))), default=0.0)
    y = [v - top + MARGIN for v in y]
    height = max((y[i] + heights[i] / 2 for i in range(len(y))), default=0.0) + MARGIN
    seen: dict[Edge, int] = {}
    paths = []
    for edge, chain in zip(edges, chains, strict=True):
        shift = 10.0 * seen.get(edge, 0)
        seen[edge] = seen.get(edge, 0) + 1
        a, b = edge
        points = [(x[a] + widths[a] / 2, y[a] + shift), *((x[i], y[i]) for i in chain[1:-1])]
        paths.append(smooth([*points, (x[b] - widths[b] / 2, y[b] + shift)]))
    return Layout(left - BETWEEN_COLUMNS + MARGIN, height, [(x[i], y[i]) for i in range(len(widths))], paths)


def columns_of(count: int, edges: Sequence[Edge]) -> list[int]:
    """The column of each box: behind all that it needs; an input stands right before what first uses it."""
    columns = [0] * count
    for a, b in sorted(edges, key=lambda edge: edge[1]):
        columns[b] = max(columns[b], columns[a] + 1)
    inputs = set(range(count)) - {b for _, b in edges}
    for i in inputs:
        columns[i] = min((columns[b] - 1 for a, b in edges if a == i), default=0)
    return columns


def chains_of(columns: Sequence[int], edges: Sequence[Edge]) -> tuple[list[list[int]], list[int]]:
    """Each edge as a chain through all columns between its ends, and the column of every link."""
    places, chains = list(columns), []
    for a, b in edges:
        links = range(len(places), len(places) + columns[b] - columns[a] - 1)
        places += range(columns[a] + 1, columns[b])
        chains.append([a, *links, b])
    return chains, places


def arrange(
    layers: list[list[int]], before: list[list[int]], after: list[list[int]], heights: list[float]
) -> list[float]:
    """Order each column by the mean place of its neighbours, forward and back, and give the places."""
    y = [0.0] * len(heights)
    for layer in layers:
        stack(layer, y, [0.0] * len(layer), heights)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            wishes = []
            for i in layer:
                near = (before if forward else after)[i] or (after if forward else before)[i]
                wishes.append(sum(y[j] for j in near) / len(near) if near else y[i])
            order = sorted(range(len(layer)), key=lambda k: (wishes[k], y[layer[k]]))
            layer[:], wishes = [layer[k] for k in order], [wishes[k] for k in order]
            stack(layer, y, wishes, heights)
    return y


def stack(layer: Sequence[int], y: list[float], wishes: Sequence[float], heights: Sequence[float]) -> None:
    """Place a column as near to `wishes` as the heights allow: neighbours that would overlap share the difference."""
    blocks: list[tuple[list[int], float, float]] = []  # items, centre, height
    for i, wish in zip(layer, wishes, strict=True):
        items, centre, height = [i], wish, heights[i] + BETWEEN_ROWS
        while blocks and blocks[-1][1] + blocks[-1][2] / 2 > centre - height / 2:
            above, c, h = blocks.pop()
            n, m = len(above), len(items)
            middle = (n * (c + height / 2) + m * (centre - h / 2)) / (n + m)
            items, centre, height = above + items, middle, h + height
        blocks.append((items, centre, height))
    for items, centre, height in blocks:
        at = centre - height / 2
        for i in items:
            y[i] = at + (heights[i] + BETWEEN_ROWS) / 2
            at += heights[i] + BETWEEN_ROWS


def smooth(points: Sequence[Point]) -> str:
    """A curve that leaves and enters every point horizontally."""
    curves = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        curves += [(middle, y0), (middle, y1), (x1, y1)]
    return curve(curves)
