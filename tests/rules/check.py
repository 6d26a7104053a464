"""The one check that every function with a gradient passes."""

import numpy as np

import autograd_lite as ag

STEP = 1e-6


def check(function, *args, order=2, tolerance=2e-6, **settings):
    """Value, first and second derivative, dtype and ownership of a function that has rules.

    Float64 arrays among `args`, also in lists, are differentiated; everything else is constant. A function may give
    several arrays; those that carry no gradient are constants.
    """
    places = [(i, None) for i, a in enumerate(args) if differentiable(a)]
    places += [(i, j) for i, a in enumerate(args) if isinstance(a, list) for j, b in enumerate(a) if differentiable(b)]
    arrays = [np.asarray(args[i] if j is None else args[i][j]) for i, j in places]

    def call(*values):
        full = [list(a) if isinstance(a, list) else a for a in args]
        for (i, j), value in zip(places, values, strict=True):
            if j is None:
                full[i] = value
            else:
                full[i][j] = value
        return outputs(function(*full, **settings))

    expected = call(*arrays)
    seeds = [np.random.default_rng(i).standard_normal(np.shape(e)) for i, e in enumerate(expected)]
    weights = [np.random.default_rng(9 + i).standard_normal(a.shape) for i, a in enumerate(arrays)]

    def gradients(*values, create_graph=False):
        tensors = [ag.tensor(v, requires_grad=True) for v in values]
        results = call(*tensors)
        for y, e in zip(results, call(*values), strict=True):
            assert isinstance(y, ag.Tensor) and y.dtype == np.asarray(e).dtype and y.shape == np.shape(e)
            np.testing.assert_allclose(y.detach().numpy(), e, rtol=1e-12, atol=1e-13)
        roots = [(y, seed) for y, seed in zip(results, seeds, strict=True) if y.requires_grad]
        ys, ws = zip(*roots, strict=True)
        found = ag.autograd.grad(ys, tensors, list(ws), create_graph=create_graph, allow_unused=True)
        return tensors, [np.zeros(v.shape) if g is None else g for v, g in zip(values, found, strict=True)]

    def weighted_sum(*values):
        return sum(np.sum(y * seed) for y, seed in zip(call(*values), seeds, strict=True))

    _, first = gradients(*arrays)
    compare(first, differences(weighted_sum, arrays), tolerance, "first derivative")
    for g, a in zip(first, arrays, strict=True):
        assert g.shape == a.shape and g.dtype == a.dtype
        assert isinstance(g, np.ndarray) and g.flags.carray and g.flags.owndata

    _, tangents = ag.jvp(lambda *values: tuple(call(*values)), tuple(arrays), tuple(weights))
    forward = sum(np.sum(t * seed) for t, seed in zip(tangents, seeds, strict=True))
    backward = sum(np.sum(g * w) for g, w in zip(first, weights, strict=True))
    np.testing.assert_allclose(forward, backward, rtol=1e-9, atol=1e-9, err_msg="jvp disagrees with vjp")

    if order == 2:
        tensors, first = gradients(*arrays, create_graph=True)
        total = sum(np.sum(g * w) for g, w in zip(first, weights, strict=True) if isinstance(g, ag.Tensor))

        def weighted_gradients(*values):
            return sum(np.sum(g * w) for g, w in zip(gradients(*values)[1], weights, strict=True))

        second = [np.zeros(a.shape) for a in arrays]
        if isinstance(total, ag.Tensor) and total.requires_grad:
            found = ag.autograd.grad(total, tensors, allow_unused=True)
            second = [s if g is None else g for s, g in zip(second, found, strict=True)]
        compare(second, differences(weighted_gradients, arrays), tolerance, "second derivative")

    singles = [ag.tensor(a, dtype=np.float32, requires_grad=True) for a in arrays]
    kept = [y for y in call(*singles) if y.requires_grad]
    for y, e in zip(call(*singles), call(*[t.data for t in singles]), strict=True):
        assert y.dtype in (np.float32, np.asarray(e).dtype), f"{function.__name__} of float32"
    for g in ag.autograd.grad(kept, singles, [np.ones(y.shape) for y in kept], allow_unused=True):
        assert g is None or g.dtype == np.float32


def differentiable(a):
    return isinstance(a, np.ndarray | np.floating) and a.dtype == np.float64


def outputs(result):
    """The arrays that a function gave, one or several; of complex ones their two parts."""
    arrays = result if isinstance(result, tuple | list) else [result]
    return [p for y in arrays for p in ((np.real(y), np.imag(y)) if np.iscomplexobj(y) else (y,))]


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


def compare(got, expected, tolerance, what):
    for g, e in zip(got, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance / 10, err_msg=what)
