"""`minimize` gives SciPy exact derivatives: it needs fewer evaluations, takes trees, and keeps SciPy's interface."""

import sys

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler import CompileWarning

optimize = pytest.importorskip("scipy.optimize")
minimize = ag.optim.minimize


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rastrigin(x):
    return 10 * x.size + np.sum(x**2 - 10 * np.cos(2 * np.pi * x))


START = np.tile([-1.2, 1.0], 25)
EXACT = {
    "BFGS": {"options": {"gtol": 1e-9}},
    "L-BFGS-B": {"options": {"ftol": 0, "gtol": 1e-9, "maxcor": 20}},
    "CG": {"tol": 1e-9},
    "Newton-CG": {"tol": 1e-12},
    "trust-ncg": {"tol": 1e-9},
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("method", EXACT)
def test_rosenbrock_in_50_dimensions(method, compiled):
    result = minimize(rosenbrock, START, method=method, compile=compiled, **EXACT[method])
    np.testing.assert_allclose(result.x, 1, atol=1e-8)


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "Newton-CG"])
def test_exact_derivatives_need_fewer_evaluations_than_differences(method):
    counts = {"ours": 0, "differences": 0}

    def counted(kind):
        def f(x):
            counts[kind] += 1
            return rosenbrock(x)

        return f

    ours = minimize(counted("ours"), START, method=method, tol=1e-8, options={"maxiter": 2000})
    settings = {"maxfun": 10**6} if method == "L-BFGS-B" else {}
    if method == "Newton-CG":  # SciPy takes the gradient by differences only if it is asked to

        def gradient(x):
            return optimize.approx_fprime(x, counted_by_differences)

        counted_by_differences = counted("differences")
        settings = {"jac": gradient, "options": {"maxiter": 10}}
    else:
        settings = {"options": {"maxiter": 200, **settings}}
    theirs = optimize.minimize(counted("differences"), START, method=method, tol=1e-8, **settings)
    assert 10 * counts["ours"] < counts["differences"]
    assert np.abs(ours.x - 1).max() < np.abs(theirs.x - 1).max()


@pytest.mark.parametrize("method", ["trust-exact", "trust-krylov", "dogleg", "TNC", "SLSQP", "trust-constr", "Powell"])
def test_every_kind_of_method_runs(method):
    result = minimize(lambda x: np.sum((x - 3) ** 4 + (x - 3) ** 2), np.zeros(3), method=method)
    np.testing.assert_allclose(result.x, 3, atol=1e-3)


def test_basin_hopping_finds_the_global_minimum():
    result = minimize(rastrigin, np.array([3.7, -4.2]), method="basinhopping", options={"niter": 200}, rng=0)
    np.testing.assert_allclose(result.x, 0, atol=1e-8)
    assert result.fun == pytest.approx(0, abs=1e-12)


def test_dual_annealing_finds_the_global_minimum():
    x0 = {"a": 3.7, "b": np.array([-4.2])}
    result = minimize(
        lambda p: rastrigin(np.append(p["b"], p["a"])),
        x0,
        method="dual_annealing",
        bounds=[(-5.12, 5.12)] * 2,
        options={"maxiter": 100},
        rng=np.random.default_rng(1),
    )
    np.testing.assert_allclose([result.x["a"], *result.x["b"]], 0, atol=1e-7)


@pytest.mark.parametrize("method", ["basinhopping", "dual_annealing"])
def test_a_seed_repeats_a_global_search(method):
    def search(rng):
        bounds = [(-5.0, 5.0)] * 2
        options = {"niter": 5} if method == "basinhopping" else {"maxiter": 5}
        return minimize(rastrigin, np.array([3.0, 2.0]), method=method, bounds=bounds, options=options, rng=rng)

    np.testing.assert_array_equal(search(0).x, search(0).x)
    ag.manual_seed(3)
    first = search(None)
    ag.manual_seed(3)
    np.testing.assert_array_equal(first.x, search(None).x)


def quadratic(p):
    return np.sum((p["W"] - 2) ** 2) + (p["b"][0] + 1) ** 2 + np.sum((p["b"][1] - p["W"][0]) ** 2)


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact"])
@pytest.mark.parametrize("compiled", [False, True])
def test_trees_come_back_in_their_form_and_dtypes(method, compiled):
    x0 = {"W": np.zeros((2, 3), np.float32), "b": (0.0, np.zeros(3))}
    result = minimize(quadratic, x0, method=method, compile=compiled)
    assert result.x["W"].dtype == np.float32 and result.x["W"].shape == (2, 3)
    assert isinstance(result.x["b"], tuple) and result.x["b"][1].dtype == np.float64
    np.testing.assert_allclose(result.x["W"], 2, atol=1e-4)
    np.testing.assert_allclose(result.x["b"][0], -1, atol=1e-4)
    assert not x0["W"].any()


def test_lists_of_numbers_are_arrays_as_in_scipy():
    result = minimize(rosenbrock, [-1.2, 1])
    assert result.x.shape == (2,)
    result = minimize(lambda x: np.sum((x - np.eye(2)) ** 2), [[0, 0], [0, 0]])
    np.testing.assert_allclose(result.x, np.eye(2), atol=1e-5)
    assert minimize(lambda x: (x - 3) ** 2, 0).x == pytest.approx(3)


def test_further_arguments_are_constants():
    result = minimize(lambda x, a, b: np.sum((a * x - b) ** 2), np.zeros(2), args=(2.0, np.array([2.0, 4.0])))
    np.testing.assert_allclose(result.x, [1, 2], atol=1e-6)


def test_bounds_and_constraints_hold():
    f = lambda x: np.sum((x - 2) ** 2)
    result = minimize(f, np.zeros(2), method="L-BFGS-B", bounds=[(None, 1), (None, None)])
    np.testing.assert_allclose(result.x, [1, 2], atol=1e-6)
    inside = {"type": "ineq", "fun": lambda x: 1 - np.sum(x**2)}
    result = minimize(f, np.zeros(2), method="SLSQP", constraints=inside)
    np.testing.assert_allclose(result.x, np.sqrt([0.5, 0.5]), atol=1e-6)
    line = optimize.LinearConstraint([[1.0, 1.0]], 1.0, 1.0)
    result = minimize(f, np.zeros(2), method="trust-constr", constraints=[line])
    np.testing.assert_allclose(result.x, [0.5, 0.5], atol=1e-5)


def test_without_a_method_bounds_and_constraints_hold_as_in_scipy():
    f = lambda x: np.sum((x - 2) ** 2)
    np.testing.assert_allclose(minimize(f, np.zeros(2), bounds=[(0, 1)] * 2).x, 1)
    inside = {"type": "ineq", "fun": lambda x: 1 - np.sum(x**2)}
    for constraints in (inside, [inside], optimize.NonlinearConstraint(lambda x: np.sum(x**2), -np.inf, 1)):
        np.testing.assert_allclose(minimize(f, np.zeros(2), constraints=constraints).x, np.sqrt([0.5, 0.5]), atol=1e-6)


def test_constraints_take_the_form_of_x0_and_are_differentiated_exactly():
    calls = []

    def circle(p):
        calls.append(1)
        return p["x"] ** 2 + p["y"] ** 2 - 1

    result = minimize(
        lambda p: p["x"] + p["y"],
        {"x": -1.0, "y": 0.5},
        method="SLSQP",
        constraints={"type": "eq", "fun": circle},
        tol=1e-12,
    )
    np.testing.assert_allclose([result.x["x"], result.x["y"]], -np.sqrt(0.5), atol=1e-8)
    assert len(calls) <= result.nfev + result.njev + 10  # differences would take three calls for each derivative


def test_callbacks_of_both_kinds_see_the_form_of_x0():
    points, results = [], []
    f = lambda p: np.sum((p["x"] - 1) ** 4)
    minimize(f, {"x": np.zeros(2)}, callback=lambda x: points.append(x))
    assert points and all(point["x"].shape == (2,) for point in points)

    def stop(intermediate_result):
        results.append(intermediate_result)
        raise StopIteration

    result = minimize(f, {"x": np.zeros(2)}, callback=stop)
    assert len(results) == 1 and results[0].x["x"].shape == (2,) and results[0].fun < 2
    assert result.nit == 1
    hops = []
    minimize(f, {"x": np.zeros(2)}, method="basinhopping", options={"niter": 2}, callback=lambda *a: hops.append(a))
    assert len(hops[0]) == 3 and hops[0][0]["x"].shape == (2,)


def test_what_cannot_be_traced_runs_eagerly_with_a_warning():
    def f(x):
        return np.sum(x**2) if float(x[0]) > 0 else np.sum((x + 1) ** 2)

    with pytest.warns(CompileWarning, match="goes on without compiling"):
        result = minimize(f, np.array([-3.0, 4.0]), compile=True)
    np.testing.assert_allclose(result.x, -1, atol=1e-5)


def test_works_inside_no_grad_and_with_tensors_that_require_a_gradient():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    with ag.no_grad():
        minimize(lambda x: np.sum((x - 1) ** 2), np.zeros(2))
    result = minimize(lambda x: np.sum((x - w) ** 2), ag.tensor([0.0, 0.0]), method="Newton-CG")
    np.testing.assert_allclose(result.x, [1, 2], atol=1e-6)
    assert w.grad is None


@pytest.mark.parametrize(
    ("error", "message", "settings"),
    [
        (ValueError, "no method 'adam': there are Nelder-Mead", {"method": "adam"}),
        (ValueError, "searches between bounds", {"method": "dual_annealing"}),
        (ValueError, "knows no constraints", {"method": "basinhopping", "constraints": [{"fun": np.sum}]}),
        (ValueError, "a constraint needs a function", {"method": "SLSQP", "constraints": {"type": "eq"}}),
        (TypeError, "x0\\['a'\\] is", {"x0": {"a": np.array([1j])}}),
        (TypeError, "x0 holds no numbers", {"x0": {}}),
        (TypeError, "grad needs a function of one number", {"f": lambda x: x * 2}),
    ],
)
def test_bad_input_is_refused(error, message, settings):
    with pytest.raises(error, match=message):
        minimize(**{"f": rosenbrock, "x0": np.zeros(3), **settings})


def test_without_scipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        minimize(rosenbrock, np.zeros(3))
