"""The branch not taken: its gradient is 0, whatever the slope there; any other NaN and infinity stays."""

import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F

INF, NAN = np.inf, np.nan
ROWS = np.array([[3.0, 4.0], [0.0, 0.0]])
COLUMN = np.array([[0.0], [-INF]])

# name: the function, the argument, its gradient
RIGHT = {
    "a root": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 4.0], [0, 0.25]),
    "the other branch": (lambda x: np.where(x <= 0, 0.0, np.log(x)), [0.0, 4.0], [0, 0.25]),
    "an overflow": (lambda x: np.where(x <= 10, np.exp(x), 1.0), [1.0, 1e10], [np.e, 0]),
    "sin x / x": (lambda x: np.where(x == 0, 1.0, np.sin(x) / x), [0.0, np.pi], [0, -1 / np.pi]),
    "x log x": (lambda x: np.where(x > 0, x * np.log(x), 0.0), [0.0, 1.0], [0, 1]),
    "a power": (lambda x: np.where(x > 0, x**0.5, x), [0.0, 4.0], [1, 0.25]),
    "a power of a tensor": (lambda x: np.where(x > 0, x ** (x * 0 + 0.5), 0), [-1.0, 4.0], [0, 0.25 * (1 + 0)]),
    "several steps": (lambda x: np.where(x > 0, 1 + 2 * np.tanh(np.sqrt(np.abs(x)) * 3), 0), [0.0, 0.0], [0, 0]),
    "missing numbers": (lambda x: np.where(np.isnan(x), 0.0, (x - 1) ** 2), [NAN, 3.0], [0, 4]),
    "an infinite number": (lambda x: np.where(np.isinf(x), 0.0, x * np.tanh(x)), [INF, 0.0], [0, 0]),
    "select": (lambda x: np.select([x > 1, x > 0], [np.log(x), x], 0.0), [0.0, 0.5, 2.0], [0, 1, 0.5]),
    "choose": (lambda x: np.choose(np.array([0, 1]), [x, np.sqrt(x)]), [0.0, 4.0], [1, 0.25]),
    "clip": (lambda x: np.sqrt(np.clip(x, 0, 1)), [-1.0, 0.25, 5.0], [0, 1, 0]),
    "what is clipped": (lambda x: np.clip(np.sqrt(x), 1, 3), [0.0, 4.0], [0, 0.25]),
    "maximum": (lambda x: np.sqrt(np.maximum(x, 0)), [-1.0, 0.25], [0, 1]),
    "what is no maximum": (lambda x: np.maximum(np.sqrt(x), 1.0), [0.0, 4.0], [0, 0.25]),
    "minimum": (lambda x: np.minimum(1 / x, 2.0), [0.0, 4.0], [0, -1 / 16]),
    "the largest": (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "relu": (lambda x: F.relu(np.sqrt(x) - 1), [0.0, 4.0], [0, 0.25]),
    "an element": (lambda x: np.sqrt(x)[1], [0.0, 4.0], [0, 0.25]),
    "a slice": (lambda x: np.sqrt(x)[1:], [0.0, 4.0, 1.0], [0, 0.25, 0.5]),
    "a mask": (lambda x: np.sqrt(x)[x > 0], [0.0, 4.0], [0, 0.25]),
    "places": (lambda x: np.take(np.sqrt(x), [1, 1]), [0.0, 4.0], [0, 0.5]),
    "an assignment": (lambda x: assigned(np.sqrt(x), x), [0.0, 4.0], [0, 0.25]),
    "a triangle": (lambda x: np.tril(np.sqrt(x * np.ones((2, 2)))), [4.0, 0.25], [0.5, 1]),
    "nan_to_num": (lambda x: np.nan_to_num(np.log(x), neginf=0.0), [0.0, 4.0], [0, 0.25]),
    "nested": (lambda x: np.where(x > 0, np.where(x > 1, np.log(x), np.sqrt(x)), 0.0), [0.0, 4.0], [0, 0.25]),
    "a norm of rows": (lambda x: np.where(ROWS.any(1), np.linalg.norm(x * ROWS, axis=1) ** 0.5, 0), [1.0, 1.0], None),
    "a deviation": (lambda x: np.where([True, False], np.log(np.std(x * ROWS, axis=1)), 0.0), [1.0, 1.0], [-3.0, 4.0]),
    "a deviation without NaN": (
        lambda x: np.where([True, False], np.log(np.nanstd(x * ROWS, axis=1)), 0.0),
        [1.0, 1.0],
        [-3.0, 4.0],
    ),
    "a length": (lambda x: np.where(x > 0, np.hypot(x, 0.75 * x), 0.0), [0.0, 1.0], [0, 1.25]),
    "the size of a complex number": (
        lambda x: np.where(x > 0, np.absolute(x + 0.75j * x), 0.0),
        [0.0, 1.0],
        [0, 1.25],
    ),
    "a softmax": (lambda x: np.where([[True], [False]], ag.softmax(ROWS / x[:, None]), 0)[:, 0], [1.0, 0.0], None),
    "a product": (lambda x: np.where([True, False], np.sqrt(np.prod(x * ROWS, axis=1)), 0.0), [1.0, 1.0], None),
    "log sum exp": (
        lambda x: np.where([True, False], ag.logsumexp(x + COLUMN, axis=1), 0.0),
        [0.0, 0.0],
        [0.5] * 2,
    ),
    "broadcast": (lambda x: np.where([[True], [False]], np.log(x[:1]) * COLUMN, np.sqrt(x)), [4.0, 1.0], None),
    "one number": (lambda x: np.where(x[0] > 0, np.sqrt(x[1]), x[0]), [-1.0, 0.0], [1, 0]),
    "joined and taken apart": (lambda x: np.concatenate([np.sqrt(x), x])[1:], [0.0, 4.0], [1, 1.25]),
    "in another form": (lambda x: np.where([[0, 1]], np.reshape(np.sqrt(x), (1, 2)).T.T, 0), [0.0, 4.0], [0, 0.25]),
    "summed first": (lambda x: np.where(np.array(False), np.sum(np.sqrt(x)), 1.0) + x, [0.0, 4.0], [1, 1]),
}
LEFT = {
    "an infinite slope that is taken": (lambda x: np.where(x >= 0, np.sqrt(x), 0.0), [0.0, 4.0], [INF, 0.25]),
    "0 · ∞ that is taken": (lambda x: np.where(x >= 0, np.sqrt(x) ** 2, 0.0), [0.0, 4.0], [NAN, 1]),
    "0 · ∞ without a choice": (lambda x: 0 * np.sqrt(x), [0.0, 4.0], [NAN, 0]),
    "used besides": (lambda x: used_twice(np.sqrt(x)), [0.0, 4.0], [INF, 0.25]),
    "used besides, before": (lambda x: used_twice(np.sqrt(x), first=True), [0.0, 4.0], [INF, 0.25]),
    "a NaN that is taken": (lambda x: np.where(x < 5, x * x, 0.0), [NAN, 1.0], [0, 2]),
    "a NaN that is taken, too": (lambda x: np.where(x < 5, 0.0, x * x), [NAN, 1.0], [NAN, 0]),
}


def assigned(y, x):
    y = y * 1
    y[x == 0] = 0.0
    return y


def used_twice(root, first=False):
    chosen, other = np.where([False, True], root, 0.0).sum(), np.array([1.0, 0.0]) * root
    return other.sum() + chosen if first else chosen + other.sum()


def summed(f):
    return lambda x: np.sum(f(x))


@pytest.mark.parametrize("case", [*RIGHT, *LEFT])
def test_the_gradient_is_right_compiled_too_and_to_the_second_order(case):
    f, x, expected = (RIGHT | LEFT)[case]
    f, x = summed(f), np.array(x)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        g = ag.grad(f)(x)
        if expected is not None:
            np.testing.assert_allclose(g, expected, atol=1e-12)
        assert case in LEFT or np.isfinite(g).all()
        assert case in LEFT or np.isfinite(ag.hessian(f)(x)).all()
        leaf = ag.tensor(x, requires_grad=True)
        f(leaf).backward()
        np.testing.assert_array_equal(leaf.grad, g)
        try:
            compiled = ag.compile(ag.grad(f))
            np.testing.assert_array_equal(compiled(x), g)
        except ag.TraceError as error:
            if "mask" not in str(error):  # its shape depends on values
                raise


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_it_keeps_the_dtype(dtype):
    g = ag.grad(lambda x: np.where(x > 0, np.sqrt(x), 0).sum())(np.array([0, 4], dtype))
    assert g.dtype == dtype
    np.testing.assert_array_equal(g, [0, 0.25])


def test_where_nothing_is_nan_the_walk_gives_what_it_gave():
    x = np.linspace(-2, 2, 7)
    for f in (lambda x: np.where(x > 0, np.exp(x), np.sin(x) * x), lambda x: np.clip(np.tanh(x) / 2, -0.3, 0.4)):
        taken = ag.grad(summed(f))(x)
        np.testing.assert_allclose(
            taken, [ag.grad(lambda v, f=f: np.sum(f(np.reshape(v, 1))))(v) for v in x], rtol=1e-14
        )


@pytest.mark.parametrize("seed", range(40))
def test_a_choice_between_two_functions_has_the_gradient_of_the_one_that_is_taken(seed):
    generator = np.random.default_rng(seed)
    functions = [np.sqrt, np.log, np.exp, lambda x: 1 / x, lambda x: x**-0.5, np.arcsin, np.tan, np.cbrt, np.arctanh]
    outer, inner = (functions[i] for i in generator.choice(len(functions), 2))
    x = generator.choice([0.0, 0.3, 0.7, -0.0, 1.0, -0.4, 1e300], 6)

    def composed(v):
        return outer(inner(v))

    with np.errstate(all="ignore"):
        slopes = np.array([ag.grad(composed)(v) for v in x])
        good = np.isfinite(slopes) & np.isfinite(composed(x))
        g = ag.grad(lambda v: np.where(good, composed(v), 2 * v).sum())(x)
    np.testing.assert_allclose(g, np.where(good, slopes, 2.0), rtol=1e-12)
