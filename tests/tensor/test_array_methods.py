"""ndarray's methods on tensors: the values of NumPy, called as NumPy's are, recorded where there is a gradient."""

import numpy as np
import pytest

import autograd_lite as ag

VALUES = np.array([[3.0, 1.0, 2.5], [0.5, 5.0, 4.0]])

DIFFERENTIABLE = {
    "sum": lambda x: x.sum(0, keepdims=True),
    "sum to start from": lambda x: x.sum(axis=1, initial=2.0),
    "mean": lambda x: x.mean(-1),
    "max": lambda x: x.max(1, keepdims=True),
    "min": lambda x: x.min(),
    "var": lambda x: x.var(axis=0, ddof=1, keepdims=True),
    "std": lambda x: x.std(),
    "prod": lambda x: x.prod(axis=1),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(),
    "clip": lambda x: x.clip(1.2, 4.5),
    "clip from below": lambda x: x.clip(min=1.2),
    "dot": lambda x: x.dot(np.ones(3)),
    "trace": lambda x: x.trace(1),
    "diagonal": lambda x: x.diagonal(offset=-1),
    "reshape": lambda x: x.reshape(3, -1),
    "reshape to a tuple": lambda x: x.reshape((3, 2), order="F"),
    "ravel": lambda x: x.ravel("F"),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x: x.transpose(1, 0),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "squeeze": lambda x: x[:1].squeeze(0),
    "repeat": lambda x: x.repeat(2, axis=1),
    "repeat each": lambda x: x.repeat([1, 0, 2], 1),
    "take": lambda x: x.take([0, -1], axis=1),
    "compress": lambda x: x.compress([True, False, True], axis=1),
    "flat": lambda x: x.flat[3],
    "copy": lambda x: x.copy(),
    "conj": lambda x: x.conj(),
    "real": lambda x: x.real,
    "astype": lambda x: x.astype(float, copy=False),
}
CONSTANT = {
    "argmax": lambda x: x.argmax(1),
    "argmin": lambda x: x.argmin(),
    "argsort": lambda x: x.argsort(axis=0),
    "argsort stably": lambda x: x.argsort(kind="stable"),
    "any": lambda x: (x > 4).any(1),
    "all": lambda x: (x > 0).all(axis=0, keepdims=True),
    "round": lambda x: x.round(1),
    "imag": lambda x: x.imag,
    "searchsorted": lambda x: x[0].cumsum().searchsorted([2.0, 4.0]),
    "astype": lambda x: x.astype(int),
    "choose": lambda x: x.argmax(1).choose([1, 2, 3]),
}
IN_PLACE = {
    "sort": lambda x: x.sort(),
    "sort columns": lambda x: x.sort(0),
    "fill": lambda x: x.fill(2.0),
    "put": lambda x: x.put([0, 5], [7.0, 8.0]),
}


@pytest.mark.parametrize("method", DIFFERENTIABLE.values(), ids=DIFFERENTIABLE)
def test_methods_are_recorded(method):
    y = method(ag.tensor(VALUES, requires_grad=True))
    assert isinstance(y, ag.Tensor) and y.requires_grad
    np.testing.assert_allclose(y.data, method(VALUES))
    assert y.shape == method(VALUES).shape


@pytest.mark.parametrize("method", CONSTANT.values(), ids=CONSTANT)
def test_methods_without_a_derivative_give_constants(method):
    y = method(ag.tensor(VALUES, requires_grad=True))
    assert isinstance(y, ag.Tensor) and not y.requires_grad
    np.testing.assert_array_equal(y.numpy(), method(VALUES))


@pytest.mark.parametrize("method", IN_PLACE.values(), ids=IN_PLACE)
def test_methods_that_change_the_array_give_the_handle_new_values(method):
    leaf = ag.tensor(VALUES, requires_grad=True)
    x, expected = leaf * 1, VALUES.copy()
    before = x * x
    assert method(x) is method(expected) is None
    np.testing.assert_array_equal(x.data, expected)
    np.testing.assert_array_equal(before.data, VALUES**2)
    x.sum().backward()
    assert leaf.grad.sum() == np.isin(expected, VALUES).sum()


def test_sizes_and_items_are_numpys():
    x = ag.tensor(VALUES, dtype=np.float32)
    assert (x.itemsize, x.nbytes, x.size, x.ndim, len(x)) == (4, 24, 6, 2, 2)
    assert x.item(1, 2) == 4.0 and x.item(3) == 0.5
    assert x.tolist() == VALUES.tolist()


def test_methods_say_which_function_they_are():
    assert ag.Tensor.repeat.__name__ == "repeat"
    assert ag.Tensor.repeat.__doc__ == "`np.repeat` of this tensor."


PROTOCOLS = {  # what lets NumPy read the memory of an array without asking, and what is an array class's own
    *("__array_interface__", "__array_struct__", "__array_finalize__", "__array_wrap__", "__array_priority__"),
    *("__class_getitem__", "__copy__", "__deepcopy__", "__setstate__", "__delitem__"),  # copies go by __reduce__
    *("__array_namespace__", "__dlpack__", "__dlpack_device__"),
    *("itemset", "newbyteorder", "ptp", "tostring"),  # gone since NumPy 2.0, or 2.3
}


@pytest.mark.parametrize("name", sorted({*dir(np.ndarray)} - PROTOCOLS))
def test_what_an_array_has_a_tensor_has_or_says_what_to_write(name):
    x = ag.tensor(VALUES, requires_grad=True)
    if hasattr(x, name):
        assert getattr(type(x), name) is not None
        return
    with pytest.raises(AttributeError, match="; write x"):
        getattr(x, name)


def test_attributes_that_nothing_has_are_named():
    x = ag.tensor(VALUES)
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'summ'$"):
        _ = x.summ
    with pytest.raises(AttributeError, match=r"write x.detach\(\).numpy\(\).strides"):
        _ = x.strides
    with pytest.raises(AttributeError, match=r"write x = np.resize\(x, shape\)"):
        x.resize(3)


def test_settings_of_methods():
    x = ag.tensor(VALUES, requires_grad=True)
    assert x.astype(float, "C").requires_grad and x.astype(float, copy=False) is x
    assert x.conj() is x.conjugate() is x
    assert x.astype(np.float32, casting="same_kind").dtype == np.float32
    for call, error in (
        (lambda: x.astype(int, casting="safe"), TypeError),
        (lambda: x.astype(float, order="x"), ValueError),
        (lambda: x.fill([1.0]), ValueError),
        (lambda: x.reshape(), TypeError),
        (lambda: x.view(np.int64), NotImplementedError),
        (lambda: x.to_device("gpu"), ValueError),
    ):
        with pytest.raises(error):
            call()
    assert x.device == VALUES.device and x.to_device("cpu") is x
    assert x.view().requires_grad and x.view().tolist() == VALUES.tolist()
    assert x.copy("F").tolist() == VALUES.tolist()
    out = ag.tensor(np.zeros(3))
    assert x.clip(1, 2, out=x * 0) is not None and x.sum(0, out=out) is out and out.requires_grad
    assert x.compress([True, False], 0).shape == (1, 3) and x.reshape(6, copy=None).shape == (6,)


def test_more_methods_that_change_the_tensor():
    for change in (
        lambda x: x.sort(axis=0, kind="stable"),
        lambda x: x.partition(1, axis=1, kind="introselect"),
        lambda x: x.put([7, -1], [5.0], mode="wrap"),
    ):
        x, expected = ag.tensor(VALUES, requires_grad=True) * 1, VALUES.copy()
        assert change(x) is change(expected) is None
        np.testing.assert_array_equal(np.sort(x.data, axis=None), np.sort(expected, axis=None))
