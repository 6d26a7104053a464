"""From DOT to a picture: by graphviz's own program, or by the engine that pygraphviz brings along."""

from __future__ import annotations

import html
import importlib
import shutil
import subprocess
from typing import Any

SECONDS = 120  # after which a layout is given up
INSTALL = "install Graphviz (apt install graphviz, brew install graphviz) or its engine (pip install pygraphviz)"


class RenderError(RuntimeError):
    """A picture could not be made; the message says what to do about it."""


def render(source: str, format: str) -> bytes:
    """Draw DOT text.

    Parameters
    ----------
    source : str
    format : str
        One that graphviz knows: ``"svg"``, ``"png"``, ``"pdf"``.

    Raises
    ------
    RenderError
        If neither ``dot`` nor pygraphviz is installed, or the layout fails or takes longer than two minutes.
    """
    settings = "-Gdpi=144" if format == "png" else ""
    if (dot := shutil.which("dot")) is None:
        return render_by_pygraphviz(source, format, settings)
    command = [dot, f"-T{format}", *settings.split()]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"the layout was given up after {SECONDS} s: draw less, with collapse='module' or a smaller max_nodes="
        ) from None
    except OSError as error:
        raise RenderError(f"{dot} cannot be run: {error}") from None
    if done.returncode or not done.stdout:
        raise RenderError(f"dot cannot draw this: {done.stderr.decode(errors='replace').strip() or 'it says nothing'}")
    return done.stdout


def render_by_pygraphviz(source: str, format: str, settings: str) -> bytes:
    """Draw with the libraries in pygraphviz, which need no program."""
    try:
        pygraphviz: Any = importlib.import_module("pygraphviz")
    except ImportError:
        raise RenderError(f"there is nothing to draw with: {INSTALL}; .dot and .html files need neither") from None
    try:
        drawn = pygraphviz.AGraph(string=source).draw(format=format, prog="dot", args=settings)
    except Exception as error:
        raise RenderError(f"pygraphviz cannot draw this: {error}") from None
    return bytes(drawn)


def page(source: str, title: str) -> str:
    """One self-contained page: the drawing, which can be dragged and zoomed; its text where nothing can draw it."""
    try:
        svg = render(source, "svg").decode()
    except RenderError as error:
        drawing = f"<p>{html.escape(str(error))}</p>\n<pre>{html.escape(source)}</pre>"
        return PAGE.format(title=html.escape(title), drawing=drawing, script="")
    return PAGE.format(title=html.escape(title), drawing=svg[svg.index("<svg") :], script=SCRIPT)


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ margin: 0; background: white; color: black; font-family: sans-serif }}
svg {{ display: block; width: 100vw; height: 100vh; cursor: grab; touch-action: none }}
p, pre {{ margin: 1em }}
</style>
</head>
<body>
{drawing}
{script}</body>
</html>
"""
SCRIPT = """<script>
// Drag or press arrows to move, turn the wheel, spread two fingers or press + and - to zoom, click twice or 0 for all.
const svg = document.querySelector("svg"), view = svg.viewBox.baseVal
const all = [view.x, view.y, view.width, view.height]
const show = (x, y, w, h) => svg.setAttribute("viewBox", [x, y, w, h].join(" "))
const at = e => new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse())
const zoom = (k, p) => show(p.x + (view.x - p.x) * k, p.y + (view.y - p.y) * k, view.width * k, view.height * k)
const move = (x, y) => show(view.x + x, view.y + y, view.width, view.height)
const held = new Map()
svg.onpointerdown = e => { held.set(e.pointerId, e); svg.setPointerCapture(e.pointerId) }
svg.onpointerup = svg.onpointercancel = e => held.delete(e.pointerId)
svg.onpointermove = e => {
  const before = held.get(e.pointerId)
  if (!before) return
  held.set(e.pointerId, e)
  const other = [...held.values()].find(o => o !== e), a = at(before), b = at(e)
  if (!other) return move(a.x - b.x, a.y - b.y)
  const far = o => Math.hypot(o.clientX - other.clientX, o.clientY - other.clientY) || 1
  zoom(far(before) / far(e), at(other))
}
svg.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(e.deltaY / 500), at(e)) }, { passive: false })
svg.ondblclick = () => show(...all)
const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 })
const keys = {
  "+": () => zoom(0.8, middle()), "=": () => zoom(0.8, middle()), "-": () => zoom(1.25, middle()), 0: svg.ondblclick,
  ArrowLeft: () => move(-view.width / 10, 0), ArrowRight: () => move(view.width / 10, 0),
  ArrowUp: () => move(0, -view.height / 10), ArrowDown: () => move(0, view.height / 10),
}
document.onkeydown = e => {
  if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return
  e.preventDefault()
  keys[e.key]()
}
</script>
"""
