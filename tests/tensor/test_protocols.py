"""How a tensor's values leave: a copy or read-only memory, and nothing where a gradient is required."""

import operator

import numpy as np
import pytest

import autograd_lite as ag
from tests.array_likes import Indexed, is_large_and_missing, library


def assigned(array, t):
    array[...] = t
    return array


READERS = {
    "np.asarray": np.asarray,
    "np.array": np.array,
    "np.array, no copy": lambda t: np.array(t, copy=False),
    "np.from_dlpack": np.from_dlpack,
    "np.from_dlpack, no copy": lambda t: np.from_dlpack(t, copy=False),
    "numpy()": lambda t: t.numpy(),
    "in a list": lambda t: np.array([t])[0],
    "into an array": lambda t: assigned(np.zeros(t.shape), t),
    "pandas.Series": lambda t: library("pandas").Series(t),
    "pandas column": lambda t: library("pandas").DataFrame({"a": t})["a"],
    "torch.from_dlpack": lambda t: library("torch").from_dlpack(t),
    "torch.as_tensor": lambda t: library("torch").as_tensor(t),
    "jax": lambda t: library("jax.numpy").asarray(t),
}
READERS = {name: read for name, read in READERS.items() if not is_large_and_missing(name)}


@pytest.mark.parametrize("reader", READERS)
def test_values_leave_exactly_and_nobody_can_write_into_them(reader):
    read, t = READERS[reader], ag.tensor([1.0, 2.0])
    found = read(t)
    np.testing.assert_array_equal(np.asarray(found), [1.0, 2.0])
    try:
        found[0] = 5.0
    except (ValueError, TypeError):  # read-only
        assert "no copy" in reader or "jax" in reader
    np.testing.assert_array_equal(t.data, [1.0, 2.0])


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("computed", [False, True])
def test_what_requires_a_gradient_leaves_by_detach_only(reader, computed):
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises((RuntimeError, ValueError), match="requires a gradient: say .detach"):
        READERS[reader](x * 2 if computed else x)


def test_without_a_copy_memory_is_shared_and_read_only_or_the_request_is_refused():
    t = ag.tensor([1.0, 2.0])
    array = np.array(t, copy=False)
    assert np.shares_memory(array, t.data) and not array.flags.writeable
    assert not np.shares_memory(np.asarray(t), t.data)
    for refused in (lambda: np.array(t, np.float32, copy=False), lambda: np.array(ag.tensor(1.0) * 2, copy=False)):
        with pytest.raises(ValueError, match="[Uu]nable to avoid"):
            refused()
    assert np.asarray(t, np.float32).dtype == np.float32
    with pytest.raises(BufferError, match="readonly"):  # an old consumer, which cannot be told
        t.__dlpack__(copy=False)


def test_dlpack_for_numbers_and_for_what_was_computed():
    assert np.from_dlpack(ag.tensor(1.5)).item() == 1.5
    y = (ag.tensor([1.0]) * 2).reshape(1, 1)
    taken = np.from_dlpack(y)
    taken[...] = 7.0
    assert y.item() == 2.0 and y.__dlpack_device__() == (1, 0)


def test_the_array_namespace_is_numpys_whose_functions_record():
    x = ag.tensor([0.5], requires_grad=True)
    xp = x.__array_namespace__()
    assert xp is np and x.__array_namespace__(api_version="2022.12") is np and x.device == "cpu"
    xp.sum(xp.exp(x)).backward()
    assert x.grad == np.exp(0.5)
    with pytest.raises(ValueError, match="[Vv]ersion"):
        x.__array_namespace__(api_version="1999.1")


@pytest.mark.parametrize("kind", ["Series", "DataFrame", "Index", "array"])
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.lt, operator.eq])
def test_pandas_on_the_left_leaves_it_to_the_tensor(op, kind):
    a = np.array([[1.0, 2.0]] if kind == "DataFrame" else [1.0, 2.0])
    x = ag.tensor([3.0, 5.0], requires_grad=True)
    y = op(getattr(library("pandas"), kind)(a), x)
    assert isinstance(y, ag.Tensor)
    np.testing.assert_array_equal(y.detach(), op(a, x.data))
    if y.requires_grad:
        y.sum().backward()
        assert np.isfinite(x.grad).all()


def test_whoever_looks_at_priorities_leaves_it_to_the_tensor():
    assert isinstance(Indexed([1.0, 2.0]) * ag.tensor([3.0, 5.0], requires_grad=True), ag.Tensor)
    assert ag.tensor(1.0).__array_priority__ > 10_000


def test_a_product_with_a_table_on_the_left_is_refused_with_what_to_write():
    table, x = library("pandas").DataFrame(np.eye(2)), ag.tensor([3.0, 5.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"write np.asarray\(df\) @ t"):
        table @ x
    np.testing.assert_array_equal((np.asarray(table) @ x).detach(), [3.0, 5.0])
    np.testing.assert_array_equal((x @ table).detach(), [3.0, 5.0])


def test_a_masked_array_on_the_left_computes_by_itself_or_refuses():
    masked = np.ma.array([1.0, -999.0], mask=[False, True])
    np.testing.assert_array_equal((masked * ag.tensor([3.0, 5.0])).filled(0.0), [3.0, 0.0])
    with pytest.raises(RuntimeError, match="detach"):
        masked * ag.tensor([3.0, 5.0], requires_grad=True)
    with pytest.raises(TypeError, match="hides elements"):
        masked @ ag.tensor([3.0, 5.0])
