"""The table of operators: what Python and NumPy say of each, and that tensors and symbols have them all."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.tracing.traced import Number, Traced
from autograd_lite.rules.operators import BINARY, COMPARISONS, OPERATORS, UNARY

WHOLE = ("and", "or", "xor", "lshift", "rshift", "invert")
each = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)


@each
def test_numpys_function_is_pythons_operator(op):
    arrays = [np.array([5, 2]), np.array([3, 2])] if op.name in WHOLE else [np.eye(2) + 1, np.full((2, 2), 1.5)]
    arrays = arrays[: op.operands]
    np.testing.assert_array_equal(op.python(*arrays), op.ufunc(*arrays))
    if op.sign:
        text = f"a {op.sign} b" if op in BINARY else f"{op.sign}a"
        np.testing.assert_array_equal(eval(text, dict(zip("ab", arrays, strict=False))), op.ufunc(*arrays))


@each
@pytest.mark.parametrize("kind", [ag.Tensor, Traced, Number])
def test_tensors_and_symbols_have_it(op, kind):
    names = [op.name] if op in UNARY or op in COMPARISONS else [op.name, f"r{op.name}"]
    if kind is not Number and op in BINARY and op not in COMPARISONS:
        names.append(f"i{op.name}")
    assert all(f"__{name}__" in vars(kind) for name in names)
