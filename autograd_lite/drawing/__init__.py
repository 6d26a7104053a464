"""Drawing: what a reader sees of the recorded graph."""

from autograd_lite.drawing.picture import Drawing, draw
from autograd_lite.drawing.rendering import RenderError
from autograd_lite.drawing.steps import StepThrough, step_through

__all__ = ["Drawing", "RenderError", "StepThrough", "draw", "step_through"]
