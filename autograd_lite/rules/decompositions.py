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
from autograd_lite.rules.table import Primitive, adapter, row

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
def cholesky_factor(a: Any) -> Any:
    """The lower triangular l with l lᵀ = a, for the symmetric part of `a`."""
    return np.linalg.cholesky(symmetric(a))


def cholesky_gradient(g: Any, y: Any, a: Any) -> Any:
    """l⁻ᵀ Φ(lᵀ g) l⁻¹, made symmetric; Φ takes the lower triangle and half of the diagonal."""
    left = np.linalg.solve(y.mT, lower(y.mT @ lower(g), 0.5))
    return symmetric(np.linalg.solve(y.mT, left.mT))


row(cholesky_factor, cholesky_gradient)


@adapter(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The triangular factor of a positive definite matrix, of which one triangle is read."""
    factor = cholesky_factor(mirrored(a, UPLO="U" if upper else "L"))
    return factor.mT if upper else factor


# QR (Walter and Lehmann 2010).


@Primitive
def orthonormal(a: Any) -> Any:
    """The q of the QR decomposition of `a`, which has at least as many rows as columns."""
    refuse_complex("np.linalg.qr", a)
    return np.linalg.qr(a)[0]


def orthonormal_gradient(g: Any, y: Any, a: Any) -> Any:
    """(g - q c) r⁻ᵀ, where c is the lower triangle of gᵀ q and its mirror image."""
    below = lower(g.mT @ y, 0.5)
    r = lower((y.mT @ a).mT).mT
    return np.linalg.solve(r, (g - y @ (below + below.mT)).mT).mT


row(orthonormal, orthonormal_gradient)


@adapter(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """The orthonormal and the triangular factor; `mode` is "reduced" or "r", or "complete" for a that is not tall."""
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and (mode != "complete" or m > n):
        raise NotImplementedError(
            f"np.linalg.qr: mode={mode!r} has no gradient for a matrix of shape {(m, n)}; use mode='reduced'"
        )
    q = orthonormal(a[..., :m])
    r = lower((q.mT @ a).mT).mT
    return r if mode == "r" else QRResult(q, r)


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
def eigenvectors(a: Any, UPLO: Any = "L") -> Any:
    """The eigenvectors of the symmetric part of `a`, as columns; their signs depend on the triangle that is read."""
    return np.linalg.eigh(symmetric(a), UPLO)[1]


@Primitive
def eigenvalues(a: Any, v: Any) -> Any:
    """The eigenvalues of a symmetric matrix, given its eigenvectors.

    The gradient in `a` is that of the whole composition, so none goes into `v`: they are an argument because the
    rule needs them again.
    """
    return quotients(a, v, v)


def eigenvectors_gradient(g: Any, y: Any, a: Any, UPLO: str = "L") -> Any:
    """v (vᵀ g / (w_j - w_i)) vᵀ without the diagonal, made symmetric."""
    inner = off_diagonal(y.mT @ g) / differences(quotients(a, y, y))
    return symmetric(y @ inner @ y.mT)


row(eigenvectors, eigenvectors_gradient)
row(eigenvalues, lambda g, y, a, v: (v * columns(g)) @ v.mT, None)


@adapter(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, in ascending order, and eigenvectors of a symmetric matrix of which one triangle is read."""
    a = mirrored(a, UPLO=UPLO)
    v = eigenvectors(a, UPLO=UPLO)
    return EighResult(eigenvalues(a, v), v)


@adapter(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, in ascending order, of a symmetric matrix of which one triangle is read."""
    return eigh(a, UPLO)[0]


# Singular values and vectors.


@Primitive
def singular_vectors(a: Any) -> Any:
    """The left singular vectors of `a` above the right ones: one array, of shape (…, m + n, min(m, n))."""
    refuse_complex("np.linalg.svd", a)
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, vh.mT], axis=-2)


@Primitive
def singular_values(a: Any, u: Any, v: Any) -> Any:
    """The singular values of `a`, given its singular vectors, into which no gradient goes, as for `eigenvalues`."""
    return np.absolute(quotients(a, u, v))


def singular_vectors_gradient(g: Any, y: Any, a: Any) -> Any:
    """Townsend 2016, in the form of Wan and Zhang 2019."""
    m, n = a.shape[-2:]
    u, v, gu, gv = y[..., :m, :], y[..., m:, :], g[..., :m, :], g[..., m:, :]
    s = quotients(a, u, v)
    gaps = differences(s) * (columns(s) + rows(s) + np.eye(s.shape[-1], dtype=s.dtype))
    uu, vv = u.mT @ gu, v.mT @ gv
    inner = (uu - uu.mT) / gaps * columns(s) + rows(s) * ((vv - vv.mT) / gaps)
    result = u @ inner @ v.mT
    if m > n:
        result = result + ((gu - u @ uu) / columns(s)) @ v.mT
    if n > m:
        result = result + (u / columns(s)) @ (gv - v @ vv).mT
    return result


row(singular_vectors, singular_vectors_gradient)
row(singular_values, lambda g, y, a, u, v: (u * columns(g)) @ v.mT, None, None)


@Primitive
def completion(u: Any) -> Any:
    """Columns that complete the orthonormal columns `u` to a basis: any will do, so they have no gradient."""
    return np.linalg.qr(u, mode="complete")[0][..., u.shape[-1] :]


def refuse_completion(g: Any, y: Any, u: Any) -> Any:
    """Asked for only if the full matrix is used."""
    raise NotImplementedError(
        "np.linalg.svd: the singular vectors that full_matrices=True adds are not determined and have no gradient; "
        "pass full_matrices=False"
    )


row(completion, refuse_completion)


@adapter(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The singular vectors and values, or only the values; `full_matrices` adds columns without a gradient."""
    if hermitian:
        return svd_of_symmetric(a) if compute_uv else svd_of_symmetric(a)[1]
    m, n = a.shape[-2:]
    vectors = singular_vectors(a)
    u, v = vectors[..., :m, :], vectors[..., m:, :]
    s = singular_values(a, u, v)
    if not compute_uv:
        return s
    if full_matrices and m > n:
        u = np.concatenate([u, completion(u)], axis=-1)
    if full_matrices and n > m:
        v = np.concatenate([v, completion(v)], axis=-1)
    return SVDResult(u, s, v.mT)


def svd_of_symmetric(a: Any) -> Any:
    """The singular vectors and values as NumPy takes them from eigenvectors and eigenvalues."""
    w, v = eigh(a)
    order = np.argsort(np.absolute(w), axis=-1)[..., ::-1]
    w, u = np.take_along_axis(w, order, -1), np.take_along_axis(v, np.broadcast_to(columns(order), v.shape), -1)
    return SVDResult(u, np.absolute(w), (u * columns(np.sign(w))).mT)


@adapter(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """The singular values, in descending order."""
    return svd(x, compute_uv=False)
