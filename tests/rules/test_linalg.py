"""Linear algebra beyond the samples: constants, several results, singular matrices, refusals."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.check import check
from tests.rules.samples.linalg import invertible
from tests.rules.samples.numbers import real


def leaf(a):
    return ag.tensor(a, requires_grad=True)


@pytest.mark.parametrize("shapes", [((5, 2), (5,)), ((4, 3), (4, 2)), ((2, 4), (2, 3)), ((3, 3), (3,))])
@pytest.mark.parametrize("settings", [{}, {"rcond": None}, {"rcond": 1e-9}])
def test_lstsq_gives_numpys_four_results(shapes, settings):
    a, b = (real(*shape) for shape in shapes)
    x, residuals, rank, singular = np.linalg.lstsq(leaf(a), leaf(b), **settings)
    expected = np.linalg.lstsq(a, b, **settings)
    for got, want in zip((x, residuals, singular), (*expected[:2], expected[3]), strict=True):
        assert got.shape == want.shape and got.requires_grad
        np.testing.assert_allclose(got.detach(), want, rtol=1e-9)
    assert rank == expected[2]
    check(lambda a, b: [np.linalg.lstsq(a, b, **settings)[i] for i in (0, 1, 3)], a, b)


def test_lstsq_has_no_residuals_for_dependent_columns():
    a = np.ones((4, 2))
    _, residuals, rank, _ = np.linalg.lstsq(leaf(a), real(4))
    assert residuals.shape == (0,) and rank == 1


def test_slogdet_has_names():
    result = np.linalg.slogdet(leaf(-invertible(3, 3)))
    assert not result.sign.requires_grad and result.sign.item() == -1
    assert result.logabsdet.requires_grad
    sign, _ = np.linalg.slogdet(leaf(invertible(2, 3, 3)))
    assert sign.shape == (2,)


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_det_has_its_exact_gradient_at_singular_matrices(rank):
    check(np.linalg.det, real(3, rank) @ real(rank, 3), order=1, tolerance=1e-5)


def test_the_second_derivative_of_det_is_not_made_up_at_singular_matrices():
    a = leaf(np.diag([1.0, 0.0]))
    (first,) = ag.autograd.grad(np.linalg.det(a), a, create_graph=True)
    np.testing.assert_allclose(first.detach(), np.diag([0.0, 1.0]), atol=1e-15)
    (second,) = ag.autograd.grad(np.sum(first), a)
    assert not np.isfinite(second).all()


def test_pinv_of_dependent_columns_moves_within_its_rank():
    u, v = real(4, 2), real(2, 3)  # rank 2: differentiate along changes that keep it
    check(lambda u, v: np.linalg.pinv(u @ v, rcond=1e-8), u, v, tolerance=1e-4)


@pytest.mark.parametrize("n", [0, 4, -2])
def test_matrix_power_as_numpy(n):
    a = invertible(2, 3, 3)
    np.testing.assert_allclose(np.linalg.matrix_power(leaf(a), n).detach(), np.linalg.matrix_power(a, n), rtol=1e-10)


def test_constants_beside_a_tensor():
    b = leaf(real(2))
    a = [[2.0, 1.0], [0.0, 1.0]]
    np.testing.assert_allclose(np.linalg.solve(a, b).detach(), np.linalg.solve(a, b.data))
    np.testing.assert_allclose(np.linalg.multi_dot([np.eye(2), b]).detach(), b.data)
    rank = np.linalg.matrix_rank(leaf(real(2, 4, 3)))
    assert not rank.requires_grad and rank.tolist() == [3, 3]


def test_hermitian_pinv_reads_one_triangle():
    a = real(3, 3)
    check(lambda a: np.linalg.pinv(a + a.T, hermitian=True), a, tolerance=1e-5)


def test_refusals_name_the_function():
    a = leaf(invertible(3, 3))
    for function in (np.linalg.eig, np.linalg.eigvals):
        with pytest.raises(NotImplementedError, match=rf"np.linalg.{function.__name__} "):
            function(a)
    with pytest.raises(NotImplementedError, match="multi_dot"):
        np.linalg.multi_dot([a, a], out=np.empty((3, 3)))
    with pytest.raises(ValueError, match="two arrays"):
        np.linalg.multi_dot([a])
    with pytest.raises(ValueError, match="ind"):
        np.linalg.tensorinv(a, ind=0)


def test_a_chain_is_multiplied_in_the_cheapest_order():
    names = []
    y = np.linalg.multi_dot([leaf(real(100, 2)), leaf(real(2, 100)), leaf(real(100, 2))])
    node = y.node
    while node.function is not None:
        names.append(node.value.shape)
        node = max((a for a in node.args), key=lambda a: a.time)
    assert names == [(100, 2), (2, 2)]


def test_errors_of_numpy_stay():
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        np.linalg.inv(leaf(np.zeros((2, 2))))


def test_pinv_refuses_to_leave_out_singular_values_that_count():
    a = leaf(np.diag([2.0, 1.0, 1e-12]))
    assert np.linalg.pinv(a, rcond=1e-3).requires_grad
    for settings in ({"rcond": 0.6}, {"rtol": 0.6}):
        with pytest.raises(NotImplementedError, match=r"np.linalg.pinv: the cut .* np.linalg.svd"):
            np.linalg.pinv(a, **settings)
