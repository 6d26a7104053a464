"""The one check that every row of the rule table passes."""

import numpy as np

import autograd_lite as ag

STEP = 1e-6


def check(function, *args, order=2, **settings):
    """Value, first and second derivative, dtype and ownership of a function that has rules.

    Float64 arrays among `args` are differentiated; everything else is constant.
    """
    places = [i for i, a in enumerate(args) if isinstance(a, np.ndarray | np.floating) and a.dtype == np.float64]
    arrays = [np.asarray(args[i]) for i in places]

    def call(*values, wrap=lambda v: v):
        full = list(args)
        for i, value in zip(places, values, strict=True):
            full[i] = wrap(value)
        return function(*full, **settings)

    expected = call(*arrays)
    seed = np.random.default_rng(1).standard_normal(np.shape(expected))
    weights = [np.random.default_rng(2 + i).standard_normal(a.shape) for i, a in enumerate(arrays)]

    def gradients(*values, create_graph=False):
        tensors = [ag.tensor(v, requires_grad=True) for v in values]
        y = call(*tensors)
        np.testing.assert_array_equal(y.dtype, np.asarray(expected).dtype)
        np.testing.assert_allclose(y.detach().numpy(), call(*values), rtol=1e-13)
        found = ag.autograd.grad(y, tensors, seed, create_graph=create_graph, allow_unused=True)
        return tensors, [np.zeros(v.shape) if g is None else g for v, g in zip(values, found, strict=True)]

    _, first = gradients(*arrays)
    compare(first, differences(lambda *v: np.sum(call(*v) * seed), arrays), "first derivative")
    for g, a in zip(first, arrays, strict=True):
        assert g.shape == a.shape and g.dtype == a.dtype
        assert isinstance(g, np.ndarray) and g.flags.carray and g.flags.owndata

    if order == 2:
        tensors, first = gradients(*arrays, create_graph=True)
        total = sum(np.sum(g * w) for g, w in zip(first, weights, strict=True) if isinstance(g, ag.Tensor))

        def weighted(*values):
            return sum(np.sum(g * w) for g, w in zip(gradients(*values)[1], weights, strict=True))

        second = [np.zeros(a.shape) for a in arrays]
        if isinstance(total, ag.Tensor) and total.requires_grad:
            found = ag.autograd.grad(total, tensors, allow_unused=True)
            second = [s if g is None else g for s, g in zip(second, found, strict=True)]
        compare(second, differences(weighted, arrays), "second derivative")

    singles = [ag.tensor(a, dtype=np.float32, requires_grad=True) for a in arrays]
    y = call(*singles)
    assert y.dtype == np.float32, f"{function.__name__} turns float32 into {y.dtype}"
    if y.requires_grad:
        y.backward(seed)
        assert all(t.grad is None or t.grad.dtype == np.float32 for t in singles)


def differences(function, arrays):
    """Central differences of a scalar function in every element of every array."""
    result = []
    for k, a in enumerate(arrays):
        g = np.zeros(a.shape)
        for index in np.ndindex(a.shape):
            ends = []
            for step in (STEP, -STEP):
                moved = [b.copy() for b in arrays]
                moved[k][index] += step
                ends.append(function(*moved))
            g[index] = (ends[0] - ends[1]) / (2 * STEP)
        result.append(g)
    return result


def compare(got, expected, what):
    for g, e in zip(got, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=2e-6, atol=2e-7, err_msg=what)
