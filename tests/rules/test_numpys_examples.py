"""NumPy's own examples, from its docstrings, with tensors in place of arrays: every value is NumPy's."""

import contextlib
import doctest
import io
import sys
import types
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.oracle.callees import functions
from tests.rules.oracle.comparing import same, values_of

MAKERS = ("array", "arange", "linspace", "ones", "zeros", "eye", "identity", "full", "asarray", "logspace")
FUNCTIONS = [c.function for c in functions() if ">>>" in (c.function.__doc__ or "")]
SKIPPED = ("matplotlib", "plt.", "random", "id(", "range(500)")  # pictures, chance, addresses, times
EXCEPTIONS = {  # examples in which tensors are to do something else
    (np.einsum, "a"): "it has been written into through the view that np.einsum gave",
}


class Tensors(types.ModuleType):
    """NumPy, but that what makes an array makes a tensor."""

    def __init__(self, learned):
        super().__init__("numpy")
        self.learned = learned

    def __getattr__(self, name):
        found = getattr(np, name)
        return (lambda *args, **settings: self.tensor(found(*args, **settings))) if name in MAKERS else found

    def tensor(self, a):
        if type(a) is not np.ndarray or a.dtype.kind not in "biufc":
            return a
        tensor = ag.tensor(a, requires_grad=self.learned and a.dtype.kind == "f")
        return tensor.copy() if tensor.requires_grad else tensor  # unlike a leaf, it may be assigned to


def shown(example, namespace):
    """What an example shows when it is run, or its error."""
    found = []
    before, sys.displayhook = sys.displayhook, found.append
    try:
        exec(compile(example.source, "<example>", "single"), namespace)
    except Exception as error:
        return [error]
    finally:
        sys.displayhook = before
    return found


def differences(function, learned):
    """The examples in which tensors do not give what arrays give, with what they give."""
    plain, tensors = {"np": np}, {"np": Tensors(learned)}
    for example in doctest.DocTestParser().get_examples(function.__doc__):
        if any(word in example.source for word in SKIPPED) or (function, example.source.strip()) in EXCEPTIONS:
            continue
        expected, got = shown(example, plain), shown(example, tensors)
        for e, g in zip(expected, got, strict=False):
            both_refuse = isinstance(e, Exception) and isinstance(g, type(e))
            if getattr(getattr(e, "dtype", None), "kind", "") == "O":  # tensors hold numbers
                continue
            if not both_refuse and not same(values_of(g), e, False):
                yield f"{example.source}  NumPy: {e!r}\n  tensors: {g!r}"


@pytest.mark.parametrize("learned", [False, True], ids=["constant", "learned"])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_examples_give_with_tensors_what_they_give_with_arrays(function, learned):
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        assert not list(differences(function, learned))
