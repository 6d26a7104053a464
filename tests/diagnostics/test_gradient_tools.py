"""Reports on gradients, their noise, and the learning rates that a model bears."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(64, 16)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64)


def deep(activation, normalised=False, he=False, depth=50, width=16):
    """A network of that many layers."""
    layers = []
    for _ in range(depth):
        linear = nn.Linear(width, width)
        if he:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        layers += [linear, *([nn.BatchNorm1d(width)] if normalised else []), activation()]
    return nn.Sequential(*layers, nn.Linear(width, 2))


class Recurrent(nn.Module):
    """h ← W h + x over some steps, W of a given spectral radius, written by hand."""

    def __init__(self, radius, steps=60, width=8, squash=None):
        generator = np.random.default_rng(1)
        w = generator.normal(size=(width, width))
        self.weight = nn.Parameter(w * radius / np.abs(np.linalg.eigvals(w)).max())
        self.steps, self.squash = steps, squash or (lambda h: h)

    def forward(self, x):
        h = x
        for _ in range(self.steps):
            h = self.squash(h @ self.weight.T) + x
        return h


def state_of(model):
    return model.state_dict(), [p.grad for p in model.parameters()], [m.training for m in model.modules()]


def unchanged(before, after):
    return (
        all(np.array_equal(before[0][name], after[0][name]) for name in before[0])
        and all(np.array_equal(a, b) for a, b in zip(before[1], after[1], strict=True))
        and before[2] == after[2]
    )


# ---- gradient_report -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("verdict", "build"),
    [
        ("vanishing", lambda: deep(nn.Sigmoid)),
        ("vanishing", lambda: deep(nn.ReLU)),  # with PyTorch's default initialisation, a third of the variance
        ("healthy", lambda: deep(nn.ReLU, normalised=True, he=True)),
        ("healthy", lambda: deep(nn.ReLU, depth=3)),
        ("healthy", lambda: deep(nn.Tanh, depth=5)),
        ("healthy", lambda: nn.Linear(16, 2)),
    ],
)
def test_verdicts_on_networks(verdict, build, seed):
    ag.manual_seed(seed)
    model = build()
    report = ag.gradient_report(model, nn.CrossEntropyLoss(), (X, LABELS))
    assert report.verdict == verdict, report
    nn.CrossEntropyLoss()(model(X), LABELS).backward()
    after_backward = ag.gradient_report(model)
    assert after_backward.verdict == verdict and all(layer.dead is None for layer in after_backward.layers)


class Cut(nn.Module):
    """Of its layers one is before a detach, one is not called, and one is frozen."""

    def __init__(self):
        self.before, self.after, self.idle = nn.Linear(16, 3), nn.Linear(3, 2), nn.Linear(3, 1)
        self.frozen = nn.Linear(16, 3).requires_grad_(False)
        self.scale = nn.Parameter([1.0])

    def forward(self, x):
        return self.after(self.before(x).detach() + self.frozen(x))


def test_layers_without_a_gradient_have_rows_and_a_verdict():
    model = Cut()
    report = ag.gradient_report(model, nn.CrossEntropyLoss(), (X, LABELS))
    assert report.verdict == "disconnected"
    assert "no gradient reaches scale, before.weight, before.bias: a detach()" in report.words
    assert "forward() never calls idle" in report.words
    rows = {layer.name: layer for layer in report.layers}
    assert list(rows) == ["the model", "before", "after", "idle"]
    assert rows["before"].unreached == ("before.weight", "before.bias") and rows["before"].gradient is None
    assert rows["after"].gradient > 0 and rows["after"].called and not rows["idle"].called
    assert str(report).count("none") == 3
    nn.CrossEntropyLoss()(model(X), LABELS).backward()
    after_backward = ag.gradient_report(model)
    assert after_backward.verdict == "disconnected" and "and 2 more" in after_backward.words


def test_a_vanishing_net_is_described():
    ag.manual_seed(0)
    report = ag.gradient_report(deep(nn.Sigmoid), nn.CrossEntropyLoss(), (X, LABELS))
    assert report.words.startswith("the gradients of 0 to ") and "relative to the weights" in report.words
    assert "BatchNorm" in report.words
    lines = str(report).splitlines()
    assert lines[0].split() == ["layer", "gradient", "weight", "ratio", "dead"]
    assert len(lines) == 51 + 2 and lines[-1] == f"vanishing: {report.words}"


SEQUENCE = 0.1 * GENERATOR.normal(size=(16, 8))
TARGETS = GENERATOR.normal(size=(16, 8))


def test_a_recurrent_net_of_spectral_radius_1_5_explodes_and_one_of_0_9_does_not():
    report = ag.gradient_report(Recurrent(1.5), nn.MSELoss(), (SEQUENCE, TARGETS))
    assert report.verdict == "exploding" and "clip" in report.words and "the model" in report.words
    assert ag.gradient_report(Recurrent(0.9), nn.MSELoss(), (SEQUENCE, TARGETS)).verdict == "healthy"


def test_clipping_cures_the_exploding_recurrent_net():
    def train(**settings):
        model = Recurrent(1.5).double()
        optimizer = optim.SGD(model.parameters(), lr=0.02)
        data = (SEQUENCE, TARGETS)
        losses = ag.fit(model, data, nn.MSELoss(), optimizer, epochs=150, batch_size=None, progress=False, **settings)
        return model, losses["train_loss"]

    with pytest.raises(ag.train.NonFiniteLossError), np.errstate(all="ignore"):
        train()
    model, losses = train(clip_norm=1.0)
    assert np.isfinite(losses).all() and losses[-1] < 1e-6 * losses[0]
    assert ag.gradient_report(model, nn.MSELoss(), (SEQUENCE, TARGETS)).verdict == "healthy"


def test_numbers_that_are_not_finite():
    model = nn.Linear(2, 1)
    model.weight.grad, model.bias.grad = np.array([[np.inf, 1]], np.float32), np.zeros(1, np.float32)
    report = ag.gradient_report(model)
    assert report.verdict == "exploding" and "not finite" in report.words


def test_no_gradients_and_zero_gradients():
    model = nn.Linear(2, 1)
    with pytest.raises(ValueError, match="backward"):
        ag.gradient_report(model)
    with pytest.raises(ValueError, match="a loss and a batch"):
        ag.gradient_report(model, nn.MSELoss())
    x = X[:, :2]
    report = ag.gradient_report(model, nn.MSELoss(), (x, model(x).detach().numpy()))
    assert report.verdict == "vanishing" and "all gradients are zero" in report.words


def test_dead_relus_are_counted():
    model = nn.Sequential(nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 2))
    model[0].bias.data[:3] = -100
    report = ag.gradient_report(model, nn.CrossEntropyLoss(), (X, LABELS))
    assert {layer.name: layer.dead for layer in report.layers} == {"0": None, "1": 0.75, "2": None}
    assert report.verdict == "healthy" and "most ReLUs of 1 are dead" in report.words
    assert "75%" in str(report)
    model[0].bias.data[:] = -100
    report = ag.gradient_report(model, nn.CrossEntropyLoss(), (X, LABELS))
    assert report.verdict == "vanishing" and report.words.endswith(
        "most ReLUs of 1 are dead: try a smaller learning rate, or LeakyReLU"
    )


def test_norms_are_those_of_the_layer():
    model = nn.Sequential(nn.Linear(16, 4), nn.Tanh(), nn.Linear(4, 2))
    nn.CrossEntropyLoss()(model(X), LABELS).backward()
    for layer in ag.gradient_report(model).layers:
        linear = model[int(layer.name)]
        joined = np.concatenate([linear.weight.grad.ravel(), linear.bias.grad])
        assert layer.gradient == pytest.approx(np.linalg.norm(joined), rel=1e-6)
        assert layer.ratio == layer.gradient / layer.weight and layer.kind == "Linear"


def test_a_report_leaves_no_trace():
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))
    held = nn.CrossEntropyLoss()(model(X), LABELS)
    nn.CrossEntropyLoss()(model(X), LABELS).backward()
    before, position = state_of(model), ag.default_generator().bit_generator.state
    ag.gradient_report(model, nn.CrossEntropyLoss(), (X, LABELS))
    assert unchanged(before, state_of(model))
    assert ag.default_generator().bit_generator.state == position
    assert not any(m.forward_hooks for m in model.modules())
    held.backward()  # a graph that was recorded before is still good
    with pytest.raises(ValueError, match="matmul|shape|dot"):
        ag.gradient_report(model, nn.CrossEntropyLoss(), (X[:, :3], LABELS))
    assert not any(m.forward_hooks for m in model.modules())


# ---- gradient_noise_scale --------------------------------------------------------------------------------


class Point(nn.Module):
    """Parameters that are given as the prediction for every row: the gradient of |w - x|² / 2 in a row is w - x."""

    def __init__(self, values):
        self.values = nn.Parameter(np.array(values))

    def forward(self, x):
        return self.values + 0 * x


def half_square(prediction, target):
    return ((prediction - target) ** 2).sum() / (2 * len(target))


MEAN, SPREAD = np.array([1.0, -2.0, 0.0]), np.array([0.5, 1.0, 2.0])
TRACE, SQUARED = np.sum(SPREAD**2), np.sum(MEAN**2)


def drawn(rows, seed):
    x = MEAN + SPREAD * np.random.default_rng(seed).normal(size=(rows, 3))
    return x, x


@pytest.mark.parametrize("batch_size", [1, 8])
def test_the_estimates_are_unbiased(batch_size):
    model = Point([0.0, 0.0, 0.0])
    found = [
        ag.gradient_noise_scale(model, half_square, drawn(4 * batch_size, seed), batch_size=batch_size)
        for seed in range(300)
    ]
    for values, truth in [([n.trace for n in found], TRACE), ([n.squared_norm for n in found], SQUARED)]:
        error = np.std(values) / np.sqrt(len(values))
        assert abs(np.mean(values) - truth) < 4 * error < 0.5 * truth


def test_the_noise_scale_of_much_data():
    noise = ag.gradient_noise_scale(Point([0.0, 0.0, 0.0]), half_square, drawn(20_000, 0), batch_size=20)
    assert noise.trace == pytest.approx(TRACE, rel=0.1)
    assert noise.squared_norm == pytest.approx(SQUARED, rel=0.05)
    assert noise.scale == noise.trace / noise.squared_norm == pytest.approx(TRACE / SQUARED, rel=0.1)


def test_at_the_minimum_there_is_nothing_but_noise():
    data = drawn(64, 0)
    assert ag.gradient_noise_scale(Point(data[0].mean(0)), half_square, data).scale == np.inf


def test_the_noise_scale_leaves_no_trace_and_needs_two_batches():
    model = nn.Sequential(nn.Linear(16, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    model[0].weight.requires_grad = False
    loader = ag.DataLoader(X, LABELS, batch_size=8, shuffle=True, generator=np.random.default_rng(3))
    before, position = state_of(model), ag.default_generator().bit_generator.state
    first = ag.gradient_noise_scale(model, nn.CrossEntropyLoss(), loader)
    assert first == ag.gradient_noise_scale(model, nn.CrossEntropyLoss(), loader)
    assert unchanged(before, state_of(model)) and ag.default_generator().bit_generator.state == position
    with pytest.raises(ValueError, match="at least two"):
        ag.gradient_noise_scale(model, nn.CrossEntropyLoss(), (X, LABELS), batch_size=63)


# ---- lr_range_test ---------------------------------------------------------------------------------------


def quadratic(curvature=4.0):
    """A model and a loss whose gradient descent converges for learning rates below 2 / curvature."""
    return Point([1.0, 1.0, 1.0]), lambda prediction, target: curvature * half_square(prediction, target)


def test_the_suggested_rate_is_one_that_converges():
    model, loss = quadratic()
    data = np.zeros((64, 3)), np.zeros((64, 3))
    test = ag.lr_range_test(model, loss, data, optim.SGD(model.parameters(), lr=1.0))
    assert 0.01 < test.suggestion < 0.5
    assert test.losses[0] == 6.0 and len(test.learning_rates) == len(test.losses) == len(test.smoothed) < 100
    assert test.learning_rates[0] == 1e-6 and 0.5 < test.learning_rates[-1] < 10
    np.testing.assert_allclose(np.diff(np.log(test.learning_rates)), np.log(1e7) / 99)


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam])
def test_the_range_test_leaves_no_trace(make):
    def network():
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(16, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2)).eval()
        return model, make([{"params": [model[0].weight]}, {"params": list(model[3].parameters()), "lr": 0.5}], lr=0.1)

    def train(model, optimizer):
        history = ag.fit(model, (X, LABELS), nn.CrossEntropyLoss(), optimizer, epochs=2, progress=False)
        return history["train_loss"], model.state_dict()

    model, optimizer = network()
    train(model, optimizer)
    before, settings = state_of(model), repr(optimizer.state_dict())
    test = ag.lr_range_test(model, nn.CrossEntropyLoss(), (X, LABELS), optimizer, high=1.0, steps=30)
    assert len(test.losses) > 5
    assert unchanged(before, state_of(model)) and repr(optimizer.state_dict()) == settings
    after, twin = train(model, optimizer), network()
    train(*twin)
    expected = train(*twin)
    assert after[0] == expected[0]
    assert all(np.array_equal(after[1][name], expected[1][name]) for name in after[1])


def test_a_plot():
    pytest.importorskip("matplotlib")
    model, loss = quadratic()
    test = ag.lr_range_test(model, loss, (np.zeros((4, 3)), np.zeros((4, 3))), optim.SGD(model.parameters(), lr=1.0))
    (axes,) = test.plot().axes
    assert axes.get_xscale() == "log" and len(axes.lines) == 3


class NoBatches:
    """Something sized that gives nothing."""

    def __len__(self):
        return 1

    def __iter__(self):
        return iter(())


def test_ranges_that_are_none():
    model, loss = quadratic()
    data, optimizer = (np.zeros((4, 3)), np.zeros((4, 3))), optim.SGD(model.parameters(), lr=1.0)
    for settings in ({"low": 0.0}, {"low": 2.0, "high": 1.0}, {"steps": 1}):
        with pytest.raises(ValueError, match="low < high"):
            ag.lr_range_test(model, loss, data, optimizer, **settings)
    with pytest.raises(ValueError, match="no batches"):
        ag.lr_range_test(model, loss, NoBatches(), optimizer)
    bad = np.full((4, 3), np.nan)
    with pytest.raises(ValueError, match="not finite"):
        ag.lr_range_test(model, loss, (bad, bad), optimizer)
    assert optimizer.param_groups[0]["lr"] == 1.0
