"""`evaluate`: several outputs and targets, metrics that are named where they fail, numbers that are none."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.nn import functional as F
from autograd_lite.train import compiling

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(48, 4))
Y, LABELS = X @ GENERATOR.normal(size=(4, 1)), (X[:, 0] > 0).astype(int)


class TwoHeads(nn.Module):
    def __init__(self, kind):
        self.number, self.label, self.kind = nn.Linear(4, 1).double(), nn.Linear(4, 2).double(), kind

    def forward(self, x):
        return self.kind(number=self.number(x), label=self.label(x))


def two(number, label):
    return number, label


def both(prediction, target):
    if isinstance(target, dict):
        prediction, target = prediction.values(), target.values()
    (p, scores), (t, labels) = prediction, target
    return F.mse_loss(p, t) + F.cross_entropy(scores, labels)


METRICS = {
    two: {"r2": lambda p, t: ag.metrics.r2(p[0], t[0]), "accuracy": lambda p, t: ag.metrics.accuracy(p[1], t[1])},
    dict: {
        "r2": lambda p, t: ag.metrics.r2(p["number"], t["number"]),
        "accuracy": lambda p, t: ag.metrics.accuracy(p["label"], t["label"]),
    },
}


@pytest.mark.parametrize("kind", [two, dict])
@pytest.mark.parametrize("form", ["arrays", "loader", "batches"])
def test_several_outputs_are_trained_compiled_and_measured(kind, form, monkeypatch):
    made, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: made.append(make(*given)) or made[-1])
    ag.manual_seed(0)
    data = {
        "arrays": (X, kind(number=Y, label=LABELS)),
        "loader": ag.DataLoader(X, kind(number=Y, label=LABELS), batch_size=16, shuffle=True),
        "batches": [(X[i : i + 16], kind(number=Y[i : i + 16], label=LABELS[i : i + 16])) for i in (0, 16, 32)],
    }[form]
    model = TwoHeads(kind)
    settings = {"epochs": 60, "validation": data, "metrics": METRICS[kind], "train_metrics": True, "progress": False}
    history = ag.fit(model, data, both, optim.Adam(model.parameters(), lr=0.1), **settings)
    assert history["validation_r2"][-1] > 0.99 and history["train_accuracy"][-1] > 0.9 and made


def test_an_output_that_has_no_rows_is_told():
    class Recurrent(nn.Module):
        def forward(self, x):
            return x, x[None, :2]

    data, metrics = ag.DataLoader(X, X, batch_size=10), {"mae": lambda p, t: ag.metrics.mae(p[0], t)}
    with pytest.raises(ValueError, match=r"the output\[1\] has shape \(1, 2, 4\)"):
        ag.evaluate(Recurrent(), data, lambda p, t: F.mse_loss(p[0], t), metrics)


@pytest.mark.parametrize(
    ("metric", "message"),
    [(lambda p, t: p - t, "a metric gives one number, and 'mine' gave"), (lambda p, t: "good", "gave 'good'")],
)
def test_a_metric_gives_a_number(metric, message):
    with pytest.raises(TypeError, match=message):
        ag.evaluate(nn.Identity(), (X, X), nn.MSELoss(), {"mine": metric})


def test_a_metric_that_fails_is_named():
    with pytest.raises(ValueError, match="invalid literal") as caught:
        ag.evaluate(nn.Identity(), (Y, Y), nn.MSELoss(), {"error": ag.metrics.mae, "mine": lambda p, t: int("x")})
    assert caught.value.__notes__ == ["in the metric 'mine'"]


def test_parameters_that_became_nan_are_told_before_the_metrics_that_refuse_them():
    model = nn.Linear(4, 1)
    optimizer = optim.SGD(model.parameters(), lr=1e38)
    settings = {"validation": (X, Y), "metrics": {"r2": ag.metrics.r2}, "batch_size": None, "progress": False}
    with np.errstate(all="ignore"), pytest.raises(ag.NonFiniteLossError, match="weight became nan or infinite"):
        ag.fit(model, (100 * X, 100 * Y), nn.MSELoss(), optimizer, epochs=1, **settings)
