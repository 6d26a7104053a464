"""Decompositions beyond the samples: symmetric matrices, names of results, equal values, refusals."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.rules import decompositions
from tests.rules.check import check
from tests.rules.samples.decompositions import definite
from tests.rules.samples.numbers import real

SHAPES = [(1, 1), (3, 3), (2, 3, 3), (0, 2, 2)]


def leaf(a):
    return ag.tensor(a, requires_grad=True)


def symmetric(a):
    return (a + a.mT) / 2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"UPLO": "L"}, {"UPLO": "U"}, {"UPLO": "l"}])
def test_eigh_of_symmetric_matrices(shape, settings):
    check(lambda a: np.linalg.eigh(symmetric(a), **settings), real(*shape))
    check(lambda a: np.linalg.eigvalsh(symmetric(a), **settings), real(*shape))
    check(lambda a: np.linalg.eigh(symmetric(a), **settings)[1], real(*shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"upper": False}, {"upper": True}])
def test_cholesky_of_symmetric_matrices(shape, settings):
    check(lambda a: np.linalg.cholesky(symmetric(a), **settings), definite(*shape))


def test_svd_of_symmetric_matrices():
    check(lambda a: np.linalg.svd(symmetric(a), hermitian=True), definite(3, 3))
    check(lambda a: np.linalg.svd(symmetric(a), hermitian=True), real(2, 3, 3))
    check(lambda a: np.linalg.svd(symmetric(a), compute_uv=False, hermitian=True), real(3, 3))


@pytest.mark.parametrize("function", [np.linalg.cholesky, np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[1]])
def test_one_triangle_is_read_and_the_gradient_is_symmetric(function):
    a = leaf(np.tril(definite(3, 3)))
    y = function(a)
    np.testing.assert_allclose(y.detach(), function(a.data), rtol=1e-10)
    np.sum(y * real(*y.shape)).backward()
    np.testing.assert_allclose(a.grad, a.grad.T)
    assert np.abs(a.grad).min() > 0


def test_results_have_names():
    a = leaf(definite(3, 3))
    assert np.linalg.eigh(a).eigenvalues.shape == (3,) and np.linalg.eigh(a).eigenvectors.shape == (3, 3)
    assert np.linalg.qr(a).Q.shape == np.linalg.qr(a).R.shape == (3, 3)
    assert np.linalg.svd(a).S.shape == (3,) and np.linalg.svd(a).U.shape == np.linalg.svd(a).Vh.shape == (3, 3)


def test_results_that_are_not_used_cost_no_gradient():
    for power in (1, 2):
        a = leaf(np.eye(3))  # all eigenvalues and singular values equal
        np.sum(np.linalg.eigh(a)[0] ** power).backward()
        np.testing.assert_allclose(a.grad, power * np.eye(3), atol=1e-15)
        a = leaf(np.eye(3))
        np.sum(np.linalg.svd(a)[1] ** power).backward()
        np.testing.assert_allclose(a.grad, power * np.eye(3), atol=1e-15)


def test_vectors_of_equal_values_have_no_finite_gradient():
    for function in (lambda a: np.linalg.eigh(a)[1], lambda a: np.linalg.svd(a)[0]):
        a = leaf(np.eye(2))
        np.sum(function(a) * real(2, 2)).backward()
        assert not np.isfinite(a.grad).all()


def test_equal_values_and_known_identities():
    a = leaf(real(4, 3))
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    np.sum((u * s) @ vh * a.data).backward()  # u s vᵀ is `a`
    np.testing.assert_allclose(a.grad, a.data, rtol=1e-9)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 2)])
def test_full_matrices(shape):
    a = leaf(real(*shape))
    u, s, vh = np.linalg.svd(a)
    for got, want in zip((u, s, vh), np.linalg.svd(a.data), strict=True):
        assert got.shape == want.shape
    wide = np.zeros(shape)
    for i in range(2):
        wide[..., i, i] = s.data[..., i]
    np.testing.assert_allclose(u.data @ wide @ vh.data, a.data, atol=1e-12)
    np.sum(s).backward()
    assert a.grad is not None
    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        np.sum(u * u + 0.5 if shape[-2] > shape[-1] else vh * vh).backward()


def test_modes_of_qr():
    a = leaf(real(4, 2))
    for mode in ("complete", "raw"):
        with pytest.raises(NotImplementedError, match=f"mode='{mode}'"):
            np.linalg.qr(a, mode)
    with pytest.raises(ValueError, match="wrong"):
        np.linalg.qr(a, "wrong")
    np.testing.assert_allclose(np.linalg.qr(a, "r").detach(), np.linalg.qr(a.data, "r"), rtol=1e-10)


def test_eigenvalues_take_no_gradient_through_their_vectors():
    a = leaf(definite(3, 3))
    v = leaf(np.linalg.eigh(a.data)[1])
    s = decompositions.singular_values(a, v, v)
    np.sum(decompositions.eigenvalues(a, v) + s).backward()
    assert v.grad is None
    np.testing.assert_allclose(a.grad, 2 * np.eye(3), atol=1e-12)
