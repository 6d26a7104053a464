"""Numbers that leave the graph: what is computed from them has no gradient, and nobody would notice.

Python and NumPy ask a tensor for a number without a word: ``math.sin(x)``, ``float(x)``, ``array[0] = x``. Inside a
transform they get none of what is differentiated there. Outside, NumPy gets none of what requires a gradient, as with
`np.asarray`, and Python gets it with a warning. What ends as text, or as a yes or no, has no gradient to lose.

Nothing tells a method who calls it, so that is read from the source that runs. Where there is none, errors are said
in general words, every number counts, and NumPy gets its own with the warning.
"""

from __future__ import annotations

import ast
import builtins
import cmath
import functools
import inspect
import itertools
import linecache
import math
import operator
import sys
from collections import ChainMap
from collections.abc import Iterable
from contextvars import ContextVar
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.grad_mode import grad_enabled
from autograd_lite.engine.graph import TABLE, Node
from autograd_lite.engine.messages import describe
from autograd_lite.engine.warnings import NUMPY, LostGradientWarning, user_frame, warn
from autograd_lite.rules.registry import ADAPTERS

ANSWERS = [getattr(module, name) for module in (math, cmath) for name in ("isnan", "isinf", "isfinite", "isclose")]
OTHERWISE = {"fsum": "np.sum", "dist": "np.linalg.norm", "sumprod": "np.dot", "fabs": "np.abs", "fma": "a * b + c"}
SPECIAL = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}
ARRAYS = (np.ndarray, np.generic, np.flatiter, np.ufunc)
PASSING_ON = (ast.BinOp, ast.BoolOp, ast.List, ast.Tuple, ast.UnaryOp)
NUMBERS = ("abs", "float", "int", "max", "min", "round")  # functions of numbers that give numbers
NOTHING: frozenset[Node] = frozenset()
variables: ContextVar[frozenset[Node] | None] = ContextVar("variables", default=NOTHING)  # None: everything


class LeavingError(RuntimeError):
    """A number was asked for that has to stay in the graph."""


class differentiating:
    """Inside, no number leaves of what depends on `tensors`; None: of anything that requires a gradient."""

    def __init__(self, tensors: Iterable[Any] | None) -> None:
        self.nodes = None if tensors is None else frozenset([t.node for t in tensors])

    def __enter__(self) -> None:
        known = variables.get()
        self.token = variables.set(None if known is None or self.nodes is None else known | self.nodes)

    def __exit__(self, *_: object) -> None:
        variables.reset(self.token)


def differentiated(node: Node) -> bool:
    """Whether a transform that runs differentiates `node`."""
    nodes = variables.get()
    if nodes is not None and not nodes:  # the most frequent case
        return False
    if not node.needs_grad or not grad_enabled.get():
        return False
    if nodes is None:
        return True
    oldest = min(n.time for n in nodes)
    return any(n in nodes for n in ancestors([node], lambda n: n.needs_grad and n.time >= oldest))


def keep(node: Node, what: str, instead: str = "compute with the tensor itself") -> None:
    """Refuse what takes values out of a tensor on purpose, inside a transform that differentiates it."""
    if differentiated(node) and not harmless(user_frame()):
        raise LeavingError(
            f"{what} takes the values of {describe(node)} out of the graph, inside a function that is differentiated, "
            f"and the gradient would be lost: {instead}, or say .detach() first where a constant is meant"
        )


def taken(a: Any, what: str) -> Any:
    """The values of a tensor, for another one that is without its history; anything else as it is."""
    node = getattr(a, "node", None)
    if type(node) is not Node:
        return a
    keep(node, what)
    return node.value


def give(node: Node) -> None:
    """Refuse a number of a tensor that requires a gradient, or warn; called by what Python calls for a number."""
    if not grad_enabled.get():
        return
    frame, innermost = user_frame(), sys._getframe(2)
    if frame is None:
        return
    asking, only_seen = question(frame.f_code, frame.f_lasti)
    function = called(asking.func, frame) if isinstance(asking, ast.Call) else None
    numpys = innermost.f_code.co_filename.startswith(NUMPY) or is_numpys(asking, function)
    if (only_seen and not numpys) or any(function is answer for answer in ANSWERS):
        return
    inside = differentiated(node)
    constant = ".detach().item()" if inside else ".item()"
    message = (
        f"{in_words(asking)} takes a number out of {describe(node)}, and what is computed from a number has no "
        f"gradient: {instead_of(asking, function)}; say {constant} where that is meant"
    )
    if inside or numpys:
        raise LeavingError(message)
    warn(message, LostGradientWarning)


def harmless(frame: FrameType | None) -> bool:
    """Whether what a frame computes becomes text, or is compared, in the same statement."""
    return frame is not None and question(frame.f_code, frame.f_lasti)[1]


@functools.lru_cache(maxsize=1024)
def question(code: CodeType, at: int) -> tuple[ast.AST | None, bool]:
    """The expression that `code` is at, and whether it ends as text or a yes or no; None if its source is unknown."""
    place = next(itertools.islice(code.co_positions(), at // 2, None), (None,) * 4)
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
        path = path_to(place, tree) if None not in place else []
    except (SyntaxError, ValueError, RecursionError):
        path = []
    return (path[-1], is_no_number(path)) if path else (None, False)


def path_to(place: tuple[Any, ...], node: ast.AST) -> list[ast.AST]:
    """The nodes from `node` down to the expression that stands exactly there."""
    for child in ast.iter_child_nodes(node):
        first, last, start, end = span(child) or place
        around = (first, start) <= (place[0], place[2]) and (last, end) >= (place[1], place[3])
        if (around or hasattr(child, "decorator_list")) and (path := path_to(place, child)):
            return [node, *path]
    return [node] if isinstance(node, ast.expr) and span(node) == place else []


def span(node: Any) -> tuple[int, ...] | None:
    """Where a part of a program stands, as code objects say it."""
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) if hasattr(node, "lineno") else None


def is_no_number(path: list[ast.AST]) -> bool:
    """Whether what the last expression gives becomes text, or is compared, in the same statement."""
    if isinstance(path[-1], ast.BinOp):  # of all operators only a text's % asks for a number
        return True
    for above, node in zip(path[-2::-1], path[::-1], strict=False):
        if isinstance(above, ast.Compare | ast.FormattedValue) or getattr(above, "test", None) is node:
            return True
        if makes_text(above):
            return True
        if not isinstance(above, PASSING_ON) and name_of(above) not in NUMBERS:
            return False
    return False


def makes_text(node: ast.AST | None) -> bool:
    """Whether a call prints or formats, or an operator does."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
    return name_of(node) == "print" or getattr(getattr(node, "func", None), "attr", "") == "format"


def name_of(node: ast.AST | None) -> str:
    """The name that is called."""
    return str(getattr(getattr(node, "func", None), "id", ""))


def called(name: ast.expr, frame: FrameType) -> Any:
    """The function of that name, where looking for it runs nobody's code."""
    if isinstance(name, ast.Name):
        return ChainMap(frame.f_locals, frame.f_globals, vars(builtins)).get(name.id)
    if isinstance(name, ast.Attribute):
        owner = called(name.value, frame)
        look = getattr if isinstance(owner, (ModuleType, *ARRAYS)) else inspect.getattr_static
        return look(owner, name.attr, None)
    return None


def is_numpys(asking: ast.AST | None, function: Any) -> bool:
    """Whether NumPy asks, by a function or for an element of an array."""
    module = getattr(function, "__module__", None) or ""
    return fills_array(asking, function) or isinstance(function, np.ufunc) or module.startswith("numpy")


def fills_array(asking: ast.AST | None, function: Any) -> bool:
    """Whether an array is assigned to, or one of its methods is called."""
    owner = getattr(function, "__self__", None)
    assigned = isinstance(asking, ast.Subscript) and isinstance(asking.ctx, ast.Store)
    return assigned or function is operator.setitem or isinstance(owner, ARRAYS)


def in_words(asking: ast.AST | None) -> str:
    """What asks for a number."""
    if isinstance(asking, ast.Subscript):
        return f"{ast.unparse(asking)} = …"
    text = ast.unparse(asking) if isinstance(asking, ast.Call) else ""
    return text if 0 < len(text) < 60 else "what is called here"


def instead_of(asking: ast.AST | None, function: Any) -> str:
    """What to write in its place."""
    if fills_array(asking, function):
        return "make the array a tensor (out = ag.zeros(shape))"
    name, module = getattr(function, "__name__", ""), getattr(function, "__module__", None)
    if module not in ("math", "cmath"):
        return "compute with the tensor itself, by NumPy's functions (np.sin, not math.sin)"
    twin = getattr(np, name, None)
    if twin in TABLE or twin in ADAPTERS:
        return f"write np.{name}"
    if name in SPECIAL:
        return f"write scipy.special.{SPECIAL[name]}"
    return f"write {OTHERWISE[name]}" if name in OTHERWISE else "compute with NumPy's functions"
