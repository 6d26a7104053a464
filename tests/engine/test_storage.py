"""What a graph has recorded does not change under it: by value, or noticed."""

import gc
import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.engine.storage import LOANS
from autograd_lite.nn import functional as F

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def leaf(values=(1.0, 2.0, 3.0), name="w"):
    return ag.tensor(np.array(values), requires_grad=True, name=name)


CONSTANTS = {
    "an operand": (np.array([1.0, 2.0, 3.0]), lambda x, c: (x * c).sum()),
    "the other operand": (np.array([1.0, 2.0, 3.0]), lambda x, c: (c / x).sum()),
    "a product's": (X, lambda x, c: (c @ x).sum()),
    "a layer's input": (X, lambda x, c: (F.linear(c, x[None] * np.ones((2, 1)), np.zeros(2)) ** 2).sum()),
    "an activation's": (X, lambda x, c: (F.relu(c) * x).sum()),
    "an index": (np.array([0, 2, 2]), lambda x, c: (x[c] ** 2).sum()),
    "a mask": (np.array([True, False, True]), lambda x, c: (x[c] ** 2).sum()),
    "a condition": (np.array([True, False, True]), lambda x, c: np.where(c, x**2, x).sum()),
    "labels": (np.array([0, 2]), lambda x, c: F.cross_entropy(np.stack([x, x * x]), c)),
    "targets": (np.array([1.0, 0.0, 2.0]), lambda x, c: F.mse_loss(x * x, c)),
    "rows of an embedding": (np.array([0, 0]), lambda x, c: (F.embedding(c, x[:, None] * X[:1]) ** 2).sum()),
    "a view's base": (np.arange(6.0).reshape(2, 3), lambda x, c: (x * c[1]).sum()),
    "a broadcast array's": (np.arange(3.0), lambda x, c: (x * np.broadcast_to(c, (2, 3))).sum()),
    "read-only, and its base is not": (np.arange(3.0), lambda x, c: (x * protected(c)).sum()),
    "an assigned value": (np.array([5.0, 6.0]), lambda x, c: assigned(x, c)),
    "weights in a contraction": (X, lambda x, c: np.einsum("ij,j->", c, x)),
    "a custom function's": (np.array([1.0, 2.0, 3.0]), lambda x, c: custom(x, c).sum()),
    "a checkpoint's": (np.array([1.0, 2.0, 3.0]), lambda x, c: ag.checkpoint(lambda x, c: x * c)(x, c).sum()),
    "a list": ([1.0, 2.0, 3.0], lambda x, c: (x * c).sum()),
    "a list of places": ([0, 2, 2], lambda x, c: (x[c] ** 2).sum()),
    "axes": ([1, 0], lambda x, c: (np.transpose(x * X, c) * np.arange(6.0).reshape(3, 2)).sum()),
}


def protected(c):
    view = c.view()
    view.flags.writeable = False
    return view


def assigned(x, c):
    y = x * x
    y[1:] = c
    return (y * y).sum()


@ag.custom_vjp
def custom(x, c):
    return x * c


custom.defvjp(lambda x, c: (x * c, c), lambda c, g: (g * c, None))


@pytest.mark.parametrize("case", CONSTANTS)
def test_a_constant_is_taken_by_value(case):
    constant, f = CONSTANTS[case]
    x, given = leaf(), constant.copy()
    f(x, given).backward()
    again, given = leaf(), constant.copy()
    loss = f(again, given)
    given[:] = given[::-1] if isinstance(given, list) else np.zeros_like(given)
    loss.backward()
    np.testing.assert_array_equal(again.grad, x.grad)


def test_what_nobody_can_change_is_not_copied():
    x, c = leaf(), np.arange(3.0)
    c.flags.writeable = False
    assert (x * c).node.args[1] is c
    tensor = ag.tensor([1.0, 2.0, 3.0])
    assert (x * tensor).node.args[1] is tensor.node


def test_without_a_gradient_nothing_is_copied(monkeypatch):
    monkeypatch.setattr("autograd_lite.engine.graph.by_value", None)
    ag.tensor([1.0, 2.0]) * np.ones(2)
    with ag.no_grad():
        leaf() * np.ones(3)


WRITES = {
    "an element": lambda w: w.data.__setitem__(0, 9.0),
    "in place": lambda w: np.multiply(w.data, 2, out=w.data),
    "an operator": lambda w: w.data.__imul__(2),
    "through a view": lambda w: w.data[1:].__setitem__(0, 9.0),
    "through a view that lives on": lambda w: w.data[1:].reshape(-1, 1)[:1].fill(9.0),
    "by a method": lambda w: w.data.fill(9.0),
    "by sorting": lambda w: w.data[::-1].sort(),
    "by a function": lambda w: np.copyto(w.data, 9.0),
    "by a plain array": lambda w: np.asarray(w.data).__setitem__(0, 9.0),
    "by a memoryview": lambda w: memoryview(w.data).__setitem__(0, 9.0),
    "by a shuffle": lambda w: np.random.default_rng(0).shuffle(w.data),
    "through a detached tensor": lambda w: w.detach().data.__setitem__(0, 9.0),
    "an assignment to a detached tensor": lambda w: w.detach().__setitem__(0, 9.0),
    "a new array": lambda w: setattr(w, "data", np.full(3, 9.0)),
    "without recording": lambda w: without_recording(w),
}


def without_recording(w):
    with ag.no_grad():
        w[0] = 9.0


@pytest.mark.parametrize("write", WRITES)
def test_writing_into_a_leaf_is_noticed_by_the_graph_that_has_used_it(write):
    w, x = leaf(), leaf((4.0, 5.0, 6.0), "x")
    before = (x * w).sum()
    WRITES[write](w)
    with pytest.raises(RuntimeError, match="tensor 'w' .* was changed after multiply"):
        before.backward()
    (x * w).sum().backward()
    np.testing.assert_array_equal(x.grad, w.data)


@pytest.mark.parametrize("write", ["an element", "through a view", "by a memoryview"])
def test_so_it_is_of_a_leaf_in_an_optimizers_memory_and_of_a_buffer(write):
    w, x = leaf(), leaf((4.0, 5.0, 6.0), "x")
    optim.SGD([w], lr=0.1)
    before = (x * w).sum()
    WRITES[write](w)
    with pytest.raises(RuntimeError, match="was changed after"):
        before.backward()
    buffer = nn.Buffer([1.0, 2.0, 3.0])
    before = (x * buffer).sum()
    WRITES[write](buffer)
    with pytest.raises(RuntimeError, match="was changed after"):
        before.backward()


def test_an_array_that_is_held_may_be_written_to_before_and_read_at_any_time():
    w, x = leaf(), leaf((4.0, 5.0, 6.0), "x")
    memory = w.data
    assert w.data is memory
    memory[0] = 7.0
    loss = (x * w).sum()
    assert memory.sum() == 12
    loss.backward()
    np.testing.assert_array_equal(x.grad, [7, 2, 3])
    loss = (x * w).sum()
    memory[0] = 8.0
    with pytest.raises(RuntimeError, match="was changed after"):
        loss.backward()


def test_a_change_of_a_view_of_a_leaf_is_noticed_where_only_its_values_are_used():
    w, x = leaf(), leaf((4.0, 5.0), "x")
    part = w[1:]
    loss = (x * part).sum()
    w.data[1] = 9.0
    with pytest.raises(RuntimeError, match="was changed after"):
        ag.autograd.grad(loss, x)


def test_nothing_is_watched_longer_than_it_can_be_written_to():
    gc.collect()
    LOANS.clear()
    w = leaf()
    w.data[0] = 2.0
    assert not LOANS
    kept = w.data[1:]
    assert len(LOANS) == 1
    del kept
    assert not LOANS


def test_a_detached_tensor_moves_with_its_leaf():
    w = leaf()
    d, row = w.detach(), w[1:].detach()
    optimizer = optim.SGD([w], lr=0.5)
    (w * w).sum().backward()
    optimizer.step()
    np.testing.assert_array_equal(w.data, [0, 0, 0])
    np.testing.assert_array_equal(d.data, w.data)
    np.testing.assert_array_equal(row.data, w.data[1:])
    d[0] = 5.0
    row[1] = 6.0
    np.testing.assert_array_equal(w.data, [5, 0, 6])
    w.data = np.array([1.0, 1.0, 1.0])
    assert d.tolist() == [1, 1, 1] and row.tolist() == [1, 1]
    assert not d.requires_grad and w.requires_grad and w.is_leaf
    with pytest.raises(RuntimeError, match="detached and shares its memory .* copy"):
        d[0] = leaf()[0]


def test_a_detached_tensor_of_what_was_computed_is_a_value_of_its_own():
    w = leaf()
    y = w * 2
    target = y.detach()
    target[0] = 0.0
    ((y - target) ** 2).sum().backward()
    assert y.tolist() == [2, 4, 6]
    np.testing.assert_array_equal(w.grad, [8, 0, 0])


def test_a_detached_leaf_may_become_a_leaf_of_its_own():
    w = leaf()
    d = w.detach()
    d.requires_grad = True
    (d * d).sum().backward()
    assert w.grad is None
    np.testing.assert_array_equal(d.grad, [2, 4, 6])
    with pytest.raises(RuntimeError, match=r"no_grad\(\).*copy\(\)"):
        d[0] = 1.0
    w.data = np.zeros(3)
    assert d.requires_grad and d.is_leaf and d.tolist() == [0, 0, 0]
    np.testing.assert_array_equal(d.grad, [2, 4, 6])
    view = ag.zeros(3)[1:]
    with pytest.raises(RuntimeError, match="is a view of .* copy"):
        view.requires_grad = True


CHANGES = (
    *("w += 1", "w *= 2", "w -= 0.1 * (w.grad + w)", "w[0] = 5.0", "w[1:] /= 2", "w[1:][0] = 2.0", "w **= 2"),
    *("w.fill(1)", "w.sort()", "np.copyto(w, 1)", "np.put(w, 0, 1)", "w.reshape(3, 1)[:, 0] -= 1", "w //= 1"),
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_leaf_is_not_changed_while_recording(change):
    w = leaf()
    (w * w).sum().backward()
    with pytest.raises(RuntimeError, match=r"'w' .*leaf.*ag\.no_grad\(\).*w = w\.copy\(\)"):
        exec(change, {"w": w, "np": np})
    assert w.tolist() == [1, 2, 3]
    expected = w.numpy() if not w.requires_grad else w.detach().numpy()
    exec(change.replace("w.grad", "grad"), {"w": expected, "np": np, "grad": w.grad})
    with ag.no_grad():
        exec(change, {"w": w, "np": np})
    assert w.is_leaf and w.requires_grad
    np.testing.assert_allclose(w.detach().numpy(), expected)
    copy = w.copy()
    exec(change.replace("w.grad", "1"), {"w": copy, "np": np})


def test_a_parameter_updated_by_hand_trains():
    def trained(update):
        w = leaf()
        for _ in range(5):
            w.grad = None
            ((w - 1) ** 2).sum().backward()
            update(w)
        return w.detach().numpy()

    def in_place(w):
        with ag.no_grad():
            w -= 0.1 * (w.grad + 0.5 * w)

    def by_data(w):
        w.data -= 0.1 * (w.grad + 0.5 * w.data)

    np.testing.assert_allclose(trained(in_place), trained(by_data), rtol=1e-14)


def test_a_tensor_with_a_history_keeps_it():
    y = leaf() * 2
    with ag.no_grad(), pytest.raises(RuntimeError, match=r"its history would be lost.*no_grad"):
        y[0] = 1.0
    with ag.no_grad():
        taken = y[1:]
    with pytest.raises(RuntimeError, match="take it again"):
        taken[0] = 1.0
    with ag.no_grad():
        z = leaf() * 2
        z[0] = 1.0
    assert z.tolist() == [1, 4, 6]


def test_asking_a_computed_tensor_for_its_gradient_warns_with_the_cure():
    w = leaf()
    (w * w).sum().backward()
    w = w - 0.1 * w.grad
    with pytest.warns(ag.GradOfComputedWarning, match=r"ag\.autograd\.grad.*w -= lr \* w\.grad"):
        assert w.grad is None
    with ag.no_grad():
        w = leaf() * 2
    assert w.grad is None


def test_hooks_belong_to_the_value_that_they_were_registered_on():
    seen = []
    h = leaf() * 2
    h.register_hook(lambda g: seen.append("before"))
    kept = h * h
    h += 1
    h.register_hook(lambda g: seen.append("after"))
    h.sum().backward()
    assert seen == ["after", "before"]
    seen.clear()
    kept.sum().backward()
    assert seen == ["before"]


@pytest.mark.parametrize(("requires_grad", "held"), list(itertools.product([True, False], repeat=2)))
def test_an_array_that_was_handed_out_stays_the_memory(requires_grad, held):
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=requires_grad)
    memory = x.data if held else None
    with ag.no_grad():
        x[1] = 7.0
        x *= 2
    assert x.tolist() == [2, 14, 6]
    if held:
        np.testing.assert_array_equal(memory, [2, 14, 6])
