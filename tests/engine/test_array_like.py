"""The door: what becomes an array, exactly, and what is refused with the conversion to write."""

import collections
import subprocess
import sys

import numpy as np
import pytest

from autograd_lite.engine.array_like import array_of_any, is_array_like, to_array
from autograd_lite.engine.tracing_protocol import array_from
from tests.array_likes import REFUSED, TAKEN, SpeaksArray, SpeaksDLPack, taken

VALUES = np.array([1.0, 2.5, -3.0])
DTYPES = sorted({np.dtype(code) for code in "?bBhHiIlLqQefdgFDG"}, key=str)
LAYOUTS = {
    "": lambda a: a,
    "swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: a[::-1],
    "transposed": lambda a: a.T,
    "without axes": lambda a: a[(0,) * a.ndim].reshape(()),
    "empty": lambda a: a[:0],
    "memoryview": lambda a: memoryview(a) if a.dtype.char != "G" else a,
    "__array__": SpeaksArray,
    "list": lambda a: [a, a],
    "nested lists": lambda a: [list(a), list(a)],
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_speaks_a_protocol_becomes_the_array_that_numpy_makes_of_it(name):
    specimen, expected = taken(name, VALUES)
    array = to_array(specimen)
    assert type(array) is np.ndarray and array.dtype == expected.dtype and array.dtype.isnative
    np.testing.assert_array_equal(array, expected, strict=True)


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_something_or_holds_no_numbers_is_refused_with_the_conversion(name):
    make, message = REFUSED[name]
    with pytest.raises((TypeError, RuntimeError), match=message):
        to_array(make(VALUES))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numbers_come_exactly_in_the_machines_byte_order(dtype, layout):
    given = LAYOUTS[layout](np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype))
    expected = np.asarray(given)
    array = to_array(given)
    assert array.dtype == dtype and array.dtype.isnative and array.shape == expected.shape
    np.testing.assert_array_equal(array, expected)


def test_an_array_is_borrowed():
    assert to_array(VALUES) is VALUES
    assert np.shares_memory(to_array(memoryview(VALUES)), VALUES)


@pytest.mark.parametrize("wrap", [list, tuple, collections.deque, collections.UserList])
def test_a_sequence_is_an_array_and_what_is_hidden_in_it_is_found(wrap):
    np.testing.assert_array_equal(to_array(wrap([1, 2.5])), np.asarray(wrap([1, 2.5])))
    np.testing.assert_array_equal(to_array([wrap([SpeaksDLPack(VALUES)])]), np.asarray([wrap([VALUES])]))
    for hidden in (np.ma.masked, np.ma.array([1.0, -999.0], mask=[False, True]), VALUES.view(np.matrix)):
        with pytest.raises(TypeError, match=r"np.asarray\(x\)|hides elements"):
            to_array([wrap([hidden, hidden])])


def test_labels_may_be_text():
    assert array_of_any(["cat", "dog"]).tolist() == ["cat", "dog"]
    with pytest.raises(TypeError, match="hides elements"):
        array_of_any(np.ma.array(["cat", "dog"], mask=[True, False]))


@pytest.mark.parametrize(
    ("given", "dtype", "words"),
    [
        ([1j], float, "its real part, x.real"),
        ([0.5], int, "whole numbers"),
        ([0.5], np.float32, None),
        ([1], float, None),
        ([True], float, None),
        ([0.5], bool, None),  # as NumPy asks whether it is so
    ],
)
def test_where_a_dtype_is_needed_nothing_but_digits_is_lost(given, dtype, words):
    if words is None:
        assert array_from(given, dtype).dtype == dtype
    else:
        with pytest.raises(TypeError, match=words):
            array_from(given, dtype)


@pytest.mark.parametrize("data", [1.0, np.float32(1), [1.0], (1.0,), {}, "text", b"text", None, np.ndarray, range(3)])
def test_lists_numbers_and_text_speak_no_protocol(data):
    assert is_array_like(data) is isinstance(data, np.generic)


def test_no_library_is_imported_for_it():
    code = (
        "import sys, numpy as np, autograd_lite as ag; from tests.array_likes import Indexed; "
        "ag.grad(lambda x: (x * x).sum())(Indexed([1.0])); "
        "print({'pandas', 'polars', 'xarray', 'torch', 'jax', 'dask', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
