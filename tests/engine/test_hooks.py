"""Hooks on tensors see a gradient that stays as it was, and may give another one that fits."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim


def leaf(data):
    return ag.tensor(data, requires_grad=True)


WALKS = {
    "backward": lambda y, x: y.backward(),
    "grad": lambda y, x: ag.autograd.grad(y, x),
    "recorded": lambda y, x: ag.autograd.grad(y, x, create_graph=True),
}


def test_what_a_hook_has_kept_stays_as_it_was():
    x, kept = leaf([1.0, 2.0]), []
    y = x * 1.0
    x.register_hook(kept.append)
    y.register_hook(kept.append)
    optimizer = optim.SGD([x], lr=0.1, momentum=0.9)
    for _ in range(3):
        y = x * 3.0
        y.register_hook(kept.append)
        (y + y).backward(np.full(2, 1.0))
    nn.utils.clip_grad_norm_([x], 0.1)
    nn.utils.clip_grad_value_([x], 0.01)
    x.grad *= 0
    x.grad[0] = 9
    optimizer.step()
    optimizer.zero_grad()
    assert [g.tolist() for g in kept] == [[2, 2], [6, 6]] * 3


def test_a_hook_keeps_its_array_though_the_seed_changes():
    x, kept, seed = leaf([1.0, 2.0]), [], np.ones(2)
    y = x * 2.0
    for tensor in (x, y):
        tensor.register_hook(kept.append)
    y.backward(seed)
    seed[:] = 7
    x.grad[:] = 7
    assert [g.tolist() for g in kept] == [[1, 1], [2, 2]]


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
@pytest.mark.parametrize("on_leaf", [True, False])
def test_a_hook_cannot_change_a_gradient_in_place(walk, on_leaf):
    x = leaf([1.0, 2.0])
    y = x * 2.0
    z = y + y * 1.0  # both share one gradient

    def change(g):
        g[0] = 100.0

    (x if on_leaf else y).register_hook(change)
    with pytest.raises((ValueError, RuntimeError), match=r"read-only|in place"):
        walk(z.sum(), x)


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
@pytest.mark.parametrize("on_leaf", [True, False])
def test_what_a_hook_returns_is_not_written_into_and_not_handed_out(walk, on_leaf):
    x, mine = leaf([1.0, 2.0]), np.array([5.0, 6.0])
    for _ in range(3):
        y = x * 1.0
        remove = (x if on_leaf else y).register_hook(lambda g: mine)
        found = walk((y + x * 0.0).sum(), x)
        remove()
        np.testing.assert_array_equal(mine, [5, 6])
        for g in (x.grad, *(found or ())):
            if isinstance(g, np.ndarray):
                assert not np.shares_memory(g, mine) and g.flags.carray
                g[:] = 0
    np.testing.assert_array_equal(mine, [5, 6])


GIVEN = {
    "array": lambda g: np.array([2.0, 3.0]),
    "of another dtype": lambda g: np.array([2.0, 3.0], np.float32),
    "of integers": lambda g: np.array([2, 3]),
    "list": lambda g: [2.0, 3.0],
    "read-only": lambda g: np.broadcast_to(np.array([2.0, 3.0]), 2),
    "strided": lambda g: np.array([2.0, 0.0, 3.0])[::2],
    "what it was given": lambda g: g,
    "tensor": lambda g: ag.tensor([2.0, 3.0]),
    "tensor with a gradient": lambda g: ag.tensor([2.0, 3.0], requires_grad=True) * 1.0,
    "computed": lambda g: g * 1.0,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
@pytest.mark.parametrize("replacement", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("on_leaf", [True, False])
def test_a_replacement_becomes_a_gradient_like_any_other(replacement, walk, dtype, on_leaf):
    x = ag.tensor([1.0, 1.0], dtype=dtype, requires_grad=True)
    y = x * 1.0
    (x if on_leaf else y).register_hook(replacement)
    found = walk((y * np.array([2.0, 3.0], dtype)).sum(), x)
    (g,) = (x.grad,) if found is None else found
    assert isinstance(g, ag.Tensor if walk is WALKS["recorded"] else np.ndarray)
    assert g.dtype == dtype and g.shape == (2,)
    np.testing.assert_array_equal(g.detach() if isinstance(g, ag.Tensor) else g, [2, 3])


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
@pytest.mark.parametrize(
    ("replacement", "error", "message"),
    [
        (lambda g: np.ones(3), ValueError, r"shape \(3,\)"),
        (lambda g: 1.0, ValueError, r"shape \(\)"),
        (lambda g: np.ones((1, 2)), ValueError, r"shape \(1, 2\)"),
        (lambda g: ag.tensor(np.ones(3)), ValueError, r"shape \(3,\)"),
        (lambda g: np.array([1j, 1]), TypeError, "complex128"),
        (lambda g: ag.tensor(np.array([1j, 1])), TypeError, "complex128"),
        (lambda g: np.array(["a", "b"]), TypeError, "hook"),
        (lambda g: np.array([None, 1]), TypeError, "hook"),
    ],
)
def test_a_replacement_that_does_not_fit_is_refused(walk, replacement, error, message):
    x = ag.tensor([1.0, 1.0], requires_grad=True, name="x")
    x.register_hook(replacement)
    with pytest.raises(error, match=message) as caught:
        walk((x * 2.0).sum(), x)
    assert "tensor 'x' of shape (2,)" in str(caught.value)


def test_hooks_of_numbers_and_of_complex_numbers():
    x, seen = leaf(2.0), []
    x.register_hook(lambda g: seen.append(g) or 2 * g)
    (x * 3.0).backward()
    assert seen == [3.0] and x.grad == 6 and x.grad.dtype == float
    t = leaf([1.0, 2.0])
    z = t * 1j
    z.register_hook(lambda g: seen.append(g) or np.ones(2))
    np.imag(z).sum().backward()
    np.testing.assert_array_equal(seen[1], [-1j, -1j])
    np.testing.assert_array_equal(t.grad, [0, 0])  # Re(1 * 1j)


def test_hooks_follow_each_other_and_are_taken_away_one_by_one():
    x, seen = leaf([1.0]), []

    def double(g):
        seen.append(g)
        return g * 2

    first = x.register_hook(double)
    x.register_hook(double)
    (x * 1.0).sum().backward()
    assert x.grad == 4 and [g.item() for g in seen] == [1, 2]
    first()
    first()
    x.grad = None
    (x * 1.0).sum().backward()
    assert x.grad == 2


def test_an_error_in_a_hook_says_whose_it_is():
    x = ag.tensor([1.0], requires_grad=True, name="x")
    x.register_hook(lambda g: g.nonsense)
    with pytest.raises(AttributeError) as caught:
        (x * 1.0).sum().backward()
    assert "in a hook of tensor 'x'" in caught.value.__notes__[0]


def test_second_order_through_a_hook():
    x = leaf(2.0)
    y = x**3
    remove = y.register_hook(lambda g: g * x)
    (first,) = ag.autograd.grad(y * y, x, create_graph=True)  # 2 x³ · x · 3x²
    remove()
    assert first.item() == 6 * 2.0**6
    assert ag.autograd.grad(first, x)[0] == 36 * 2.0**5
