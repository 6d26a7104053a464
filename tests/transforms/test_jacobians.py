"""`jacobian` and `hessian`: values, shapes, and what they cost."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.transforms import recording
from tests.rules.check import differences

rng = np.random.default_rng(0)


@pytest.fixture
def walks(monkeypatch):
    """The walks that transforms take: for each, whether it is recorded."""
    taken = []
    walk = recording.backpropagate

    def counted(nodes, seeds, lift, wanted):
        taken.append(lift is recording.wrap)
        return walk(nodes, seeds, lift, wanted)

    monkeypatch.setattr(recording, "backpropagate", counted)
    return taken


class Counted:
    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, *args):
        self.calls += 1
        return self.f(*args)


@pytest.mark.parametrize(("m", "n"), [(2, 7), (7, 2), (5, 5), (1, 9), (9, 1)])
def test_a_jacobian_costs_the_smaller_number_of_walks_and_one_forward_pass(m, n, walks):
    A, x = rng.standard_normal((m, n)), rng.standard_normal(n)
    f = Counted(lambda x: np.tanh(A @ x))
    J = ag.jacobian(f)(x)
    np.testing.assert_allclose(J, (1 - np.tanh(A @ x) ** 2)[:, None] * A)
    assert J.shape == (m, n) and type(J) is np.ndarray
    assert f.calls == 1
    assert walks.count(False) == min(m, n)
    assert walks.count(True) == (m > n)  # the one that records the transposed map


def test_a_hessian_costs_one_recorded_gradient_and_a_walk_for_each_parameter(walks):
    B, x = rng.standard_normal((8, 8)), rng.standard_normal(8)
    f = Counted(lambda x: 0.5 * x @ (B @ x) + np.exp(x).sum())
    H = ag.hessian(f)(x)
    np.testing.assert_allclose(H, (B + B.T) / 2 + np.diag(np.exp(x)))
    assert f.calls == 1 and walks.count(True) == 1 and walks.count(False) == 8


@pytest.mark.parametrize("shapes", [((2, 3), (4,)), ((), (2, 2)), ((3,), ()), ((), ()), ((0,), (3,)), ((3,), (0,))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_and_dtypes(shapes, dtype):
    given, out = shapes
    T = rng.standard_normal(out + given).astype(dtype)
    x = rng.standard_normal(given).astype(dtype)[()]
    axes = tuple(range(len(out), len(out) + len(given)))
    J = ag.jacobian(lambda x: np.sum(T * (x * x), axis=axes))(x)
    assert J.shape == out + given and J.dtype == dtype
    np.testing.assert_allclose(J, 2 * T * x, rtol=1e-5)


@pytest.mark.parametrize("wide", [True, False])
def test_trees_give_trees_of_blocks(wide):
    n = 5 if wide else 1

    def f(p, q):
        return {"r": p["a"] * q[:2], "s": [p["b"].sum() * q[0]]}

    p, q = {"a": rng.standard_normal(2), "b": rng.standard_normal((n, 1))}, rng.standard_normal(2)
    J = ag.jacobian(f)(p, q)
    np.testing.assert_allclose(J["r"]["a"], np.diag(q))
    np.testing.assert_allclose(J["r"]["b"], np.zeros((2, n, 1)))
    np.testing.assert_allclose(J["s"][0]["b"], np.full((n, 1), q[0]))
    both = ag.jacobian(f, argnums=(0, 1))(p, q)
    np.testing.assert_allclose(both["r"][1], np.diag(p["a"]))


def test_hessians_of_trees():
    H = ag.hessian(lambda p: p["a"] ** 2 * p["b"])({"a": 2.0, "b": 3.0})
    assert {k: dict(v) for k, v in H.items()} == {"a": {"a": 6.0, "b": 4.0}, "b": {"a": 4.0, "b": 0.0}}
    (xx, xy), (yx, yy) = ag.hessian(lambda x, y: x**2 * y, argnums=(0, 1))(2.0, 3.0)
    assert (xx, xy, yx, yy) == (6, 4, 4, 0)


def test_what_does_not_depend_gives_zeros():
    np.testing.assert_array_equal(ag.jacobian(lambda x: np.ones(3))(np.ones(2)), np.zeros((3, 2)))
    np.testing.assert_array_equal(ag.jacobian(lambda x: 1.0)(np.ones(2)), np.zeros(2))
    np.testing.assert_array_equal(ag.hessian(lambda x: x.sum())(np.ones(2)), np.zeros((2, 2)))


@pytest.mark.parametrize("rows", [2, 5])
def test_jacobians_nest(rows):
    A, x = rng.standard_normal((rows, 3)), rng.standard_normal(3)
    f = lambda x: A @ x**3
    np.testing.assert_allclose(ag.jacobian(ag.jacobian(f))(x), 6 * A[:, :, None] * np.diag(x))
    norm = lambda x: (ag.jacobian(f)(x) ** 2).sum()
    np.testing.assert_allclose(ag.grad(norm)(x), differences(norm, [x])[0], rtol=1e-6)


def test_a_jacobian_can_be_part_of_a_loss():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    J = ag.jacobian(lambda x: w * x**2)(np.array([1.0, 3.0]))
    (J**2).sum().backward()
    np.testing.assert_allclose(w.grad, 8 * np.array([1.0, 2.0]) * np.array([1.0, 9.0]))
