"""Factors of a matrix: Cholesky, QR, eigenvalues and eigenvectors of symmetric matrices, singular values and vectors.

A function with several results has one row per result. The vectors come first; eigenvalues, singular values and the
triangular factor follow from them and the matrix (``vᵀ a v``, ``uᵀ a v``, ``qᵀ a``), so one decomposition serves all,
the rules need nothing but the matrix and the vectors, and a result that is not used costs no gradient.

Conventions, which are PyTorch's:

- NumPy reads one triangle of a symmetric matrix. The gradient is that of a symmetric matrix: symmetric, each half of
  a pair of elements having its half of it.
- Eigenvalues and singular values have gradients also where they are equal. Their vectors do not: there the gradient
  of what depends on the vectors, and the second derivative of the values, are not finite.
- Vectors are determined up to their sign; a function that depends on the sign has the gradient for the sign it got.
- `qr` needs linearly independent (leading) columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.rules.complex import refuse_complex
from autograd_lite.rules.registry import Primitive, adapter, row

EighResult = type(np.linalg.eigh(np.eye(1)))
QRResult = type(np.linalg.qr(np.eye(1)))
SVDResult = type(np.linalg.svd(np.eye(1)))


def symmetric(a: Any) -> Any:
    """The symmetric part of `a`."""
    return (a + a.mT) / 2


def lower(a: Any, diagonal: float = 1) -> Any:
    """The lower triangle of `a`, its diagonal multiplied by a factor."""
    rows, columns = a.shape[-2:]
    return a * (np.tri(rows, columns, -1, dtype=a.dtype) + diagonal * np.eye(rows, columns, dtype=a.dtype))


def columns(w: Any) -> Any:
    """A factor for each column of a matrix."""
    return np.expand_dims(w, -2)


def rows(w: Any) -> Any:
    """A factor for each row of a matrix."""
    return np.expand_dims(w, -1)


@Primitive
def mirrored(a: Any, UPLO: str = "L") -> Any:
    """The symmetric matrix of which `a` holds one triangle.

    Its gradient goes to both triangles: what is done with a symmetric matrix has a symmetric gradient.
    """
    refuse_complex("a decomposition", a)
    kept = np.tril(a) if UPLO.upper() == "L" else np.triu(a)
    strict = np.tril(a, -1) if UPLO.upper() == "L" else np.triu(a, 1)
    return kept + strict.mT


row(mirrored, lambda g, y, a, UPLO="L": symmetric(g))


# Cholesky (Smith 1995; the form is Murray 2016's).


@Primitive
def cholesky_factor(a: Any, factor: Any) -> Any:
    """The lower triangular `factor` l with l lᵀ = a."""
    return factor


def cholesky_gradient(g: Any, y: Any) -> Any:
    """l⁻ᵀ Φ(lᵀ g) l⁻¹, made symmetric; Φ takes the lower triangle and half of the diagonal."""
    left = np.linalg.solve(y.mT, lower(y.mT @ lower(g), 0.5))
    return symmetric(np.linalg.solve(y.mT, left.mT))


row(cholesky_factor, lambda g, y, a, factor: cholesky_gradient(g, y), None)


@adapter(np.linalg.cholesky)
def cholesky(a: Any, *, upper: bool = False, value: Any = None) -> Any:
    """The triangular factor of a positive definite matrix, of which one triangle is read."""
    refuse_complex("np.linalg.cholesky", a)
    return cholesky_factor(a, np.swapaxes(value, -1, -2)).mT if upper else cholesky_factor(a, value)


# QR (Walter and Lehmann 2010).


@Primitive
def orthonormal(a: Any, q: Any) -> Any:
    """The `q` of the QR decomposition of `a`, which has at least as many rows as columns."""
    return q


def orthonormal_gradient(g: Any, y: Any, a: Any) -> Any:
    """(g - q c) r⁻ᵀ, where c is the lower triangle of gᵀ q and its mirror image."""
    below = lower(g.mT @ y, 0.5)
    r = lower((y.mT @ a).mT).mT
    return np.linalg.solve(r, (g - y @ (below + below.mT)).mT).mT


row(orthonormal, lambda g, y, a, q: orthonormal_gradient(g, y, a), None)


@adapter(np.linalg.qr)
def qr(a: Any, mode: str = "reduced", *, value: Any = None) -> Any:
    """The orthonormal and the triangular factor; `mode` is "reduced" or "r", or "complete" for a that is not tall."""
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and (mode != "complete" or m > n):
        raise NotImplementedError(
            f"np.linalg.qr: mode={mode!r} has no gradient for a matrix of shape {(m, n)}; use mode='reduced'"
        )
    refuse_complex("np.linalg.qr", a)
    if mode == "r":
        return np.linalg.qr(a)[1]
    q = orthonormal(a[..., :m], value[0])
    return QRResult(q, lower((q.mT @ a).mT).mT)


# Eigenvalues and eigenvectors of symmetric matrices.


def quotients(a: Any, u: Any, v: Any) -> Any:
    """uᵀ a v for each pair of columns: their eigenvalue or singular value."""
    return np.sum(u * (a @ v), axis=-2)


def differences(w: Any) -> Any:
    """w_j - w_i off the diagonal, and 1 on it."""
    return columns(w) - rows(w) + np.eye(w.shape[-1], dtype=w.dtype)


def off_diagonal(a: Any) -> Any:
    """`a` with zeros on its diagonal."""
    return a * (1 - np.eye(a.shape[-1], dtype=a.dtype))


@Primitive
def eigenvectors(a: Any, v: Any) -> Any:
    """The eigenvectors `v` of a symmetric matrix, as columns; their signs depend on the triangle that was read."""
    return v


@Primitive
def eigenvalues(a: Any, v: Any) -> Any:
    """The eigenvalues of a symmetric matrix, given its eigenvectors.

    The gradient in `a` is that of the whole composition, so none goes into `v`: they are an argument because the
    rule needs them again.
    """
    return quotients(a, v, v)


def eigenvectors_gradient(g: Any, y: Any, a: Any) -> Any:
    """v (vᵀ g / (w_j - w_i)) vᵀ without the diagonal, made symmetric."""
    inner = off_diagonal(y.mT @ g) / differences(quotients(a, y, y))
    return symmetric(y @ inner @ y.mT)


def sum_of_outer_products(g: Any, u: Any, v: Any) -> Any:
    """Σ gᵢ uᵢ vᵢᵀ over the columns: the gradient of eigenvalues and singular values."""
    return (u * columns(g)) @ v.mT


row(eigenvectors, lambda g, y, a, v: eigenvectors_gradient(g, y, a), None)
row(eigenvalues, lambda g, y, a, v: sum_of_outer_products(g, v, v), None)


@adapter(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L", *, value: Any = None) -> Any:
    """The eigenvalues, in ascending order, and eigenvectors of a symmetric matrix of which one triangle is read."""
    a = mirrored(a, UPLO=UPLO)
    v = eigenvectors(a, value[1])
    return EighResult(eigenvalues(a, v), v)


@Primitive
def eigenvalues_alone(a: Any, w: Any) -> Any:
    """The eigenvalues `w` of a symmetric matrix, whose vectors are computed when the gradient needs them."""
    return w


def eigenvalues_gradient(g: Any, a: Any) -> Any:
    """Σ gᵢ vᵢ vᵢᵀ."""
    v = np.linalg.eigh(a)[1]
    return sum_of_outer_products(g, v, v)


row(eigenvalues_alone, lambda g, y, a, w: eigenvalues_gradient(g, a), None)


@adapter(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L", *, value: Any = None) -> Any:
    """The eigenvalues, in ascending order, of a symmetric matrix of which one triangle is read."""
    return eigenvalues_alone(mirrored(a, UPLO=UPLO), value)


# Singular values and vectors.


@Primitive
def singular_vectors(a: Any, vectors: Any) -> Any:
    """The left singular vectors of `a` above the right ones: one array, of shape (…, m + n, min(m, n))."""
    return vectors


@Primitive
def singular_values(a: Any, u: Any, v: Any) -> Any:
    """The singular values of `a`, given its singular vectors, into which no gradient goes, as for `eigenvalues`."""
    return np.absolute(quotients(a, u, v))


def singular_vectors_gradient(g: Any, y: Any, a: Any) -> Any:
    """Townsend 2016, in the form of Wan and Zhang 2019."""
    m, n = a.shape[-2:]
    u, v, gu, gv = y[..., :m, :], y[..., m:, :], g[..., :m, :], g[..., m:, :]
    s = quotients(a, u, v)
    gaps, sums = differences(s), columns(s) + rows(s)
    shares = columns(s) / np.where(sums == 0, 1, sums)  # divided first: a product of singular values may overflow
    uu, vv = u.mT @ gu, v.mT @ gv
    inner = (uu - uu.mT) / gaps * shares + (vv - vv.mT) / gaps * shares.mT
    result = u @ inner @ v.mT
    if m > n:
        result = result + ((gu - u @ uu) / columns(s)) @ v.mT
    if n > m:
        result = result + (u / columns(s)) @ (gv - v @ vv).mT
    return result


row(singular_vectors, lambda g, y, a, vectors: singular_vectors_gradient(g, y, a), None)
row(singular_values, lambda g, y, a, u, v: sum_of_outer_products(g, u, v), None, None)


@Primitive
def completion(u: Any, columns: Any) -> Any:
    """Columns that complete the orthonormal columns `u` to a basis: any will do, so they have no gradient."""
    return columns


def refuse_completion(g: Any, y: Any, u: Any, columns: Any) -> Any:
    """Asked for only if the full matrix is used."""
    raise NotImplementedError(
        "np.linalg.svd: the singular vectors that full_matrices=True adds are not determined and have no gradient; "
        "pass full_matrices=False"
    )


row(completion, refuse_completion, None)


@adapter(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False, *, value: Any = None
) -> Any:
    """The singular vectors and values, or only the values; `full_matrices` adds columns without a gradient."""
    refuse_complex("np.linalg.svd", a)
    if not compute_uv:
        return svd_of_symmetric(a)[1] if hermitian else singular_values_alone(a, value)
    if hermitian:
        return svd_of_symmetric(a)
    (m, n), (all_u, _, all_vh) = a.shape[-2:], value
    k, all_v = min(m, n), np.swapaxes(all_vh, -1, -2)
    vectors = singular_vectors(a, np.concatenate([all_u[..., :k], all_v[..., :k]], axis=-2))
    u, v = vectors[..., :m, :], vectors[..., m:, :]
    s = singular_values(a, u, v)
    if full_matrices and m > n:
        u = np.concatenate([u, completion(u, all_u[..., k:])], axis=-1)
    if full_matrices and n > m:
        v = np.concatenate([v, completion(v, all_v[..., k:])], axis=-1)
    return SVDResult(u, s, v.mT)


def svd_of_symmetric(a: Any) -> Any:
    """The singular vectors and values as NumPy takes them from eigenvectors and eigenvalues."""
    w, v = np.linalg.eigh(a)
    order = np.argsort(np.absolute(w), axis=-1)[..., ::-1]
    w, u = np.take_along_axis(w, order, -1), np.take_along_axis(v, np.broadcast_to(columns(order), v.shape), -1)
    return SVDResult(u, np.absolute(w), (u * columns(np.sign(w))).mT)


@Primitive
def singular_values_alone(a: Any, s: Any) -> Any:
    """The singular values `s`, whose vectors are computed when the gradient needs them."""
    return s


def singular_values_gradient(g: Any, a: Any) -> Any:
    """Σ gᵢ uᵢ vᵢᵀ."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return sum_of_outer_products(g, u, np.swapaxes(vh, -1, -2))


row(singular_values_alone, lambda g, y, a, s: singular_values_gradient(g, a), None)


@adapter(np.linalg.svdvals)
def svdvals(x: Any, *, value: Any = None) -> Any:
    """The singular values, in descending order."""
    refuse_complex("np.linalg.svdvals", x)
    return singular_values_alone(x, value)
