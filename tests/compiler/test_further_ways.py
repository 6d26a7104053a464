"""Further ways of change between two calls, of Python, of training and of arguments: all have eager mode's effect."""

import functools
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler import TraceError
from tests.compiler.python_ways import WAYS
from tests.compiler.training_ways import TRAININGS, Training, X, Y

x = np.array([1.0, -2.0])
REFUSED = {"generators_of_python", "legacy_generators", "an_iterator_of_itertools", "a_generator", "a_seed"}


def eager(f):
    return lambda *args, **kwargs: f(*map(as_compiled, args), **{key: as_compiled(a) for key, a in kwargs.items()})


def as_compiled(a):
    """An argument as a compiled function comes to see it."""
    return ag.tensor(a) if isinstance(a, np.ndarray) else a


def bits(value):
    """A result that can be compared: types, dtypes, shapes and bits."""
    if isinstance(value, tuple | list):
        return type(value), [*map(bits, value)]
    if isinstance(value, dict):
        return [(key, bits(v)) for key, v in value.items()]
    a = np.asarray(value.detach()) if isinstance(value, ag.Tensor) else value
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype, a.shape, a.tobytes()
    return repr(a)


def same(run):
    """Whether what `run` gives for a compiled function is what it gives for the function; None where it is refused."""
    with warnings.catch_warnings(action="ignore"):
        expected = run(eager)
        try:
            found = run(ag.compile)
        except TraceError:
            return None
    return found == expected


@pytest.mark.parametrize("name", WAYS)
def test_what_a_function_comes_to_takes_effect(name):
    def run(compile):
        f, change = WAYS[name]()
        step, found = compile(f), []
        for n in range(6):
            found.append(bits(step(x)))
            change(n)
        return found

    assert same(run) is (None if name in REFUSED else True)


@pytest.mark.parametrize("name", TRAININGS)
def test_what_happens_between_steps_takes_effect(name):
    change, optimizer = TRAININGS[name]

    def run(compile):
        t = Training(optimizer)
        step, found = compile(t.step), []
        for n in range(6):
            found.append(bits([step(X, Y), *t.model.state_dict().values()]))
            change(t, n)
        return found

    assert same(run)


def folded(values, start):
    """What hangs on the order of values."""
    return functools.reduce(lambda acc, v: acc * 2 + v, values, start)


def given(*args, **kwargs):
    return args, kwargs


ARGUMENTS = {
    "order of keywords": (
        lambda x, **k: folded(k.values(), x),
        [given(x, a=2.0, b=3.0), given(x, b=3.0, a=2.0), given(x, c=1.0), given(x)],
    ),
    "by name or not": (lambda x, a=1.0, b=2.0: x * a + b, [given(x, a=2.0), given(x, 3.0), given(x, 3.0, 1), given(x)]),
    "how many": (lambda *xs: sum(xs[1:], xs[0]) * len(xs), [given(x), given(x, x), given(x, 1.0), given(x, 1)]),
    "none": (lambda x, m=None: x if m is None else x * m, [given(x, m) for m in (None, 2.0, x, 0, None)]),
    "int or float": (
        lambda x, a: x * a if isinstance(a, int) else x - a,
        [given(x, a) for a in (2, 2.0, True, False, 0.0, -0.0, np.int64(2), np.float32(2), np.bool_(True), 1 + 0j)],
    ),
    "no axes": (
        lambda x, a: x * a,
        [given(x, a) for a in (np.array(2.0), np.float64(3.0), 2.0, np.array(2), np.array(True), ag.tensor(4.0))],
    ),
    "a list": (lambda xs: folded(xs, 0.0) * len(xs), [given([x, x]), given((x, x)), given([x]), given([x, 2.0])]),
    "list or tuple": (lambda xs: xs[0] * (2 if isinstance(xs, list) else 3), [given([x]), given((x,)), given([x])]),
    "order of a dict": (
        lambda d: folded(d.values(), 0.0),
        [given({"a": x, "b": x + 1}), given({"b": x + 1, "a": x}), given({"a": x}), given({"c": x})],
    ),
    "nested": (
        lambda d: d["p"][0] * d["q"]["r"],
        [given({"p": p, "q": {"r": r}}) for p in ([x], (x,)) for r in (2, 2.0)],
    ),
    "dtypes": (lambda x: x * 2 + 1, [given(x.astype(d)) for d in (float, np.float32, int, np.int8, bool, complex)]),
    "layouts": (
        lambda x: (x @ x.T).sum(0),
        [given(a) for a in (np.ones((2, 3)), np.ones((3, 2)).T, np.ones((2, 6))[:, ::2], np.ones((2, 3))[::-1])],
    ),
    "no rows": (lambda x: x.sum() * 2, [given(np.ones((n, 2))) for n in (0, 1, 2, 0)]),
    "a text": (lambda x, s: getattr(np, s)(x), [given(x, s) for s in ("sin", "cos", "sin")]),
    "a function": (lambda x, f: f(x), [given(x, f) for f in (np.sin, np.cos, lambda x: x * 2, lambda x: x * 3)]),
    "an index": (lambda x, i: x[i], [given(np.arange(5.0), i) for i in (slice(1), slice(2, 4), 3, np.array([0]), ...)]),
    "a dtype": (lambda x, d: x.astype(d), [given(x, d) for d in (np.float32, np.dtype("f8"), "f4", int)]),
    "large integers": (lambda x, n: x * n, [given(x, n) for n in (2**31, 2**63, 2**64, -1)]),
    "the same twice": (lambda x, y: x * 2 + y, [given(x, x), given(x, x.copy()), given(x, x * 2)]),
    "what is given back": (
        lambda x, k: {"a": [x * k, (x, k)], "b": None, "c": k},
        [given(x, k) for k in (1.0, 3, True)],
    ),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_take_effect(name):
    f, calls = ARGUMENTS[name]

    def run(compile):
        step = compile(f)
        return [bits(step(*args, **kwargs)) for args, kwargs in (*calls, *calls[::-1])]

    assert same(run)


@pytest.mark.parametrize("around", [ag.no_grad, ag.detect_anomaly, lambda: np.errstate(all="ignore")])
def test_what_is_around_a_call_takes_effect(around):
    def run(compile):
        t = Training()
        step, found = compile(t.step), []
        for n in range(4):
            if n % 2 and around is not ag.no_grad:
                with around():
                    found.append(bits(step(X, Y)))
            found.append(bits(step(X, Y)))
        read = compile(lambda x: t.model.a(x).requires_grad)
        for _ in range(2):
            found.append(read(X))
            with around():
                found.append(read(X))
        return found

    assert same(run)
