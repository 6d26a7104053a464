"""Every function with a gradient, at the edges of its dtypes, against fifty digits; the page says what comes out.

``python -m tests.limits`` writes the page, ``python -m tests.limits --large`` studies a larger grid.
"""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.rules.registry import Primitive
from tests.compiler.check import same
from tests.limits import exact, page
from tests.limits.exact import mp
from tests.limits.references import EVERY_CURVE, EVERY_VECTOR, FFT, WITHOUT, functions, label, vectors_of
from tests.limits.study import arguments_of, gradients, plain, study, study_vector
from tests.rules.samples import SAMPLES

QUICK = (np.float16, np.float64)
HAVE_VECTORS = [f for f in functions() if f in EVERY_VECTOR]
ITSELF = [f for f in functions() if f not in EVERY_VECTOR and f not in EVERY_CURVE and f not in WITHOUT]


def complain(points):
    wrong = [p for p in points if p.wrong]
    assert not wrong, f"{len(wrong)} of {len(points)}: " + "; ".join(map(str, wrong[:5]))


def is_ours(function):
    return isinstance(function, Primitive) or label(function).startswith("F.")


def test_every_function_has_a_reference():
    missing = [label(f) for f in functions() if f not in EVERY_CURVE and f not in WITHOUT and not vectors_of(f)]
    assert not missing, "add them to tests/limits/curves.py or vectors.py, or say in references.py why there is none"


@pytest.mark.parametrize("function", EVERY_CURVE, ids=label)
def test_functions_of_numbers(function):
    for dtype in QUICK:
        complain(study(function, EVERY_CURVE[function], dtype, ours=is_ours(function)))


@pytest.mark.parametrize("function", EVERY_CURVE, ids=label)
def test_gradients_go_with_what_arrives_and_have_the_same_bits_when_compiled(function):
    arguments = list(arguments_of(EVERY_CURVE[function], np.float32))

    def step(weight, *values):
        tensors = [ag.tensor(v, requires_grad=True) for v in values]
        y = function(*tensors)
        first = gradients(y, tensors, weight * np.ones(y.shape, y.dtype), create_graph=True)
        return [plain(g) for g in first], [gradients(g, tensors) for g in first]

    with np.errstate(all="ignore"):
        one, half = (step(np.float32(w), *arguments) for w in (1, -0.5))
        compiled = ag.compile(step)
        compiled(np.float32(2), *(a[::-1].copy() for a in arguments))
        same(compiled(np.float32(-0.5), *arguments), half)
    for g, h in zip(one[0], half[0], strict=True):
        normal = (np.abs(g) > 1e-37) & np.isfinite(g) & np.isfinite(h)
        np.testing.assert_allclose(h[normal], -0.5 * g[normal], rtol=4e-7)


@pytest.mark.parametrize("function", HAVE_VECTORS, ids=label)
def test_functions_of_arrays(function):
    for vector in EVERY_VECTOR[function]:
        for dtype in [d for d in vector.dtypes if d != np.float32] or vector.dtypes:
            for name in vector.variants:
                complain(study_vector(vector, name, dtype))


@pytest.mark.parametrize("function", ITSELF, ids=label)
def test_functions_that_compute_with_exact_numbers_themselves(function):
    (vector,) = vectors_of(function)
    for name in vector.variants[1:]:
        complain(study_vector(vector, name, np.float32))


def test_formulas_of_derivatives_are_those_of_their_functions():
    """By differences, at points that are inside of most."""
    at = {1: ((mp.mpf(0.3),), (mp.mpf(1.7),)), 2: ((mp.mpf(2.5), mp.mpf(0.6)),)}
    for function, curve in EVERY_CURVE.items():
        n = len(curve.first)
        formulas = [(curve.value, curve.first[i], i) for i in range(n)]
        places = [(i, j) for i in range(n) for j in range(i, n)]
        formulas += [(curve.first[i], curve.second[k], j) for k, (i, j) in enumerate(places)]
        for point in at[n]:
            for f, g, i in formulas:
                difference = exact.difference(f, point, i)
                if difference is not None and (right := exact.attempt(g, point)) is not None:
                    assert abs(difference - right) <= 1e-12 * (1 + abs(right)), (label(function), point, i)


@pytest.mark.parametrize("function", [f for f in FFT if f in SAMPLES], ids=label)
def test_gradients_of_linear_functions_do_not_depend_on_the_numbers(function):
    args, settings = SAMPLES[function][0]

    def gradient(x):
        x = ag.tensor(x, requires_grad=True)
        with np.errstate(all="ignore"):
            y = function(x, *args[1:], **settings)
            y = np.real(y) - 0.5 * np.imag(y)
        return ag.autograd.grad(y, x, np.cos(np.arange(y.size)).reshape(y.shape))[0]

    usual = args[0]
    extreme = np.resize([np.inf, 1e308, -5e-324, 0.0, np.nan, -np.inf], usual.shape)
    np.testing.assert_array_equal(gradient(extreme), gradient(usual))


def test_the_page_is_up_to_date():
    text = page.PAGE.read_text(encoding="utf-8")
    head, errors = text.split(page.ERRORS)
    assert head == page.head_of_page(), "run: python -m tests.limits"
    for function in functions():
        assert function in WITHOUT or f"| `{label(function)}` |" in errors, "run: python -m tests.limits"
