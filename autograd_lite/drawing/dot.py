"""A view in DOT, graphviz's language."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.drawing.array_cells import NOT_ASKED, NOT_COMPUTED, cell, in_words, number, rms, small, text
from autograd_lite.drawing.arrows import Array, Arrow, Failure, Item
from autograd_lite.drawing.folding import Fold
from autograd_lite.drawing.graph_view import View, learned
from autograd_lite.drawing.legend import legend
from autograd_lite.drawing.modules import Scope, title
from autograd_lite.drawing.rolling import calls_of
from autograd_lite.drawing.shades import amount, nodes_of, shade
from autograd_lite.engine.graph import Node
from autograd_lite.support.colours import FAILED, FAINT, NOT_FINITE, ROLES, STRONG, blend, ink

DETAILED = 120  # boxes; in a larger picture heat maps could not be made out
DECADES = 3  # an arrow whose gradient is this many powers of ten below the largest has the faintest colour
PLAIN = "#999999"
HEAD = """digraph autograd_lite {{
  graph [rankdir={rankdir} bgcolor="white" fontname="Helvetica,Arial,sans-serif" fontsize=10 nodesep=0.2 ranksep=0.45]
  node [shape=plain fontname="Helvetica,Arial,sans-serif" fontsize=11]
  edge [fontname="Helvetica,Arial,sans-serif" fontsize=9 fontcolor="#555555" arrowsize=0.7]"""


class Layout(NamedTuple):
    """How boxes are set: with heat maps or without, and the gradient below an array or, in an upright graph, beside."""

    detailed: bool
    stacked: bool


def below(view: View, with_legend: bool) -> str:
    """What stands under the graph: what has to be said, and the legend."""
    notes = "".join(f'{text(line, 110)}<BR ALIGN="LEFT"/>' for note in view.notes for line in wrapped(note))
    cells = [notes] if notes else []
    cells += [legend(view)] if with_legend else []
    rows = "".join(f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{cell}</TD></TR>' for cell in cells)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def dot_of(view: View, with_legend: bool) -> str:
    """The text that graphviz draws: a table for each box, a cluster for each module that is left open."""
    identifiers = {item: f"n{i}" for i, item in enumerate(view.items)}
    rankdir = view.rankdir
    lines = [HEAD.format(rankdir=rankdir)]
    if view.notes or with_legend:
        lines.append(f"  label{'=' if view.notes else ' = '}<{below(view, with_legend)}> labelloc=b labeljust=l")
    lines += boxes(view, identifiers, Layout(len(view.items) <= DETAILED, rankdir in ("LR", "RL")))
    strengths = {arrow: strength(arrow, view) for arrow in view.arrows} if view.shows_gradients else {}
    largest = max((s for s in strengths.values() if s is not None and math.isfinite(s)), default=0.0)
    beside = "" if rankdir in ("LR", "RL") else " "  # else the label touches an upright arrow
    place = {item: i for i, item in enumerate(view.items)}
    for arrow in view.arrows:
        ends = f"{identifiers[arrow.source]} -> {identifiers[arrow.target]}"
        look = style(strengths[arrow], largest) if view.shows_gradients else f'color="{PLAIN}"'
        again = place[arrow.source] >= place[arrow.target]
        shape = np.shape(arrow.value)
        words = [shape_of(shape)] if shape else []
        words += ["to the next pass"] if again else []
        label = f' label="{beside}{" ".join(words)}"' if words else ""
        back = " constraint=false" if again else ""
        lines.append(f"  {ends} [{look}{label}{back}]")
    return "\n".join([*lines, "}", ""])


def boxes(view: View, identifiers: dict[Item, str], layout: Layout) -> list[str]:
    """The boxes, those of one module together in its cluster."""
    inside: dict[Scope, list[str]] = {(): []}
    crowd = Counter(scope[:n] for scope in view.scopes.values() for n in range(1, len(scope) + 1))
    for item, identifier in identifiers.items():
        scope = view.scopes.get(item, ())
        while isinstance(item, Fold) and scope and crowd[scope] == 1:
            scope = scope[:-1]  # a frame around a single box would say nothing
        for n in range(1, len(scope) + 1):
            inside.setdefault(scope[:n], [])
        words = text(" ".join(filter(None, (*view.titles[item], described(item), *where(item, view)))), 200)
        inside[scope].append(f'  {identifier} [tooltip="{words}" label=<{table(item, view, layout)}>]')
    for calls in calls_of(view.items):
        inside[view.scopes[calls[0]]].append(f"  {{ rank=same; {' '.join(identifiers[call] for call in calls)} }}")
    lines = inside.pop(())

    def cluster(scope: Scope) -> list[str]:
        children = [other for other in inside if len(other) == len(scope) + 1 and other[: len(scope)] == scope]
        name = text(title(scope[-1], view.times))
        look = 'labelloc=b labeljust=l style="rounded" color="#b9a9d9" fontcolor="#5b4a86"'
        numbered = list(inside).index(scope)
        head = f'  subgraph cluster_{numbered} {{ label="{name}" tooltip="{name}" {look}'
        return [head, *inside[scope], *(line for child in children for line in cluster(child)), "  }"]

    return lines + [line for scope in list(inside) if len(scope) == 1 for line in cluster(scope)]


def table(item: Item, view: View, layout: Layout) -> str:
    """The label of a box: what it is, shape and dtype, value and gradient."""
    role = view.roles[item]
    name, made = view.titles[item]
    parts = [f"<B>{text(name)}</B>"] if name else []
    parts += [text(made) if name or made != "array" else f"<B>{made}</B>"] if made else []
    header = "&nbsp; ".join(parts) or f"<B>{role}</B>"
    size = described(item)
    fill, amounts = ROLES[role], []
    if item in view.amounts:
        amounts, fill = [view.amounts[item][0]], shade(view.amounts[item][1])
    for words in filter(None, [size, *amounts]):  # graphviz takes no empty font
        header += f"<BR/>{small(text(words), '#555555' if ink(fill) == '#000000' else '#ffffff')}"
    header = f'<TD COLSPAN="2" BGCOLOR="{fill}">{in_ink(header, ink(fill))}</TD>'
    if isinstance(item, Failure):
        body = f'<TR><TD COLSPAN="2" BALIGN="LEFT">{failure_lines(item)}</TD></TR>'
    else:
        body = fold_rows(item, view, layout) if isinstance(item, Fold) else rows(item, item.value, view, layout)
    edge = f'4" COLOR="{FAILED}' if item is view.failed else '1" COLOR="#777777'
    border = f'BORDER="0" CELLBORDER="{edge}" CELLSPACING="0" CELLPADDING="4" BGCOLOR="white"'
    return f"<TABLE {border}><TR>{header}</TR>{body}</TABLE>"


def in_ink(words: str, colour: str) -> str:
    """Words in another colour than black."""
    return words if colour == "#000000" else f'<FONT COLOR="{colour}">{words}</FONT>'


def failure_lines(failure: Failure) -> str:
    """What an error said, and the shapes that it was about."""
    said = [line for part in failure.words.splitlines() for line in textwrap.wrap(part, 48)]
    shapes = [f"{name}: {shape_of(np.shape(getattr(a, 'value', a)))}" for name, a in failure.given.items()]
    return "<BR/>".join([*(text(line) for line in said), *(f"<B>{text(line)}</B>" for line in shapes)])


def where(item: Item, view: View) -> list[str]:
    """The user's line, and the memory of a box, for who asks."""
    nodes = nodes_of(item)
    lines = dict.fromkeys(view.lines[node] for node in nodes if node in view.lines)
    return [*list(lines)[-1:], amount(sum(node.value.nbytes for node in nodes), "bytes")] if nodes else []


def rows(source: Node | Array, value: Any, view: View, layout: Layout) -> str:
    """Value and gradient, one beside the other or, to keep a graph of arrays from left to right short, below it."""
    shown = [cell("value", value, layout.detailed)]
    gradient = view.gradients.get(source) if isinstance(source, Node) else None
    shown += [cell("grad", gradient, layout.detailed, missing(source, view))] if view.shows_gradients else []
    if len(shown) == 2 and layout.stacked and np.size(value) > 1:
        return "".join(f'<TR><TD COLSPAN="2">{inner}</TD></TR>' for inner in shown)
    span = ' COLSPAN="2"' if len(shown) == 1 else ""
    return f"<TR>{''.join(f'<TD{span}>{inner}</TD>' for inner in shown)}</TR>"


def missing(source: Item, view: View) -> str:
    """Why a box has no gradient."""
    return NOT_ASKED if source in view.unasked or (view.unasked and isinstance(source, Array)) else NOT_COMPUTED


def fold_rows(fold: Fold, view: View, layout: Layout) -> str:
    """What a folded module shows: how much it has to learn, how large the gradient of that is, and its output."""
    if not shows_output(fold):
        return ""
    output = fold.outputs[-1]
    gradients = [view.gradients[node] for node in fold.members if node.function is None and node in view.gradients]
    body = rows(output, output.value, view, layout)
    if fold.passes:
        body += f'<TR><TD COLSPAN="2">{small(f"the last of {len(fold.units):,} passes", "#000000")}</TD></TR>'
    if (fold.label or (fold.call and not fold.call.function)) and (count := learned(fold, view.parameters)):
        words = f"{count:,} parameter{'s' * (count > 1)}" + used_again(fold, view)
        if gradients:
            norm = math.sqrt(sum((rms(g) ** 2) * np.size(g) for g in gradients))
            words += f"<BR/>norm of their grad {number(norm)}"
        body += f'<TR><TD COLSPAN="2">{small(words, "#000000")}</TD></TR>'
    return body


def shows_output(fold: Fold) -> bool:
    """Whether a box has the output of a call to show, or of the last pass of a loop."""
    return bool((fold.call or fold.passes or fold.label) and fold.outputs)


def used_again(fold: Fold, view: View) -> str:
    """How often the parameters of a module are used, if more than once."""
    times = view.times.get(fold.call.path, 1) if fold.call else 1
    return f", used {times:,} times" if times > 1 else ""


def described(item: Item) -> str:
    """Shape and dtype."""
    if isinstance(item, Failure):
        return ""
    if isinstance(item, Fold):
        outputs = [item.outputs[-1].value] if shows_output(item) else []
        return "".join(f"{shape_of(value.shape)} {value.dtype}" for value in outputs)
    return f"{shape_of(item.value.shape)} {item.value.dtype}"


def shape_of(shape: tuple[int, ...]) -> str:
    """A shape in words."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})" if shape else "scalar"


def strength(arrow: Arrow, view: View) -> float | None:
    """How strongly the result depends on a use: the magnitude of what flows back through it; None: nothing does."""
    return None if arrow.flow is None else rms(arrow.flow)


def style(strength: float | None, largest: float) -> str:
    """The look of an arrow: the darker and wider the larger the gradient, dashed where there is none."""
    if strength is None:
        return f'color="{PLAIN}" style=dashed'
    if not math.isfinite(strength):
        return f'color="{NOT_FINITE}" penwidth=3'
    if not strength:
        return f'color="{PLAIN}" penwidth=0.8'
    t = min(max(1 + math.log10(strength / largest) / DECADES, 0.0), 1.0) if largest else 0.0
    return f'color="{blend(FAINT, STRONG, t)}" penwidth={1 + 1.6 * t:.2g}'


def wrapped(note: str, width: int = 100) -> list[str]:
    """A note in lines of about the same length, at most `width` characters where its words allow."""
    length = len(note) // math.ceil(len(note) / width) + 12
    return textwrap.wrap(note, min(length, width), break_long_words=False, break_on_hyphens=False)


def listing(view: View, most: int = 40) -> str:
    """The graph as a table in plain text, for where there are no pictures."""
    rows = [("", "role", "shape and dtype", "value", "gradient")]
    left_out = len(view.items) - most
    items = view.items if left_out <= 0 else view.items[: most // 2] + view.items[-most // 2 :]
    for item in items:
        name, made = view.titles[item]
        rows.append((" = ".join(filter(None, (name, made))), view.roles[item], described(item), *shown(item, view)))
    if left_out > 0:
        rows.insert(most // 2 + 1, (f"… {left_out:,} more …", "", "", "", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(5 if view.shows_gradients else 4)]
    lines = ["   ".join(part.ljust(width) for part, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    return "\n".join([*lines, *view.notes])


def shown(item: Item, view: View) -> tuple[str, str]:
    """Value and gradient of a box in words."""
    if isinstance(item, Failure):
        return item.words, ""
    if isinstance(item, Array):
        return in_words(item.value), missing(item, view)
    node: Any = item.outputs[-1] if isinstance(item, Fold) and shows_output(item) else item
    if isinstance(node, Fold):
        return "", ""
    return in_words(node.value), in_words(view.gradients.get(node), missing(node, view))
