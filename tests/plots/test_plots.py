"""Pictures of training: what is on them, and that drawing leaves the model alone."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim, plots

pytest.importorskip("matplotlib", reason="matplotlib is not installed")


@pytest.fixture
def task():
    ag.manual_seed(0)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.BatchNorm1d(4), nn.Linear(4, 2)), X, y


def unchanged(model):
    """A check that a model is as it is now."""
    state, modes = model.state_dict(), [m.training for m in model.modules()]

    def check():
        assert all(np.array_equal(a, model.state_dict()[name]) for name, a in state.items())
        assert [m.training for m in model.modules()] == modes
        assert all(p.grad is None for p in model.parameters())

    return check


def test_decision_boundary(task):
    model, X, y = task
    check = unchanged(model)
    figure = plots.decision_boundary(model, X, y, resolution=20)
    assert figure.axes[0].collections
    check()
    assert plots.decision_boundary(nn.Linear(2, 1), X, y, resolution=10).axes
    left, right = figure.axes[0], figure.add_subplot(122)
    assert plots.decision_boundary(nn.Linear(2, 1), X, y, resolution=10, axes=right) is figure
    assert right.collections
    assert figure.axes == [left, right]
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        plots.decision_boundary(model, X[:, :1])


def test_the_landscape_of_a_quadratic_is_the_quadratic():
    x, model = np.eye(2), nn.Linear(2, 1, bias=False).double()
    model.weight.data = [[3.0, 4.0]]
    figure = plots.loss_landscape(model, nn.MSELoss(), (x, np.zeros((2, 1))), axes=1, points=11)
    curve, model_at = figure.axes[0].lines
    assert model_at.get_xydata().tolist() == [[0, 12.5]]
    _, losses = curve.get_data()
    np.testing.assert_allclose(np.diff(losses, 3), 0, atol=1e-10)  # a parabola
    assert losses[5] == pytest.approx(12.5)  # the present weights, in the middle
    direction_length = np.sqrt(losses[0] + losses[-1] - 2 * losses[5])
    assert direction_length == pytest.approx(5, rel=1e-5)  # the norm of the weights, as filters are normalised


def test_landscapes_with_trajectories(task):
    model, X, y = task
    path = plots.Trajectory()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    ag.fit(model, (X, y), nn.CrossEntropyLoss(), optimizer, epochs=4, callbacks=[path], progress=False)
    check = unchanged(model)
    figure = plots.loss_landscape(model, nn.CrossEntropyLoss(), (X, y), points=5, trajectories={"SGD": path.points})
    assert len(figure.axes[0].lines[0].get_xdata()) == 5
    assert np.hypot(*[d[-1] for d in figure.axes[0].lines[0].get_data()]) < 1e-6  # it ends at the present parameters
    assert [text.get_text() for text in figure.axes[0].get_legend().texts] == ["SGD", "the model"]
    check()
    with pytest.raises(ValueError, match="'other' has 3 parameters"):
        plots.loss_landscape(model, nn.CrossEntropyLoss(), (X, y), trajectories={"other": [np.zeros(3)]})
    with pytest.raises(ValueError, match="1 or 2"):
        plots.loss_landscape(model, nn.CrossEntropyLoss(), (X, y), axes=3)


def test_gradient_flow_and_histograms(task):
    model, X, y = task
    flow = plots.GradientFlow((X, y))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    ag.fit(model, (X, y), nn.CrossEntropyLoss(), optimizer, epochs=3, callbacks=[flow], progress=False)
    assert {name: len(norms) for name, norms in flow.norms.items()} == {"0": 3, "2": 3, "3": 3}
    assert len(flow.plot().axes[0].lines) == 3
    check = unchanged(model)
    figure = plots.histograms(model, nn.CrossEntropyLoss(), (X, y))
    assert [axes.get_title() for axes in figure.axes[:4]] == ["0: Linear", "1: Tanh", "2: BatchNorm1d", "3: Linear"]
    check()


def test_a_race_ends_where_the_optimizers_end(tmp_path):
    def bowl(p):
        return p[0] ** 2 + 10 * p[1] ** 2

    runners = {"SGD": lambda p: optim.SGD(p, lr=0.05), "Adam": lambda p: optim.Adam(p, lr=0.3)}
    figure = plots.optimizer_race(bowl, runners, (2.0, 1.0), steps=8)
    x, y = figure.axes[0].lines[0].get_data()
    np.testing.assert_allclose(x, 2 * 0.9 ** np.arange(9))
    np.testing.assert_allclose(y[1:], 0, atol=1e-12)
    plots.optimizer_race(bowl, runners, (2.0, 1.0), steps=2, animation=tmp_path / "race.gif")
    assert (tmp_path / "race.gif").read_bytes().startswith(b"GIF8")
    plots.optimizer_race(bowl, runners, (2.0, 1.0), steps=2, animation=tmp_path / "race.html")
    page = (tmp_path / "race.html").read_text()
    assert page.startswith("<!doctype html>") and "Animation" in page
    assert "http:" not in page and "https:" not in page
    icons = {name for names in re.findall('<i class="(fa [^"]*)"', page) for name in names.split()}
    assert "fa-play" in icons and all(f".{name}" in page for name in icons)
    with pytest.raises(ValueError, match=r"\.gif or \.html"):
        plots.optimizer_race(bowl, runners, (2.0, 1.0), animation="race.mp4")
    with pytest.raises(ValueError, match="two coordinates"):
        plots.optimizer_race(bowl, runners, (2.0,))


def test_optimizers_that_evaluate_the_loss_themselves_race_as_well():
    runners = {"Newton": optim.Newton, "L-BFGS": lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe")}
    figure = plots.optimizer_race(lambda p: p[0] ** 2 + 10 * p[1] ** 2, runners, (2.0, 1.0), steps=2)
    for line in figure.axes[0].lines:
        np.testing.assert_allclose(line.get_xydata()[-1], 0, atol=1e-6)


def test_a_kernel_that_has_not_seen_pyplot_shows_a_figure():
    picture = plots.learning_rates({"constant": lambda o: optim.lr_scheduler.ConstantLR(o, 1)}, 3)._repr_png_()
    assert picture.startswith(b"\x89PNG")


def test_learning_rates():
    schedules = {"halving": lambda o: optim.lr_scheduler.StepLR(o, 10, 0.5)}
    rates = plots.learning_rates(schedules, 30, lr=0.4).axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(rates, np.repeat([0.4, 0.2, 0.1], 10))
