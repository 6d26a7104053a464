"""Every setting of every function, as a tensor that requires a gradient; found from NumPy's own signatures."""

import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules import neural
from autograd_lite.rules.registry import ADAPTERS, NOT_GIVEN, Primitive, holds_tensors
from tests.rules.oracle.callees import settings_of
from tests.rules.oracle.drawing import POOL
from tests.rules.samples import SAMPLES
from tests.settings import check_setting

MORE = {np.pad: ("constant_values", "end_values", "stat_length")}  # behind its **kwargs
FUNCTIONS = [f for f in {**TABLE, **ADAPTERS} if not isinstance(f, Primitive | np.ufunc) and f in SAMPLES]
WITHIN = {"min": [-0.9], "a_min": [-0.9], "max": [0.9, 1.5], "a_max": [0.9, 1.5]}  # each on its side of the other
LEARNED = {(f, name) for f, form in ADAPTERS.items() for name in form.learned}
NOT_NUMBERS = {
    (np.cov, "y"),
    (np.corrcoef, "y"),
    (np.trapezoid, "x"),
    (np.average, "weights"),
    (np.bincount, "weights"),
}


def numbers_for(name, default):
    """Values at which to try a setting: at its default, where shortcuts are, and elsewhere."""
    if name in WITHIN:
        return WITHIN[name]
    values = [v for v in (default, *POOL.get(name, ()), 1, 2, 0, 0.5) if isinstance(v, int | float)]
    return list(dict.fromkeys(float(v) for v in values if np.isfinite(v)))[:4]


def cases():
    for function in FUNCTIONS:
        names = [*settings_of(function), *MORE.get(function, ())]
        for name in names:
            if name not in ("dtype", "order", "subok", "device", "casting", "like", "kind", "stable", "copy"):
                yield pytest.param(function, name, id=f"{function.__name__} {name}")


def with_tensor(args):
    """Arguments of which one array is a tensor without a gradient, so that NumPy hands the call over."""
    found = []
    for a in args:
        if isinstance(a, np.ndarray) and a.dtype.kind == "f" and not any(isinstance(b, ag.Tensor) for b in found):
            a = ag.tensor(a)
        if isinstance(a, list) and any(isinstance(b, np.ndarray) for b in a):
            a = [ag.tensor(b) if isinstance(b, np.ndarray) and b.dtype.kind == "f" else b for b in a]
        found.append(a)
    return found


@pytest.mark.parametrize(("function", "name"), list(cases()))
def test_a_learned_setting_is_differentiated_or_refused(function, name):
    default = inspect.signature(function).parameters[name].default if name not in MORE.get(function, ()) else 0
    done = set()
    for args, settings in SAMPLES[function][:2]:
        for value in numbers_for(name, default):
            for nested in (lambda s: s, lambda s: (s, s), lambda s: [s]):

                def call(s, args=args, settings=settings):
                    return function(*with_tensor(args), **{**settings, name: s})

                if holds_tensors(with_tensor(args)):
                    done.add(check_setting(call, value, nested))
    if (function, name) in LEARNED - NOT_NUMBERS and done - {"invalid"}:
        assert "differentiated" in done


@pytest.mark.parametrize("nested", [lambda s: s, lambda s: (s, 1), lambda s: [[s]], lambda s: {"a": (0, s)}])
def test_the_record_refuses_what_hides_in_a_setting(nested):
    x, s = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor(0.5, requires_grad=True)
    with pytest.raises(NotImplementedError, match="setting axis= is tensor of shape"):
        neural.softmax(x, axis=nested(s))


def test_a_setting_without_a_gradient_counts_as_its_value():
    x = ag.tensor([[3.0, 1.0], [2.0, 5.0]], requires_grad=True)
    one, half = ag.tensor(1), ag.tensor(0.5)
    for y, expected in (
        (np.sum(x, axis=one), [4, 7]),
        (np.std(x, axis=(ag.tensor(0),), ddof=one), np.std(x.data, axis=0, ddof=1)),
        (np.quantile(x, half, axis=0), [2.5, 3]),
        (ag.leaky_relu(-x, slope=half), -0.5 * x.data),
        (np.roll(x, one, axis=one), [[1, 3], [5, 2]]),
    ):
        assert y.requires_grad
        np.testing.assert_allclose(y.detach(), expected)


def test_a_condition_may_be_a_tensor_where_the_array_is_none():
    t = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    assert np.sum(np.ones(3), where=t > 1) == 2.0
    assert np.add.reduce(np.ones(3), where=t > 1, initial=5.0) == 7.0
    assert np.max(np.arange(3.0), where=t < 3, initial=-1.0) == 1.0
    assert NOT_GIVEN is inspect.signature(np.sum).parameters["where"].default


@pytest.mark.parametrize("values", [0.1, [[0.1, 0.2]], [0.3]])
def test_the_ends_of_a_ramp_are_differentiated(values):
    ag.gradcheck(lambda s: np.pad(ag.tensor([1.0, 2.0, 4.0]), 2, mode="linear_ramp", end_values=s), np.array(values))
