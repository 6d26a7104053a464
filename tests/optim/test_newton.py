"""Newton's method: exact on quadratics, quadratic convergence, down from everywhere, and small problems only."""

from itertools import pairwise

import numpy as np
import pytest

import autograd_lite as ag

Newton = ag.optim.Newton


def parameters(*arrays, dtype=np.float64):
    return [ag.tensor(np.asarray(a, dtype), requires_grad=True) for a in arrays]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_step_solves_a_quadratic(backward, dtype):
    rng = np.random.default_rng(0)
    A, b = rng.standard_normal((7, 5)).astype(dtype), rng.standard_normal(7).astype(dtype)
    w, s, unused = parameters(rng.standard_normal((2, 2)), 0.5, [7.0], dtype=dtype)
    optimizer = Newton([w, s, unused])

    def closure():
        optimizer.zero_grad()
        loss = ((A[:, :4] @ w.reshape(-1) + A[:, 4] * s - b) ** 2).sum()
        if backward:  # a closure written for L-BFGS
            loss.backward()
        return loss

    before = closure().item()
    assert float(optimizer.step(closure)) == pytest.approx(before)
    expected = np.linalg.lstsq(A.astype(float), b.astype(float), rcond=None)[0]
    tolerance = 1e-11 if dtype is np.float64 else 1e-4
    np.testing.assert_allclose([*w.data.ravel(), s.item()], expected, rtol=tolerance, atol=tolerance)
    assert unused.data == 7.0 and w.dtype == dtype


def logistic(X, y, w, b, penalty):
    z = X @ w + b
    return (np.logaddexp(0, z) - y * z).sum() + penalty / 2 * (w**2).sum()


def test_logistic_regression_converges_quadratically_to_scikit_learns_solution():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    X = rng.standard_normal((120, 4))
    y = (X @ np.array([1.0, -2.0, 0.5, 0.0]) + rng.logistic(size=120) > 0.3).astype(float)
    w, b = parameters(np.zeros(4), 0.0)
    optimizer = Newton([w, b])
    points = []
    for _ in range(9):
        optimizer.step(lambda: logistic(X, y, w, b, 1.0))
        points.append(np.append(w.data, b.data))
    theirs = linear_model.LogisticRegression(C=1.0, tol=1e-14, solver="newton-cholesky", max_iter=100).fit(X, y)
    np.testing.assert_allclose(points[-1], [*theirs.coef_[0], *theirs.intercept_], rtol=1e-10, atol=1e-10)
    errors = [np.linalg.norm(point - points[-1]) for point in points]
    squares = [new / old**2 for old, new in pairwise(errors) if old > 1e-7]
    assert errors[5] < 1e-12 and max(squares) < 2  # the number of right digits doubles


def test_damping_and_lr_are_those_of_the_equation():
    (w,) = parameters([3.0, -1.0])
    H = np.array([[4.0, 1.0], [1.0, 3.0]])
    optimizer = Newton([w], lr=0.5, damping=2.0)
    expected = w.data - 0.5 * np.linalg.solve(H + 2 * np.eye(2), H @ w.data)
    optimizer.step(lambda: w @ H @ w / 2)
    np.testing.assert_allclose(w.data, expected, rtol=1e-13)
    assert optimizer.state_dict()["param_groups"][0] == {"params": [0], "lr": 0.5, "damping": 2.0}


def test_a_step_goes_down_from_a_saddle():
    (w,) = parameters([1.0, 0.1])
    loss = lambda: w[0] ** 2 - w[1] ** 2 + w[1] ** 4  # plain Newton goes to the saddle at 0
    optimizer = Newton([w], lr=0.5)
    for _ in range(40):
        optimizer.step(loss)
    np.testing.assert_allclose(w.data, [0, np.sqrt(0.5)], atol=1e-8)


def test_directions_without_curvature_are_left_alone():
    (w,) = parameters([3.0, 1.0])
    optimizer = Newton([w])
    optimizer.step(lambda: (w[0] + w[1] - 2) ** 2)  # only the sum matters
    np.testing.assert_allclose(w.data, [2.0, 0.0], atol=1e-12)


def test_directions_whose_curvature_is_rounding_are_left_alone():
    """Of (a·w - 1)² in 20 dimensions one eigenvalue is not zero; the others are rounding, of both signs."""
    a = np.random.default_rng(0).normal(size=20)
    w = ag.tensor(np.random.default_rng(1).normal(size=20), requires_grad=True)
    before = w.data.copy()
    ag.optim.Newton([w]).step(lambda: (1e3 * (w @ a) - 1) ** 2)
    moved = w.data - before
    np.testing.assert_allclose(moved, a * (moved @ a) / (a @ a), atol=1e-9 * np.abs(moved).max())
    assert abs(1e3 * w.data @ a - 1) < 1e-6


def test_parameters_in_which_the_gradient_is_constant():
    w, c = parameters([3.0], [1.0])
    optimizer = Newton([w, c], damping=1.0)
    optimizer.step(lambda: (w**2).sum() + 5 * c.sum())
    np.testing.assert_allclose([w.data[0], c.data[0]], [1.0, -4.0])


def test_what_it_cannot_do_is_refused_and_moves_nothing():
    with pytest.raises(ValueError, match="up to 4,096 parameters: take LBFGS or HessianFree"):
        Newton(parameters(np.zeros((65, 64))))
    (w,) = parameters([-1.0])
    with pytest.raises(ValueError, match="damping must not be negative"):
        Newton([w], damping=-1.0)
    optimizer = Newton([w])
    with pytest.raises(TypeError, match="give step\\(\\) a function"):
        optimizer.step()
    with pytest.raises(TypeError, match="must return it as a tensor"):
        optimizer.step(lambda: 3.0)
    with np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match="no parameter has been changed"):
        optimizer.step(lambda: np.log(w).sum())
    w.data = [0.0]
    with np.errstate(divide="ignore"), pytest.raises(FloatingPointError, match="derivatives of the loss are not"):
        optimizer.step(lambda: (np.sqrt(w) + w**2).sum())
    assert w.data == 0.0
