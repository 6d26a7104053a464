"""The command ``autograd-lite step``: backpropagation through an expression, step by step."""

from __future__ import annotations

import argparse
from typing import Any

from autograd_lite.cli.expressions import ExpressionError, add_expression_command, evaluate, values_of
from autograd_lite.stepthrough import step_through
from autograd_lite.support.atomic_write import check_writable

__all__ = ["add_step"]


def add_step(commands: Any) -> None:
    """Add the command to those of the parser."""
    add_expression_command(
        commands,
        "step",
        run_step,
        help='step through backpropagation: step "tanh(x*w + b)" x=2 w=-3 b=6.88 -o neuron.html',
        description="Step through backpropagation in an expression: each call, each rule in symbols and in numbers.",
        output=("FILE.html", "a page to click through; without it the steps are listed"),
    )


def run_step(options: argparse.Namespace) -> int:
    """Step through what the options ask for; gives the exit code."""
    if options.output is not None:
        check_writable(options.output)
    y = evaluate(options.expression, values_of(options.values))
    try:
        steps = step_through(y, title=options.expression)
        if options.output is None:
            print(steps)
            return 0
        steps.save(options.output)
    except ValueError as error:  # too many nodes, or a name that ends in something else
        raise ExpressionError(str(error)) from None
    print(f"saved to {options.output}")
    return 0
