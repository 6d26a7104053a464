"""`compare`: gradients derived by hand, at every intermediate."""

import numpy as np
import pytest

import autograd_lite as ag

X = np.random.default_rng(0).normal(size=(5, 3))


def net():
    """A net as in the best-known exercise: every intermediate has a name, and its gradient by hand."""
    w, b = (ag.tensor(np.random.default_rng(i).normal(size=s), requires_grad=True) for i, s in ((1, (3, 4)), (2, (4,))))
    a = X @ w + b
    h = np.tanh(a)
    logits = h - h.max(axis=1, keepdims=True)
    counts = np.exp(logits)
    p = counts / counts.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(5), [0, 1, 2, 3, 0]]).mean()
    truth = np.zeros((5, 4))
    truth[np.arange(5), [0, 1, 2, 3, 0]] = 1
    d_logits = (p.data - truth) / 5
    d_a = d_logits * (1 - h.data**2)
    return loss, {"logits": (logits, d_logits), "a": (a, d_a), "w": (w, X.T @ d_a), "b": (b, d_a.sum(axis=0))}


def test_right_gradients_agree_in_the_order_of_the_walk():
    found = ag.compare(*net())
    assert found and found.first is None and [line.name for line in found.lines] == ["logits", "a", "b", "w"]
    assert repr(found).endswith("all agree") and "(5, 4)" in repr(found)


@pytest.mark.parametrize("wrong", ["logits", "a", "b", "w"])
def test_the_first_that_differs_is_named_with_its_shape_and_how(wrong):
    loss, gradients = net()
    names = ["logits", "a", "b", "w"]
    for name in names[names.index(wrong) :]:
        gradients[name] = gradients[name][0], 2 * gradients[name][1]
    found = ag.compare(loss, gradients)
    assert not found and found.first == wrong
    shape = gradients[wrong][0].shape
    line = next(line for line in repr(found).splitlines() if line.startswith(f"{wrong} "))
    assert str(shape) in line and "factor 2 too much" in line


def test_a_wrong_shape_is_said():
    loss, gradients = net()
    gradients["w"] = gradients["w"][0], gradients["w"][1].T
    assert "it has shape (4, 3) (transposed)" in repr(ag.compare(loss, gradients))


def test_nobodys_gradient_is_touched():
    loss, gradients = net()
    ag.compare(loss, gradients)
    assert gradients["w"][0].grad is None


def test_what_the_loss_does_not_hang_on_is_refused():
    loss, _ = net()
    with pytest.raises(ValueError, match="'other': no gradient of the loss reaches"):
        ag.compare(loss, {"other": (ag.tensor(1.0, requires_grad=True), 1.0)})
    with pytest.raises(RuntimeError, match="one number"):
        ag.compare(loss * np.ones(2), {})
