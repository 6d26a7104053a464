"""Accumulation, clipping and penalties: what they compute, compiled or not, again and again the same."""

from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks, nn, optim
from autograd_lite.train import compiling
from autograd_lite.train.step import accumulating_step, clipping, micro_batches, training_step

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(50, 4))
LABELS = GENERATOR.integers(0, 3, 50)


@pytest.fixture
def programs(monkeypatch):
    """The compiled steps that a test makes, after a few eager ones."""
    made, make = [], compiling.compiled_step
    monkeypatch.setattr(compiling, "EAGER_STEPS", 3)
    monkeypatch.setattr(compiling, "compiled_step", lambda *given: made.append(make(*given)) or made[-1])
    return made


def mlp():
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double()


def restrained():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)).double()


def train(make=mlp, optimizer=optim.Adam, loss=None, **settings):
    ag.manual_seed(5)
    model = make()
    settings = {"epochs": 8, "batch_size": 8, "progress": False, **settings}
    if loss == "penalised":
        entropy = nn.CrossEntropyLoss()

        def loss(prediction, target):
            return entropy(prediction, target) + 0.01 * ag.l1_penalty(model) + 0.01 * ag.l2_penalty(model)

    history = ag.fit(
        model, (X, LABELS), loss or nn.CrossEntropyLoss(), optimizer(model.parameters(), lr=0.02), **settings
    )
    return history["train_loss"], model.state_dict()


def same(a, b):
    assert a[0] == b[0]
    assert all(np.array_equal(a[1][name], b[1][name]) for name in a[1])


# ---- accumulation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cuts", [[6, 12, 18, 24, 30, 36, 42], [1, 2, 10, 49], []])
def test_micro_batches_give_the_gradient_of_the_large_batch(cuts):
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    value = training_step(model, nn.CrossEntropyLoss(), optimizer)(X, LABELS)
    expected = [p.grad.copy() for p in model.parameters()]
    parts = list(zip(np.split(X, cuts), np.split(LABELS, cuts), strict=True))
    accumulated = accumulating_step(model, nn.CrossEntropyLoss(), optimizer)(*parts)
    np.testing.assert_allclose(accumulated.item(), value.item(), rtol=1e-14)
    for p, g in zip(model.parameters(), expected, strict=True):
        np.testing.assert_allclose(p.grad, g, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("ignored", "loss"),
    [
        (-100, nn.CrossEntropyLoss()),
        (-100, nn.functional.cross_entropy),
        (2, nn.CrossEntropyLoss(ignore_index=2)),
        (2, partial(nn.functional.cross_entropy, ignore_index=2)),
        (2, nn.CrossEntropyLoss(weight=[0.1, 1.0, 5.0])),
        (2, nn.CrossEntropyLoss(weight=[0.1, 1.0, 5.0], ignore_index=2)),
        (2, partial(nn.functional.cross_entropy, weight=[0.1, 1.0, 5.0])),
    ],
)
def test_micro_batches_count_by_what_the_mean_divides_by(ignored, loss):
    labels = LABELS.copy()
    labels[:12:2] = ignored
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.0)
    value = training_step(model, loss, optimizer)(X, labels)
    expected = [p.grad.copy() for p in model.parameters()]
    accumulating = accumulating_step(model, loss, optimizer)
    parts = list(zip(np.split(X, [15, 40]), np.split(labels, [15, 40]), strict=True))
    steps = [accumulating] if ignored == -100 else [accumulating, ag.compile(accumulating, keep_grads=True)]
    for step in steps:
        np.testing.assert_allclose(step(*parts).item(), value.item(), rtol=1e-14)
        for p, g in zip(model.parameters(), expected, strict=True):
            np.testing.assert_allclose(p.grad, g, rtol=0, atol=1e-14)


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("clip_norm", [None, 0.1])
def test_training_with_8_micro_batches_is_that_with_the_large_batch(compile, clip_norm):
    small = train(batch_size=6, accumulate=8, shuffle=False, compile=compile, clip_norm=clip_norm, epochs=30)
    large = train(batch_size=48, shuffle=False, compile=compile, clip_norm=clip_norm, epochs=30)
    np.testing.assert_allclose(small[0], large[0], rtol=1e-12)
    for name in large[1]:
        np.testing.assert_allclose(small[1][name], large[1][name], atol=1e-12)


def test_the_steps_of_an_epoch_are_the_updates(programs):
    class Counts(callbacks.Callback):
        def on_train_end(self, run):
            self.steps = run.step

    counts = Counts()
    same(
        train(restrained, accumulate=3, callbacks=[counts], optimizer=optim.AdamW),
        train(restrained, accumulate=3, compile=False, optimizer=optim.AdamW),
    )
    assert counts.steps == 8 * 3  # 7 batches: 3, 3 and 1, of 2 rows
    assert programs[0].traced == 2
    assert sorted(signature.count("float64") for signature in programs[0].signatures) == [1, 3]


def test_groups_of_batches():
    batches = [(i,) for i in range(5)]
    assert list(micro_batches(batches, 2)) == [((0,), (1,)), ((2,), (3,)), ((4,),)]
    assert list(micro_batches([], 2)) == []


def test_a_wrong_label_in_a_micro_batch_is_named_as_in_eager_mode(programs):
    wrong = LABELS.copy()
    wrong[-1] = 7
    batches = [(X[i : i + 10], LABELS[i : i + 10]) for i in range(0, 50, 10)] * 4 + [(X[40:], wrong[40:])] * 2
    messages = []
    for compile in (True, False):
        model = mlp()
        with pytest.raises(ValueError, match="class") as caught:
            ag.fit(
                model,
                batches,
                nn.CrossEntropyLoss(),
                optim.Adam(model.parameters()),
                epochs=1,
                progress=False,
                accumulate=2,
                compile=compile,
            )
        messages.append(str(caught.value))
    assert messages[0] == messages[1] and programs


def test_a_number_that_is_none_in_a_micro_batch_is_named():
    bad = X.copy()
    bad[13, 2] = np.nan
    model = mlp()
    with pytest.raises(ag.train.NonFiniteLossError, match=r"input 0 of that batch is nan at \(5, 2\)"):
        ag.fit(
            model,
            (bad, LABELS),
            nn.CrossEntropyLoss(),
            optim.Adam(model.parameters()),
            batch_size=8,
            shuffle=False,
            accumulate=3,
            progress=False,
        )


WHOLE_STEPS = [(optim.LBFGS, 1), (optim.LBFGS, 5), (optim.Newton, 1), (optim.HessianFree, 1)]


@pytest.mark.parametrize(("make", "accumulate"), WHOLE_STEPS)
def test_optimizers_that_evaluate_the_loss_several_times(make, accumulate):
    model = nn.Linear(4, 3).double()
    given = {"epochs": 10, "batch_size": 50 // accumulate, "accumulate": accumulate, "shuffle": False}
    losses = ag.fit(
        model, (X, np.eye(3)[LABELS]), nn.MSELoss(), make(model.parameters()), compile=False, progress=False, **given
    )["train_loss"]
    columns = np.column_stack([X, np.ones(50)])
    _, residuals, *_ = np.linalg.lstsq(columns, np.eye(3)[LABELS])
    assert losses[-1] == pytest.approx(residuals.sum() / 150, rel=1e-6)


@pytest.mark.parametrize("setting", [{"accumulate": 2}, {"clip_norm": 1.0}, {"clip_value": 1.0}])
def test_what_hessian_free_steps_cannot_do_is_refused(setting):
    model = nn.Linear(4, 3).double()
    with pytest.raises(ValueError, match=f"HessianFree .*{next(iter(setting))}"):
        ag.fit(model, (X, LABELS), nn.CrossEntropyLoss(), optim.HessianFree(model.parameters()), epochs=1, **setting)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_an_input_may_be_a_tuple(accumulate):
    class Pair(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(4, 3).double()

        def forward(self, pair):
            return self.linear(pair[0] + pair[1])

    model = Pair()
    batches = [((x, x), y) for x, y in zip(np.split(X, [10]), np.split(LABELS, [10]), strict=True)]
    given = {"epochs": 1, "progress": False, "accumulate": accumulate}
    history = ag.fit(model, batches, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.0), **given)
    expected = ag.evaluate(model, batches, nn.CrossEntropyLoss())
    assert history["train_loss"][0] == pytest.approx(expected["loss"])


# ---- clipping --------------------------------------------------------------------------------------------


def test_clipping_limits_the_step():
    for settings, size in [({"clip_norm": 0.5}, np.linalg.norm), ({"clip_value": 0.01}, lambda g: np.abs(g).max())]:
        ag.manual_seed(0)
        model = mlp()
        before = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
        optimizer = optim.SGD(model.parameters(), lr=1.0)
        ag.fit(
            model,
            (10 * X, LABELS),
            nn.CrossEntropyLoss(),
            optimizer,
            epochs=1,
            batch_size=None,
            progress=False,
            **settings,
        )
        after = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
        assert size(after - before) == pytest.approx(next(iter(settings.values())), rel=1e-4)


@pytest.mark.parametrize(
    "settings", [{"clip_norm": 0.0}, {"clip_value": -1.0}, {"clip_norm": np.nan}, {"accumulate": 0}]
)
def test_settings_out_of_range(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        train(**settings)


def test_a_sum_is_not_accumulated():
    model = mlp()
    for loss in (nn.CrossEntropyLoss(reduction="sum"), partial(nn.functional.cross_entropy, reduction="sum")):
        with pytest.raises(ValueError, match="this loss is a sum"):
            ag.fit(model, (X, LABELS), loss, optim.SGD(model.parameters()), accumulate=2, progress=False)


def test_nothing_to_clip():
    assert clipping(optim.Adam(mlp().parameters()), None, None) is None


# ---- the same seed, the same run -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"accumulate": 3},
        {"clip_norm": 0.3},
        {"clip_value": 0.05, "accumulate": 2},
        {"loss": "penalised"},
        {"loss": "penalised", "accumulate": 2, "clip_norm": 0.5, "clip_value": 0.1, "optimizer": optim.SGD},
    ],
)
def test_the_same_seed_gives_the_same_run_compiled_or_not(settings, programs, tmp_path):
    def run(compile):
        given = [callbacks.EarlyStopping("train_loss", patience=100), callbacks.Checkpoint(tmp_path / "c.npz")]
        return train(restrained, compile=compile, callbacks=given, **settings)

    first = run(True)
    same(run(True), first)
    same(run(False), first)
    same(run(False), first)
    assert len(programs) == 2 and all(program.traced <= 2 for program in programs)


# ---- penalties -------------------------------------------------------------------------------------------


def test_penalties_and_their_gradients():
    model = mlp()
    flat = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
    for penalty, value, gradient in [
        (ag.l1_penalty, np.abs(flat).sum(), np.sign(flat)),
        (ag.l2_penalty, (flat**2).sum(), 2 * flat),
    ]:
        model.zero_grad()
        found = penalty(model)
        found.backward()
        np.testing.assert_allclose(found.item(), value)
        np.testing.assert_allclose(np.concatenate([p.grad.ravel() for p in model.parameters()]), gradient)
        assert penalty(nn.Linear(2, 2)).dtype == np.float32


def test_what_does_not_learn_is_not_penalised():
    model = mlp()
    model[0].requires_grad_(False)
    assert ag.l1_penalty(model).item() == pytest.approx(ag.l1_penalty(model[2]).item())
    assert float(ag.l2_penalty(p for p in model.parameters() if p.ndim > 1)) > 0
    with pytest.raises(ValueError, match="no parameters"):
        ag.l1_penalty(nn.Tanh())
    with pytest.raises(TypeError, match=r"\[tensor\]"):
        ag.l2_penalty(model[0].weight)


def test_l2_is_weight_decay():
    decay, model = 0.1, mlp()
    twin = mlp()
    twin.load_state_dict(model.state_dict())
    entropy = nn.CrossEntropyLoss()
    given = {"batch_size": 10, "shuffle": False, "progress": False}
    ag.fit(model, (X, LABELS), entropy, optim.SGD(model.parameters(), lr=0.1, weight_decay=decay), **given)
    loss = lambda prediction, target: entropy(prediction, target) + decay / 2 * ag.l2_penalty(twin)
    ag.fit(twin, (X, LABELS), loss, optim.SGD(twin.parameters(), lr=0.1), **given)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), atol=1e-13)


def test_l1_drives_weights_to_zero():
    x = GENERATOR.normal(size=(200, 6))
    y = x[:, :1] * 2
    model = nn.Linear(6, 1).double()
    mse = nn.MSELoss()
    loss = lambda prediction, target: mse(prediction, target) + 0.2 * ag.l1_penalty([model.weight])
    optimizer = optim.SGD(model.parameters(), lr=0.02)
    ag.fit(model, (x, y), loss, optimizer, epochs=100, batch_size=50, progress=False)
    weights = np.abs(model.weight.detach().numpy()[0])
    assert weights[0] > 1.7 and weights[1:].max() < 0.02
