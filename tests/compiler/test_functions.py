"""Every function of the table, compiled with its gradients, gives what it gives uncompiled, bit for bit."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules import decompositions, elementwise, indexing, linalg, neural, ordering
from autograd_lite.rules.registry import ADAPTERS
from tests.compiler.check import check, compiled
from tests.rules.check import differentiable, outputs
from tests.rules.samples import SAMPLES
from tests.rules.samples.numbers import real

SQUARE, LABELS = real(3, 3), np.array([2, 0, 1, 1])
POSITIVE = SQUARE @ SQUARE.T + 2 * np.eye(3)
MASK = np.array([[True, False, True], [False, True, False]])
MORE = {  # functions whose samples stand in tests of their own
    neural.mean_nll: [((real(4, 3), real(4, 3), LABELS), {})],
    neural.standardize: [((real(5, 3), real(1, 3), real(1, 3, low=0.1)), {"axis": 0, "eps": 1e-3})],
    elementwise.astype: [((real(2, 3),), {"dtype": np.dtype(np.float32)})],
    np.float_power: [((real(2, 3, low=0.5), real(3)), {}), ((real(3, low=0.5), 2), {})],
    np.imag: [((real(2, 3),), {})],
    np.linalg.cholesky: [((POSITIVE,), {}), ((POSITIVE,), {"upper": True})],
    **{f: [((POSITIVE,), {})] for f in (np.linalg.eigh, np.linalg.eigvalsh)},
    np.sign: [((real(2, 3),), {})],
    np.empty_like: [((real(2, 3),), {})],
}
if hasattr(np, "astype"):
    MORE[np.astype] = [((real(2, 3), np.float32), {})]
IN_PLACE = {  # they change their first argument
    np.put: [((real(2, 3), np.array([0, -1]), real(2)), {})],
    np.place: [((real(2, 3), MASK, real(3)), {})],
    np.putmask: [((real(2, 3), MASK, real(2, 3)), {})],
    np.put_along_axis: [((real(2, 3), np.array([[2], [0]]), real(2, 1), 1), {})],
    np.fill_diagonal: [((real(3, 3), real(3)), {})],
    np.copyto: [((real(2, 3), real(3)), {}), ((real(2, 3), real(3)), {"where": MASK})],
}
PARTS = (decompositions.mirrored, decompositions.eigenvalues, decompositions.singular_values, decompositions.completion)
PARTS += (decompositions.eigenvectors, decompositions.orthonormal, decompositions.singular_vectors)
PARTS += (linalg.pseudo_inverse, decompositions.cholesky_factor)
PARTS += (decompositions.eigenvalues_alone, decompositions.singular_values_alone)
DEPENDS_ON_VALUES = {  # what is asked of values, and an example
    np.unique: ("fixed shapes", (np.array([1.0, 2.0, 1.0]),)),
    ordering.first_occurrences: ("fixed shapes", (np.array([1.0, 2.0, 1.0]),)),
    np.linalg.lstsq: ("fixed shapes", (real(4, 2), real(4))),  # the residuals; pinv(a) @ b can be compiled
}
ALL = SAMPLES | MORE
FUNCTIONS = [f for f in dict.fromkeys((*TABLE, *ADAPTERS)) if f in ALL and f not in DEPENDS_ON_VALUES]


def derivatives(function, args, settings, order=2):
    """The function of the float arrays among `args` that gives values, gradients and second derivatives."""
    places = [(i, None) for i, a in enumerate(args) if differentiable(a)]
    places += [(i, j) for i, a in enumerate(args) if isinstance(a, list) for j, b in enumerate(a) if differentiable(b)]
    arrays = [np.asarray(args[i] if j is None else args[i][j]) for i, j in places]

    def step(*values):
        tensors = [ag.tensor(v, requires_grad=True) for v in values]
        full = [list(a) if isinstance(a, list) else a for a in args]
        for (i, j), tensor in zip(places, tensors, strict=True):
            if j is None:
                full[i] = tensor + 0 if function in IN_PLACE else tensor
            else:
                full[i][j] = tensor
        result = function(*full, **settings)
        ys = outputs(full[0] if function in IN_PLACE else result)
        roots = [y for y in ys if getattr(y, "requires_grad", False)]
        weights = [np.random.default_rng(i).standard_normal(y.shape) for i, y in enumerate(roots)]
        found = gradients(roots, tensors, weights, order) if roots else ((), ())
        return tuple(y.detach() if isinstance(y, ag.Tensor) else y for y in ys), *found

    return step, arrays


def gradients(roots, tensors, weights, order=2):
    """First derivatives, and those of the sum of their squares."""
    first, second = ag.autograd.grad(roots, tensors, weights, allow_unused=True), ()
    if order == 2:
        again = ag.autograd.grad(roots, tensors, weights, create_graph=True, allow_unused=True)
        total = [np.sum(g * g) for g in again if isinstance(g, ag.Tensor) and g.requires_grad]
        second = ag.autograd.grad(total, tensors, allow_unused=True) if total else ()
    return first, second


def others(arrays):
    """Other values of the same shapes and range, in another order, lying in memory so; ascending ones stay so."""
    ascending = [a.ndim == 1 and np.all(a[1:] > a[:-1]) for a in arrays]
    orders = [slice(None, None, 1 if up else -1) for up in ascending]
    return [alike(a, a.dtype.type(0.97) * a.ravel()[o].reshape(a.shape)) for a, o in zip(arrays, orders, strict=True)]


def alike(a, values):
    """`values` in memory of their own that lie there as `a` does."""
    reach = [(n - 1) * stride for n, stride in zip(a.shape, a.strides, strict=True)]
    start = -sum(min(r, 0) for r in reach)
    memory = np.zeros(start + sum(max(r, 0) for r in reach) + a.itemsize, np.uint8)
    array = np.ndarray(a.shape, a.dtype, memory, start, a.strides)
    array[...] = values
    return array


@pytest.mark.parametrize("function", FUNCTIONS + list(IN_PLACE), ids=lambda f: f.__name__)
def test_function(function):
    for i, (args, settings) in enumerate((ALL | IN_PLACE)[function]):
        step, arrays = derivatives(function, args, settings, order=2 if i < 2 else 1)
        check(step, arrays, others(arrays))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_function_in_single_precision(function):
    step, arrays = derivatives(function, *ALL[function][-1], order=1)
    arrays = [a.astype(np.float32) for a in arrays]
    check(step, arrays, others(arrays))


def test_all_functions_are_tested():
    differentiated = {f for f, row in TABLE.items() if row.rules} | set(ADAPTERS)
    differentiated = {f for f in differentiated if not str(getattr(f, "__module__", "")).startswith("tests")}
    assert not differentiated - {*ALL, *IN_PLACE, *PARTS, *DEPENDS_ON_VALUES, np.nonzero}


COUNTS = (np.repeat, np.tile, np.bincount, np.insert, np.delete, np.compress, np.extract, np.piecewise)
MASKED = (indexing.get_item, indexing.put_item, indexing.set_item)  # a mask says how many elements there are


def selects(function, a):
    """Whether an argument is an array of indices or of conditions."""
    return isinstance(a, np.ndarray) and (a.dtype.kind in "iu" or (a.dtype.kind == "b" and function not in MASKED))


SELECTING = [f for f in FUNCTIONS if any(selects(f, a) for args, _ in ALL[f] for a in args)]


@pytest.mark.parametrize("function", SELECTING, ids=lambda f: f.__name__)
def test_indices_and_conditions_may_change(function):
    """They are arguments of the compiled function; refused only where they say how many elements there are."""
    for args, settings in ALL[function]:
        if not any(selects(function, a) for a in args):
            continue
        places = [i for i, a in enumerate(args) if selects(function, a) or differentiable(a)]

        def step(*values, args=args, settings=settings, places=places):
            full = list(args)
            for i, value in zip(places, values, strict=True):
                full[i] = ag.tensor(value, requires_grad=differentiable(args[i]))
            tensors = [full[i] for i in places if full[i].requires_grad]
            y = outputs(function(*full, **settings))[0]
            if not tensors:
                return y, ()
            weights = np.cos(np.arange(y.size)).reshape(y.shape)
            return y.detach(), *gradients(y, tensors, weights)

        calls = [[ag.tensor(args[i].ravel()[::k].reshape(args[i].shape)) for i in places] for k in (1, -1)]
        if function in COUNTS:
            with pytest.raises(ag.TraceError, match=r"depends on values|asks for a value"):
                compiled(step)(*calls[0])
        else:
            check(step, *calls)


@pytest.mark.parametrize("function", DEPENDS_ON_VALUES, ids=lambda f: f.__name__)
def test_what_depends_on_values_is_refused(function):
    why, args = DEPENDS_ON_VALUES[function]
    with pytest.raises(ag.TraceError, match=why):
        compiled(function)(*args)


REDUCTIONS = (np.sum, np.mean, np.prod, np.max, np.min, np.any, np.all, np.argmax, np.argmin, np.var, np.std, np.median)
REDUCTIONS += (np.cumsum, np.sort, np.argsort, np.count_nonzero, np.ptp)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.float16, np.complex128])
@pytest.mark.parametrize("function", REDUCTIONS, ids=lambda f: f.__name__)
def test_reductions_of_other_numbers(function, dtype):
    """Accuracy in a step is a mean of booleans."""
    x, y = (ag.tensor(np.array(a).astype(dtype)) for a in ([[0, 1, 1], [2, 0, 1]], [[1, 0, 2], [0, 0, 1]]))
    try:
        function(x.numpy(), axis=1)
    except TypeError:  # NumPy has no such minus
        return
    check(lambda x: (function(x, axis=1), function(x, axis=0)), (x,), (y,))
