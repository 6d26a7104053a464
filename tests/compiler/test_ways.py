"""What changes between two calls of a compiled function has the effect that it has in eager mode, or is refused."""

import copy
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler import TraceError
from tests.compiler.ways import HOLDERS, MUTABLE, VALUES, combined, in_place

X = np.array([1.0, -2.0])


def results(compile, make, values, mutate):
    """What a function gives while what it reads changes; where it is refused, the error's place."""
    values = copy.deepcopy(values) if not callable(values[0]) else values
    read, write = make(values[0])
    step = compile(lambda x: combined(ag.tensor(x) if compile is eager else x, read()))
    found = []
    for value in (*values[1:], values[0], None):
        with warnings.catch_warnings(action="ignore"):  # of what runs eagerly, or is traced often
            found.append(np.asarray(step(X)))
        if mutate:
            in_place(read())
        elif value is not None or values[0] is None:
            write(value)
    return found


def eager(f):
    """The function itself."""
    return f


def same(make, values, mutate=False):
    """See that a compiled function gives what the function gives, or refuses."""
    try:
        expected = results(eager, make, values, mutate)
    except TypeError:  # a function in a class is a method
        return
    try:
        found = results(ag.compile, make, values, mutate)
    except TraceError:
        return
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("holder", HOLDERS)
def test_what_is_exchanged_takes_effect(holder, kind):
    same(HOLDERS[holder], VALUES[kind])


@pytest.mark.parametrize("kind", MUTABLE)
@pytest.mark.parametrize("holder", HOLDERS)
def test_what_is_changed_in_place_takes_effect(holder, kind):
    same(HOLDERS[holder], VALUES[kind], mutate=True)
