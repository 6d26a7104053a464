"""Kernels: the optimizers' equations in place, bit for bit."""

import copy
import itertools
import tracemalloc

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.compiler.codegen import kernel as kernels
from autograd_lite.compiler.codegen.blocks import BLOCKS
from autograd_lite.compiler.codegen.kernel import BLOCK, kernel_of, split_settings
from autograd_lite.compiler.tracing.traced import TraceError
from autograd_lite.engine.accumulation import aligned

DTYPES = [np.float32, np.float64]
ADAM = {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8}
SGD = {"lr": 1e-2}


def cases():
    switches = itertools.product([0.0, 0.3], [False, True], [False, True])
    for decay, second, maximize in switches:
        last = {"weight_decay": decay, "maximize": maximize}
        for kind in (optim.Adam, optim.AdamW):
            yield kind, {**ADAM, **last, "amsgrad": second}
        yield optim.SGD, {**SGD, **last, "momentum": 0.9, "dampening": 0.0, "nesterov": second}
    plain = {"nesterov": False, "maximize": False}
    yield optim.SGD, {**SGD, **plain, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.1}
    yield optim.SGD, {**SGD, **plain, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.0}
    yield optim.Adam, {**ADAM, "betas": (0.0, 0.9), "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    yield optim.SGD, {**plain, "lr": 0, "momentum": 1, "dampening": 0, "weight_decay": 0}
    rest = {"weight_decay": 0.1, "maximize": True}
    yield optim.Adagrad, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-10, **rest}
    for momentum, centered in itertools.product([0.0, 0.9], [False, True]):
        yield optim.RMSprop, {"lr": 0.1, "alpha": 0.9, "eps": 1e-8, "momentum": momentum, "centered": centered, **rest}
    yield optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6, **rest}
    for decoupled in (False, True):
        yield optim.NAdam, {**ADAM, "momentum_decay": 4e-3, "decoupled_weight_decay": decoupled, **rest}
        yield optim.RAdam, {**ADAM, "decoupled_weight_decay": decoupled, **rest}


CASES = list(cases())
NAMES = [
    f"{kind.__name__} {' '.join(f'{k}={v}' for k, v in settings.items() if v and k not in ('lr', 'betas', 'eps'))}"
    for kind, settings in CASES
]


def pure_step(update, g, p, state, t, settings):
    """What the equation says, applied as it stands."""
    change, new_state = update(g, p, state, t, **settings)
    kept = [np.array(new) for new in new_state]  # it may be what another was
    p += change
    for old, new in zip(state, kept, strict=True):
        old[...] = new


def random_arrays(size, dtype, count, seed=0):
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal(size) * 10.0 ** rng.integers(-4, 3, size)).astype(dtype) for _ in range(count)]


def compare(update, settings, state_names, size, dtype, kernel=None, steps=3):
    kernel = kernel or kernel_of(update, settings, dtype, state_names, size)
    _, numbers = split_settings(settings)
    p, *state = random_arrays(size, dtype, 1 + len(state_names))
    state = [abs(s).astype(dtype) for s in state]
    q, *other = (a.copy() for a in (p, *state))
    for t in range(1, steps + 1):
        (g,) = random_arrays(size, dtype, 1, seed=t)
        kept = g.copy()
        kernel.run(g, p, *state, t, *numbers)
        pure_step(update, kept, q, tuple(other), t, settings)
        np.testing.assert_array_equal(g, kept)
        for a, b in zip((p, *state), (q, *other), strict=True):
            np.testing.assert_array_equal(a, b, strict=True)
    return kernel


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kind", "settings"), CASES, ids=NAMES)
def test_a_kernel_gives_the_bits_of_its_equation(monkeypatch, kind, settings, dtype):
    monkeypatch.setattr(kernels, "BLOCK", 64)
    names = kind.state_names(settings)
    kernel = kernel_of(kind.update, settings, dtype, names, 1000)
    for size in (1, 7, 63, 64, 65, 197):
        compare(kind.update, settings, names, size, dtype, kernel)


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_blocks_of_full_length_give_the_same_bits(size):
    kind, settings = CASES[0]
    compare(kind.update, settings, kind.state_names(settings), size, np.float32)


def run_text(kernel):
    namespace = {"np": np, "aligned": aligned}
    exec(BLOCKS + kernel.source, namespace)
    return namespace[kernel.__name__]


def test_the_text_is_what_one_would_have_written():
    settings = {**ADAM, "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    kernel = kernel_of(optim.Adam.update, settings, np.float32, ("exp_avg", "exp_avg_sq"), 500, "Adam")
    assert (
        kernel.source
        == '''\
adam_scratch = [aligned(500, np.float32) for _ in range(2)]
adam_numbers = [np.zeros((), np.float32) for _ in range(6)]


def adam(g, p, exp_avg, exp_avg_sq, t, lr, beta1, beta2, eps):
    """The t-th step of Adam: changes p and what is remembered, by the gradient g."""
    beta1_array, one_minus_beta1, beta2_array, one_minus_beta2, eps_times_correction, factor = adam_numbers
    correction = (1 - beta2**t) ** 0.5
    beta1_array[()] = beta1
    one_minus_beta1[()] = 1 - beta1
    beta2_array[()] = beta2
    one_minus_beta2[()] = 1 - beta2
    eps_times_correction[()] = eps * correction
    factor[()] = -lr * correction / (1 - beta1**t)
    for g, p, exp_avg, exp_avg_sq, a, b in blocks((g, p, exp_avg, exp_avg_sq), adam_scratch, 500):
        exp_avg *= beta1_array
        np.multiply(one_minus_beta1, g, out=a)
        exp_avg += a
        exp_avg_sq *= beta2_array
        np.multiply(g, g, out=a)
        a *= one_minus_beta2
        exp_avg_sq += a
        np.sqrt(exp_avg_sq, out=a)
        a += eps_times_correction
        np.multiply(factor, exp_avg, out=b)
        b /= a
        p += b
'''
    )
    p, q = np.ones(5, np.float32), np.ones(5, np.float32)
    for run, array in ((kernel.run, p), (run_text(kernel), q)):
        run(np.arange(5, dtype=np.float32), array, *np.zeros((2, 5), np.float32), 1, 0.1, 0.9, 0.999, 1e-8)
    np.testing.assert_array_equal(p, q, strict=True)


def test_plain_descent_takes_two_passes():
    settings = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False}
    source = kernel_of(optim.SGD.update, settings, np.float64, (), 10, "SGD").source
    assert source.endswith("        np.multiply(minus_lr, g, out=a)\n        p += a\n")


# Equations that others may write.


def sign_descent(g, p, state, t, lr):
    return np.where(g > 0, -lr, np.where(g < 0, lr, 0.0) * 1.0), state


def clipped(g, p, state, t, lr, limit):
    g = np.clip(g, -limit, limit)
    (m,) = state
    m = np.where(abs(g) > abs(m), g, m)
    return -lr * m / (1 + t), (m,)


def swapping(g, p, state, t, lr):
    first, second = state
    return -lr * (first - second) + g, (second, first)


def crossing(g, p, state, t, lr):
    first, second = state
    return -lr * g, (second * lr, first * 3.0)


def sharing(g, p, state, t, lr):
    m = state[0] + lr * g
    return m, (m, g)


def changing_in_place(g, p, state, t, lr):
    (m,) = state
    m = m + 0.0
    m *= lr
    m -= g**2
    return m, (m,)


def through_float64(g, p, state, t, lr):
    return np.sqrt(np.float64(2.0)) * g / np.sqrt(1 - lr**t), state


def brackets(g, p, state, t, lr):
    a = (1 - (lr - t)) / (2 * (t / lr)) - (-lr) ** 2
    return ((2 ** (lr + 1)) ** 0.5 - (a - (1 - a))) * g + (t > 1) * (-(lr + a) * g), state


def comparing(g, p, state, t, lr):
    return ((t > 5) == (t > 7)) * -lr * g, state


EQUATIONS = {
    sign_descent: 0,
    clipped: 1,
    swapping: 2,
    crossing: 2,
    sharing: 2,
    changing_in_place: 1,
    through_float64: 0,
    brackets: 0,
    comparing: 0,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update", EQUATIONS)
def test_any_equation_gives_the_same_bits(monkeypatch, update, dtype):
    monkeypatch.setattr(kernels, "BLOCK", 16)
    settings = {"lr": 0.3, **({"limit": 0.5} if update is clipped else {})}
    compare(update, settings, ("one", "two")[: EQUATIONS[update]], 53, dtype)


def random_equation(seed):
    """An equation of a dozen random calls on arrays and numbers, and how many arrays it remembers."""
    count = seed % 4

    def update(g, p, state, t, lr):
        rng = np.random.default_rng(seed)
        arrays, numbers = [g, p, *state], [t, lr, 2, 0.5]

        def array():
            return arrays[-1 if rng.random() < 0.4 else rng.integers(len(arrays))]

        def number():
            return numbers[rng.integers(len(numbers))]

        def added_in_place():
            a, b = array() * 1.0, array()
            a += b
            return a

        calls = [
            *(lambda: array() + array(), lambda: array() - array(), lambda: array() * array()),
            *(lambda: array() / (abs(array()) + 1), lambda: number() * array(), lambda: number() - array()),
            *(lambda: np.sqrt(abs(array())), lambda: np.where(array() > array(), array(), number())),
            *(lambda: np.maximum(array(), number()), lambda: np.clip(array(), -lr, 1.5), added_in_place),
        ]
        for _ in range(12):
            arrays.append(calls[rng.integers(len(calls))]())
            a, b = number(), number()
            numbers.append([a + b, a * b, (abs(a) + 1) ** 0.5, a / (abs(b) + 1), (a > 1) == (b < 2)][rng.integers(5)])
        return array(), tuple([array() for _ in state])

    return update, ("one", "two", "three")[:count]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(40))
def test_a_random_equation_gives_the_same_bits(monkeypatch, seed, dtype):
    monkeypatch.setattr(kernels, "BLOCK", 16)
    update, names = random_equation(seed)
    with np.errstate(all="ignore"):
        compare(update, {"lr": 0.3}, names, 53, dtype)


@pytest.mark.parametrize(
    ("update", "message"),
    [
        (lambda g, p, state, t, lr: (g / np.sum(g), state), "update of <lambda> calls np.sum.* element by element"),
        (lambda g, p, state, t, lr: (-lr * np.cumsum(g), state), "calls np.cumsum.* element by element"),
        (lambda g, p, state, t, lr: (-lr * g * np.arange(2), state), "element by element"),
        (lambda g, p, state, t, lr: (-lr * g if g[0] > 0 else g, state), "asks for a value"),
        (lambda g, p, state, t, lr: (-lr * g if t > 5 else g, state), "asks for a value"),
        (lambda g, p, state, t, lr: (-lr * g, (g,)), "as many arrays"),
    ],
)
def test_what_is_no_update_is_refused(update, message):
    with pytest.raises(TraceError, match=message):
        kernel_of(update, {"lr": 0.1}, np.float64, (), 10)


# In an optimizer.


class Reference:
    """An optimizer that applies the equation to one parameter after the other."""

    def __init__(self, kind, params, settings):
        self.kind, self.params, self.settings = kind, [p.data.copy() for p in params], settings
        self.steps, self.state = [0] * len(params), [{} for _ in params]

    def step(self, gradients):
        names = self.kind.state_names(self.settings)
        for i, (p, g) in enumerate(zip(self.params, gradients, strict=True)):
            if g is not None:
                self.steps[i] += 1
                state = tuple(self.state[i].setdefault(name, np.zeros_like(p)) for name in names)
                pure_step(self.kind.update, g, p, state, self.steps[i], self.settings)


def follow(kind, settings, monkeypatch, dtype=np.float32):
    monkeypatch.setattr(kernels, "BLOCK", 20)
    shapes = [(3, 4), (5,), (9, 7), (2,), (3,), (11,)]
    params = [ag.tensor(random_arrays(s, dtype, 1, i)[0], requires_grad=True) for i, s in enumerate(shapes)]
    optimizer = kind(params, **settings)
    reference = Reference(kind, params, optimizer.param_groups[0] | {})
    reference.settings.pop("params")

    def step(seed):
        rng = np.random.default_rng(seed)
        gradients = [rng.standard_normal(s).astype(dtype) if rng.random() < 0.7 else None for s in shapes]
        for p, g in zip(optimizer.param_groups[0]["params"], gradients, strict=True):
            p.grad = g
        optimizer.step()
        reference.step(gradients)
        for p, q in zip(optimizer.param_groups[0]["params"], reference.params, strict=True):
            np.testing.assert_array_equal(p.data, q, strict=True)

    return optimizer, reference, step


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("kind", "settings"),
    [(optim.Adam, {}), (optim.AdamW, {"amsgrad": True}), (optim.SGD, {"momentum": 0.9, "dampening": 0.1})],
)
def test_an_optimizer_follows_the_equation_without_some_gradients(monkeypatch, kind, settings, dtype):
    optimizer, reference, step = follow(kind, settings, monkeypatch, dtype)
    for seed in range(4):
        step(seed)
    for change in ({"lr": 0.7}, {"lr": np.float64(0.3)}, {"weight_decay": 0.1}, {"lr": 0.0}, {"lr": 1}):
        optimizer.param_groups[0].update(change)
        reference.settings.update({name: float(value) for name, value in change.items()})
        step(5)
        step(6)
    again = kind(optimizer.param_groups[0]["params"], **settings)
    again.load_state_dict(optimizer.state_dict())
    optimizer.step, optimizer.param_groups = again.step, again.param_groups
    step(7)


def test_betas_changed_within_a_list_count():
    (p,), (q,) = ([ag.tensor(np.ones(3), requires_grad=True)] for _ in range(2))
    first, second = optim.Adam([p], betas=[0.5, 0.5]), optim.Adam([q], betas=(0.5, 0.5))
    for betas in (None, 0.9):
        if betas:
            first.param_groups[0]["betas"][0] = betas
            second.param_groups[0]["betas"] = (betas, 0.5)
        p.grad = q.grad = np.arange(3.0) * (betas or 1)
        first.step()
        second.step()
    np.testing.assert_array_equal(p.data, q.data)


def test_a_rate_in_an_array_may_change_in_place():
    p, rate = ag.tensor(np.ones(3), requires_grad=True), np.array(0.5)
    optimizer = optim.SGD([p], lr=rate)
    for value in (0.5, 0.25):
        rate[...] = value
        p.grad = np.ones(3)
        optimizer.step()
    np.testing.assert_array_equal(p.data, np.full(3, 0.25))


def test_momentum_switched_on_later_gets_a_kernel_of_its_own(monkeypatch):
    optimizer, reference, step = follow(optim.SGD, {}, monkeypatch)
    step(1)
    optimizer.param_groups[0]["momentum"] = reference.settings["momentum"] = 0.5
    step(2)
    step(3)


def test_a_copy_of_an_optimizer_works_in_memory_of_its_own():
    params = [ag.tensor(np.ones(5), requires_grad=True) for _ in range(2)]
    optimizer = optim.Adam(params)
    for p in params:
        p.grad = np.ones(5)
    optimizer.step()
    twin = copy.deepcopy(optimizer)
    for each in (optimizer, twin):
        for p in each.param_groups[0]["params"]:
            p.grad = np.ones(5)
        each.step()
    ours, theirs = optimizer.flats[0][0], twin.flats[0][0]
    np.testing.assert_array_equal(ours.values, theirs.values)
    assert ours.joined is not theirs.joined
    assert ours.kernels.keys() == theirs.kernels.keys() and not set(ours.kernels.values()) & set(
        theirs.kernels.values()
    )


@pytest.mark.parametrize(("kind", "settings"), CASES[:6], ids=NAMES[:6])
def test_a_step_allocates_nothing_of_the_parameters_size(kind, settings):
    params = [ag.tensor(np.ones(size), requires_grad=True) for size in (30_000, 200_000, 5_000)]
    optimizer = kind(params, **settings)
    for p in params:
        p.grad = np.ones(p.shape)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000


# In a compiled step.


def problem(kind, settings, variant):
    rng = np.random.default_rng(3)
    shapes = [(6, 5), (5,), (5, 3), (3,), (4,)]
    params = [
        ag.tensor(rng.standard_normal(s), dtype=np.float32, requires_grad=True, name=f"w{i}")
        for i, s in enumerate(shapes)
    ]
    if variant == "dtypes":
        params[2:4] = [ag.tensor(p.data, dtype=np.float64, requires_grad=True) for p in params[2:4]]
    optimizer = kind(params, **settings)
    a, b, c, d, _ = params  # the last gets no gradient

    def update(x):
        optimizer.zero_grad()
        loss = ((np.tanh(x @ a + b) @ c + d) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    def step(x):
        loss = update(x)
        if variant == "twice":
            loss = loss + update(x + 1)
        if variant == "changed before and after":
            with ag.no_grad():
                a.data -= 0.01
                c[...] = np.clip(c, -0.5, 0.5)
            loss = update(x)
            with ag.no_grad():
                c[...] = np.clip(c, -0.3, 0.3)
        if variant == "read":
            before = (a * 1).detach()
            loss = update(x) + (a * before).sum()
        return loss

    return params, optimizer, step


@pytest.mark.parametrize("variant", ["plain", "dtypes", "twice", "changed before and after", "read"])
@pytest.mark.parametrize(("kind", "settings"), CASES[:6:2] + CASES[-4:-2], ids=NAMES[:6:2] + NAMES[-4:-2])
def test_a_compiled_step_calls_the_kernel_and_gives_the_same_bits(monkeypatch, kind, settings, variant):
    monkeypatch.setattr(kernels, "BLOCK", 20)
    params, optimizer, step = problem(kind, settings, variant)
    twins, twin, eager = problem(kind, settings, variant)
    compiled = ag.compile(step)
    x = np.random.default_rng(0).standard_normal((7, 6)).astype(np.float32)
    for i in range(4):
        optimizer.param_groups[0]["lr"] = twin.param_groups[0]["lr"] = 0.1 / (i + 1)
        np.testing.assert_array_equal(compiled(x).data, eager(x).data)
        for p, q in zip(params, twins, strict=True):
            np.testing.assert_array_equal(p.data, q.data, strict=True)
    for ours, theirs in zip(optimizer.flats[0], twin.flats[0], strict=True):
        assert ours.steps == theirs.steps
        for name, array in ours.state.items():
            np.testing.assert_array_equal(array, theirs.state[name], strict=True)
    name = kind.__name__.lower()
    assert compiled.source.count(f"\ndef {name}(") == 1
    assert compiled.source.count(f"\ndef {name}_2(") == (variant == "dtypes")
    assert compiled.source.count("def blocks(") == 1


def test_a_gradient_may_be_the_same_in_every_call():
    (p, q), (r, s) = ([ag.tensor(np.ones(3), requires_grad=True) for _ in range(2)] for _ in range(2))

    def step(a, b, optimizer):
        optimizer.zero_grad()
        a.sum().backward()
        optimizer.step()

    first, second = optim.Adam([p, q]), optim.Adam([r, s])
    compiled = ag.compile(lambda: step(p, q, first))
    for _ in range(3):
        compiled()
        step(r, s, second)
    np.testing.assert_array_equal(p.data, r.data)
    np.testing.assert_array_equal(q.data, np.ones(3))


def test_a_rate_that_falls_to_0_needs_no_other_program():
    params, optimizer, step = problem(*CASES[0], "plain")
    compiled = ag.compile(step)
    x = np.ones((7, 6), np.float32)
    compiled(x)
    optimizer.param_groups[0]["lr"] = 0.0
    before = params[0].data.copy()
    compiled(x)
    np.testing.assert_array_equal(params[0].data, before)
    assert len(compiled.signatures) == 1
