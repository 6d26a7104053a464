"""Clipping of gradients: PyTorch's results (golden numbers), also in a compiled step."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn.utils import clip_grad_norm_, clip_grad_value_
from tests.compiler.check import same
from tests.golden import load

CASES = load("clipping")


def tensors(gradients, dtype=np.float64):
    parameters = [ag.tensor(np.zeros_like(g), dtype=dtype, requires_grad=True) for g in gradients]
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = g
    return parameters


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_clipped_gradients_equal_pytorch(case):
    parameters = tensors(case["before"])
    with np.errstate(invalid="ignore"):
        norm = getattr(nn.utils, case["function"])(parameters, **case["settings"])
    for p, after in zip(parameters, case["after"], strict=True):
        np.testing.assert_allclose(p.grad, after, rtol=1e-13, strict=True)
    if case["norm"] is None:
        assert norm is None
    else:
        np.testing.assert_allclose(norm, case["norm"], rtol=1e-13)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, float("inf")])
@pytest.mark.parametrize("seed", range(3))
def test_the_norm_becomes_the_largest_and_the_direction_stays(norm_type, seed):
    rng = np.random.default_rng(seed)
    gradients = [rng.standard_normal(shape) for shape in ((3, 4), (4,), ())]
    parameters = tensors(gradients)
    whole = np.concatenate([g.reshape(-1) for g in gradients])
    norm = clip_grad_norm_(parameters, 0.3, norm_type)
    np.testing.assert_allclose(norm, np.linalg.norm(whole, norm_type))
    clipped = np.concatenate([p.grad.reshape(-1) for p in parameters])
    np.testing.assert_allclose(clipped, whole * 0.3 / (norm + 1e-6))
    assert clip_grad_norm_(parameters, 0.3, norm_type) <= 0.3


def test_small_gradients_and_those_that_are_not_there_stay():
    p, q = tensors([np.array([0.3, -0.4]), np.array([1.0])])
    q.grad = None
    clip_grad_norm_([p, q], 1.0)
    clip_grad_value_([p, q], 0.5)
    np.testing.assert_array_equal(p.grad, [0.3, -0.4])
    assert q.grad is None
    assert clip_grad_norm_([q], 1.0) == 0.0


def test_one_tensor_a_generator_and_dtypes_that_differ():
    (p,) = tensors([np.array([3.0, 4.0])])
    (q,) = tensors([np.array([12.0])], np.float32)
    assert clip_grad_norm_(p, 100.0) == 5.0
    np.testing.assert_allclose(clip_grad_norm_((t for t in (p, q)), 1.0), 13.0)
    assert p.grad.dtype == np.float64 and q.grad.dtype == np.float32
    np.testing.assert_allclose(p.grad, [3 / 13, 4 / 13], rtol=1e-6)


def test_a_norm_that_is_not_finite_can_be_an_error():
    (p,) = tensors([np.array([1.0, np.inf])])
    with pytest.raises(RuntimeError, match="cannot be clipped"):
        clip_grad_norm_([p], 1.0, error_if_nonfinite=True)
    np.testing.assert_array_equal(p.grad, [1.0, np.inf])


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (lambda p: clip_grad_norm_(p, 1.0, 0), "norm_type"),
        (lambda p: clip_grad_norm_(p, -1.0), "max_norm"),
        (lambda p: clip_grad_value_(p, -1.0), "clip_value"),
    ],
)
def test_settings_out_of_range_are_refused(clip, message):
    with pytest.raises(ValueError, match=message):
        clip(tensors([np.ones(2)]))


CLIPPINGS = {
    "norm": lambda parameters: clip_grad_norm_(parameters, 0.5),
    "a norm that is not reached": lambda parameters: clip_grad_norm_(parameters, 1e6),
    "largest": lambda parameters: clip_grad_norm_(parameters, 0.1, float("inf")),
    "1-norm": lambda parameters: clip_grad_norm_(parameters, 0.1, 1.0, error_if_nonfinite=True),
    "value": lambda parameters: clip_grad_value_(parameters, 0.05),
}


def training(clip, change):
    ag.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = ag.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)

    def step(x, y):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        norm = clip(model.parameters())
        optimizer.step()
        return loss if norm is None else (loss, norm)

    return model, change(step)


@pytest.mark.parametrize("name", CLIPPINGS)
def test_compiled_equals_eager(name):
    outcomes = []
    for change in (lambda step: step, ag.compile):
        model, step = training(CLIPPINGS[name], change)
        rng = np.random.default_rng(2)
        results = [step(rng.standard_normal((5, 3)), rng.standard_normal((5, 1))) for _ in range(4)]
        outcomes.append((results, [p.data for p in model.parameters()]))
    (expected, parameters), (got, compiled_parameters) = outcomes
    same(got, expected)
    same(compiled_parameters, parameters)
    assert len(step.signatures) == 1
    assert "# update" in step.source


def test_a_compiled_step_raises_too_where_the_norm_is_not_finite():
    model, step = training(CLIPPINGS["1-norm"], ag.compile)
    step(np.ones((2, 3)), np.ones((2, 1)))
    before = [p.data.copy() for p in model.parameters()]
    with pytest.raises(RuntimeError, match="cannot be clipped"):
        step(np.full((2, 3), np.nan), np.ones((2, 1)))
    for p, value in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.data, value)


def test_clipping_cures_an_exploding_recurrence():
    """x ← W x, forty times, with spectral radius 1.5: one step along the gradient itself leaves for infinity."""

    def losses(clip):
        start = np.random.default_rng(0).standard_normal((4, 4))
        w = ag.tensor(start * 1.5 / np.max(np.abs(np.linalg.eigvals(start))), requires_grad=True)
        optimizer = ag.optim.SGD([w], lr=0.01)
        for _ in range(60):
            state = np.full(4, 0.1)
            for _ in range(40):
                state = w @ state
            loss = (state * state).sum()
            optimizer.zero_grad()
            loss.backward()
            if clip:
                clip_grad_norm_([w], 1.0)
            optimizer.step()
            yield loss.item()

    with np.errstate(all="ignore"):
        assert not np.all(np.isfinite(list(losses(clip=False))))
    clipped = list(losses(clip=True))
    assert clipped[-1] < 1e-6 * clipped[0]


def test_a_forgotten_zero_grad_is_still_noticed():
    """Clipping changes gradients, and does not make them new."""
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    optimizer = ag.optim.SGD([w], lr=0.1)

    def step():
        (w * w).sum().backward()
        clip_grad_norm_([w], 1.0)
        optimizer.step()

    step()
    with pytest.warns(ag.ForgottenZeroGradWarning):
        step()


@pytest.mark.parametrize("norm_type", [0.5, 1.0, 2.0, 3.0, float("inf")])
@pytest.mark.parametrize(
    ("dtype", "size"),
    [(np.float16, 300), (np.float32, 1e25), (np.float32, 1e-25), (np.float64, 1e200), (np.float64, 1e-200)],
)
def test_powers_that_leave_the_range_of_the_dtype(dtype, size, norm_type):
    gradients = [np.array([3, -4], dtype) * dtype(size), np.array([12], dtype) * dtype(size / 10)]
    largest = float(np.linalg.norm([3, 4, 1.2], norm_type))
    parameters, bound = tensors(gradients, dtype), size * largest / 8 if size > 1 else 1.0
    norm = clip_grad_norm_(parameters, bound, norm_type)
    np.testing.assert_allclose(float(norm) / size, largest, rtol=8 * np.finfo(dtype).eps)
    for p, g in zip(parameters, gradients, strict=True):
        assert p.grad.dtype == dtype
        np.testing.assert_allclose(p.grad, g / dtype(8 if size > 1 else 1), rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("size", [1.0, 1e25, 1e-25, 0.0])
def test_a_compiled_clip_scales_and_has_the_same_bits(size):
    def clipped(g):
        p = ag.tensor(np.zeros(3), dtype=np.float32, requires_grad=True)
        p.grad = g
        norm = clip_grad_norm_([p], 0.5)
        return norm, p.grad

    step = ag.compile(clipped)
    g = np.float32([3, -4, 0.1])
    step(g)
    for got, expected in zip(step(g * np.float32(size)), clipped(g * np.float32(size)), strict=True):
        same(got, expected)


@pytest.mark.parametrize("clip", [nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_])
def test_an_iterator_that_is_used_up_is_refused(clip):
    parameters = nn.Linear(2, 1).parameters()
    clip(parameters, 1.0)
    with pytest.raises(ValueError, match="an iterator that was used up gives none"):
        clip(parameters, 1.0)
    clip([], 1.0)
