"""`checkpoint`: the same gradients in less memory, and no silent difference."""

import tracemalloc

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F

rng = np.random.default_rng(0)


def gradients(f, *leaves):
    tensors = [ag.tensor(a, requires_grad=True) for a in leaves]
    return ag.autograd.grad(f(*tensors), tensors)


def test_arguments_and_captured_tensors_get_the_same_gradients_as_without():
    x, w = rng.standard_normal((4, 3)), rng.standard_normal((3, 3))

    def loss(wrap):
        def f(x, w):
            h = x * 2  # captured below, and itself computed from x
            block = wrap(lambda a: np.tanh(a @ w) + h * w[0, 0])
            return (block(block(np.sin(h))) ** 2).sum()

        return f

    for g, e in zip(gradients(loss(ag.checkpoint), x, w), gradients(loss(lambda f: f), x, w), strict=True):
        np.testing.assert_allclose(g, e)


def test_it_runs_once_forward_and_once_for_all_gradients():
    calls = []

    @ag.checkpoint
    def f(a, b):
        calls.append(1)
        return a * b, {"more": a + b}

    a, b = (ag.tensor(rng.standard_normal(3), requires_grad=True) for _ in range(2))
    product, more = f(a, b=b)
    loss = (product * more["more"]).sum()
    assert len(calls) == 1
    loss.backward()
    assert len(calls) == 2
    np.testing.assert_allclose(a.grad, 2 * a.data * b.data + b.data**2)
    loss.backward()
    np.testing.assert_allclose(a.grad, 2 * (2 * a.data * b.data + b.data**2))


def test_second_order():
    w = rng.standard_normal(3)

    def f(x):
        return (ag.checkpoint(lambda x: np.tanh(w * x))(x) ** 2).sum()

    def plain(x):
        return (np.tanh(w * x) ** 2).sum()

    x, v = rng.standard_normal(3), rng.standard_normal(3)
    np.testing.assert_allclose(ag.hessian(f)(x), ag.hessian(plain)(x))
    np.testing.assert_allclose(ag.jvp(f, (x,), (v,))[1], ag.jvp(plain, (x,), (v,))[1])
    captured = lambda f: lambda w: ag.grad(lambda x: (f(lambda x: np.tanh(w * x))(x) ** 2).sum())(x).sum()
    np.testing.assert_allclose(ag.grad(captured(ag.checkpoint))(w), ag.grad(captured(lambda f: f))(w))


def test_checkpoints_nest():
    inner = ag.checkpoint(np.tanh)
    outer = ag.checkpoint(lambda x: inner(inner(x) * x))
    x = rng.standard_normal(3)
    np.testing.assert_allclose(
        ag.grad(lambda x: outer(x).sum())(x), ag.grad(lambda x: np.tanh(np.tanh(x) * x).sum())(x)
    )


def test_the_same_elements_are_dropped_again_and_later_draws_are_not_disturbed():
    def run(wrap):
        ag.manual_seed(3)
        block = wrap(lambda x: F.dropout(x * 2, 0.5))
        x = ag.tensor(np.ones(50), requires_grad=True)
        y = block(x) * F.dropout(x, 0.5)
        y.sum().backward()
        return y.detach().numpy(), x.grad, ag.default_generator().random()

    for a, b in zip(run(ag.checkpoint), run(lambda f: f), strict=True):
        np.testing.assert_array_equal(a, b)


def test_modules_are_functions_that_use_their_parameters():
    x = rng.standard_normal((6, 4)).astype(np.float32)

    def gradients_of(wrap):
        ag.manual_seed(1)
        net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))
        (wrap(net)(wrap(lambda x: x)(x)) ** 2).sum().backward()
        return [p.grad for p in net.parameters()]

    for g, e in zip(gradients_of(ag.checkpoint), gradients_of(lambda f: f), strict=True):
        np.testing.assert_array_equal(g, e)
        assert g.dtype == np.float32


def test_a_generator_among_the_arguments_is_replayed():
    f = ag.checkpoint(lambda x, generator: F.dropout(x, 0.5, generator=generator))
    x = ag.tensor(np.ones(50), requires_grad=True)
    y = f(x, np.random.default_rng(0))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.detach().numpy())


def test_a_function_that_computes_something_else_is_refused():
    generator = np.random.default_rng(0)
    x = ag.tensor(np.ones(50), requires_grad=True)
    y = ag.checkpoint(lambda x: F.dropout(x, 0.5, generator=generator))(x)
    with pytest.raises(RuntimeError, match="other values"):
        y.sum().backward()
    h = x * 2
    y = ag.checkpoint(lambda x: x * h)(x)
    h[0] = 5.0
    with pytest.raises(RuntimeError, match="new value"):
        y.sum().backward()


def test_a_function_may_assign_to_its_arguments():
    def f(x):
        x *= 3
        x[0] = 0.0
        return x * x

    np.testing.assert_allclose(ag.grad(lambda x: ag.checkpoint(f)(x).sum())(np.array([1.0, 2.0])), [0, 36])


def test_a_changed_parameter_is_noticed():
    w = ag.tensor([1.0], requires_grad=True)
    y = ag.checkpoint(lambda x: x * w)(ag.tensor([2.0]))
    w.data -= 0.1
    with pytest.raises(RuntimeError, match="changed after"):
        y.backward()


def test_without_gradients_it_is_the_function_itself():
    f = ag.checkpoint(lambda x: x * 2)
    assert type(f(np.ones(2))) is np.ndarray
    assert not f(ag.tensor([1.0])).requires_grad
    with ag.no_grad():
        assert not f(ag.tensor([1.0], requires_grad=True)).requires_grad


def test_a_deep_chain_needs_less_memory():
    start = rng.standard_normal(20_000)

    def peak(wrap):
        def segment(x):
            for _ in range(10):
                x = np.tanh(x * 1.01)
            return x

        x = ag.tensor(start, requires_grad=True)
        tracemalloc.start()
        y = x
        for _ in range(5):
            y = wrap(segment)(y)
        y.sum().backward()
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest, x.grad

    (low, g), (high, e) = peak(ag.checkpoint), peak(lambda f: f)
    np.testing.assert_allclose(g, e)
    assert low < 0.45 * high
