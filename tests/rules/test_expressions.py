"""Random expressions: against central differences, and against closed forms derived by SymPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag

sympy = pytest.importorskip("sympy", reason="SymPy is not installed")

X, Y = sympy.symbols("x y", real=True)
# name: (NumPy, SymPy); the arguments are kept in a range where everything is smooth and of moderate size
UNARY = {
    "tanh": (np.tanh, sympy.tanh),
    "sin": (np.sin, sympy.sin),
    "cos": (np.cos, sympy.cos),
    "arctan": (np.arctan, sympy.atan),
    "exp tanh": (lambda a: np.exp(np.tanh(a)), lambda a: sympy.exp(sympy.tanh(a))),
    "log1p square": (lambda a: np.log1p(a * a), lambda a: sympy.log(1 + a * a)),
    "sqrt": (lambda a: np.sqrt(2 + np.sin(a)), lambda a: sympy.sqrt(2 + sympy.sin(a))),
    "cube": (lambda a: np.tanh(a) ** 3, lambda a: sympy.tanh(a) ** 3),
    "negative": (lambda a: -a, lambda a: -a),
}
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": None,
}


def divided(a, b, namespace):
    return a / (2 + namespace.cos(b))


leaves = st.one_of(st.sampled_from(["x", "y"]), st.floats(-2, 2).map(lambda c: round(c, 3)))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), inner), st.tuples(st.sampled_from(sorted(BINARY)), inner, inner)
    ),
    max_leaves=8,
)


def depth(tree):
    return 1 + max(map(depth, tree[1:])) if isinstance(tree, tuple) else 0


def evaluate(tree, names, which, namespace):
    """The expression of a tree, in NumPy (`which` 0) or SymPy (1)."""
    if not isinstance(tree, tuple):
        return names[tree] if isinstance(tree, str) else tree
    operands = [evaluate(t, names, which, namespace) for t in tree[1:]]
    if tree[0] == "/":
        return divided(*operands, namespace)
    return BINARY[tree[0]](*operands) if tree[0] in BINARY else UNARY[tree[0]][which](*operands)


def derivatives(tree, x, y):
    """Value, gradient and second derivative in x by the engine; zeros where nothing depends on it."""
    tx, ty = (ag.tensor(v, requires_grad=True) for v in (x, y))
    z = evaluate(tree, {"x": tx, "y": ty}, 0, np)
    if not isinstance(z, ag.Tensor):
        return float(z), 0.0, 0.0, 0.0
    zx, zy = ag.autograd.grad(z, [tx, ty], create_graph=True, allow_unused=True)
    zxx = None
    if isinstance(zx, ag.Tensor) and zx.requires_grad:
        (zxx,) = ag.autograd.grad(zx, tx, allow_unused=True)
    return tuple(0.0 if v is None else v.item() for v in (z, zx, zy, zxx))


points = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(trees, points, points)
def test_random_expressions_equal_their_closed_forms(tree, x, y):
    if depth(tree) > 8:
        return
    formula = sympy.sympify(evaluate(tree, {"x": X, "y": Y}, 1, sympy))
    at = {X: x, Y: y}
    expected = [sympy.N(e.subs(at)) for e in (formula, formula.diff(X), formula.diff(Y), formula.diff(X, 2))]
    got = derivatives(tree, x, y)
    scale = 1 + max(abs(float(e)) for e in expected)
    np.testing.assert_allclose(got, [float(e) for e in expected], rtol=1e-8, atol=1e-9 * scale)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees, st.integers(0, 2**16))
def test_random_expressions_of_arrays_equal_differences(tree, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1.5, 1.5, (2, 3)), rng.uniform(-1.5, 1.5, 3)
    tx, ty = (ag.tensor(v, requires_grad=True) for v in (x, y))
    z = evaluate(tree, {"x": tx, "y": ty}, 0, np)
    if not isinstance(z, ag.Tensor):
        return
    z.sum().backward()

    def total(x, y):
        return np.sum(evaluate(tree, {"x": x, "y": y}, 0, np))

    step = 1e-6
    for t, moves in ((tx, lambda d: (x + d, y)), (ty, lambda d: (x, y + d))):
        g = np.zeros(t.shape) if t.grad is None else t.grad
        for index in np.ndindex(t.shape):
            d = np.zeros(t.shape)
            d[index] = step
            difference = (total(*moves(d)) - total(*moves(-d))) / (2 * step)
            np.testing.assert_allclose(g[index], difference, rtol=1e-5, atol=1e-6 * (1 + abs(z.sum().item())))
