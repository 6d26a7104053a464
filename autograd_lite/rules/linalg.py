"""Linear algebra: inverses, solutions of linear systems, determinants, powers and chains of matrices.

All take stacks of matrices as NumPy does. The rules are those of Giles 2008 ("Collected matrix derivative results")
and, for the pseudo-inverse, of Golub and Pereyra 1973, which holds where the rank does not change.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.tracing_protocol import Symbol, require
from autograd_lite.rules.complex import conjugated, refuse_complex
from autograd_lite.rules.decompositions import mirrored
from autograd_lite.rules.registry import Primitive, adapter, row
from autograd_lite.rules.shaping import array_of, values_of

SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


# Inverses.
row(np.linalg.inv, lambda g, y, a: -(y.mT @ g @ y.mT))


@Primitive
def pseudo_inverse(a: Any, inverse: Any) -> Any:
    """The pseudo-inverse of `a`."""
    return inverse


def pseudo_inverse_gradient(g: Any, y: Any, a: Any) -> Any:
    """Golub and Pereyra 1973; the last two terms vanish where `a` is square and invertible."""
    m, n = a.shape[-2:]
    outside = np.eye(m, dtype=a.dtype) - a @ y
    inside = np.eye(n, dtype=a.dtype) - y @ a
    return outside @ g.mT @ y @ y.mT + y.mT @ (y @ (g.mT @ inside)) - y.mT @ g @ y.mT


row(pseudo_inverse, lambda g, y, a, inverse: pseudo_inverse_gradient(g, y, a), None)


def require_rank(a: Any, cut: Any) -> None:
    """Raise where a cut leaves out singular values that are not close to 0: the formula does not hold there."""
    least = np.sqrt(np.finfo(a.dtype).eps)
    if cut is None or isinstance(cut, Symbol) or np.all(np.asarray(cut) <= least):
        return
    s = np.linalg.svdvals(a)
    largest = np.max(s, axis=-1, keepdims=True, initial=0)
    what = "np.linalg.pinv: the cut leaves out singular values that are not 0, and then there is no gradient rule"
    left_out = (s > least * largest) & (s <= np.asarray(cut)[..., None] * largest)
    require(~np.any(left_out), NotImplementedError(f"{what}; write it with np.linalg.svd"))


@adapter(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None, value: Any = None) -> Any:
    """The pseudo-inverse; `rtol` is the newer name of `rcond`."""
    refuse_complex("np.linalg.pinv", a)
    require_rank(values_of(a), rcond if rtol is None else rtol)
    return pseudo_inverse(mirrored(a) if hermitian else a, value)


# Linear systems.


@Primitive
def solve_matrix(a: Any, b: Any) -> Any:
    """The x with a x = b, for a matrix of right sides."""
    return np.linalg.solve(a, b)


row(
    solve_matrix,
    lambda g, y, a, b: -(solve_matrix(a.mT, g) @ y.mT),
    lambda g, y, a, b: solve_matrix(a.mT, g),
)


@adapter(np.linalg.solve, alone=True)
def solve(a: Any, b: Any) -> Any:
    """The x with a x = b; `b` is a vector if it has one axis, else a stack of matrices."""
    a, b = array_of(a), array_of(b)
    return np.squeeze(solve_matrix(a, np.expand_dims(b, -1)), -1) if b.ndim == 1 else solve_matrix(a, b)


@adapter(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: float | None = None, *, value: Any = None) -> tuple[Any, Any, int, Any]:
    """The x that minimises |a x - b|, the sums of squared residuals, the rank (no gradient) and singular values."""
    a, b = array_of(a), array_of(b)
    none, rank = not len(value[1]), value[2]
    x = np.linalg.pinv(a, float(max(a.shape) * np.finfo(a.dtype).eps) if rcond is None else rcond) @ b
    sums = np.sum((b - a @ x) ** 2, axis=0, keepdims=b.ndim == 1)
    return x, sums[:0] if none else sums, rank, np.linalg.svdvals(a)


@adapter(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of `a` as a map from its last axes to its first `ind` axes."""
    rows, columns = a.shape[:ind], a.shape[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(rows), math.prod(columns)))), columns + rows)


@adapter(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    """The x with tensordot(a, x, x.ndim) = b."""
    a, b = array_of(a), array_of(b)
    if axes is not None:
        moved = [axis % a.ndim for axis in axes]
        a = np.transpose(a, [i for i in range(a.ndim) if i not in moved] + moved)
    shape = a.shape[b.ndim :]
    return np.reshape(np.linalg.solve(np.reshape(a, (b.size, math.prod(shape))), np.ravel(b)), shape)


# Determinants.


@Primitive
def cofactors(a: Any) -> Any:
    """The derivative of det(a) in each element: det(a) a⁻ᵀ, from singular values so that it exists for every `a`."""
    u, s, vh = np.linalg.svd(a)
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], -1), -1)[..., ::-1]
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vh))
    return (conjugated(u) * (sign[..., None] * before * after)[..., None, :]) @ conjugated(vh)


def cofactors_gradient(g: Any, y: Any, a: Any) -> Any:
    """y Σ g a⁻ᵀ - y gᵀ a⁻ᵀ, where a⁻ᵀ is y / det(a): not a number where `a` is singular."""
    inverse = y / over_matrices(np.linalg.det(a))
    return y * np.sum(g * inverse, axis=(-2, -1), keepdims=True) - y @ g.mT @ inverse


def over_matrices(g: Any) -> Any:
    """One number per matrix, with two axes of length 1 for the matrix."""
    return np.expand_dims(g, (-2, -1))


row(np.linalg.det, lambda g, y, a: over_matrices(g) * cofactors(a))
row(cofactors, cofactors_gradient)


@Primitive
def sign_of_determinant(a: Any) -> Any:
    """-1, 0 or 1."""
    refuse_complex("the sign of np.linalg.slogdet", a)
    return np.linalg.slogdet(a)[0]


@Primitive
def log_determinant(a: Any) -> Any:
    """log |det(a)|, without overflow."""
    return np.linalg.slogdet(a)[1]


row(sign_of_determinant)
row(log_determinant, lambda g, y, a: over_matrices(g) * np.linalg.inv(a).mT)


@adapter(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign and the logarithm of the absolute value of the determinant."""
    return SlogdetResult(sign_of_determinant(a), log_determinant(a))


# Powers and chains.
row(np.linalg.matrix_rank)


@adapter(np.linalg.matrix_power)
def matrix_power(a: Any, n: int = 1) -> Any:
    """The product of `n` factors `a`, by squaring; of the inverse where `n` is negative."""
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.zeros_like(a) + np.eye(a.shape[-1], dtype=a.dtype)
    result = None
    while n:
        if n & 1:
            result = a if result is None else result @ a
        n >>= 1
        if n:
            a = a @ a
    return result


@adapter(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of matrices in the order that multiplies the fewest numbers; the ends may be vectors."""
    factors = [array_of(a) for a in arrays]
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    lengths = [1 if first else factors[0].shape[0]]
    lengths += [a.shape[0] for a in factors[1:]] + [1 if last else factors[-1].shape[1]]

    @functools.cache
    def cheapest(i: int, j: int) -> tuple[int, int]:
        """The number of multiplications for the factors i … j-1, and where to divide them."""
        if j - i == 1:
            return 0, i
        return min(
            (cheapest(i, k)[0] + cheapest(k, j)[0] + lengths[i] * lengths[k] * lengths[j], k) for k in range(i + 1, j)
        )

    def product(i: int, j: int) -> Any:
        if j - i == 1:
            return factors[i]
        k = cheapest(i, j)[1]
        return product(i, k) @ product(k, j)

    return product(0, len(factors))


# The array API's names: the matrix is in the last two axes, the arguments of products are called x1 and x2.


@adapter(np.linalg.matmul, alone=True)
def matmul(x1: Any, x2: Any) -> Any:
    """The matrix product."""
    return np.matmul(x1, x2)


@adapter(np.linalg.matrix_transpose, moves=True)
def matrix_transpose(x: Any) -> Any:
    """Rows and columns exchanged."""
    return np.matrix_transpose(x)


@adapter(np.linalg.diagonal, moves=True)
def diagonal(x: Any, *, offset: int = 0) -> Any:
    """The elements of a diagonal."""
    return np.diagonal(x, offset, -2, -1)


@adapter(np.linalg.trace)
def trace(x: Any, *, offset: int = 0) -> Any:
    """The sum of a diagonal."""
    return np.trace(x, offset, -2, -1)


@adapter(np.linalg.outer)
def outer(x1: Any, x2: Any) -> Any:
    """All products of an element of one vector and one of another."""
    return np.outer(x1, x2)


@adapter(np.linalg.tensordot, alone=True)
def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> Any:
    """The sums of the products over pairs of axes."""
    return np.tensordot(x1, x2, axes=axes)


@adapter(np.linalg.cross)
def cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The vector products."""
    return np.cross(x1, x2, axis=axis)


@adapter(np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The sums of the products along an axis, the first factors conjugated."""
    return np.vecdot(np.moveaxis(array_of(x1), axis, -1), np.moveaxis(array_of(x2), axis, -1))
