"""Expressions on the command line: ``tanh(x*w + b)``, computed without running anything that could be code.

The text is parsed with `ast`. What may occur in it are names that were given values, numbers, arithmetic and the
functions in `FUNCTIONS`; anything else is refused. A command that works on an expression is made like `draw`'s: call
`evaluate` with the text and what `values_of` made of the ``name=value`` arguments, and let `ExpressionError` go, which
`main` reports in one line.
"""

from __future__ import annotations

import argparse
import ast
import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.rules import neural
from autograd_lite.rules.operators import OPERATORS
from autograd_lite.rules.reductions import logsumexp
from autograd_lite.tensor.tensor import Tensor

__all__ = ["FUNCTIONS", "ExpressionError", "add_expression_command", "evaluate", "values_of"]

NAMES = (
    "absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt cos cosh dot exp exp2 expm1 hypot log log10"
    " log1p log2 logaddexp matmul max maximum mean min minimum outer prod sin sinh sqrt square std sum tan tanh"
    " transpose var"
)
OURS = (neural.elu, neural.leaky_relu, neural.relu, neural.sigmoid, neural.softmax, neural.softplus, logsumexp)
FUNCTIONS: dict[str, Callable[..., Any]] = (
    {name: getattr(np, name) for name in NAMES.split()} | {f.__name__: f for f in OURS} | {"abs": np.absolute}
)
CONSTANTS = {"pi": np.pi, "e": np.e}
ALLOWED = ("add", "sub", "mul", "truediv", "pow", "matmul", "neg", "pos")
READ: dict[type, Callable[..., Any]] = {op.syntax: op.python for op in OPERATORS if op.name in ALLOWED}
LONGEST_NAME = 30  # characters of a part of the expression that names its value
LONGEST_TEXT = 10_000


class ExpressionError(ValueError):
    """An expression, or a value for it, that is not understood; the message is one line and says which part."""


def evaluate(text: str, values: Mapping[str, Any]) -> Tensor:
    """Compute an expression; every value in it is called what the expression calls it.

    Parameters
    ----------
    text : str
        Names, numbers, ``+ - * / ** @``, parentheses and the functions in `FUNCTIONS`; ``pi`` and ``e`` are known.
    values : mapping of str to Tensor or array_like
        What the names stand for; what is no tensor becomes a float64 leaf that requires a gradient.

    Returns
    -------
    Tensor
        With its history: ready to draw, to step through, to call ``backward`` on.

    Raises
    ------
    ExpressionError
        If the text is no such expression, a name has no value or a value is not used, or NumPy cannot compute it.

    Examples
    --------
    >>> y = evaluate("tanh(x*w + b)", {"x": 2.0, "w": -3.0, "b": 6.8813735870195432})
    >>> print(f"{y:.4f}")
    0.7071
    >>> evaluate("__import__('os')", {})
    Traceback (most recent call last):
    autograd_lite.cli.expressions.ExpressionError: there is no function '__import__' here: known are abs, ...
    """
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(f"an expression of {len(text):,} characters is too long: at most {LONGEST_TEXT:,}")
    if "\0" in text:  # early versions of Python 3.11 raise another error for it
        raise ExpressionError(f"{text!r:.60} is no expression: it contains a null character")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        leaves = {name: leaf(name, value) for name, value in values.items()}
        with np.errstate(all="ignore"):
            result = compute(tree, leaves)
    except SyntaxError as error:
        raise ExpressionError(f"{text!r:.60} is no expression: {error.msg} at character {error.offset}") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply") from None
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for name in values:
        if name not in used:
            raise ExpressionError(f"{name} has a value, but {text!r:.60} does not contain it")
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise ExpressionError(f"{text!r} depends on no value: use a name and give it one, such as x*2 with x=3")
    return result


def leaf(name: str, value: Any) -> Tensor:
    """A value under its name."""
    if isinstance(value, Tensor):
        return value
    try:
        tensor = Tensor(value, np.float64, requires_grad=True, name=name)
    except (TypeError, ValueError, OverflowError):
        raise ExpressionError(f"{name}={value!r:.60} is neither a number nor a list of numbers") from None
    if not tensor.size:
        raise ExpressionError(f"{name} is empty: give it a number")
    return tensor


def compute(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a part of an expression: a tensor or, of numbers alone, a number."""
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
        return number(tree)
    if isinstance(tree, ast.Name):
        if tree.id in values:
            return values[tree.id]
        if tree.id in CONSTANTS:
            return CONSTANTS[tree.id]
        raise ExpressionError(f"{tree.id} has no value: add {tree.id}=1.5, or another number")
    if isinstance(tree, ast.BinOp) and type(tree.op) in READ:
        return call(tree, READ[type(tree.op)], compute(tree.left, values), compute(tree.right, values))
    if isinstance(tree, ast.UnaryOp) and type(tree.op) in READ:
        return call(tree, READ[type(tree.op)], compute(tree.operand, values))
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
        if tree.func.id not in FUNCTIONS:
            near = difflib.get_close_matches(tree.func.id, FUNCTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(FUNCTIONS))}"
            raise ExpressionError(f"there is no function {tree.func.id!r} here: {hint}")
        function = FUNCTIONS[tree.func.id]
        check_count(tree, function)
        return call(tree, function, *(compute(a, values) for a in tree.args))
    words = ast.unparse(tree)
    hint = " (a power is written **)" if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitXor) else ""
    raise ExpressionError(f"{words!r:.60} is not allowed: only names, numbers, + - * / ** @ and functions are{hint}")


def check_count(tree: ast.Call, function: Callable[..., Any]) -> None:
    """Refuse arguments that are too few or too many for what NumPy computes elementwise, or for max and min."""
    given, of_two = len(tree.args), {np.max: "maximum", np.min: "minimum"}.get(function)
    taken = 1 if of_two else getattr(function, "nin", given)
    if given != taken:
        takes = f"it takes {taken} argument{'s' * (taken > 1)}, not {given}"
        hint = f"; of two values there is {of_two}" if of_two else ""
        raise ExpressionError(f"cannot compute {ast.unparse(tree):.60}: {takes}{hint}")


def number(tree: ast.Constant) -> float:
    """A number, as a float: powers of integers could take forever."""
    try:
        return float(tree.value)  # type: ignore[arg-type]
    except OverflowError:
        raise ExpressionError("a number in the expression is too large for a float") from None


def call(tree: ast.expr, function: Callable[..., Any], *arguments: Any) -> Any:
    """Compute a call and name its result after its text."""
    words = ast.unparse(tree)
    try:
        result = function(*arguments)
    except OverflowError:
        raise ExpressionError(f"cannot compute {words:.60}: the result is too large for a float") from None
    except (ArithmeticError, ValueError, TypeError, NotImplementedError, MemoryError) as error:
        raise ExpressionError(f"cannot compute {words:.60}: {error}") from None
    if isinstance(result, Tensor) and not result.is_leaf and result.name is None and len(words) <= LONGEST_NAME:
        result.name = words
    return result


def values_of(arguments: Iterable[str]) -> dict[str, Any]:
    """The values that ``x=2`` and ``w=[1,-2.5]`` give.

    Raises
    ------
    ExpressionError
        If an argument is not of this form, or a name comes twice.

    Examples
    --------
    >>> values_of(["x=2", "w=[1, -2.5]"])
    {'x': 2, 'w': [1, -2.5]}
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier() or not text.strip():
            raise ExpressionError(f"{argument!r} gives no name a value: write x=2")
        if name in values:
            raise ExpressionError(f"{name} is given twice")
        if name in FUNCTIONS:
            raise ExpressionError(f"{name} is the name of a function: choose another")
        try:
            values[name] = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            raise ExpressionError(f"{argument!r:.60}: {text!r:.40} is neither a number nor a list of numbers") from None
        leaf(name, values[name])
    return values


def add_expression_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    help: str,
    description: str,
    output: tuple[str, str],
) -> None:
    """Add a command on an expression and its values; `output` is what stands for its file, and the help for it."""
    metavar, explained = output
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=description)
    parser.set_defaults(command=run)
    parser.add_argument(
        "expression", help='names, numbers, arithmetic and functions: "tanh(x*w + b)"; one that begins with - after --'
    )
    parser.add_argument("values", nargs="*", metavar="NAME=VALUE", help="a number, or a list such as [1,2]")
    parser.add_argument("-o", "--output", type=Path, metavar=metavar, help=explained)
