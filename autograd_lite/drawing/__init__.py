"""Drawing: the recorded graph as text for graphviz."""

from autograd_lite.drawing.dot import to_dot

__all__ = ["to_dot"]
