"""Calls and gradient rules in symbols and in numbers, for the step-through.

A rule is an expression in the source of `rules/`, so its text is the formula. It is found by the positions that Python
keeps with compiled code; of a rule with branches, the one that these arguments take.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.drawing.array_cells import argument, number
from autograd_lite.engine.warnings import LIBRARIES
from autograd_lite.rules.elementwise import power_of_constant
from autograd_lite.rules.indexing import get_item
from autograd_lite.rules.operators import PREFIXES, SIGNS

Definition = ast.Lambda | ast.FunctionDef


class Formula(NamedTuple):
    """A formula: in symbols, in numbers where all are numbers ("" otherwise), what its symbols stand for, remarks."""

    symbols: str
    numbers: str
    operands: dict[str, Any]
    remarks: list[str]


def is_number(value: Any) -> bool:
    """Whether a value can stand in a line of text."""
    return isinstance(value, bool | int | float | complex | np.generic) or getattr(value, "shape", None) == ()


# The source of a rule.


@functools.lru_cache(maxsize=64)
def definitions(text: str) -> tuple[Definition, ...]:
    """Every function in the text of a file."""
    return tuple(node for node in ast.walk(ast.parse(text)) if isinstance(node, Definition))


def definition(function: Any) -> Definition | None:
    """The definition of `function`; None where its source is not to be had."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    try:
        found = definitions("".join(inspect.findsource(function)[0]))
    except (OSError, TypeError, SyntaxError):
        return None
    if code.co_name == "<lambda>":
        return min((node for node in found if holds(node, code)), key=lambda node: len(ast.dump(node)), default=None)
    for node in found:
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if first == code.co_firstlineno:
                return node
    return None


def holds(node: Definition, code: CodeType) -> bool:
    """Whether all of the compiled `code` comes from the body of a lambda."""
    if not isinstance(node, ast.Lambda) or node.lineno != code.co_firstlineno:
        return False
    body = node.body
    first, last = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    places = [place for place in code.co_positions() if None not in place and place[2:] != (0, 0)]
    return all(first <= (start, left) and (end, right) <= last for start, end, left, right in places)


def ours(function: Any) -> bool:
    """Whether a function is this package's own, whose branches may be looked into."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith(LIBRARIES[0])


def evaluated(expression: ast.expr, function: Any, known: Mapping[str, Any]) -> Any:
    """What an expression in the source of a function of ours is worth."""
    code = compile(ast.fix_missing_locations(ast.Expression(expression)), "<rule>", "eval")
    return eval(code, function.__globals__, dict(known))


def taken(function: Any, known: Mapping[str, Any]) -> ast.expr | None:
    """The expression that `function` gives for the arguments in `known`; None if it takes more than branches."""
    node = definition(function)
    if node is None or isinstance(node, ast.Lambda):
        return node and chosen(node.body, function, known)
    waiting = list(node.body)
    while waiting:
        statement = waiting.pop(0)
        if isinstance(statement, ast.Return):
            return statement.value and chosen(statement.value, function, known)
        if isinstance(statement, ast.If) and ours(function):
            waiting[:0] = statement.body if evaluated(statement.test, function, known) else statement.orelse
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            return None
    return None


def chosen(expression: ast.expr, function: Any, known: Mapping[str, Any]) -> ast.expr:
    """An expression without the branches that are not taken."""
    while isinstance(expression, ast.IfExp) and ours(function):
        expression = expression.body if evaluated(expression.test, function, known) else expression.orelse
    return expression


# Putting things in the places of names.


class Replace(ast.NodeTransformer):
    """Puts expressions, or words for values, in the places of names."""

    def __init__(self, replacements: Mapping[str, ast.expr]) -> None:
        self.replacements = replacements

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name alone."""
        return self.replacements.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """A name beside an operator: a negative number behind it gets parentheses."""
        self.generic_visit(node)
        node.left = closed(node.left) if isinstance(node.op, ast.Pow) else node.left
        node.right = closed(node.right)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """A name behind a sign."""
        self.generic_visit(node)
        node.operand = closed(node.operand)
        return node


def closed(node: ast.expr) -> ast.expr:
    """Words for a number that an operator stands beside."""
    if isinstance(node, ast.Name) and (node.id.startswith("-") or ("e" in node.id[1:] and node.id[0].isdigit())):
        return ast.Name(f"({node.id})", ast.Load())
    return node


class Shorten(ast.NodeTransformer):
    """Puts what a function of ours computes in the place of its call, where that is about as short."""

    def __init__(self, function: Any, known: Mapping[str, Any]) -> None:
        self.function, self.known = function, known

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of a helper."""
        self.generic_visit(node)
        helper = self.function.__globals__.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if not inspect.isfunction(helper) or not ours(helper) or node.keywords:
            return node
        try:
            names = list(inspect.signature(helper).parameters)[: len(node.args)]
            values = [evaluated(copy.deepcopy(a), self.function, self.known) for a in node.args]
            body = taken(helper, dict(zip(names, values, strict=True)))
        except Exception:  # a helper that is too clever to be shown is named instead
            return node
        if body is None:
            return node
        inside = Replace(dict(zip(names, node.args, strict=True))).visit(copy.deepcopy(body))
        return inside if len(ast.unparse(inside)) < 1.25 * len(ast.unparse(node)) else node


def names_in(expression: ast.expr) -> list[str]:
    """The names in an expression, in the order in which they stand there."""
    written = ast.walk(ast.parse(ast.unparse(expression)))
    found = [node for node in written if isinstance(node, ast.Name)]
    return list(dict.fromkeys(node.id for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))))


def put_in(expression: ast.expr, known: Mapping[str, Any]) -> str:
    """An expression with numbers in the places of names; "" if one of them is an array."""
    used = {name: known[name] for name in names_in(expression) if name in known}
    if any(getattr(value, "shape", ()) != () for value in used.values()):
        return ""
    words = {
        name: ast.Name(number(v) if is_number(v) else repr(v), ast.Load())
        for name, v in used.items()
        if is_number(v) or v is None or isinstance(v, tuple)
    }
    return ast.unparse(Replace(words).visit(copy.deepcopy(expression)))


def rule_formula(rule: Any, g: Any, y: Any, values: Sequence[Any], settings: Mapping[str, Any]) -> Formula:
    """A gradient rule, called as ``rule(g, y, *values, **settings)``, as a formula."""
    function, first = (rule.func, rule.args) if isinstance(rule, functools.partial) else (rule, ())
    try:
        bound = inspect.signature(function).bind(*first, g, y, *values, **settings)
        bound.apply_defaults()
        known = dict(bound.arguments)
        expression = taken(function, known)
    except Exception:  # whatever a rule of a user's own may be, it has a name
        known, expression = {"g": g, "y": y}, None
    document = inspect.getdoc(function) or ""
    if expression is None:
        name = getattr(function, "__name__", type(function).__name__)
        return Formula(
            f"{name}({', '.join(known)})", "", known, [f"{name}: {document.splitlines()[0]}"] if document else []
        )
    if ours(function):
        expression = Shorten(function, known).visit(copy.deepcopy(expression))
    remarks = [document.splitlines()[0]] if document and not isinstance(definition(function), ast.Lambda) else []
    scope = function.__globals__
    for name in names_in(expression):
        helper = scope.get(name)
        if name not in known and callable(helper) and ours(getattr(helper, "body", helper)) and inspect.getdoc(helper):
            remarks.append(f"{name}: {(inspect.getdoc(helper) or '').splitlines()[0]}")
        elif name not in known and isinstance(helper, float | int):
            known[name] = helper
    operands = {name: known[name] for name in names_in(expression) if name in known}
    return Formula(ast.unparse(expression), put_in(expression, known), operands, remarks)


def argument_letters(rule: Any) -> list[str]:
    """What a rule calls the arguments of its function."""
    function = rule.func if isinstance(rule, functools.partial) else rule
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters[2:] if p.kind is p.POSITIONAL_OR_KEYWORD] if function is rule else []


# Calls of the forward pass.


def call_words(function: Callable[..., Any], args: Sequence[str], settings: Mapping[str, Any]) -> str:
    """A recorded call as one writes it."""
    if function in SIGNS and len(args) == 2:
        left, right = args
        return f"{left} {SIGNS[function]} {f'({right})' if right.startswith('-') else right}"
    if function in PREFIXES and len(args) == 1:
        return f"{PREFIXES[function]}{f'({args[0]})' if args[0].startswith('-') else args[0]}"
    if function is power_of_constant:
        base = f"({args[0]})" if args[0].startswith("-") else args[0]
        return f"{base} ** {number(settings.get('exponent', 1))}"
    if function is get_item:
        return f"{args[0]}[{', '.join(args[1:])}]"
    shown = [f"{key}={argument(value)}" for key, value in settings.items() if value is not None and value is not False]
    call = settings.get("call")
    if (name := getattr(call, "name", None)) is not None:
        return f"{name}({', '.join(args)})"
    return f"{function.__name__}({', '.join([*args, *shown])})"
