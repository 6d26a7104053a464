"""What may be given where an array is wanted: a specimen of each kind, made from an array of numbers.

The kinds of other libraries stand here twice: themselves, skipped where the library is missing (PyTorch's and JAX's are
there only where these are installed), and as the smallest class that speaks the same protocol.
"""

import array
import collections
import ctypes
import datetime
import decimal
import fractions
import importlib.util
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag


def library(name):
    return pytest.importorskip(name, reason=f"{name} is not installed", exc_type=ImportError)


def is_large_and_missing(name):
    """Whether a kind is one of a library that is too large to be installed for the tests: then its stand-ins do."""
    return name.startswith(("torch", "jax")) and not importlib.util.find_spec(re.match(r"\w+", name)[0])


class Speaks:
    """The base of what speaks one protocol."""

    def __init__(self, values):
        self.values = np.array(values)


class SpeaksArray(Speaks):
    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class SpeaksArrayAsBefore(Speaks):
    """As before NumPy 2, without `copy`."""

    def __array__(self, dtype=None):
        return np.array(self.values, dtype)


class SpeaksInterface(Speaks):
    @property
    def __array_interface__(self):
        return self.values.__array_interface__


class SpeaksStruct(Speaks):
    @property
    def __array_struct__(self):
        return self.values.__array_struct__


class SpeaksDLPack(Speaks):
    def __dlpack__(self, **request):
        return self.values.__dlpack__(**request)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


class Indexed(SpeaksArray):
    """As pandas: a length, an index, operators of its own that leave to others what they do not know."""

    __pandas_priority__ = 3000
    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, i):
        return self.values[i]

    def __mul__(self, other):
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        raise AssertionError("this drops the history")


class Labelled(np.ndarray):
    """A subclass that computes as an array does."""


class OwnArithmetic(np.ndarray):
    """A subclass that computes in its own way, as those with units do."""

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        return NotImplemented


class OwnOperator(np.ndarray):
    def __mul__(self, other):
        return NotImplemented


class RequiresGradient(Speaks):
    """As PyTorch: what requires a gradient there is not handed out."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


class ReadsMasked(Speaks):
    """As a variable of a netCDF file: behind the protocol there is a masked array."""

    def __array__(self, dtype=None, copy=None):
        return np.ma.array(self.values, mask=self.values == self.values.flat[0])


class HasUnit(SpeaksArray):
    units, magnitude = "m", property(lambda self: self.values)


class SparseOfSomebody(SpeaksArray):
    def todense(self):
        return self.values


def ctypes_array(a):
    return (ctypes.c_double * len(a))(*a)


def on_disk(a):
    path = Path(tempfile.mkdtemp(), "memmap")
    mapped = np.memmap(path, a.dtype, "w+", shape=a.shape)
    mapped[:] = a
    return mapped


def read_only(a):
    a.flags.writeable = False
    return a


def dataframe(a):
    return library("pandas").DataFrame(a.reshape(len(a), -1), columns=[f"column {i}" for i in range(a[0].size)])


TAKEN = {  # what becomes an array of the same numbers
    "array": np.array,
    "float32": lambda a: a.astype(np.float32),
    "float16": lambda a: a.astype(np.float16),
    "longdouble": lambda a: a.astype(np.longdouble) / 3,
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": read_only,
    "strided": lambda a: np.repeat(a, 3, axis=0)[::3],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "in Fortran's order": lambda a: np.asfortranarray(np.stack([a, a + 1])),
    "matrix of one column": lambda a: a.reshape(-1, 1),
    "subclass": lambda a: a.view(Labelled),
    "masked, nothing hidden": np.ma.array,
    "record array of numbers": lambda a: a.view(np.recarray),
    "memory map": on_disk,
    "array.array": lambda a: array.array("d", a),
    "memoryview": memoryview,
    "ctypes": ctypes_array,
    "__array__": SpeaksArray,
    "__array__ as before": SpeaksArrayAsBefore,
    "__array_interface__": SpeaksInterface,
    "__array_struct__": SpeaksStruct,
    "__dlpack__": SpeaksDLPack,
    "as pandas": Indexed,
    "constant tensor": ag.tensor,
    "pandas.Series": lambda a: library("pandas").Series(a, index=[chr(120 - i) for i in range(len(a))]),
    "pandas.Index": lambda a: library("pandas").Index(a),
    "pandas.DataFrame": dataframe,
    "pandas.array": lambda a: library("pandas").array(a, dtype="Float64"),
    "pandas nullable": lambda a: library("pandas").Series(a, dtype="Float64"),
    "pandas categories": lambda a: library("pandas").Series(a).astype("category"),
    "pandas sparse": lambda a: library("pandas").Series(library("pandas").arrays.SparseArray(a)),
    "polars.Series": lambda a: library("polars").Series(a),
    "polars.DataFrame": lambda a: library("polars").DataFrame({"x": a, "y": a + 1}),
    "xarray.DataArray": lambda a: library("xarray").DataArray(a, dims="x"),
    "xarray.Variable": lambda a: library("xarray").Variable(("x",), a),
    "dask.array": lambda a: library("dask.array").from_array(a, chunks=1),
    "torch": lambda a: library("torch").tensor(a),
    "torch, from NumPy": lambda a: library("torch").from_numpy(a),
    "jax": lambda a: library("jax.numpy").asarray(a),
}

REFUSED = {  # what is refused: how, and what the message says to write instead
    "matrix": (lambda a: a.view(np.matrix), r"give np.asarray\(x\)"),
    "own arithmetic": (lambda a: a.view(OwnArithmetic), r"give np.asarray\(x\)"),
    "own operator": (lambda a: a.view(OwnOperator), r"give np.asarray\(x\)"),
    "masked": (lambda a: np.ma.array(a, mask=a == a[0]), r"hides elements.*x\.filled"),
    "masked behind __array__": (ReadsMasked, r"hides elements.*x\.filled"),
    "unit": (HasUnit, r"has a unit.*give x\.magnitude"),
    "sparse": (SparseOfSomebody, r"sparse.*give x\.todense\(\)"),
    "scipy.sparse": (lambda a: library("scipy.sparse").csr_array(a.reshape(1, -1)), r"give x\.toarray\(\)"),
    "requires a gradient elsewhere": (RequiresGradient, "detach"),
    "objects": (lambda a: a.astype(object), r"give np.asarray\(x, float\)"),
    "objects that are none": (lambda a: np.array([None, *a]), "that holds None"),
    "text": (lambda a: a.astype(str), r"give np.asarray\(x, float\)"),
    "bytes": (lambda a: a.tobytes(), "expected numbers"),
    "times": (lambda a: a.astype("M8[s]"), "give the time since one of them"),
    "durations": (lambda a: a.astype("m8[s]"), r"give the number of units, such as x / np\.timedelta64"),
    "fields": (lambda a: np.array([(1, 2.0)], "i4, f8"), r"one field, x\['name'\]"),
    "set": (lambda a: set(a.tolist()), r"np.array\(sorted\(x\)\)|is no tree"),
    "generator": (lambda a: (n for n in a), r"np.array\(list\(x\)\)|is no tree"),
    "view of a dict": (lambda a: dict.fromkeys(a).keys(), r"np.array\(sorted\(x\)\)|is no tree"),
    "UserDict": (lambda a: collections.UserDict(a=a), r"one of its values|is no tree"),
    "function": (lambda a: lambda x: x, "expected numbers|nothing can be differentiated"),
    "object": (lambda a: object(), "expected numbers|nothing can be differentiated"),
    "module": (lambda a: ag.nn.Linear(2, 2), "expected numbers|nothing can be differentiated"),
    "moment": (lambda a: datetime.datetime(2020, 1, 1), "expected numbers|nothing can be differentiated"),
    "Decimal": (lambda a: decimal.Decimal("0.1"), r"float\(x\)|nothing can be differentiated"),
    "Fraction": (lambda a: fractions.Fraction(1, 3), r"float\(x\)|nothing can be differentiated"),
    "pandas text": (lambda a: library("pandas").Series(a.astype(str)), r"give np.asarray\(x, float\)"),
    "pandas times": (lambda a: library("pandas").Series(a.astype("M8[s]")), "give the time since one of them"),
    "pandas missing": (lambda a: library("pandas").array([True, None], dtype="boolean"), "that holds .*NAType"),
    "pandas mixed": (lambda a: dataframe(a).assign(name="x"), r"columns that are numbers"),
    "polars text": (lambda a: library("polars").Series(a.astype(str)), r"give np.asarray\(x, float\)"),
    "polars.LazyFrame": (lambda a: library("polars").LazyFrame({"a": a}), "expected numbers|nothing can be"),
    "xarray.Dataset": (lambda a: library("xarray").Dataset({"a": ("x", a)}), "DataArray|is no tree"),
    "torch, gradient": (lambda a: library("torch").tensor(a, requires_grad=True), "detach"),
    "torch, bfloat16": (lambda a: library("torch").tensor(a).bfloat16(), "BFloat16"),
    "jax, bfloat16": (lambda a: library("jax.numpy").asarray(a, "bfloat16"), r"give x\.astype\(np\.float32\)"),
}


for kinds in (TAKEN, REFUSED):
    for name in [name for name in kinds if is_large_and_missing(name)]:
        del kinds[name]


def taken(name, values):
    """A specimen of what is taken, and the array that it is."""
    specimen = TAKEN[name](np.array(values))
    expected = np.asarray(specimen) if name != "__dlpack__" else np.array(values)
    return specimen, expected.astype(expected.dtype.newbyteorder("="))
