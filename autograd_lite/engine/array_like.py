"""The one door for arrays: what of Python's, NumPy's and other libraries' becomes an array, and what is refused.

NumPy reads whatever speaks one of the array protocols or shows its memory, so no library is known by name and none is
imported. Refused, with the conversion to write, is what would lose something on the way (a mask, a unit, the zeros
that are not stored), what computes in another way than NumPy's arrays, and what holds no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from autograd_lite.engine.messages import describe

PROTOCOLS = ("__array__", "__array_interface__", "__array_struct__")  # NumPy asks for these by itself
NUMBERS = (np.generic, int, float, complex)
TEXT = (str, bytes)
UNSUSPICIOUS = frozenset({bool, int, float, complex, np.ndarray, *np.sctypeDict.values()})  # members of a list
NATIVE = frozenset(map(np.dtype, "?bBhHiIlLqQefdgFDG"))  # the dtypes of numbers in the machine's byte order
ARITHMETIC = tuple(
    f"__{name}__" for name in ("array_ufunc", "array_function", "add", "sub", "mul", "truediv", "pow", "matmul")
)
CONVERSIONS = {
    "O": "np.asarray(x, float), or the columns that are numbers",
    "M": "the time since one of them, such as (x - x[0]) / np.timedelta64(1, 's')",
    "m": "the number of units, such as x / np.timedelta64(1, 's')",
    "V": "x.astype(np.float32) or, of a structured array, one field, x['name']",
    **dict.fromkeys("SUT", "np.asarray(x, float) or, of categories, np.unique(x, return_inverse=True)[1]"),
}


def to_array(data: Any, dtype: Any = None) -> Any:
    """`data` as an array of numbers in the machine's byte order, borrowed where it is one.

    Raises
    ------
    TypeError
        If it is none, or would lose something on the way; the message says what to write.
    """
    if type(data) is np.ndarray and dtype is None and data.dtype in NATIVE:
        return data
    return numbers(array_of_any(data, dtype), data)


def numbers(array: Any, data: Any) -> Any:
    """The array of `data` in the machine's byte order; refused if it is one of no numbers."""
    if array.dtype in NATIVE:
        return array
    if array.dtype.kind not in "biufc":
        raise refusal(of_no_numbers(data, array), CONVERSIONS[array.dtype.kind])
    return array.astype(array.dtype.newbyteorder("="))


def array_of_any(data: Any, dtype: Any = None) -> Any:
    """`data` as an array of any dtype: labels may be text."""
    return np.asarray(readable(data, dtype), dtype)


def readable(data: Any, dtype: Any = None) -> Any:
    """`data` itself, if NumPy makes an array of it and loses nothing; the array, if it comes from another library."""
    if type(data) in UNSUSPICIOUS:
        return data
    if isinstance(data, np.ndarray):
        check_subclass(data)
    elif isinstance(data, (list, tuple)):
        return members(data)
    elif not isinstance(data, NUMBERS):
        if is_array_like(data):
            return foreign(data, dtype)
        if not isinstance(data, Sequence) or isinstance(data, TEXT):
            raise refusal(named(data), conversion_of(data))
        return members(data)
    return data


def is_array_like(data: Any) -> bool:
    """Whether `data` speaks one of the array protocols or shows its memory; lists and numbers do not."""
    if isinstance(data, (type, *TEXT)):
        return False
    if any(hasattr(data, name) for name in (*PROTOCOLS, "__dlpack__")):
        return True
    try:
        memoryview(data).release()
    except TypeError:
        return False
    return True


def foreign(data: Any, dtype: Any) -> Any:
    """What speaks one of the protocols, as an array."""
    kind = type(data)
    if hasattr(kind, "magnitude") and hasattr(kind, "units"):
        raise refusal(f"{named(data)} that has a unit", "x.magnitude, in the unit that is meant")
    if hasattr(kind, "todense"):
        raise refusal(f"{named(data)}, which is sparse", "x.todense()")
    numpys = any(hasattr(data, name) for name in PROTOCOLS) or not hasattr(data, "__dlpack__")
    try:
        array = np.asanyarray(data if numpys else np.from_dlpack(data), dtype)
    except Exception as error:
        error.add_note(f"when NumPy made an array of {named(data)}")
        raise
    check_subclass(array)
    return np.asarray(array)


def fitted(array: Any, dtype: Any) -> Any:
    """An array in the dtype of what it is for; refused where that loses more than digits."""
    if array.dtype == dtype:
        return array
    if dtype.kind != "b" and not np.can_cast(array.dtype, dtype, "same_kind"):
        part = "its real part, x.real," if array.dtype.kind == "c" else "whole numbers, x.astype(int),"
        raise TypeError(f"{describe(array)} does not fit where {dtype} is needed: give {part} if that is meant")
    return array.astype(dtype)


def check_subclass(array: Any) -> None:
    """Refuse an array that hides something, or that computes in its own way."""
    if type(array) is np.ndarray:
        return
    if isinstance(array, np.ma.MaskedArray):
        if np.ma.is_masked(array):
            raise refusal(
                f"{named(array)} that hides elements", "x.filled(value), x.compressed(), or x.data to see them"
            )
    elif any(getattr(type(array), name) is not getattr(np.ndarray, name) for name in ARITHMETIC):
        raise refusal(f"{named(array)}, which does not compute as NumPy's arrays do", "np.asarray(x)")


def members(sequence: Sequence[Any]) -> Sequence[Any]:
    """A sequence in which nothing is left whose mask, say, NumPy would pass over without a word."""
    return sequence if UNSUSPICIOUS.issuperset(map(type, sequence)) else [member(a) for a in sequence]


def member(a: Any) -> Any:
    """One member of a sequence, which may be one itself."""
    if isinstance(a, (*NUMBERS, *TEXT)):
        return a
    if is_array_like(a):
        return array_of_any(a)
    return members(a) if isinstance(a, Sequence) else a


def refusal(what: str, conversion: str) -> TypeError:
    """The error for what has no place in a computation."""
    message = f"cannot compute with {what}: expected numbers, an array of numbers or a tensor"
    return TypeError(f"{message}; give {conversion}" if conversion else message)


def named(data: Any) -> str:
    """What errors call an argument: its type and where that comes from, or its value if it is Python's and short."""
    kind = type(data)
    home = kind.__module__.partition(".")[0]
    if kind is np.ndarray or isinstance(data, np.generic) or (home == "builtins" and not repr(data).startswith("<")):
        return describe(data)
    return kind.__name__ if home in ("builtins", "__main__") else f"{home}.{kind.__name__}"


def of_no_numbers(data: Any, array: Any) -> str:
    """What errors call `data` whose `array` is one of no numbers, and what is in it."""
    objects = array.flat if array.dtype == object else ()
    strange = next((f" that holds {named(a)}" for a in objects if not isinstance(a, NUMBERS)), "")
    foreign = is_array_like(data) and not isinstance(data, np.ndarray | np.generic)
    return (f"{named(data)} of dtype {array.dtype}" if foreign else describe(array)) + strange


def conversion_of(data: Any) -> str:
    """What to write in the place of something that is no array; nothing where there is no telling."""
    kind = type(data)
    if hasattr(kind, "toarray"):
        return "x.toarray()"
    if isinstance(data, Mapping):
        return "one of its values, or np.stack(list(x.values()))"
    if isinstance(data, Set):
        return "np.array(sorted(x))"
    if isinstance(data, Iterable) and not isinstance(data, TEXT):
        return "np.array(list(x))"
    return "float(x)" if hasattr(kind, "__float__") else ""
