"""The playground: a page on which networks learn in front of your eyes, trained by this engine."""

from autograd_lite.playground.server import play

__all__ = ["play"]
