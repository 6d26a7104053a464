"""From DOT to a picture: by graphviz's own program, or by the engine that pygraphviz brings along."""

from __future__ import annotations

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
