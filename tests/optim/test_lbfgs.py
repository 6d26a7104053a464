"""L-BFGS follows PyTorch's trajectory (golden numbers), finds minima, and refuses what it cannot do."""

import copy

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.optim.line_search import Trial, minimum_of_cubic, strong_wolfe
from tests.golden import load

LBFGS = ag.optim.LBFGS
CASES = load("lbfgs")


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def loss_of(problem, p, data):
    if problem == "rosenbrock":
        return rosenbrock(p["x"])
    if problem == "regression":
        return ((data["X"] @ p["w"] + p["b"] - data["y"]) ** 2).mean()
    return ((np.tanh(data["X"] @ p["U"].T + p["a"]) @ p["v"] - data["y"]) ** 2).mean()


def closure_for(optimizer, loss):
    def closure():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_trajectory_equals_pytorch(case):
    p = {name: ag.tensor(value, requires_grad=True, name=name) for name, value in case["start"].items()}
    optimizer = LBFGS(p.values(), **case["settings"])
    closure = closure_for(optimizer, lambda: loss_of(case["problem"], p, case["data"]))
    converged = False  # rounding decides how the last, tiny iterations go
    for k in range(len(case["losses"])):
        value = optimizer.step(closure).item()
        np.testing.assert_allclose(value, case["losses"][k], rtol=1e-9, atol=1e-9)
        for name, x in p.items():
            tolerance = 1e-6 if converged else 1e-9
            np.testing.assert_allclose(x.data, case["trajectory"][name][k], rtol=tolerance, atol=tolerance)
        converged = converged or np.max(np.abs(optimizer.gradient())) < 1e-4
        if not converged:
            assert optimizer.memory["func_evals"] == case["evaluations"][k]


def parameters(*arrays, dtype=np.float64):
    return [ag.tensor(np.asarray(a, dtype), requires_grad=True) for a in arrays]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finds_the_minimum_and_keeps_the_dtype(dtype):
    (x,) = parameters(np.full(6, -1.0), dtype=dtype)
    optimizer = LBFGS([x], max_iter=200, tolerance_change=1e-14, line_search_fn="strong_wolfe")
    optimizer.step(closure_for(optimizer, lambda: rosenbrock(x)))
    np.testing.assert_allclose(x.data, 1, atol=1e-6 if dtype is np.float64 else 2e-3)
    assert x.dtype == dtype and optimizer.memory["d"].dtype == dtype


def test_rosenbrock_in_50_dimensions():
    (x,) = parameters(np.tile([-1.2, 1.0], 25))
    optimizer = LBFGS([x], max_iter=1000, tolerance_grad=1e-9, tolerance_change=0, line_search_fn="strong_wolfe")
    optimizer.step(closure_for(optimizer, lambda: rosenbrock(x)))
    np.testing.assert_allclose(x.data, 1, atol=1e-8)
    assert optimizer.memory["func_evals"] < 500  # SciPy's L-BFGS-B takes 17,000 with differences


def test_state_can_be_saved_and_training_goes_on_as_if_nothing_had_happened():
    (x,), (z,) = parameters([-1.2, 1.0]), parameters([0.0, 0.0])
    one, other = LBFGS([x], max_iter=5, lr=0.1), LBFGS([z])
    first, second = closure_for(one, lambda: rosenbrock(x)), closure_for(other, lambda: rosenbrock(z))
    one.step(first)
    z.data = x.data
    other.load_state_dict(one.state_dict())
    one.step(first)
    other.step(second)
    np.testing.assert_array_equal(x.data, z.data)
    assert set(one.state_dict()["state"][0]) >= {"d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad"}


def test_a_state_of_another_size_is_refused_and_changes_nothing():
    (x,), (z,) = parameters([1.0, 2.0]), parameters([1.0, 2.0, 3.0])
    one, other = LBFGS([x]), LBFGS([z])
    one.step(closure_for(one, lambda: (x**2).sum()))
    before = copy.deepcopy(other.state_dict())
    with pytest.raises(ValueError, match="the parameters have 3 elements"):
        other.load_state_dict(one.state_dict())
    assert other.state_dict() == before


def test_parameters_that_the_loss_does_not_use_stay():
    x, unused = parameters([3.0], [7.0])
    optimizer = LBFGS([x, unused])
    optimizer.step(closure_for(optimizer, lambda: (x**2).sum()))
    np.testing.assert_allclose(x.data, 0, atol=1e-6)
    assert unused.data == 7.0


def test_works_inside_no_grad():
    (x,) = parameters([3.0])
    optimizer = LBFGS([x])
    with ag.no_grad():
        optimizer.step(closure_for(optimizer, lambda: (x**2).sum()))
    np.testing.assert_allclose(x.data, 0, atol=1e-6)


def test_the_closure_may_be_compiled_and_the_step_may_not():
    xs = parameters([-1.2, 1.0], [-1.2, 1.0])
    for x, compiled in zip(xs, (False, True), strict=True):
        optimizer = LBFGS([x], max_iter=10, line_search_fn="strong_wolfe")
        eager = closure_for(optimizer, lambda x=x: rosenbrock(x))
        closure = ag.compile(eager, keep_grads=True) if compiled else eager
        for _ in range(3):
            optimizer.step(closure)
    np.testing.assert_array_equal(xs[0].data, xs[1].data)
    assert closure.traced <= 2
    with pytest.raises(ag.TraceError, match="leave it out of the compiled function"):
        ag.compile(lambda: optimizer.step(eager))()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr": -1.0}, "lr must not be negative"),
        ({"history_size": 0}, "history_size must be at least 1"),
        ({"line_search_fn": "armijo"}, "must be None or 'strong_wolfe'"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        LBFGS(parameters([1.0]), **settings)


def test_what_it_cannot_do_is_refused():
    x, z = parameters([1.0], [2.0])
    with pytest.raises(TypeError, match="give step\\(\\) a function without arguments"):
        LBFGS([x]).step()
    with pytest.raises(ValueError, match="one group"):
        LBFGS([{"params": [x]}, {"params": [z]}])
    with pytest.raises(TypeError, match="one dtype, not of float32 and float64"):
        LBFGS([x, *parameters([1.0], dtype=np.float32)])


def test_a_loss_that_is_not_finite_moves_nothing():
    (x,) = parameters([-1.0, 4.0])
    optimizer = LBFGS([x])
    with np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match="no parameter has been changed"):
        optimizer.step(closure_for(optimizer, lambda: np.log(x).sum()))
    np.testing.assert_array_equal(x.data, [-1.0, 4.0])


def test_the_line_search_comes_back_from_where_the_loss_is_not_finite():
    (x,) = parameters([0.02])
    optimizer = LBFGS([x], max_iter=50, line_search_fn="strong_wolfe", lr=10.0)
    optimizer.step(closure_for(optimizer, lambda: (np.exp(300 * x) - 1000 * x).sum()))
    np.testing.assert_allclose(x.data, np.log(1000 / 300) / 300, rtol=1e-5)


def test_an_error_in_the_line_search_leaves_the_parameters_where_they_were():
    (x,) = parameters([-1.2, 1.0])
    optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    calls = []

    def closure():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return closure_for(optimizer, lambda: rosenbrock(x))()

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    np.testing.assert_array_equal(x.data, [-1.2, 1.0])


FUNCTIONS = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "quartic": (lambda t: (t - 1) ** 4 - t, lambda t: 4 * (t - 1) ** 3 - 1),
    "wiggle": (lambda t: np.sin(5 * t) - 6 * t + t**2, lambda t: 5 * np.cos(5 * t) - 6 + 2 * t),
    "log": (lambda t: -np.log1p(t) + 0.1 * t**2, lambda t: -1 / (1 + t) + 0.2 * t),
}


@pytest.mark.parametrize("first", [1e-4, 0.3, 1.0, 50.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_line_search_satisfies_the_strong_wolfe_conditions(name, first):
    f, slope = FUNCTIONS[name]
    counted = []

    def evaluate(t):
        counted.append(t)
        return float(f(t)), np.array([slope(t)])

    start = Trial(0.0, float(f(0.0)), np.array([slope(0.0)]), float(slope(0.0)))
    if start.slope >= 0:
        pytest.skip("uphill")
    trial, count = strong_wolfe(evaluate, np.ones(1), start, first)
    assert count == len(counted)
    assert trial.f <= start.f + 1e-4 * trial.t * start.slope
    assert abs(trial.slope) <= 0.9 * abs(start.slope)


def test_the_minimum_of_a_cubic_is_exact():
    f, slope = lambda t: t**3 - 3 * t, lambda t: 3 * t**2 - 3
    a, b = (Trial(t, f(t), None, slope(t)) for t in (0.0, 2.5))
    assert minimum_of_cubic(a, b, 0.0, 2.5) == pytest.approx(1.0, abs=1e-14)
    assert minimum_of_cubic(b, a, 0.0, 2.5) == pytest.approx(1.0, abs=1e-14)
    assert minimum_of_cubic(a, b, 1.5, 2.5) == 1.5
