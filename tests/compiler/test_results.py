"""What a compiled function gives is of the types that eager mode gives, and nobody else's memory."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import compiled
from tests.compiler.fuzz.checking import compare

RESULTS = {
    "an int": lambda x, n: 3,
    "a bool": lambda x, n: x.shape[0] > 2,
    "a float": lambda x, n: 0.5,
    "a complex number": lambda x, n: 2 + 1j,
    "nothing": lambda x, n: None,
    "a length": lambda x, n: len(x),
    "a number of NumPy": lambda x, n: np.float32(2),
    "an array without axes": lambda x, n: np.array(2.0),
    "an array": lambda x, n: np.arange(3),
    "a number that was given": lambda x, n: n,
    "a computed number": lambda x, n: n * 2 + 1,
    "a sum": lambda x, n: x.sum(),
    "an element": lambda x, n: (x * 2)[0, 1],
    "an element's view": lambda x, n: (x * 2)[0, 1, ...],
    "a reshaped number": lambda x, n: np.reshape((x * 2)[:1, :1], ()),
    "a squeezed number": lambda x, n: np.squeeze(x[:1, :1] * n),
    "a copied number": lambda x, n: x.sum().copy(),
    "a chosen number": lambda x, n: np.where(x.sum() > 0, x.sum(), 1.0),
    "a place": lambda x, n: x.argmax(),
    "a comparison": lambda x, n: x.sum() > 0,
    "many": lambda x, n: {"a": [x * n, 1, True], "b": (x.T, None, "text", x[0, 0])},
    "an empty array": lambda x, n: x[:0] * 2,
}


@pytest.mark.parametrize("name", RESULTS)
def test_of_the_same_type(name):
    step = compiled(RESULTS[name])
    for n in (1.5, 2.5):
        x = ag.tensor(np.arange(12.0).reshape(3, 4) * n)
        got, wanted = step(x, n), RESULTS[name](x, n)
        same_kinds(got, wanted)


def same_kinds(got, wanted):
    """Raise unless two trees are equal, in types and in whether a tensor is a number."""
    if isinstance(wanted, dict):
        assert list(got) == list(wanted)
        got, wanted = list(got.values()), list(wanted.values())
    if isinstance(wanted, tuple | list):
        for a, b in zip(got, wanted, strict=True):
            same_kinds(a, b)
        return
    assert type(got) is type(wanted)
    if isinstance(wanted, ag.Tensor):
        assert got.is_number == wanted.is_number
    compare(got, wanted, "")


def test_gradients_of_numbers_are_what_they_are_eagerly():
    def outcomes(transform):
        s = ag.tensor(2.0, requires_grad=True)
        step = transform(lambda x: backward((s * x).sum(), s))
        gradients = ag.value_and_grad(lambda a, b: (a * b).sum(), argnums=(0, 1))
        transformed = (transform if transform is plain else ag.compile)(gradients)
        return (
            step(np.ones(3)),
            s.grad,
            transformed(2.0, np.ones(3)),
            transformed(np.float32(2), np.ones(3, np.float32)),
        )

    def backward(loss, s):
        s.grad = None
        loss.backward()
        return loss

    def plain(f):
        return f

    for got, wanted in zip(outcomes(lambda f: ag.compile(f, keep_grads=True)), outcomes(plain), strict=True):
        compare(got, wanted, "")


def test_a_result_stays_when_the_next_call_is_made():
    for f in (lambda x: (x * 2)[0, 1, ...], lambda x: (x * 2).T, lambda x: [(x * 2)[1:], x], lambda x: x[::-1]):
        step = compiled(f)
        x = ag.tensor(np.arange(6.0).reshape(2, 3))
        first, wanted = step(x), f(x)
        step(ag.tensor(np.zeros((2, 3))))
        compare(first, wanted, "")
