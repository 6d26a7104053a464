"""NumPy's ways of calling: its signatures, `out`, functions without a rule, lists of tensors, advice."""

import inspect
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules.registry import ADAPTERS, ASSIGNING, NOT_GIVEN, REFUSALS, RENAMED, Primitive, adapter, row_of
from tests.rules.oracle.callees import functions
from tests.rules.oracle.comparing import same, values_of
from tests.rules.samples import SAMPLES

OF_NUMPY = [f for f in ADAPTERS if not isinstance(f, np.ufunc) and not str(f.__module__).startswith("tests")]
UFUNCS = [f for f in {**TABLE, **ADAPTERS} if isinstance(f, np.ufunc) and getattr(np, f.__name__, None) is f]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def leaf(values):
    return ag.tensor(values, requires_grad=True)


def signature(function):
    if np.lib.NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("not all functions tell their parameters before NumPy 2.4, and some have older names")
    return inspect.signature(function).parameters


@pytest.mark.parametrize("function", OF_NUMPY, ids=lambda f: f.__name__)
def test_a_form_has_the_parameters_of_its_function(function):
    """Where it has no default it is an array; what NumPy has without one may be a setting here."""
    theirs, form = signature(function), ADAPTERS[function]
    names = [p.name for p in theirs.values() if p.kind in POSITIONAL]
    assert tuple(RENAMED.get(n, n) for n in names[: len(form.positional)]) == form.positional
    behind_keywords = any(p.kind is p.VAR_KEYWORD for p in theirs.values())
    for name, ours in inspect.signature(form.compute).parameters.items():
        if name == "value" or ours.kind in (ours.VAR_POSITIONAL, ours.VAR_KEYWORD):
            continue
        assert name in theirs or behind_keywords
        default = theirs[name].default
        if ours.default is not ours.empty and default not in (inspect.Parameter.empty, NOT_GIVEN):
            assert ours.default == default or (default is None and ours.default is NOT_GIVEN), name
    assert form.learned <= {*theirs, "constant_values", "end_values"}


@pytest.mark.parametrize(
    "function", [f for f in TABLE if f in {c.function for c in functions()}], ids=lambda f: f.__name__
)
def test_a_row_has_settings_of_its_function(function):
    if not TABLE[function].rules or isinstance(function, np.ufunc):
        return
    assert row_of(function).names <= signature(function).keys()


@pytest.mark.parametrize("function", [f for f in TABLE if isinstance(f, Primitive)], ids=lambda f: f.__name__)
def test_a_row_has_a_rule_for_every_array(function):
    parameters = inspect.signature(function.body).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) or not TABLE[function].rules:
        return
    needed = [p.name for p in parameters if p.default is p.empty]
    assert len(TABLE[function].rules) >= len(needed)


def test_a_form_that_does_not_fit_is_refused_at_import():
    with pytest.raises(
        TypeError, match=r"np.tile has the parameters \('A', 'reps'\), and its form has \('x', 'reps'\)"
    ):
        adapter(np.tile)(lambda x, reps: x)
    assert ADAPTERS.pop(np.tile)
    from autograd_lite.rules import axes

    adapter(np.tile, moves=True)(axes.tile)


def test_everything_by_keyword():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    np.copyto(dst=y, src=0.0, where=[True, False, False])
    np.put(a=y, ind=[1], v=x[2])
    np.place(arr=y, mask=[False, False, True], vals=[7.0])
    assert y.tolist() == [0, 3, 7]
    assert np.empty_like(prototype=x).tolist() == [0, 0, 0]
    assert np.sum(a=x, axis=0, dtype=None, out=None, keepdims=False, initial=1.0, where=True).item() == 7
    assert (
        np.reshape(x, shape=(3, 1), order="C", copy=None).shape == (3, 1) if "shape" in signature(np.reshape) else True
    )


# Where results are written.


def with_out():
    """Calls of functions that take `out`, on one float array, whose result is one array."""
    for callee in functions():
        f = callee.function
        if isinstance(f, np.ufunc) and f.nout == 1 and f.signature is None:
            call = [np.array([0.25, 0.5])] * f.nin, {}
        elif f in SAMPLES and "out" in callee_parameters(f) and f not in ASSIGNING and not isinstance(f, np.ufunc):
            call = list(SAMPLES[f][0][0]), SAMPLES[f][0][1]
        else:
            continue
        if gives_out(f, *call):
            yield f, *call


def gives_out(function, args, settings):
    """Whether a function takes floats in arrays, and gives back the array that it is to write into."""
    with warnings.catch_warnings(action="ignore"):
        try:
            expected = np.asarray(function(*args, **settings))
        except TypeError:
            return False
        out = np.zeros(expected.shape, expected.dtype)
        return any(isinstance(a, np.ndarray | list) for a in args) and function(*args, **settings, out=out) is out


def callee_parameters(function):
    try:
        return inspect.signature(function).parameters
    except ValueError:
        return ()


OUT = [pytest.param(*case, id=case[0].__name__) for case in with_out()]


def made(args, learned):
    """Arguments with tensors for float arrays."""
    return [
        leaf(a) if learned and isinstance(a, np.ndarray) and a.dtype == float
        else ag.tensor(a) if isinstance(a, np.ndarray)
        else [leaf(b) if learned else ag.tensor(b) for b in a] if isinstance(a, list) and isinstance(a[0], np.ndarray)
        else a
        for a in args
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("function", "args", "settings"), OUT)
def test_a_result_goes_into_an_array_or_a_tensor(function, args, settings):
    expected = np.asarray(function(*args, **settings))
    array = np.zeros(expected.shape, expected.dtype)
    assert function(*made(args, False), **settings, out=array) is array
    assert same(array, expected, function is np.einsum)
    target = ag.tensor(np.zeros(expected.shape, expected.dtype))
    assert function(*made(args, False), **settings, out=target) is target
    assert same(target.numpy()[()], expected[()], function is np.einsum)
    tensors = made(args, True)
    y = function(*tensors, **settings)
    if isinstance(y, ag.Tensor) and y.requires_grad and y.dtype.kind == "f":
        with pytest.raises(NotImplementedError, match=r"out="):
            function(*tensors, **settings, out=array)
        target = ag.tensor(np.zeros(expected.shape, expected.dtype))
        assert function(*tensors, **settings, out=target) is target and target.requires_grad
        np.testing.assert_allclose(values_of(target), expected, rtol=1e-12)


def test_what_is_written_into_a_tensor_is_differentiated():
    x = leaf([1.0, 2.0, 3.0])
    y = x * x
    assert np.clip(y, 0, 5, out=y) is y
    np.multiply(y, x, out=y, dtype=np.float64)
    y.sum().backward()
    assert y.tolist() == [1, 8, 15] and x.grad.tolist() == [3, 12, 5]
    with pytest.raises(TypeError, match="same_kind"):
        np.add(ag.tensor([0.5]), 1, out=ag.tensor([1]))
    quotient, rest = ag.tensor([0.0]), ag.tensor([0.0])
    assert np.divmod(ag.tensor([7.0]), 2.0, out=(quotient, rest)) == (quotient, rest)
    assert (quotient.item(), rest.item()) == (3, 1)


def test_adding_at_places():
    x, v = leaf([1.0, 2.0]), leaf([10.0, 20.0, 30.0])
    y = x * 1
    np.add.at(y, [0, 1, 0], v)
    np.subtract.at(y, 1, 1.0)
    y.backward([1.0, 5.0])
    assert y.tolist() == [41, 21] and x.grad.tolist() == [1, 5] and v.grad.tolist() == [1, 5, 1]
    counts = ag.tensor([0, 0, 0])
    np.add.at(counts, [2, 2, 0], 1)
    assert counts.tolist() == [1, 0, 2]


# Functions without a rule.


def test_without_a_gradient_every_function_runs_as_on_arrays(tmp_path):
    x, whole = ag.tensor([3.0, 1.0, 2.0, 2.0]), ag.tensor([6, 4])
    for function, args in (
        (np.histogram, (x, 2)),
        (np.union1d, (x, [5.0])),
        (np.roots, (x,)),
        (np.polyfit, (x, x, 1)),
        (np.unique, (x, True, True)),
        (np.lexsort, ((x, x),)),
        (np.gcd, (whole, 4)),
        (np.packbits, (ag.tensor([1, 0, 1]),)),
        (np.frexp, (x,)),
        (np.nextafter, (x, 0.0)),
        (np.apply_over_axes, (np.sum, x, 0)),
        (np.linspace, (x[0], x[1], 3, True, True)),
        (np.real_if_close, (x,)),
        (np.emath.sqrt, (-x,)),
        (np.logical_or.accumulate, (x > 2,)),
        (np.gcd.reduce, (whole,)),
        (np.array2string, (x,)),
    ):
        plain = [values_of(a) for a in args]
        assert same(values_of(function(*args)), function(*plain), False), function
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x, y=whole)
    assert np.load(tmp_path / "x.npy").tolist() == x.tolist()
    assert np.load(tmp_path / "x.npz")["y"].tolist() == [6, 4]
    with ag.no_grad():
        assert np.histogram(leaf([1.0, 2.0]), 1)[0].tolist() == [2]


def test_what_is_given_for_a_gradient_says_what_to_write():
    x = leaf([1.0, 2.0])
    for function, words in (
        (lambda: np.save("x.npy", x), "np.save has no gradient rule: a file holds values"),
        (lambda: np.histogram(x), "np.histogram has no gradient rule: counts"),
        (lambda: np.union1d(x, x), r"np.union1d has .*write np.unique\(np.concatenate"),
        (lambda: np.lexsort((x, x)), r"np.lexsort has no gradient rule: pass x.detach\(\)"),
        (lambda: np.emath.sqrt(x), r"np.emath.sqrt has no gradient rule: its dtype"),
        (lambda: np.nextafter.reduce(x), r"np.nextafter.reduce has no gradient rule"),
        (lambda: np.hypot.at(x * 1, [0], 1.0), r"np.hypot.at has no gradient rule; assign"),
    ):
        with pytest.raises(NotImplementedError, match=words):
            function()
    assert all("np.linalg.solve" not in words for words in REFUSALS.values())


def test_values_cannot_be_written_into():
    x = ag.tensor([np.nan, 1.0])
    with pytest.raises(NotImplementedError, match=r"np.nan_to_num cannot write into a tensor: assign to x\[...\]"):
        np.nan_to_num(x, copy=False)
    parts = np.trim_zeros(ag.tensor([0.0, 2.0, 0.0]))
    parts[0] = 5.0
    assert np.median(x, overwrite_input=True).shape == () and np.isnan(x.data[0])


def test_like_another_tensor():
    x = leaf([1.0])
    for made in (np.zeros(2, like=x), np.ones((2,), like=x), np.full(2, 3.0, like=x), np.arange(2.0, like=x)):
        assert isinstance(made, ag.Tensor) and made.shape == (2,) and not made.requires_grad
    assert np.array([1.0, 2.0], like=x).tolist() == [1, 2]
    with pytest.raises(NotImplementedError, match=r"np.array has no gradient rule: np.stack joins tensors"):
        np.array([x, x], like=x)


# Lists of tensors.


def test_lists_of_tensors_are_arrays_where_numpy_sees_a_tensor():
    a, b = leaf(1.0), leaf(2.0)
    x = ag.tensor([3.0, 4.0])
    for y, expected in (
        (np.append(x, [a, b]), [3, 4, 1, 2]),
        (np.append([a, b], x), [1, 2, 3, 4]),
        (np.multiply([a, b], x), [3, 8]),
        (np.dot([a, b], x), 11),
        (x.__add__([a, b]), [4, 6]),
        (np.kron([a, b], x), [3, 4, 6, 8]),
        (np.average(x, weights=[a, b]), 11 / 3),
        (np.where([True, False], [a, b], x), [1, 4]),
        (np.linalg.norm(x - [a, b]), np.hypot(2, 2)),
    ):
        assert y.requires_grad
        np.testing.assert_allclose(y.detach(), expected)


@pytest.mark.parametrize("call", [lambda a: np.array([a, a]), lambda a: np.mean([a, a]), lambda a: np.exp([a, a])])
def test_a_list_that_numpy_makes_an_array_of_says_np_stack(call):
    with pytest.raises(RuntimeError, match=r"np.stack to join tensors"):
        call(leaf([1.0, 2.0]))
    assert np.asarray(call(ag.tensor([1.0, 2.0]))).size


def test_calls_with_settings_of_ufuncs():
    x = leaf([1.0, 2.0])
    for settings in (
        {"dtype": np.float32},
        {"casting": "same_kind", "dtype": "f4"},
        {"signature": (None, None, np.float32)},
        {"signature": "ff->f"},
        {"order": "F", "subok": False, "where": True},
    ):
        y = np.multiply(x, x, **settings)
        assert y.dtype == np.multiply(x.data, x.data, **settings).dtype
        y.sum().backward()
        assert x.grad.tolist() == [2, 4] and x.grad.dtype == np.float64
        x.grad = None
    for settings in ({"casting": "no", "dtype": "f4"}, {"signature": "ii->i"}):
        with pytest.raises(TypeError):
            np.multiply(x, x, **settings)
    z = np.exp(x, dtype=complex)
    assert z.dtype == complex and np.real(z).requires_grad
