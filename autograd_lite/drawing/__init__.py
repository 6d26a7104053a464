"""Drawing: what a reader sees of the recorded graph."""

from autograd_lite.drawing.picture import Drawing, draw
from autograd_lite.drawing.rendering import RenderError

__all__ = ["Drawing", "RenderError", "draw"]
