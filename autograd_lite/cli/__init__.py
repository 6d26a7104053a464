"""The command `autograd-lite`."""

from autograd_lite.cli.command import main

__all__ = ["main"]
