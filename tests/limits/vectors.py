"""Functions of arrays: each with a formula for exact numbers, or NumPy itself, which computes with those as well."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_lite.rules import (
    directions,
    elementwise,
    linalg,
    neural,
    norms,
    reductions,
    where_and_extrema,
    windows,
)
from tests.limits.exact import exactly, flat, mp
from tests.rules.samples import SAMPLES

EVERYWHERE = ("usual", "tiny", "huge", "largest", "offset", "zeros", "inf", "-inf")
FINITE = EVERYWHERE[:-2]
SCALED = ("usual", "tiny", "huge")
SOMEWHAT = ("usual", "small", "large")
LINALG = (np.float32, np.float64)  # NumPy has none of half precision
X = np.array([3.0, -1.0, 2.5, 0.5])
PAIR = (np.array([[3.0, -1.0, 2.5]]), np.array([[0.5], [2.0], [-1.5]]))
MATRIX = np.array([[2.0, -1.0], [0.5, 1.5]])
TALL = np.array([[2.0, -1.0], [0.5, 1.5], [1.0, 1.0]])


class Vector(NamedTuple):
    """A function of arrays: how to call it, what it gives, and at what kinds of numbers to look."""

    call: Callable
    formula: Callable
    arrays: tuple
    variants: tuple = EVERYWHERE
    tolerance: float = 16  # in roundings, of the largest element of the gradient
    dtypes: tuple = (np.float16, np.float32, np.float64)
    note: str = ""


def variant(a, name, dtype):
    """An array with numbers of another kind."""
    f = np.finfo(dtype)
    size = {"tiny": (f.tiny, 0.7), "small": (f.tiny, 0.3), "large": (f.max, 0.3), "huge": (f.max, 0.7)}
    scale = float(size[name][0]) ** size[name][1] if name in size else float(f.max) / 16 if name == "largest" else 1.0
    a = np.array(a, float) * scale
    if name == "offset":
        a = a * 0.01 + 0.1 / float(f.eps) ** 0.7
    if name == "zeros":
        a.flat[:-1] = 0
    if name in ("inf", "-inf"):
        a.flat[:1] = float(name)
    return a.astype(dtype)


# NumPy itself.


def is_float(a):
    return isinstance(a, np.ndarray | np.floating) and a.dtype == np.float64


def by_itself(function):
    """The first sample of a function, computed with exact numbers by the function; None where it cannot."""
    for args, settings in SAMPLES.get(function, []):
        full = [list(a) if isinstance(a, list) else a for a in args]
        places = [(full, i) for i, a in enumerate(full) if is_float(a)]
        places += [(a, i) for a in full if isinstance(a, list) for i, b in enumerate(a) if is_float(b)]
        arrays = tuple(np.asarray(a[i]) for a, i in places)
        if not 0 < sum(a.size for a in arrays) <= 24:
            continue

        def call(*values, full=full, places=places, settings=settings):
            for (a, i), value in zip(places, values, strict=True):
                a[i] = value
            return function(*full, **settings)

        try:
            exact = all(isinstance(y, mp.mpf | int) for y in flat(call(*map(exactly, arrays))))
        except (TypeError, ValueError, AttributeError):
            exact = False
        return Vector(call, call, arrays, (*SOMEWHAT, "inf")) if exact else None
    return None


# With formulas.

exp, log, sqrt, absolute = (
    np.frompyfunc(f, 1, 1) for f in (lambda x: mp.exp(x + HALF) * mp.exp(-HALF), mp.log, mp.sqrt, abs)
)
HALF = mp.mpf(0.5)  # mpmath multiplies e by itself, for exponents that are whole


def mean(x):
    return np.sum(x) / x.size


def variance(x):
    return mean((x - mean(x)) ** 2)


def norm(p):
    return lambda x: np.sum(absolute(x) ** mp.mpf(p)) ** (1 / mp.mpf(p))


def exact_softmax(x):
    return exp(x) / np.sum(exp(x))


def exact_log_softmax(x):
    return x - mp.log(np.sum(exp(x)))


whole, below = (np.frompyfunc(f, 1, 1) for f in (lambda x: mp.floor(x) if x > 0 else mp.ceil(x), mp.floor))


def correlation(x):
    """Of the first three elements with 1, 2 and 4."""
    a, b = x[:3] - mean(x[:3]), np.array([mp.mpf(y) for y in (1, 2, 4)]) - mp.mpf(7) / 3
    return np.sum(a * b) / mp.sqrt(np.sum(a * a) * np.sum(b * b))


def assigned(function, x, arguments):
    """What is left of `x` after a function has assigned to its elements."""
    x = x * 1.0
    function(x, *arguments)
    return x


def matrix(f):
    """A function of mpmath's matrices as one of arrays."""

    def of_arrays(*arrays):
        y = f(*(mp.matrix(a.tolist()) for a in arrays))
        parts = y if isinstance(y, tuple | list) else (y,)
        return [np.array(p.tolist(), object) if isinstance(p, mp.matrix) else p for p in parts]

    return of_arrays


def symmetric(a):
    return (a + a.T) / 2


def gram_schmidt(a):
    """The orthonormal factor of a tall matrix."""
    columns = []
    for j in range(a.cols):
        v = a[:, j]
        for q in columns:
            v = v - q * (q.T * v)[0]
        columns.append(v / mp.norm(v))
    return mp.matrix([[q[i] for q in columns] for i in range(a.rows)])


def qr(a):
    q = gram_schmidt(a)
    return q, q.T * a


def eigenvalues(a):
    return mp.eigsy(symmetric(a), eigvals_only=True)


def singular(a):
    return mp.svd_r(a, compute_uv=False)


def sizes(call):
    """What a function gives without its signs, which another way to compute it may have otherwise."""
    return lambda *a: [np.absolute(y) for y in call(*a)]


def exact_sizes(f):
    return matrix(lambda *a: [mp.matrix([[abs(x) for x in row] for row in m.tolist()]) for m in f(*a)])


def of_matrices(function, formula, arrays=(MATRIX,), **more):
    return Vector(function, matrix(formula), arrays, **{**OF_MATRICES, **more})


def of_x(function, formula, variants=EVERYWHERE, arrays=(X,), **more):
    return Vector(function, formula, arrays, variants, **more)


OF_MATRICES = {"variants": SCALED, "dtypes": LINALG, "tolerance": 64}
SYMMETRIC = symmetric(MATRIX)
LABELS = np.array([1])
TARGET = np.array([0.5, 1.0, 0.25, 0.0])
P = np.array([0.25, 0.9, 0.5, 0.75])

VECTORS = {
    np.var: [of_x(np.var, variance), of_x(lambda x: np.var(x, ddof=1), lambda x: variance(x) * 4 / 3)],
    np.std: [of_x(np.std, lambda x: mp.sqrt(variance(x)))],
    reductions.logsumexp: [of_x(reductions.logsumexp, lambda x: mp.log(np.sum(exp(x))))],
    directions.terms: [of_x(lambda x: directions.terms(x, np.float32([3.5])), lambda x: exp(x - 3), ("usual", "tiny"))],
    directions.direction: [
        of_x(lambda x: directions.direction(x, np.float32([4])), lambda x: x / norm(2)(x), ("usual",), note="0 at 0")
    ],
    norms.p_norm: [of_x(lambda x, p=p: norms.p_norm(x, p=p), norm(p), FINITE) for p in (2, 3, 1.5)],
    np.linalg.norm: [of_x(lambda x, p=p: np.linalg.norm(x, p), norm(p or 2), FINITE) for p in (None, 3, 0.5)]
    + [of_x(lambda x: np.linalg.norm(x, -1), norm(-1), FINITE[:5])],
    np.cov: [of_x(np.cov, lambda x: variance(x) * 4 / 3, FINITE)],
    np.interp: [
        Vector(
            lambda x, fp: np.interp(x, np.array([-2.0, 0.0, 3.5]), fp),
            lambda x, fp: fp[1:2] + (fp[2] - fp[1]) / mp.mpf(3.5) * x,
            (np.array([1.0]), X[:3]),
            ("usual",),
        ),
        of_x(lambda x: np.interp(np.array([np.inf, -np.inf]), np.arange(4.0), x), lambda x: [x[3], x[0]], FINITE),
    ],
    neural.softmax: [of_x(neural.softmax, exact_softmax)],
    neural.log_softmax: [of_x(neural.log_softmax, exact_log_softmax)],
    neural.standardize: [
        of_x(
            lambda x: neural.standardize(x, np.mean(x, keepdims=True), np.var(x, keepdims=True), axis=0, eps=0.5),
            lambda x: (x - mean(x)) / mp.sqrt(variance(x) + mp.mpf(0.5)),
            ("usual", "tiny", "zeros"),
        )
    ],
    neural.mean_nll: [
        of_x(
            lambda x: neural.mean_nll(x[None], neural.log_softmax(x[None]), LABELS),
            lambda x: -exact_log_softmax(x)[1],
            FINITE,
        )
    ],
    neural.binary_cross_entropy: [
        Vector(
            neural.binary_cross_entropy,
            lambda p, t: -t * log(p) - (1 - t) * log(1 - p),
            (P, TARGET),
            ("usual",),
        )
    ],
    elementwise.power_of_constant: [
        of_x(
            lambda x, e=e: elementwise.power_of_constant(np.absolute(x), exponent=e),
            lambda x, e=e: absolute(x) ** mp.mpf(e),
            ("usual", "tiny", "huge", "inf"),
        )
        for e in (3, 1, -1, 0.5, -2.5)
    ],
    np.float_power: [
        Vector(np.float_power, lambda a, b: a**b, (P, TARGET), ("usual", "small"), note="in double precision")
    ],
    np.ldexp: [of_x(lambda x: np.ldexp(x, 3), lambda x: x * 8)],
    np.heaviside: [of_x(lambda x: np.heaviside(np.array([0.0, 0.0, 1.0, -1.0]), x), lambda x: [*x[:2], 1, 0], FINITE)],
    where_and_extrema.clip: [
        of_x(lambda x: where_and_extrema.clip(x, -0.7, 2.0), lambda x: np.minimum(np.maximum(x, mp.mpf(-0.7)), 2))
    ],
    np.clip: [
        Vector(np.clip, lambda x, a, b: np.minimum(np.maximum(x, a), b), (X, X[::-1] * 0.7, X[::-1] * 0.6), SCALED),
        of_x(lambda x: np.clip(x, 2.0, -1.0), lambda x: x * 0 - 1),
    ],
    np.modf: [of_x(lambda x: np.modf(x * 0.7)[0], lambda x: x * mp.mpf(0.7) - whole(x * mp.mpf(0.7)), FINITE[:2])],
    np.divmod: [
        Vector(lambda a, b: np.divmod(a, b)[1], lambda a, b: a - b * below(a / b), (X * 0.7, X[::-1]), SOMEWHAT)
    ],
    np.sign: [of_x(lambda x: np.real(np.sign(x + 1j)), lambda x: x / sqrt(x * x + 1), FINITE[:4])],
    np.angle: [
        Vector(
            lambda a, b: np.angle(a + 1j * b),
            np.frompyfunc(lambda a, b: mp.atan2(b, a), 2, 1),
            (X, X[::-1] + 0.2),
            FINITE[:4],
        )
    ],
    np.nan_to_num: [of_x(np.nan_to_num, lambda x: x, FINITE)],
    np.imag: [of_x(lambda x: np.imag(x * 1j), lambda x: x, FINITE)],
    np.pad: [of_x(lambda x: np.pad(x, 1), lambda x: [0, *x, 0])],
    np.gradient: [of_x(np.gradient, lambda x: [x[1] - x[0], (x[2] - x[0]) / 2, (x[3] - x[1]) / 2, x[3] - x[2]])],
    np.polyint: [of_x(np.polyint, lambda x: [x[0] / 4, x[1] / 3, x[2] / 2, x[3], 0])],
    np.corrcoef: [
        of_x(lambda x: np.corrcoef(x[:3], np.array([1.0, 2.0, 4.0]))[0, 1], correlation, ("usual",), tolerance=64)
    ],
    np.bincount: [of_x(lambda x: np.bincount(np.array([0, 1, 1, 0]), x), lambda x: [x[0] + x[3], x[1] + x[2]])],
    np.piecewise: [
        of_x(
            lambda x: np.piecewise(x, [x > 0], [lambda v: v * v, -1.0]),
            lambda x: [x[0] ** 2, -1, x[2] ** 2, x[3] ** 2],
            ("usual",),
        )
    ],
    getattr(np, "astype", elementwise.astype): [of_x(lambda x: x.astype(np.float64), lambda x: x)],  # new in NumPy 2.1
    elementwise.astype: [of_x(lambda x: elementwise.astype(x, dtype=np.dtype(float)), lambda x: x)],
    windows.unfold: [of_x(lambda x: windows.unfold(x.reshape(1, 1, 2, 2), kernel=(1, 2)), lambda x: x[[0, 2, 1, 3]])],
    windows.fold: [
        of_x(
            lambda x: windows.fold(x.reshape(1, 2, 1, 2, 1), shape=(1, 1, 1, 3), kernel=(1, 2)),
            lambda x: [x[0], x[1] + x[2], x[3]],
        )
    ],
    windows.filtered: [
        Vector(
            lambda x, w: windows.filtered(x.reshape(1, 4, 1, 1, 1), w.reshape(1, 1, 2, 2), None),
            lambda x, w: np.sum(x * w),
            (X, X[::-1]),
            SOMEWHAT,
        )
    ],
    **{
        function: [of_x(lambda x, f=function, a=arguments: assigned(f, x, a), lambda x: [x[0], 7, x[2], x[3]], FINITE)]
        for function, arguments in {
            np.put: (1, 7.0),
            np.place: (np.array([False, True, False, False]), 7.0),
            np.putmask: (np.array([False, True, False, False]), 7.0),
            np.put_along_axis: (np.array([1]), 7.0, 0),
        }.items()
    },
    np.copyto: [of_x(lambda x: assigned(np.copyto, x, (7.0,)), lambda x: x * 0 + 7, FINITE)],
    np.fill_diagonal: [
        of_x(lambda x: assigned(np.fill_diagonal, x.reshape(2, 2), (7.0,)), lambda x: [7, x[1], x[2], 7], FINITE)
    ],
    # Linear algebra.
    np.linalg.inv: [of_matrices(np.linalg.inv, mp.inverse, variants=SOMEWHAT)],
    np.linalg.det: [of_matrices(np.linalg.det, mp.det, variants=SOMEWHAT)],
    linalg.cofactors: [of_matrices(linalg.cofactors, lambda a: mp.det(a) * mp.inverse(a).T, variants=SOMEWHAT)],
    linalg.log_determinant: [of_matrices(linalg.log_determinant, lambda a: mp.log(abs(mp.det(a))))],
    np.linalg.slogdet: [of_matrices(lambda a: np.linalg.slogdet(a)[1], lambda a: mp.log(abs(mp.det(a))))],
    linalg.solve_matrix: [of_matrices(linalg.solve_matrix, mp.lu_solve, (MATRIX, MATRIX[:, :1]))],
    np.linalg.solve: [of_matrices(np.linalg.solve, mp.lu_solve, (MATRIX, X[:2]))],
    np.linalg.pinv: [of_matrices(np.linalg.pinv, lambda a: mp.inverse(a.T * a) * a.T, (TALL,), variants=SOMEWHAT)],
    np.linalg.pinv: [of_matrices(np.linalg.pinv, lambda a: mp.inverse(a.T * a) * a.T, (TALL,), variants=SOMEWHAT)],
    np.linalg.lstsq: [
        of_matrices(lambda a, b: np.linalg.lstsq(a, b)[0], lambda a, b: mp.inverse(a.T * a) * (a.T * b), (TALL, X[:3]))
    ],
    np.linalg.tensorinv: [of_matrices(lambda a: np.linalg.tensorinv(a, 1), mp.inverse, variants=SOMEWHAT)],
    np.linalg.tensorsolve: [of_matrices(np.linalg.tensorsolve, mp.lu_solve, (MATRIX, X[:2]))],
    np.linalg.matrix_power: [
        of_matrices(lambda a: np.linalg.matrix_power(a, -2), lambda a: mp.inverse(a * a), variants=("usual",))
    ],
    np.linalg.cond: [of_matrices(np.linalg.cond, lambda a: singular(a)[0] / singular(a)[1])],
    np.linalg.cholesky: [of_matrices(np.linalg.cholesky, lambda a: mp.cholesky(symmetric(a)), (MATRIX @ MATRIX.T,))],
    np.linalg.cholesky: [of_matrices(np.linalg.cholesky, lambda a: mp.cholesky(symmetric(a)), (MATRIX @ MATRIX.T,))],
    np.linalg.eigvalsh: [of_matrices(np.linalg.eigvalsh, eigenvalues, (SYMMETRIC,))],
    np.linalg.eigh: [
        Vector(sizes(np.linalg.eigh), exact_sizes(lambda a: mp.eigsy(symmetric(a))), (SYMMETRIC,), **OF_MATRICES)
    ],
    np.linalg.svdvals: [of_matrices(np.linalg.svdvals, singular)],
    np.linalg.svd: [
        Vector(sizes(lambda a: np.linalg.svd(a)), exact_sizes(mp.svd_r), (MATRIX,), **OF_MATRICES),
    ],
    np.linalg.qr: [Vector(sizes(np.linalg.qr), exact_sizes(qr), (TALL,), **OF_MATRICES)],
}
