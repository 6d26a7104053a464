"""The command ``autograd-lite draw``: the graph of an expression as a picture."""

from __future__ import annotations

import argparse
from typing import Any

from autograd_lite.cli.expressions import ExpressionError, add_expression_command, evaluate, values_of
from autograd_lite.drawing import draw
from autograd_lite.support.atomic_write import check_writable

__all__ = ["add_draw"]


def add_draw(commands: Any) -> None:
    """Add the command to those of the parser."""
    add_expression_command(
        commands,
        "draw",
        run_draw,
        help='draw the graph of an expression: draw "tanh(x*w + b)" x=2 w=-3 b=6.88 -o neuron.svg',
        description="Draw the graph of an expression, with the value and the gradient of every part of it.",
        output=("FILE", ".svg, .png, .pdf, .html or .dot; without it the graph is listed"),
    )


def run_draw(options: argparse.Namespace) -> int:
    """Draw what the options ask for; gives the exit code."""
    if options.output is not None:
        check_writable(options.output)
    drawing = draw(evaluate(options.expression, values_of(options.values)))
    if options.output is None:
        print(drawing)
        return 0
    try:
        drawing.save(options.output)
    except ValueError as error:  # a name that ends in something else
        raise ExpressionError(str(error)) from None
    print(f"saved to {options.output}")
    return 0
