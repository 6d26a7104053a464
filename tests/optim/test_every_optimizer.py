"""What every optimizer with an equation promises: found by the suite itself, so one that is added is tested here."""

import inspect
import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import optim
from tests.compiler.check import compiled

KINDS = {name: kind for name in optim.__all__ if hasattr(kind := getattr(optim, name), "update")}
SETTINGS = {
    name: {p.name: p.default for p in list(inspect.signature(kind).parameters.values())[1:]}
    for name, kind in KINDS.items()
}
every_kind = pytest.mark.parametrize("name", KINDS)
every_setting = pytest.mark.parametrize(("name", "setting"), [(n, s) for n in KINDS for s in SETTINGS[n]])
RATES = (100.0, 10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)


def other(value, scale=0.9):
    """Another value of a setting."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return tuple(scale * part for part in value)
    return scale * value if value else 0.25


def gradients(steps, dtype=np.float64):
    """One for each step: of a different sign and size in each element, and smaller in the end."""
    sizes = np.array([1e-3, 0.1, 1, 30]) * 0.4 ** np.arange(steps)[:, None]
    return (np.random.default_rng(0).normal(size=(steps, 4)) * sizes).astype(dtype)


def trajectory(optimizer, x, steps=8):
    """Where the gradients lead."""
    points = []
    for g in gradients(steps, x.dtype):
        x.grad = g.copy()
        optimizer.step()
        points.append(x.data.copy())
    return np.array(points)


def start(dtype=np.float64):
    return ag.tensor(np.array([1.0, -2.0, 0.5, 3.0], dtype), requires_grad=True)


def bases(name):
    """Settings under which another one may be looked at: the defaults, and with every part of the equation but one."""
    whole = {s: value if value else other(value) for s, value in SETTINGS[name].items()}
    plain = {**whole, **{s: False for s, value in whole.items() if isinstance(value, bool)}}
    return SETTINGS[name], whole, plain, *[{**plain, s: value} for s, value in SETTINGS[name].items() if not value]


@every_kind
def test_some_learning_rate_solves_a_round_bowl(name):
    left = []
    for lr in RATES:
        x = start()
        optimizer = KINDS[name]([x], lr=lr)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(200):
                optimizer.zero_grad()
                (x * x).sum().backward()
                optimizer.step()
            left.append((x.data**2).sum())
    assert np.nanmin(left) < 0.01 * (start().data ** 2).sum()


@every_kind
def test_with_a_small_rate_the_loss_falls_in_every_step(name):
    x = start()
    optimizer = KINDS[name]([x], lr=1e-4)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.all(np.diff(losses) < 0)


@every_setting
def test_every_setting_changes_the_path(name, setting):
    def path(settings):
        x = start()
        optimizer = KINDS[name]([x], **settings)
        return np.concatenate([trajectory(optimizer, x), *optimizer.flats[0][0].state.values()], axis=None)

    differ = []
    for base, scale in itertools.product(bases(name), (0.9, 1e-3, 1e-6)):
        try:
            differ.append(not np.array_equal(path(base), path({**base, setting: other(base[setting], scale)})))
        except ValueError:  # settings that do not go together
            continue
    assert any(differ)


@every_kind
def test_zero_gradients_move_nothing_and_decay_shrinks(name):
    for decay in (0.0, 0.1) if "weight_decay" in SETTINGS[name] else (0.0,):
        x = start()
        settings = {s: decay for s in ("weight_decay", "lambd") if s in SETTINGS[name]}
        optimizer = KINDS[name]([x], lr=1e-3, **settings)
        sizes = [abs(x.data)]
        for _ in range(5):
            x.grad = np.zeros(4)
            optimizer.step()
            sizes.append(abs(x.data))
        assert np.all(np.diff(sizes, axis=0) < 0) if decay else np.all(np.diff(sizes, axis=0) == 0)


@pytest.mark.parametrize("name", [n for n in KINDS if "maximize" in SETTINGS[n]])
def test_climbing_is_descending_the_other_way(name):
    x, y = start(), start()
    down = KINDS[name]([x], **{**bases(name)[2], "maximize": False})
    up = KINDS[name]([y], **{**bases(name)[2], "maximize": True})
    for g in gradients(8):
        x.grad, y.grad = g.copy(), -g
        down.step()
        up.step()
        np.testing.assert_array_equal(x.data, y.data)


@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_its_equation_and_stays_in_its_dtype(name, dtype):
    """The equation on whole arrays, without a kernel, flat memory or blocks."""
    for settings in bases(name):
        x = start(dtype)
        try:
            optimizer = KINDS[name]([x], **settings)
        except ValueError:
            continue
        points = trajectory(optimizer, x)
        p = start(dtype).data
        state = tuple(np.zeros(4, dtype) for _ in optimizer.state_names(optimizer.param_groups[0]))
        for t, (g, point) in enumerate(zip(gradients(8, dtype), points, strict=True), 1):
            change, state = optimizer.update(g, p, state, t, **settings)
            p, state = (p + change).astype(dtype), tuple([a.astype(dtype) for a in state])
            np.testing.assert_array_equal(point, p, strict=True)


@every_kind
def test_saved_in_the_middle_it_goes_on_as_if_nothing_had_happened(name):
    for settings in bases(name):
        x, y = start(), start()
        try:
            optimizer, again = KINDS[name]([x], **settings), KINDS[name]([y], **settings)
        except ValueError:
            continue
        trajectory(optimizer, x, 3)
        y.data = x.data.copy()
        again.load_state_dict(optimizer.state_dict())
        np.testing.assert_array_equal(trajectory(again, y), trajectory(optimizer, x))


@every_kind
def test_the_compiled_step_is_the_eager_one(name):
    for settings in bases(name):
        ends = []
        for change in (lambda step: step, compiled):
            x = start()
            try:
                optimizer = KINDS[name]([x], **settings)
            except ValueError:
                continue

            def step(g, x=x, optimizer=optimizer):
                optimizer.zero_grad()
                (x * g).sum().backward()
                optimizer.step()

            step = change(step)
            for g in gradients(8):
                step(g)
            ends.append(x.data.copy())
        np.testing.assert_array_equal(*ends or (0, 0))
