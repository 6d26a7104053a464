"""Python's operators and the functions of NumPy that they are: one table for whoever computes, prints or reads them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

COMPARISON, OTHER, SUM, PRODUCT, SIGN, POWER = 0, 0, 1, 2, 3, 4  # how closely an operator binds


class PythonOperator(NamedTuple):
    """One operator."""

    name: str  # of its method, without the underscores
    ufunc: np.ufunc
    python: Callable[..., Any]  # the function in `operator`, which does the same on two numbers
    sign: str  # "" if it is written as a call
    level: int
    operands: int = 2

    @property
    def syntax(self) -> type:
        """What the operator is in Python's syntax tree."""
        text = f"a {self.sign} b" if self.operands == 2 else f"{self.sign}a"
        parsed: Any = ast.parse(text, mode="eval").body
        return type(parsed.ops[0] if isinstance(parsed, ast.Compare) else parsed.op)


OPERATORS = (
    PythonOperator("add", np.add, operator.add, "+", SUM),
    PythonOperator("sub", np.subtract, operator.sub, "-", SUM),
    PythonOperator("mul", np.multiply, operator.mul, "*", PRODUCT),
    PythonOperator("truediv", np.divide, operator.truediv, "/", PRODUCT),
    PythonOperator("floordiv", np.floor_divide, operator.floordiv, "//", PRODUCT),
    PythonOperator("mod", np.remainder, operator.mod, "%", PRODUCT),
    PythonOperator("matmul", np.matmul, operator.matmul, "@", PRODUCT),
    PythonOperator("pow", np.power, operator.pow, "**", POWER),
    PythonOperator("and", np.bitwise_and, operator.and_, "&", OTHER),
    PythonOperator("or", np.bitwise_or, operator.or_, "|", OTHER),
    PythonOperator("xor", np.bitwise_xor, operator.xor, "^", OTHER),
    PythonOperator("lshift", np.left_shift, operator.lshift, "<<", OTHER),
    PythonOperator("rshift", np.right_shift, operator.rshift, ">>", OTHER),
    PythonOperator("lt", np.less, operator.lt, "<", COMPARISON),
    PythonOperator("le", np.less_equal, operator.le, "<=", COMPARISON),
    PythonOperator("gt", np.greater, operator.gt, ">", COMPARISON),
    PythonOperator("ge", np.greater_equal, operator.ge, ">=", COMPARISON),
    PythonOperator("eq", np.equal, operator.eq, "==", COMPARISON),
    PythonOperator("ne", np.not_equal, operator.ne, "!=", COMPARISON),
    PythonOperator("neg", np.negative, operator.neg, "-", SIGN, 1),
    PythonOperator("pos", np.positive, operator.pos, "+", SIGN, 1),
    PythonOperator("invert", np.invert, operator.invert, "~", SIGN, 1),
    PythonOperator("abs", np.absolute, operator.abs, "", SIGN, 1),
)
UNARY = tuple([op for op in OPERATORS if op.operands == 1])
BINARY = tuple([op for op in OPERATORS if op.operands == 2])
COMPARISONS = tuple([op for op in OPERATORS if op.name in ("lt", "le", "gt", "ge", "eq", "ne")])
SIGNS = {f: op.sign for op in BINARY for f in (op.ufunc, op.python)}
PREFIXES = {f: op.sign for op in UNARY if op.sign for f in (op.ufunc, op.python)}
