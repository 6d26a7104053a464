"""The page of a step-through: one file with its drawing, its style, its program and its data inside."""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from autograd_lite.drawing.array_cells import blocks, largest, number, shares, shown_shape
from autograd_lite.engine.graph import Node
from autograd_lite.rules.elementwise import power_of_constant
from autograd_lite.rules.operators import PREFIXES, SIGNS
from autograd_lite.stepthrough.layout import HEIGHT, Layout, layout
from autograd_lite.stepthrough.narration import Contribution, Step, Story, value
from autograd_lite.stepthrough.rule_formulas import Formula, is_number

ROWS, COLUMNS, VECTOR = 6, 6, 8  # what is shown number by number
TILES = 12, 24  # down and across the tiny map of a larger array
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" '
    'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
)
SHOWN = {"*": "×", "/": "÷", "-": "−", "**": "^"}


@cache
def part(name: str) -> str:
    """A file that stands beside this one."""
    return files("autograd_lite.stepthrough").joinpath(name).read_text(encoding="utf-8")


def page(story: Story) -> str:
    """The whole page."""
    data = Data(story)
    parts = {
        "title": html.escape(story.title),
        "style": part("page.css"),
        "graph": drawing(story, data),
        "program": part("page.js"),
        "data": data.text(),
    }
    before, *rest = part("page.html").split("@@")
    return before + "".join(parts.get(piece, piece) for piece in rest)


class Data:
    """What the page's program reads: every array once, as text ready to be shown."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.pool: dict[str, int] = {}
        self.edges = [
            (number_of, i, position)
            for i, node in enumerate(story.nodes)
            if type(node) is Node
            for position, a in enumerate(node.args)
            if (number_of := story.number.get(id(a))) is not None
        ]
        self.content = {
            "title": story.title,
            "root": story.names[story.number[id(story.root)]],
            "nodes": [self.node(i) for i in range(len(story.nodes))],
            "steps": [self.step(step) for step in story.steps],
            "checks": {i: [self.check(c) for c in found] for i, found in story.checks.items()},
            "optimizer": story.optimizer,
            "rule": story.rule,
            "updates": [
                [u.node, *map(self.add, (u.before, u.gradient, np.subtract(u.after, u.before), u.after)), u.numbers]
                for u in story.updates
            ],
        }

    def text(self) -> str:
        """As JSON that can stand in a script element."""
        pool = [json.loads(text) for text in self.pool]
        text = json.dumps({**self.content, "pool": pool}, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def add(self, a: Any) -> int:
        """Where a value stands in the pool."""
        return self.pool.setdefault(json.dumps(presented(a), ensure_ascii=False), len(self.pool))

    def node(self, i: int) -> dict[str, Any]:
        """A node."""
        node = self.story.nodes[i]
        array = np.asarray(value(node))
        return {
            "name": self.story.names[i],
            "role": role(node, self.story.root),
            "shape": str(array.shape),
            "dtype": str(array.dtype),
            "value": self.add(value(node)),
            "line": self.story.line_of(i),
        }

    def formula(self, formula: Formula | None) -> dict[str, Any]:
        """A formula; what its names stand for is needed only where the numbers do not fit into one line."""
        if formula is None:
            return {}
        operands = [] if formula.numbers else [[name, self.operand(v)] for name, v in formula.operands.items()]
        return {**formula._asdict(), "operands": operands}

    def operand(self, a: Any) -> Any:
        """What a name in a formula stands for: a place in the pool, or words."""
        return self.add(a) if isinstance(a, np.ndarray) or is_number(a) else repr(a)[:60]

    def step(self, step: Step) -> dict[str, Any]:
        """A step."""
        return {
            "phase": step.phase,
            "node": step.node,
            "words": step.words,
            **self.formula(step.formula),
            **({"gradient": self.add(step.gradient)} if step.gradient is not None else {}),
            **({"hooked": True} if step.hooked else {}),
            **({"letters": step.letters} if step.letters else {}),
            **({"parts": [self.contribution(c) for c in step.contributions]} if step.contributions else {}),
        }

    def contribution(self, c: Contribution) -> dict[str, Any]:
        """What goes to one argument."""
        summed = {"raw": self.add(c.raw), "axes": list(c.axes)} if c.axes else {}
        return {
            "to": c.to,
            "position": c.position,
            "value": self.add(c.value),
            "total": self.add(c.total),
            "earlier": c.earlier,
            "complete": c.complete,
            **summed,
            **self.formula(c.formula),
        }

    def check(self, c: Any) -> list[Any]:
        """An element's gradient beside its difference."""
        where = f"[{', '.join(map(str, c.place))}]" if c.place else ""
        return [where, f"{c.gradient:.6g}", f"{c.difference:.6g}", c.agrees]


def presented(a: Any) -> Any:
    """A value as the page shows it: a number; a small array with all numbers; of others the range and a tiny map."""
    if is_number(a):
        return number(a[()] if isinstance(a, np.ndarray) else a)
    array = np.asarray(a)
    size = "×".join(map(str, array.shape))
    if array.size == 0:
        return {"short": size, "facts": "empty"}
    norm = f"‖{number(float(np.linalg.norm(array.ravel())), 3)}‖" if array.dtype.kind in "fc" else size
    if array.ndim == 1 and array.size <= VECTOR:
        return {"short": norm, "rows": [[number(v, 3) for v in array]]}
    if array.ndim == 2 and array.shape[0] <= ROWS and array.shape[1] <= COLUMNS:
        return {"short": norm, "rows": [[number(v, 3) for v in line] for line in array]}
    real = array.real if array.dtype.kind in "fc" else array.astype(float)
    size = shown_shape(real, *TILES) or size
    facts = f"{size} · min {number(real.min())} · mean {number(real.mean())} · max {number(real.max())}"
    return {"short": norm, "facts": facts, "map": tiny_map(real)}


def tiny_map(array: Any) -> list[list[Any]]:
    """An array as a few tiles, each with the largest of a block in tenths of the largest of all, or with the two of
    both signs; None is not finite.
    """
    low, high = blocks(array, *TILES)
    scale = largest(array)
    pairs = [zip(*ends, strict=True) for ends in zip(low.tolist(), high.tolist(), strict=True)]
    return [[tile(shares(a, b, scale)) for a, b in row] for row in pairs]


def tile(parts: tuple[float, ...]) -> Any:
    """One tile for the page's program."""
    levels = [round(10 * v) if np.isfinite(v) else None for v in parts]
    return levels[0] if len(levels) == 1 else levels


def role(node: Any, root: Node) -> str:
    """What part a node plays."""
    if node is root:
        return "output"
    if type(node) is not Node or not node.needs_grad:
        return "constant"
    return "parameter" if node.function is None else "interior"


# The drawing.


def operation(node: Any) -> str:
    """What made a node, in a word or a sign."""
    if type(node) is not Node or node.function is None:
        return ""
    named = getattr(node.kwargs.get("call"), "name", None)
    sign = SIGNS.get(node.function) or PREFIXES.get(node.function)
    if node.function is power_of_constant:
        return f"^{number(node.kwargs.get('exponent', 1))}"
    return named or (SHOWN.get(sign, sign) if sign else node.function.__name__)


def clipped(text: str, length: int = 22) -> str:
    """A text that fits into a box."""
    return text if len(text) <= length else text[: length - 1] + "…"


def short(a: Any) -> str:
    """A value in few characters."""
    shape = np.shape(a)
    return number(np.asarray(a)[()]) if shape == () else "×".join(map(str, shape))


def drawing(story: Story, data: Data) -> str:
    """The graph as SVG; what changes from step to step is left to the page's program."""
    titles = [(clipped(story.names[i]), clipped(operation(node), 16)) for i, node in enumerate(story.nodes)]
    widths = []
    for node, (name, made) in zip(story.nodes, titles, strict=True):
        gradient = presented(story.gradients.get(node, 0.0) if type(node) is Node else 0.0)
        texts = [short(value(node)), gradient if isinstance(gradient, str) else gradient["short"]]
        widths.append(max(112.0, 8.5 * len(name) + 7.9 * len(made) + 34, 2 * (7.4 * max(map(len, texts)) + 16)))
    found = layout(widths, [(a, b) for a, b, _ in data.edges])
    lines = [
        f'<svg id="graph" viewBox="0 0 {found.width:.0f} {found.height:.0f}" data-width="{found.width:.0f}" '
        f'data-height="{found.height:.0f}" role="group" aria-label="The graph">',
        TIP,
    ]
    for (a, b, position), path in zip(data.edges, found.paths, strict=True):
        lines.append(f'<path class="edge" data-edge="{a}-{b}-{position}" d="{path}" marker-end="url(#tip)"/>')
    lines += [box(story, i, titles[i], widths[i], found) for i in range(len(titles))]
    return "\n".join([*lines, "</svg>"])


def box(story: Story, i: int, title: tuple[str, str], width: float, found: Layout) -> str:
    """One node: its name and what made it; below, its value on the left and its gradient on the right."""
    (x, y), node = found.centres[i], story.nodes[i]
    name, made = map(html.escape, title)
    known = html.escape(short(value(node)))
    label = html.escape(f"{story.names[i]}, {operation(node) or role(node, story.root)}: go to its step", quote=True)
    left, top, middle = x - width / 2, y - HEIGHT / 2, y + 1
    return (
        f'<g class="node {role(node, story.root)}" data-node="{i}" tabindex="0" role="button" aria-label="{label}">'
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" rx="9"/>'
        f'<path class="rule" d="M{left:.1f} {middle:.1f}h{width:.1f}M{x:.1f} {middle:.1f}V{top + HEIGHT:.1f}"/>'
        f'<text class="title" x="{x:.1f}" y="{top + 18:.1f}">{name}'
        + (f'<tspan class="made" dx="3"> {made}</tspan>' if made else "")
        + f'</text> <text class="value" x="{x - width / 4:.1f}" y="{top + 42:.1f}">{known}</text> '
        f'<text class="grad" x="{x + width / 4:.1f}" y="{top + 42:.1f}"></text></g>'
    )
