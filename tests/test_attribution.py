"""Attributions: closed forms, axioms, the order of the rules, and that nothing else is touched."""

import math
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import attribution, nn
from autograd_lite.attribution.integrated import points

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 5))
METHODS = {
    "saliency": attribution.saliency,
    "gradient_times_input": attribution.gradient_times_input,
    "integrated_gradients": attribution.integrated_gradients,
    "smooth_grad": lambda *args, **settings: attribution.smooth_grad(
        *args, n=3, generator=np.random.default_rng(1), **settings
    ),
}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def network(seed=0, dtype=np.float64):
    generator = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(5, 8, dtype=dtype, generator=generator),
        nn.Tanh(),
        nn.Linear(8, 3, dtype=dtype, generator=generator),
    )


# On a linear model they are known.

WEIGHT = RNG.standard_normal((3, 5))


def linear(x):
    return x @ WEIGHT.T + 2.0


@pytest.mark.parametrize("target", [1, [0, 1, 2, 0, 1, 2], None])
def test_on_a_linear_model_all_are_the_closed_form(target):
    classes = (X @ WEIGHT.T).argmax(1) if target is None else np.broadcast_to(target, 6)
    w = WEIGHT[classes]
    expected = {"saliency": abs(w), "gradient_times_input": w * X, "integrated_gradients": w * X, "smooth_grad": w}
    for name, method in METHODS.items():
        np.testing.assert_allclose(method(linear, X, target=target), expected[name], rtol=1e-12, err_msg=name)
    baseline = RNG.standard_normal(5)
    np.testing.assert_allclose(
        attribution.integrated_gradients(linear, X, baseline, steps=1, target=target), w * (X - baseline), rtol=1e-12
    )


# Axioms (Sundararajan, Taly and Yan 2017).


@pytest.mark.parametrize("rule", ["gauss", "midpoint", "trapezoid"])
def test_integrated_gradients_are_complete(rule):
    model, baseline = network(), RNG.standard_normal((6, 5))
    for target in (None, 2):
        attributions, delta = attribution.integrated_gradients(
            model, X, baseline, steps=64, target=target, rule=rule, return_delta=True
        )
        scores, below = model(X).detach().numpy(), model(baseline).detach().numpy()
        classes = scores.argmax(1) if target is None else np.full(6, target)
        difference = (scores - below)[np.arange(6), classes]
        distributed = abs(attributions).sum(1)
        assert np.all(abs(attributions.sum(1) - difference) <= 1e-3 * distributed)
        np.testing.assert_allclose(attributions.sum(1) - difference, delta, atol=1e-14)


@pytest.mark.parametrize(("rule", "order"), [("midpoint", 2), ("trapezoid", 2)])
def test_the_rules_converge_with_their_order(rule, order):
    def error(intervals):
        steps = intervals + (rule == "trapezoid")
        return abs(attribution.integrated_gradients(network(), X, steps=steps, rule=rule, return_delta=True)[1]).max()

    assert math.log2(error(32) / error(64)) == pytest.approx(order, abs=0.05)


@pytest.mark.parametrize(("rule", "degree"), [("gauss", 9), ("midpoint", 1), ("trapezoid", 1)])
def test_the_rules_integrate_polynomials_exactly(rule, degree):
    places, weights = points(rule, 5)
    for power in range(degree + 1):
        assert weights @ places**power == pytest.approx(1 / (power + 1), rel=1e-12)


def test_sensitivity_an_input_that_does_not_matter_gets_nothing():
    for method in METHODS.values():
        result = method(lambda x: np.tanh(x[:, 0] * x[:, 2]) + x[:, 4] ** 3, X)
        assert np.all(result[:, [1, 3]] == 0) and np.all(result[:, [0, 2, 4]] != 0)


def test_sensitivity_a_saturated_input_still_gets_what_it_brought():
    """1 - relu(1 - x) at x = 2: the gradient is 0 there, and the score has risen from 0 to 1 (section 2.1 there)."""

    def saturating(x):
        return 1 - ag.relu(1 - x[:, 0])

    x = np.array([[2.0]])
    assert attribution.gradient_times_input(saturating, x) == 0
    assert attribution.integrated_gradients(saturating, x, steps=100, rule="midpoint") == pytest.approx(1)


def test_symmetry_equal_inputs_of_a_symmetric_function_get_the_same():
    x = np.array([[0.7, -0.3, 0.7]])
    for method in (attribution.saliency, attribution.gradient_times_input, attribution.integrated_gradients):
        result = method(lambda x: np.exp(np.sin(x[:, 0] * x[:, 2]) + x[:, 1] * (x[:, 0] + x[:, 2])), x)
        np.testing.assert_allclose(result[:, 0], result[:, 2], rtol=1e-14)


def test_implementation_invariance():
    def expanded(x):
        return x[:, 0] ** 2 + 2 * x[:, 0] * x[:, 1] + x[:, 1] ** 2

    for method in METHODS.values():
        np.testing.assert_allclose(
            method(expanded, X), method(lambda x: (x[:, 0] + x[:, 1]) ** 2, X), rtol=1e-9, atol=1e-12
        )


def test_smooth_grad_is_the_mean_gradient_over_the_noise():
    """Of sin it is cos(x) exp(-σ²/2)."""
    x = np.linspace(-1, 1, 5)[:, None]
    result = attribution.smooth_grad(lambda x: np.sin(x), x, n=1500, sigma=0.8, generator=np.random.default_rng(0))
    np.testing.assert_allclose(result, np.cos(x) * np.exp(-0.32), atol=0.04)
    np.testing.assert_array_equal(attribution.smooth_grad(np.sin, x, n=2, sigma=0.0), np.cos(x))


# What is left alone.


@each_method
def test_gradients_modes_and_statistics_stay(method):
    model = nn.Sequential(network(), nn.BatchNorm1d(3, dtype=np.float64), nn.Dropout(0.5))
    model[1].eval()
    modes = [module.training for module in model.modules()]
    for p in model.parameters():
        p.grad = np.ones_like(p.data)
    gradients = [p.grad for p in model.parameters()]
    state, x = model.state_dict(), X.copy()
    with ag.no_grad():
        method(model, x)
    assert [module.training for module in model.modules()] == modes
    assert all(p.grad is g and np.all(g == 1) for p, g in zip(model.parameters(), gradients, strict=True))
    assert all(np.array_equal(array, state[name]) for name, array in model.state_dict().items())
    np.testing.assert_array_equal(x, X)


@each_method
def test_modes_come_back_after_an_error(method):
    model = network()
    with pytest.raises(ValueError, match="target must be from 0 to 2"):
        method(model, X, target=3)
    assert model.training


@each_method
def test_the_dtype_and_the_shape_are_those_of_x(method):
    x = X[:, :4].reshape(6, 2, 2).astype(np.float32)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    result = method(model, x)
    assert result.dtype == np.float32 and result.shape == x.shape
    np.testing.assert_allclose(method(model, ag.tensor(x)), result, rtol=1e-5)


@each_method
def test_frozen_parameters_do_not_matter(method):
    np.testing.assert_array_equal(method(network().requires_grad_(False), X), method(network(), X))


# Errors.


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attribution.saliency(linear, X[0, 0]), "must be a batch"),
        (lambda: attribution.saliency(lambda x: x.sum(), X), r"scores of shape \(6, classes\)"),
        (lambda: attribution.saliency(linear, X, target=[0, 1]), "one for each of 6"),
        (lambda: attribution.saliency(linear, X, target=-1), "from 0 to 2"),
        (lambda: attribution.integrated_gradients(linear, X, np.zeros(4)), "does not broadcast"),
        (lambda: attribution.integrated_gradients(linear, X, steps=0), "at least 1 steps"),
        (lambda: attribution.integrated_gradients(linear, X, steps=1, rule="trapezoid"), "at least 2 steps"),
        (lambda: attribution.integrated_gradients(linear, X, rule="simpson"), "rule is one of gauss"),
        (lambda: attribution.smooth_grad(linear, X, n=0), "n from 1"),
        (lambda: attribution.smooth_grad(linear, X, sigma=-1.0), "sigma from 0"),
        (lambda: attribution.plot(X, {}), "pass shape="),
        (lambda: attribution.plot(X[:, :4], {"saliency": X}, (2, 2)), "pass shape=|has shape"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_targets_are_integers_and_scores_depend_on_x():
    with pytest.raises(TypeError, match="an integer"):
        attribution.saliency(linear, X, target=1.0)
    with pytest.raises(RuntimeError, match="requires a gradient"):
        attribution.saliency(lambda x: np.ones((6, 2)), X)


def test_incompleteness_is_said():
    def jump(x):
        return (x[:, 0] > 0.5) * 1.0 + 1e-3 * x[:, 0]

    x = np.ones((2, 1))
    with pytest.warns(attribution.CompletenessWarning, match="add up to 0.001, and the score differs .* by 1.001"):
        _, delta = attribution.integrated_gradients(jump, x, return_delta=True)
    np.testing.assert_allclose(delta, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attribution.integrated_gradients(lambda x: x[:, 0] * 0.0, x)  # nothing to distribute, and nothing missed


# The picture.


def test_the_picture_has_a_row_for_each_image_and_a_column_for_each_method():
    pytest.importorskip("matplotlib")
    x = RNG.random((3, 16))
    maps = {"saliency": x, "integrated gradients": x - 0.5}
    figure = attribution.plot(x, maps, titles=["3", "8", "1"])
    grid = np.array(figure.axes).reshape(3, 3)
    assert [axes.get_title() for axes in grid[0]] == ["", "saliency", "integrated gradients"]
    assert [axes.get_ylabel() for axes in grid[:, 0]] == ["3", "8", "1"]
    for i, row in enumerate(grid):
        shown = [axes.images[0] for axes in row]
        np.testing.assert_array_equal(shown[0].get_array(), x[i].reshape(4, 4))
        np.testing.assert_array_equal(shown[2].get_array(), (x[i] - 0.5).reshape(4, 4))
        low, high = shown[2].get_clim()
        assert low == -high and high == abs(x[i] - 0.5).max()
    assert attribution.plot(x, {"a": x}, shape=(2, 8)).axes[1].images[0].get_array().shape == (2, 8)
