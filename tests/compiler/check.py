"""What "compiled equals eager" means: the same bits, the same dtypes, the same shapes, call after call."""

import numpy as np

import autograd_lite as ag

compiled = ag.compile


def same(got, expected, tolerance=0.0):
    """Two trees of results are equal: bit for bit, or within a tolerance relative to the largest element."""
    if isinstance(expected, dict):
        assert list(got) == list(expected)
        got, expected = list(got.values()), list(expected.values())
    if isinstance(expected, tuple | list):
        assert type(got) is type(expected) and len(got) == len(expected)
        for g, e in zip(got, expected, strict=True):
            same(g, e, tolerance)
        return
    if expected is None:
        assert got is None
        return
    assert isinstance(got, ag.Tensor) == isinstance(expected, ag.Tensor)
    got, expected = values(got), values(expected)
    assert got.dtype == expected.dtype and got.shape == expected.shape
    if tolerance:
        largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * largest)
    else:
        np.testing.assert_array_equal(got, expected)


def values(a):
    """The array in a result."""
    return a.detach().numpy() if isinstance(a, ag.Tensor) else np.asarray(a)


def check(function, *calls, tolerance=0.0):
    """`function`, compiled, gives for each of `calls` what it gives uncompiled, from one trace for all of them."""
    step = compiled(function)
    for args in calls:
        with np.errstate(all="ignore"):
            expected, got = function(*args), step(*args)
        same(got, expected, tolerance)
    assert len(step.signatures) == 1
    return step


def check_training(make, batches, seed=7, traces=1, tolerance=0.0):
    """A training step gives the same results and leaves the same state behind, compiled or not.

    ``make()`` gives a step and what it changes: tensors by name. `traces` says for how many signatures it is traced.
    """
    outcomes = []
    for change in (lambda step: step, compiled):
        ag.manual_seed(seed)
        step, state = make()
        step = change(step)
        outcomes.append([(step(*batch), [values(t) for t in state()]) for batch in batches])
    for (expected, state), (got, compiled_state) in zip(*outcomes, strict=True):
        same(got, expected, tolerance)
        same(compiled_state, state, tolerance)
    assert len(step.signatures) == traces
    return step
