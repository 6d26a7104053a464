"""The recorder and the walk: order, sharing, ownership, memory, stale leaves."""

import gc
import threading
import tracemalloc

import numpy as np
import pytest

import autograd_lite as ag


def test_a_node_used_twice_gets_both_gradients():
    x = ag.tensor(3.0, requires_grad=True)
    y = x * x + x
    y.backward()
    assert x.grad == 7


def test_doubling_sixteen_times_visits_each_node_once():
    x = y = ag.tensor(1.0, requires_grad=True)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_a_chain_of_100_000_operations_records_backpropagates_and_is_freed():
    x = ag.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(50_000):
        y = y * 1.0
        y = y + 0.0
    y.backward()
    assert x.grad == 1
    del y


def test_a_graph_has_no_reference_cycle_and_memory_stays_flat():
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((8, 4)), rng.standard_normal((8, 1))
    w = ag.tensor(rng.standard_normal((4, 1)), requires_grad=True)

    def step():
        loss = ((np.tanh(x @ w) - target) ** 2).mean()
        loss.backward()
        w.data -= 0.01 * w.grad
        w.grad = None

    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        for _ in range(5000):  # Python and NumPy fill their free lists first
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert grown < 10_000


def test_reading_n_elements_one_by_one_costs_linear_memory_traffic():
    n = 20_000
    x = ag.tensor(np.arange(float(n)), requires_grad=True)
    total = x[0]
    for i in range(1, n):
        total = total + x[i]
    tracemalloc.start()
    total.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(x.grad, np.ones(n))
    assert peak < 100 * n  # one gradient of 8n bytes and the heap; n dense gradients would be 8n² bytes


def test_second_backward_accumulates_in_leaves_only():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    y.backward()
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * 3 * np.array([1.0, 4.0]))


def test_every_leaf_owns_its_gradient():
    a, b = (ag.tensor(np.ones(3), requires_grad=True) for _ in range(2))
    (a + b).sum().backward()
    assert not np.shares_memory(a.grad, b.grad)
    for g in (a.grad, b.grad):
        assert g.flags.writeable and g.flags.c_contiguous
    a.grad *= 5
    np.testing.assert_array_equal(b.grad, np.ones(3))


@pytest.mark.parametrize(
    "use", [lambda x: x.sum(), lambda x: (x.T * np.ones((3, 2))).sum(), lambda x: x.reshape(-1)[0]]
)
def test_gradients_are_writable_and_contiguous_whatever_the_rule_returned(use):
    x = ag.tensor(np.ones((2, 3)), requires_grad=True)
    use(x).backward()
    assert x.grad.flags.carray and x.grad.flags.owndata


def test_the_seed_stays_the_callers():
    x = ag.tensor(np.ones(3), requires_grad=True)
    seed = np.arange(3.0)
    x.backward(seed)
    x.grad += 1
    np.testing.assert_array_equal(seed, np.arange(3.0))


def test_gradients_keep_the_dtype_of_their_argument():
    a = ag.tensor(np.ones(3, np.float32), requires_grad=True)
    b = ag.tensor(np.ones((2, 3)), requires_grad=True)
    y = a * b
    assert y.dtype == np.float64
    y.sum().backward()
    assert a.grad.dtype == np.float32 and b.grad.dtype == np.float64


@pytest.mark.parametrize("constant", [2.0, np.float64(2), np.array(2.0), ag.tensor(2.0), 2, np.int64(2)], ids=repr)
def test_0d_constants_never_change_a_dtype(constant):
    for x in (ag.tensor(np.ones(3, np.float32), requires_grad=True), ag.tensor(np.float32(1), requires_grad=True)):
        for y in (x * constant, constant * x, np.add(x, constant), x / constant, x**constant, np.maximum(x, constant)):
            assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.data.__isub__(0.5) is None or setattr(w, "data", w.data),
        lambda w: setattr(w, "data", np.zeros(3)),
        lambda w: ag.optim.SGD([w], lr=1.0).step(),
    ],
)
def test_a_leaf_changed_after_use_is_refused(change):
    w = ag.tensor(np.ones(3), requires_grad=True, name="weight")
    loss = (w * w).sum()
    w.grad = np.ones(3)
    change(w)
    with pytest.raises(RuntimeError, match="'weight' of shape .* was changed after multiply"):
        loss.backward()
    w.grad = None
    (w * w).sum().backward()
    np.testing.assert_allclose(w.grad, 2 * w.data)


@pytest.mark.parametrize("view", [lambda c: c[:2], lambda c: c.reshape(2), lambda c: c.T, lambda c: c.detach()])
def test_a_changed_leaf_is_noticed_through_its_views(view):
    x, c = ag.tensor(np.ones(2), requires_grad=True), ag.tensor(np.ones(2))
    y = (x * view(c)).sum()
    c.data = np.zeros(2)
    with pytest.raises(RuntimeError, match="was changed after"):
        y.backward()


def test_a_constant_assigned_to_is_a_leaf_of_its_own_and_noticed():
    x, c = ag.tensor(np.ones(2), requires_grad=True), ag.tensor(np.ones(2), name="c")
    before = (x * c).sum()
    c += 1
    c[0] = 5.0
    after = (x * c).sum()
    before.backward()
    np.testing.assert_array_equal(x.grad, [1, 1])
    c.data = np.zeros(2)
    with pytest.raises(RuntimeError, match="'c' of shape .* was changed"):
        after.backward()


def test_no_grad_is_of_its_thread_alone():
    x = ag.tensor(1.0, requires_grad=True)
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
        assert not (x * 2).requires_grad
        with ag.enable_grad():
            assert (x * 2).requires_grad
    assert seen == [True]


def test_an_exception_leaves_the_mode():
    with pytest.raises(ZeroDivisionError), ag.no_grad():
        raise ZeroDivisionError
    assert ag.is_grad_enabled()

    @ag.no_grad()
    def f(depth):
        assert not ag.is_grad_enabled()
        if depth:
            f(depth - 1)
        assert not ag.is_grad_enabled()

    f(3)
    assert ag.is_grad_enabled()


def test_hooks_see_and_replace_gradients():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    seen = []
    y.register_hook(lambda g: seen.append(np.array(g)))
    remove = x.register_hook(lambda g: -g)
    (y * y).sum().backward()
    np.testing.assert_allclose(seen, [[6.0, 12.0]])
    np.testing.assert_allclose(x.grad, [-18.0, -36.0])
    remove()
    x.grad = None
    (y * y).sum().backward()
    np.testing.assert_allclose(x.grad, [18.0, 36.0])


def test_errors_keep_numpys_message_and_name_the_call():
    x = ag.tensor(np.ones((2, 3)), requires_grad=True, name="x")
    with pytest.raises(ValueError, match="matmul") as caught:
        x @ np.ones((2, 3))
    assert any("tensor 'x' of shape (2, 3)" in note for note in caught.value.__notes__)
