"""The faults: small changes of the syntax tree that a slip of the pen would make."""

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SWAPS: dict[type, type] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.USub: ast.UAdd, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr},
}
PARTNERS = {"max": "min", "min": "max", "any": "all", "all": "any", "maximum": "minimum", "minimum": "maximum"}
PARTNERS |= {"sum": "prod", "ones": "zeros", "zeros": "ones", "add": "discard", "greater": "less", "real": "imag"}


class Mutant(NamedTuple):
    """One fault in one file."""

    path: Path
    line: int
    before: str
    after: str
    source: str  # of the whole file with the fault in it

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}: {self.before}  →  {self.after}"


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node by mistake."""
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp) and type(node.op) in SWAPS:
        other = copy.deepcopy(node)
        other.op = SWAPS[type(node.op)]()
        yield other
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        other = copy.deepcopy(node)
        other.ops[0] = SWAPS[type(node.ops[0])]()
        yield other
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.If | ast.While):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Attribute) and node.attr in PARTNERS:
        yield ast.Attribute(node.value, PARTNERS[node.attr], node.ctx)
    elif isinstance(node, ast.Continue | ast.Break) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield ast.Pass()


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node inside a function or a table, with where it hangs; not annotations, and nothing about errors."""
    pending: list[ast.AST] = [tree]
    while pending:
        parent = pending.pop()
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for i, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(child, ast.AST) or isinstance(child, ast.Raise | ast.JoinedStr | ast.Assert):
                    continue
                if isinstance(child, ast.If) and any("TYPE_CHECKING" in ast.dump(part) for part in [child.test]):
                    continue
                if isinstance(child, ast.Call) and ast.unparse(child.func).endswith(("add_note", "warn", "describe")):
                    continue
                yield parent, field, i, child
                pending.append(child)


def mutants(path: Path) -> Iterator[Mutant]:
    """All faults of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for parent, field, i, child in list(places(tree)):
        for other in changed(child):
            siblings = getattr(parent, field)
            before, after = first_line(child), first_line(ast.fix_missing_locations(copy.deepcopy(other)))
            if i is None:
                setattr(parent, field, other)
            else:
                siblings[i] = other
            source = ast.unparse(ast.fix_missing_locations(tree))
            if i is None:
                setattr(parent, field, child)
            else:
                siblings[i] = child
            yield Mutant(path, getattr(child, "lineno", 0), before, after, source)


def first_line(node: ast.AST) -> str:
    """The node as a reader knows it."""
    return ast.unparse(node).splitlines()[0]
