"""The page of a drawing: it can be dragged and zoomed, modules fold and unfold by click, every array can be read."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from autograd_lite.drawing.array_cells import number, real
from autograd_lite.drawing.arrows import Array, Item
from autograd_lite.drawing.dot import described, dot_of
from autograd_lite.drawing.folding import Fold
from autograd_lite.drawing.graph_view import View
from autograd_lite.drawing.rendering import RenderError, render
from autograd_lite.drawing.shades import shown_node
from autograd_lite.support.colours import NEGATIVE, POSITIVE

MOST = 64 * 64  # numbers of an array that the page holds


@cache
def part(name: str) -> str:
    """A file that stands beside this one."""
    return files("autograd_lite.drawing").joinpath(name).read_text(encoding="utf-8")


def page(views: Mapping[str, View], title: str, legend: bool) -> str:
    """One self-contained page: the drawing of the first view, to which the others belong, each with one module open;
    where nothing can draw it, its text.
    """
    first = next(iter(views.values()))
    try:
        drawn = {path: svg_of(view, legend) for path, view in views.items()}
    except RenderError as error:
        text = f"<p>{html.escape(str(error))}</p>\n<pre>{html.escape(dot_of(first, legend))}</pre>"
        return filled({"title": html.escape(title), "drawing": text, "states": "", "program": ""})
    known = set(views)
    held = {
        path: f'data-path="{html.escape(path)}" data-boxes="{html.escape(boxes(views[path], known))}"' for path in views
    }
    states = "\n".join(f"<template {held[path]}>{svg}</template>" for path, svg in drawn.items())
    colours = json.dumps({"negative": NEGATIVE, "positive": POSITIVE})
    program = f"<script>\nconst COLOURS = {colours}\n{part('page.js')}</script>"
    parts = {"title": html.escape(title), "drawing": drawn[next(iter(drawn))], "states": states, "program": program}
    return filled(parts)


def filled(parts: Mapping[str, str]) -> str:
    """The page with its parts in it."""
    before, *rest = part("page.html").split("@@")
    return before + "".join(parts.get(piece, piece) for piece in rest)


def svg_of(view: View, legend: bool) -> str:
    """The picture of a view, without what stands before it in a file."""
    svg = render(dot_of(view, legend), "svg").decode()
    return svg[svg.index("<svg") :]


def boxes(view: View, paths: set[str]) -> str:
    """What the page knows of each box: its arrays, and the module that a click on it opens."""
    found = {}
    for i, item in enumerate(view.items):
        path = item.call.path if isinstance(item, Fold) and item.call else ""
        title = " ".join(filter(None, view.titles[item])) or view.roles[item]
        arrays = [[name, described(item), *in_text(values)] for name, values in arrays_of(item, view)]
        found[f"n{i}"] = {"title": title, "arrays": arrays, "opens": path if path in paths else ""}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def arrays_of(item: Item, view: View) -> Iterator[tuple[str, Any]]:
    """Value and gradient of a box, as far as it has them."""
    node = shown_node(item)
    if isinstance(item, Array):
        yield "value", item.value
    elif node is not None:
        yield "value", node.value
        if node in view.gradients:
            yield "grad", view.gradients[node]


def in_text(values: Any) -> tuple[int, list[str], list[float | None]]:
    """How long a row of an array is; its numbers in words; and as shares of the largest of them."""
    array = np.asarray(values)
    flat = array.ravel()[:MOST]
    numbers = real(flat)
    finite = np.isfinite(numbers)
    largest = float(np.abs(numbers[finite]).max(initial=0.0)) or 1.0
    shares = [round(v / largest, 3) if ok else None for v, ok in zip(numbers.tolist(), finite.tolist(), strict=True)]
    return (array.shape or (1,))[-1], [number(v, 6) for v in flat.tolist()], shares


def openable(view: View) -> list[str]:
    """The modules that are folded in a view."""
    calls = [item.call for item in view.items if isinstance(item, Fold) and item.call and not item.passes]
    return list(dict.fromkeys(call.path for call in calls))
