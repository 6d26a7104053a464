"""`fit` and `evaluate`: what they record, restore, stop for and refuse."""

import math
import signal
import threading
from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data.loader import DataLoader
from autograd_lite.train.fit import evaluate, fit
from autograd_lite.train.recovery import NonFiniteLossError

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(48, 3)).astype(np.float32)
Y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 3 + 0.1 * GENERATOR.normal(size=(48, 1))).astype(np.float32)


def network(seed=0):
    ag.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1))


def train(model, data=(X, Y), loss=None, lr=0.01, **settings):
    optimizer = optim.Adam(model.parameters(), lr=lr)
    return fit(model, data, loss or nn.MSELoss(), optimizer, progress=False, **settings)


def states_equal(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


class PressesCtrlC:
    """A loss that presses Ctrl-C while it is computed for the given calls."""

    def __init__(self, *calls):
        self.calls, self.count, self.loss = calls, 0, nn.MSELoss()

    def __call__(self, prediction, target):
        self.count += 1
        for _ in range(self.calls.count(self.count)):
            signal.raise_signal(signal.SIGINT)
        return self.loss(prediction, target)


# ---- training ------------------------------------------------------------------------------------------


def test_linear_regression_reaches_the_closed_form():
    model = nn.Linear(3, 1)
    train(model, batch_size=None, lr=0.1, epochs=400)
    columns = np.column_stack([X, np.ones(len(X))])
    solution = np.linalg.lstsq(columns, Y[:, 0])[0]
    learned = np.concatenate([*(p.detach().numpy().ravel() for p in model.parameters())])
    np.testing.assert_allclose(learned, solution, atol=1e-3)


def test_is_the_loop_that_one_would_write():
    by_fit, by_hand = network(), network()
    ag.manual_seed(1)
    history = train(by_fit, epochs=2, batch_size=20)

    ag.manual_seed(1)
    loader, loss = DataLoader(X, Y, batch_size=20, shuffle=True), nn.MSELoss()
    optimizer, losses = optim.Adam(by_hand.parameters(), lr=0.01), []
    for _ in range(2):
        for x, y in loader:
            optimizer.zero_grad()
            value = loss(by_hand(x), y)
            value.backward()
            optimizer.step()
            losses.append(value.item() * len(x))
    assert states_equal(by_fit.state_dict(), by_hand.state_dict())
    assert history["train_loss"] == [sum(losses[:3]) / 48, sum(losses[3:]) / 48]


def test_the_same_seed_gives_the_same_run():
    models = [network(), network()]
    losses = []
    for model in models:
        ag.manual_seed(5)
        losses.append(train(model, epochs=3, validation=(X, Y))["train_loss"])
    assert losses[0] == losses[1]
    assert states_equal(models[0].state_dict(), models[1].state_dict())


def test_records_every_epoch():
    metrics = {"worst": lambda prediction, target: np.abs(prediction - target).max()}
    history = train(network(), epochs=4, validation=(X[:7], Y[:7]), metrics=metrics)
    assert list(history) == ["train_loss", "validation_loss", "validation_worst", "seconds"]
    assert history.epochs == 4
    assert not history.interrupted
    assert all(isinstance(value, float) and math.isfinite(value) for name in history for value in history[name])


def test_a_loader_decides_about_batches_itself():
    sizes = []

    def loss(prediction, target):
        sizes.append(len(target))
        return nn.MSELoss()(prediction, target)

    train(network(), DataLoader(X, Y, batch_size=30), loss, epochs=1)
    assert sizes == [30, 18]


def test_several_inputs_come_before_the_target():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(3, 1)

        def forward(self, left, right):
            return self.linear(left) + self.linear(right)

    assert train(Sum(), (X, -X, Y), epochs=2).epochs == 2


def test_a_list_of_batches_is_data_too():
    assert train(network(), [(X[:5], Y[:5]), (X[5:], Y[5:])], epochs=2).epochs == 2
    assert train(network(), [X, Y], epochs=2).epochs == 2


def test_no_epochs_do_nothing():
    model = network()
    before = model.state_dict()
    assert train(model, epochs=0).epochs == 0
    assert states_equal(before, model.state_dict())


# ---- modes and measuring ---------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_modes_are_set_and_restored(training):
    model, seen = network(), []

    def loss(prediction, target):
        seen.append((model.training, model[2].training, prediction.requires_grad))
        return nn.MSELoss()(prediction, target)

    model.train(training)
    model[2].train(not training)
    train(model, loss=loss, epochs=2, batch_size=None, validation=(X, Y))
    assert seen == [(True, True, True), (False, False, False)] * 2
    assert (model.training, model[2].training) == (training, not training)


def test_modes_are_restored_after_an_error():
    model = network().eval()

    def loss(prediction, target):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        train(model, loss=loss)
    assert not model.training


def test_evaluate_weighs_batches_by_their_rows():
    model = network()
    loader = DataLoader(X, Y, batch_size=31)
    whole = evaluate(model, (X, Y), nn.MSELoss())
    assert evaluate(model, loader, nn.MSELoss())["loss"] == pytest.approx(whole["loss"], rel=1e-6)
    assert model.training


def test_metrics_see_the_whole_part_at_once():
    seen = {}

    def shapes(prediction, target):
        seen["shapes"] = prediction.shape, target.shape
        return 0.0

    evaluate(network(), DataLoader(X, Y, batch_size=10), nn.MSELoss(), {"shapes": shapes})
    assert seen["shapes"] == ((48, 1), (48, 1))


# ---- stopping --------------------------------------------------------------------------------------------


def test_scikit_learns_metrics_get_the_target_first():
    def share(y_true, y_pred, *, weight=1.0):
        return weight * np.mean(y_pred / y_true)

    measured = {"named": partial(share, weight=2.0), "plain": lambda p, t: np.mean(p / t)}
    values = evaluate(nn.Identity(), (Y, 2 * Y), nn.MSELoss(), measured)
    assert (values["named"], values["plain"]) == (1.0, 0.5)


def test_ctrl_c_finishes_the_step_and_stops():
    model, loss = network(), PressesCtrlC(8)
    history = train(model, loss=loss, epochs=100, batch_size=16)  # 3 steps an epoch
    assert loss.count == 8
    assert history.interrupted
    assert history.epochs == 2

    ag.manual_seed(0)
    assert train(model, epochs=1).epochs == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_while_validating_stops_too():
    loss = PressesCtrlC(4)
    history = train(network(), loss=loss, batch_size=16, validation=DataLoader(X, Y, batch_size=8))
    assert (loss.count, history.epochs, history.interrupted) == (4, 0, True)


def test_a_second_ctrl_c_interrupts_at_once():
    model = network().eval()
    with pytest.raises(KeyboardInterrupt):
        train(model, loss=PressesCtrlC(2, 2))
    assert not model.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_trains_in_another_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(train(network(), epochs=2)))
    thread.start()
    thread.join()
    assert results[0].epochs == 2


# ---- numbers that are none ---------------------------------------------------------------------------------


def test_a_loss_that_is_nan_puts_model_and_optimizer_back():
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    count = 0

    def loss(prediction, target):
        nonlocal count
        count += 1
        return nn.MSELoss()(prediction, target) * (np.nan if count == 770 else 1.0)

    with pytest.raises(NonFiniteLossError) as caught:
        fit(  # 3 steps an epoch; the loss counts, so it is not compiled
            model, (X, Y), loss, optimizer, epochs=500, batch_size=16, progress=False, compile=False
        )
    assert str(caught.value) == (
        "epoch 257: the loss became nan. Model and optimizer are back at the end of epoch 172. "
        "Try a smaller learning rate (it is 0.01) or standardised features"
    )
    assert caught.value.history.epochs == 256
    assert all(np.isfinite(array).all() for array in model.state_dict().values())

    again = network()
    ag.manual_seed(0)
    network()  # draws what the first network drew, so that both runs shuffle alike
    train(again, epochs=172, batch_size=16)
    assert states_equal(model.state_dict(), again.state_dict())
    assert fit(model, (X, Y), nn.MSELoss(), optimizer, epochs=1, progress=False).epochs == 1


def test_a_nan_in_the_data_is_named():
    bad = X.copy()
    bad[5, 2] = np.nan
    message = r"epoch 1: the loss became nan, and input 0 of that batch is nan at \(5, 2\): clean the data"
    with pytest.raises(NonFiniteLossError, match=message):
        train(network(), DataLoader(bad, Y, batch_size=16))
    bad = DataLoader(X, np.where(Y[1] == Y, np.inf, Y), batch_size=16)
    message = r"the loss became inf, and the target of that batch is inf at \(1, 0\): clean the data"
    with np.errstate(invalid="ignore"), pytest.raises(NonFiniteLossError, match=message):
        train(network(), bad)
    with np.errstate(invalid="ignore"), pytest.raises(NonFiniteLossError, match="that batch has no rows"):
        train(network(), [(X, Y), (X[:0], Y[:0])])


def test_a_last_step_that_spoils_the_parameters_is_noticed():
    model = nn.Linear(3, 1)
    before = model.state_dict()
    optimizer = optim.SGD(model.parameters(), lr=1e38)
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(NonFiniteLossError, match="weight became"):
        fit(model, (X * 100, Y * 100), nn.MSELoss(), optimizer, epochs=1, batch_size=None, progress=False)
    assert states_equal(before, model.state_dict())


# ---- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "settings", "error", "message"),
    [
        ((X, Y), {"metrics": {"zero": lambda p, y: 0}}, ValueError, "pass validation="),
        ((X, Y), {"epochs": -1}, ValueError, "epochs must be at least 0, not -1"),
        ((X, Y), {"epochs": 1.5}, TypeError, "epochs must be a whole number, not 1.5"),
        ((X, Y[:5]), {}, ValueError, "differ in their number of rows"),
        ((X,), {}, ValueError, r"needs inputs and a target, such as \(X, y\)"),
        (DataLoader(X), {}, ValueError, r"needs inputs and a target"),
        (X, {}, TypeError, r"tuple of arrays such as \(X, y\), not ndarray"),
        (iter([(X, Y)]), {}, TypeError, "not list_iterator"),
    ],
)
def test_refuses(data, settings, error, message):
    with pytest.raises(error, match=message):
        train(network(), data, **settings)


def test_batches_that_come_only_once_are_used_up():
    class Once(list):
        def __iter__(self):
            while self:
                yield self.pop()

    with pytest.raises(ValueError, match="an iterator that is used up gives none"):
        train(network(), Once([(X, Y)]), epochs=2)


def test_an_optimizer_of_another_model_is_noticed():
    optimizer = optim.Adam(network().parameters())
    with pytest.warns(ag.AutogradWarning, match="has no parameter of this model"):
        fit(network(), (X, Y), nn.MSELoss(), optimizer, epochs=1, progress=False)


def test_an_optimizer_of_a_layer_that_was_replaced_is_noticed_and_one_of_a_part_is_not():
    model = network()
    optimizer = optim.Adam(model.parameters())
    model[0] = nn.Linear(3, 8)
    with pytest.warns(ag.AutogradWarning, match="not the parameters of this model alone, or all"):
        fit(model, (X, Y), nn.MSELoss(), optimizer, epochs=1, progress=False)
    fit(model, (X, Y), nn.MSELoss(), optim.Adam(model[-1].parameters()), epochs=1, progress=False)


def test_a_measured_loss_that_is_nan_is_told():
    with pytest.warns(ag.AutogradWarning, match="the loss measured is nan: look for NaN"):
        history = train(network(), epochs=2, validation=(X, np.where(Y[1] == Y, np.nan, Y)))
    assert all(map(math.isnan, history["validation_loss"]))


def test_nothing_to_evaluate():
    with pytest.raises(ValueError, match="no batches to evaluate"):
        evaluate(network(), iter([]), nn.MSELoss())


def test_progress_goes_to_stderr(capsys):
    model = network()
    optimizer = optim.Adam(model.parameters())
    fit(model, (X, Y), nn.MSELoss(), optimizer, epochs=2, progress=False)
    assert capsys.readouterr() == ("", "")
    fit(model, (X, Y), nn.MSELoss(), optimizer, epochs=2, validation=(X, Y))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("epoch 1/2   train_loss")
    assert "validation_loss" in err
