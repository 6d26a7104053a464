"""Views of views, however many, and assignments through any of them."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import check, compiled

VIEWS = {
    "part": lambda a: a[1:],
    "row": lambda a: a[1],
    "transpose": lambda a: a.T,
    "swapaxes": lambda a: np.swapaxes(a, 0, 2),
    "moveaxis": lambda a: np.moveaxis(a, 0, -1),
    "part of a transpose": lambda a: a.T[1:, ::-1],
    "transpose of a part": lambda a: a[:, 1:].transpose(2, 0, 1),
    "reshape": lambda a: a.reshape(6, 4),
    "reshape of a transpose": lambda a: a.T.reshape(4, 3, 2, 1)[..., 0],
    "ravel": lambda a: np.ravel(a),
    "new axis": lambda a: np.expand_dims(a, 1),
    "squeeze": lambda a: np.squeeze(a[:1]),
    "every other column": lambda a: a[..., ::2],
    "in Fortran order": lambda a: np.reshape(a.T, (12, 2), order="F") if isinstance(a, ag.Tensor) else a.T.T[:, 0],
    "element": lambda a: a[1, 2, 3:],
}
CHANGES = {
    "all": lambda v, x: v.__setitem__(..., x.sum()),
    "some": lambda v, x: v.__setitem__(0, x[0, 0, 0] * 2),
    "augmented": lambda v, x: v.__iadd__(x[0, 0, 0]),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("view", VIEWS)
def test_what_is_assigned_to_a_view_is_in_its_array(view, change):
    def computed(x):
        y = x * 2
        CHANGES[change](VIEWS[view](y), x)
        return y, (y * x).sum()

    check(computed, *[(ag.tensor(np.random.default_rng(i).normal(size=(2, 3, 4))),) for i in range(2)])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("view", VIEWS)
def test_what_is_assigned_to_a_view_of_a_tensors_memory_is_in_the_tensor(view, change):
    def outcomes(transform):
        w = ag.tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True)

        def step(x):
            with ag.no_grad():
                CHANGES[change](VIEWS[view](w.data), x.data)
            return (w * x).sum()

        step = transform(step)
        x = ag.tensor(np.random.default_rng(0).normal(size=(2, 3, 4)))
        return [(step(x).item(), w.data.tolist()) for _ in range(3)]

    assert outcomes(compiled) == outcomes(lambda step: step)


@pytest.mark.parametrize("transform", [lambda f: f, compiled], ids=["eager", "compiled"])
def test_a_thousand_views_of_views(transform):
    def function(x):
        y = x * 2.0
        for i in range(990):
            y = y.T if i % 99 == 0 else y[:]
        y[0] = 1.0
        return (y * y).sum()

    value, gradient = transform(ag.value_and_grad(function))(np.arange(4.0).reshape(2, 2))
    assert value == 1 + 1 + 4**2 + 6**2
    np.testing.assert_array_equal(gradient, [[0, 0], [16, 24]])


def test_memory_takes_values_of_tensors_and_no_history():
    def outcomes(transform, value):
        w = ag.tensor(np.zeros(3))
        b = ag.tensor(2.0, requires_grad=True)

        def step(x):
            w.data[1:] = value(x, b)
            return w.sum()

        return transform(step)(ag.tensor([1.0, 2.0])).item()

    assert outcomes(compiled, lambda x, b: x) == outcomes(lambda step: step, lambda x, b: x) == 3.0
    for transform in (compiled, lambda step: step):
        with pytest.raises((RuntimeError, ag.TraceError)):
            outcomes(transform, lambda x, b: x * b)


def test_views_of_views_of_a_parameter_are_named_without_recursion():
    w = ag.tensor(np.arange(401.0), requires_grad=True)

    def f(x):
        v = w
        for _ in range(400):
            v = v[1:]
        return (v * x).sum().detach()

    assert ag.compile(f)(np.ones(1)).item() == f(ag.tensor([1.0])).item() == 400
