"""Makes a call on arrays and on tensors: the same result, bit for bit, or both refuse."""

import copy
import warnings
from unittest import mock

import numpy as np

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules import calling
from tests.rules.oracle.drawing import CLOSE
from tests.rules.oracle.gradients import wrong_gradient

LEAVING = ("takes a number out of", "requires a gradient", "require a gradient", "has no gradient: take")
BY_HAND = {np.piecewise}  # where a tensor without axes is asked for what NumPy asks numbers
FINDING = {np.max, np.min}  # whose rules look for the elements that equal the value
FORMS_GAVE = []  # values of forms, before they took NumPy's, that were not close to them
settled = calling.settled


def watched(one, result, expected, given, start):
    """`calling.settled`, which looks at what the form gave."""
    if isinstance(expected, np.ndarray | np.generic) and hasattr(result, "node") and expected.dtype.kind in "fc":
        value = result.node.value
        if np.shape(value) == expected.shape and np.float16 not in (value.dtype, expected.dtype):
            both = np.isfinite(value) & np.isfinite(expected)
            within = 0 if result.node.function in FINDING else 1e-4
            if not np.allclose(value[both], expected[both], within, within):
                FORMS_GAVE.append(value)
    return settled(one, result, expected, given, start)


def with_tensors(drawer, tree, wanted, taken):
    """`tree` with tensors for some of its arrays, and with the arrays that they stand for; `taken` gets the tensors."""
    if isinstance(tree, list | tuple):
        pairs = [with_tensors(drawer, part, wanted, taken) for part in tree]
        return type(tree)([t for t, _ in pairs]), type(tree)([a for _, a in pairs])
    if isinstance(tree, dict):
        pairs = {name: with_tensors(drawer, part, wanted, taken) for name, part in tree.items()}
        return {name: t for name, (t, _) in pairs.items()}, {name: a for name, (_, a) in pairs.items()}
    if not isinstance(tree, np.ndarray | np.floating) or tree.dtype.kind not in "biufc" or not drawer.chance(0.7):
        return tree, copy.deepcopy(tree)
    tensor = ag.tensor(tree, requires_grad=wanted and tree.dtype.kind == "f" and drawer.chance(0.8))
    taken.append(tensor)
    return tensor, np.array(tree, order="C")[()]  # a tensor without axes is a number of NumPy's


def outcome(function, args, settings):
    """What a call gives, and None; or None, and what it raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*args, **settings), None
        except Exception as error:
            return None, error


def values_of(result):
    """Arrays for tensors, in whatever they are nested."""
    if isinstance(result, tuple | list):
        return [values_of(part) for part in result]
    return result.detach().numpy() if isinstance(result, ag.Tensor) else result


def same(got, expected, close):
    """Whether two results have the same structure, shapes, dtypes and bits."""
    if isinstance(expected, tuple | list):
        alike = isinstance(got, tuple | list) and len(got) == len(expected)
        return alike and all(same(g, e, close) for g, e in zip(got, expected, strict=True))
    if not isinstance(expected, np.ndarray | np.generic):
        return type(got) is type(expected) and (got == expected or got != got)
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return False
    if close:
        return np.allclose(np.sort(got, axis=None), np.sort(expected, axis=None), rtol=1e-5, atol=1e-6, equal_nan=True)
    if expected.dtype.kind not in "fc":
        return bool(np.array_equal(got, expected))
    for g, e in zip((got.real, got.imag), (expected.real, expected.imag), strict=True):
        if not np.all((g == e) & (np.signbit(g) == np.signbit(e)) | (np.isnan(g) & np.isnan(e))):
            return False
    return True


def is_our_own_way(callee, args, settings):
    """Constants without axes have no dtype beside tensors, and tensors without axes can be assigned to."""
    if callee.function not in {None, *TABLE, *BY_HAND} and not callee.changes:
        return False
    arrays = [a for a in (*args, *settings.values()) if isinstance(a, np.ndarray | np.generic)]
    if callee.function is None:
        return bool(arrays) and arrays[0].ndim == 0  # NumPy's numbers have fewer methods
    return any(a.ndim == 0 for a in arrays) and (len(arrays) > 1 or callee.changes)


def accepted(error, expected, taken):
    """Whether tensors may refuse with this error where NumPy gives a result (None) or raises another error."""
    learned, why = any(t.requires_grad for t in taken), f"{error} {error.__cause__}"
    if "cannot compute with" in str(error) or (learned and any(words in why for words in LEAVING)):
        return True
    if expected is None:
        return isinstance(error, NotImplementedError) and (learned or "cannot write into" in str(error))
    kind = TypeError if "UFunc" in type(expected).__name__ else type(expected)  # a class that users can name
    return isinstance(error, kind | NotImplementedError)


def disagreement(drawer):
    """Draw a call and make it on arrays and on tensors; None if they agree, else what is wrong in words."""
    callee, taken = drawer.callee, []
    args, settings = drawer.call()
    given, plain = with_tensors(drawer, (args, settings), drawer.chance(0.7), taken)
    if not taken or is_our_own_way(callee, args, settings):
        return None
    if callee.function is None and not (given[0] and isinstance(given[0][0], ag.Tensor)):
        return None  # an array's own method
    expected, error = outcome(callee.call, *plain)
    FORMS_GAVE.clear()
    with mock.patch.object(calling, "settled", watched):
        got, got_error = outcome(callee.call, *given)
    numbers = [t.requires_grad for t in taken]
    words = (
        f"{callee}(*{args!r}, **{settings!r}) [{sum(numbers)} of {len(numbers)} tensors require a gradient]\n  NumPy "
    )
    words += f"gives {expected!r}" if error is None else f"raises {type(error).__name__}: {error}"
    if got_error is not None:
        if accepted(got_error, error, taken) or (error and callee.function is None):  # methods look in another order
            return None
        return f"{words}\n  tensors raise {type(got_error).__name__}: {got_error}"
    if error is not None:
        return f"{words}\n  tensors give {got!r}"
    if callee.changes:
        got, expected = (a[0] if a else s[callee.required[0]] for a, s in (given, plain))
    if not same(values_of(got), expected, callee.function in CLOSE):
        return f"{words}\n  tensors give {got!r}"
    wrong = f"the form gives {FORMS_GAVE}" if FORMS_GAVE else wrong_gradient(callee, given, got, taken, drawer.rng)
    return f"{words}\n  {wrong}" if wrong else None
